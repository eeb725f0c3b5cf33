//! Messages of the geometry functions. Indices count from zero and refer to the caller's input.

use crate::MeshError;

/// A fault of a contour, a segment list, an airfoil or a parameter.
pub(crate) fn fault(subject: impl Into<String>, problem: impl Into<String>) -> MeshError {
    MeshError::Geometry {
        subject: subject.into(),
        problem: problem.into(),
    }
}

/// The coordinates of a point, or the refusal of a point that is not finite.
pub(crate) fn finite(index: usize, [x, y]: [f64; 2]) -> Result<[f64; 2], MeshError> {
    for (axis, value) in [x, y].into_iter().enumerate() {
        if !value.is_finite() {
            return Err(MeshError::PointNotFinite {
                point: index,
                axis,
                value,
            });
        }
    }
    Ok([x, y])
}

/// The point that an end of a segment refers to.
pub(crate) fn end_point(
    points: &[[f64; 2]],
    segment: usize,
    point: u32,
) -> Result<[f64; 2], MeshError> {
    match points.get(point as usize) {
        Some(&p) => finite(point as usize, p),
        None => Err(fault(
            format!("segment {segment}"),
            format!(
                "refers to point {point}, but there are {} points",
                points.len()
            ),
        )),
    }
}
