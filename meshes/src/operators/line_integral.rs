//! Integrals of nodal fields along polylines.
//!
//! Each segment contributes the mean of its two nodes times its length (VTK's point-to-cell average
//! followed by a sum): exact for fields that are linear along every segment.

use super::invalid;
use super::vector::{norm, subtract};
use crate::{CellType, Mesh, MeshError};

/// The segments of a mesh's `Line` and `PolyLine` cells, in file order, as pairs of points.
/// Cells of other kinds are passed over.
pub fn line_segments(mesh: &Mesh) -> Vec<[u32; 2]> {
    (0..mesh.n_cells())
        .map(|i| mesh.cell(i))
        .filter(|cell| matches!(cell.kind, CellType::Line | CellType::PolyLine))
        .flat_map(|cell| cell.nodes.windows(2).map(|pair| [pair[0], pair[1]]))
        .collect()
}

/// Lengths of segments, in the points' unit.
///
/// # Errors
///
/// When a segment names a point that does not exist.
pub fn segment_lengths(points: &[[f64; 3]], segments: &[[u32; 2]]) -> Result<Vec<f64>, MeshError> {
    segments
        .iter()
        .enumerate()
        .map(
            |(k, &[a, b])| match (points.get(a as usize), points.get(b as usize)) {
                (Some(a), Some(b)) => Ok(norm(&subtract(b, a))),
                _ => Err(invalid(
                    "line integral",
                    format!("segment {k} joins points {a} and {b} of {}", points.len()),
                )),
            },
        )
        .collect()
}

/// Integral of a nodal field over segments: `sum over segments of (f_a + f_b) / 2 * length`.
///
/// # Shapes
///
/// - `points`: `n`; `segments`: pairs of points;
/// - `values`: `n * components`, all components of a point together;
/// - result: `components`, in the field's unit times the points' unit.
///
/// # Errors
///
/// When `values` has another length or a segment names a point that does not exist.
pub fn line_integral(
    points: &[[f64; 3]],
    segments: &[[u32; 2]],
    values: &[f64],
    components: usize,
) -> Result<Vec<f64>, MeshError> {
    if points.len().checked_mul(components) != Some(values.len()) {
        return Err(invalid(
            "line integral",
            format!(
                "{} values for {} points of {components} components: pass points x components values",
                values.len(),
                points.len()
            ),
        ));
    }
    let lengths = segment_lengths(points, segments)?;
    let mut sum = vec![0.0; components];
    for (&[a, b], length) in segments.iter().zip(lengths) {
        for (c, sum) in sum.iter_mut().enumerate() {
            let mean =
                0.5 * (values[a as usize * components + c] + values[b as usize * components + c]);
            *sum += mean * length;
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_fields_along_a_bent_line_are_exact() {
        let points = vec![
            [0.0, 0.0, 0.0],
            [3.0, 4.0, 0.0],
            [3.0, 4.0, 2.0],
            [0.0, 4.0, 2.0],
        ];
        let mesh = Mesh::builder()
            .points(points.clone())
            .cell(CellType::PolyLine, &[0, 1, 2])
            .cell(CellType::Line, &[2, 3])
            .cell(CellType::Vertex, &[0])
            .build()
            .unwrap();
        let segments = line_segments(&mesh);
        assert_eq!(segments, [[0, 1], [1, 2], [2, 3]]);
        assert_eq!(
            segment_lengths(&points, &segments).unwrap(),
            [5.0, 2.0, 3.0]
        );
        // Component 0 is one, component 1 is x + 10 z.
        let values: Vec<f64> = points
            .iter()
            .flat_map(|p| [1.0, p[0] + 10.0 * p[2]])
            .collect();
        let integral = line_integral(&points, &segments, &values, 2).unwrap();
        let exact = 5.0 * 1.5 + 2.0 * 13.0 + 3.0 * 21.5;
        assert!((integral[0] - 10.0).abs() < 1e-14 && (integral[1] - exact).abs() < 1e-12);
    }

    #[test]
    fn wrong_shapes_are_named() {
        let points = [[0.0; 3], [1.0, 0.0, 0.0]];
        let error = line_integral(&points, &[[0, 1]], &[1.0], 1)
            .unwrap_err()
            .to_string();
        assert!(error.contains("1 values for 2 points"), "{error}");
        let error = line_integral(&points, &[[0, 7]], &[1.0, 2.0], 1)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("segment 0 joins points 0 and 7 of 2"),
            "{error}"
        );
    }
}
