//! The discrete Darcy operator, its residual and the vector-Jacobian product of that.

use super::DarcyGrid;
use crate::SolverError;
use crate::checks::{check_lengths, positive};

/// Fewest points along an axis: one unknown between two nodes of the boundary.
const FEWEST: usize = 3;

/// -div(a grad p) = f on a rectangle with p = 0 at the boundary, in finite volumes.
///
/// Fields are `[y][x]` over all points. With [`DarcyGrid::Nodes`] the pressure of boundary nodes is 0 whatever a vector
/// holds there, and so are residuals and gradients.
#[derive(Clone, Debug, PartialEq)]
pub struct DarcyOperator {
    grid: DarcyGrid,
    dims: [usize; 2],
    lengths: [f64; 2],
}

/// A face between two points; below or above may lie the boundary.
struct Face {
    low: Option<usize>,
    high: Option<usize>,
    /// 1 / h².
    scale: f64,
}

/// The gradients of cotangent . residual.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DarcyGradient {
    /// With respect to the pressure.
    pub pressure: Vec<f64>,
    /// With respect to the permeability.
    pub permeability: Vec<f64>,
    /// With respect to the source.
    pub source: Vec<f64>,
}

impl DarcyOperator {
    /// On `[nx, ny]` points of a rectangle of `[Lx, Ly]` metres.
    ///
    /// # Errors
    /// Fewer than 3 points along an axis, a length that is not positive.
    pub fn new(grid: DarcyGrid, dims: [usize; 2], lengths: [f64; 2]) -> Result<Self, SolverError> {
        if dims.iter().any(|&n| n < FEWEST) || dims[0].checked_mul(dims[1]).is_none() {
            return Err(SolverError::Argument {
                what: "points",
                problem: format!("{dims:?}: at least {FEWEST} are needed along each axis"),
            });
        }
        lengths
            .iter()
            .try_for_each(|&length| positive("length", length))?;
        Ok(Self {
            grid,
            dims,
            lengths,
        })
    }

    /// Where the points lie.
    pub fn grid(&self) -> DarcyGrid {
        self.grid
    }

    /// nx, ny.
    pub fn dims(&self) -> [usize; 2] {
        self.dims
    }

    /// Points in all.
    pub fn points(&self) -> usize {
        self.dims[0] * self.dims[1]
    }

    /// The distance of points along x and y (m).
    pub fn spacing(&self) -> [f64; 2] {
        [0, 1].map(|axis| self.lengths[axis] / self.intervals(axis) as f64)
    }

    /// The first point (m).
    pub fn origin(&self) -> [f64; 2] {
        match self.grid {
            DarcyGrid::Cells => self.spacing().map(|h| 0.5 * h),
            DarcyGrid::Nodes => [0.0; 2],
        }
    }

    fn intervals(&self, axis: usize) -> usize {
        match self.grid {
            DarcyGrid::Cells => self.dims[axis],
            DarcyGrid::Nodes => self.dims[axis] - 1,
        }
    }

    /// Points along each axis at either end that are no unknowns.
    pub(super) fn margin(&self) -> usize {
        match self.grid {
            DarcyGrid::Cells => 0,
            DarcyGrid::Nodes => 1,
        }
    }

    /// Whether the pressure at a point is an unknown.
    fn is_unknown(&self, point: usize) -> bool {
        let [nx, ny] = self.dims;
        let inside = |i: usize, n: usize| i >= self.margin() && i + self.margin() < n;
        inside(point % nx, nx) && inside(point / nx, ny)
    }

    /// Calls `each` with the faces of all unknowns along an axis, in the order of a MAC grid of the unknowns.
    fn along(&self, axis: usize, each: &mut impl FnMut(Face)) {
        let ([nx, ny], margin) = (self.dims, self.margin());
        let stride = [1, nx][axis];
        let scale = self.spacing()[axis].powi(-2);
        let mut ends = [nx - margin, ny - margin];
        ends[axis] += 1;
        for y in margin..ends[1] {
            for x in margin..ends[0] {
                // The face below the point (x, y), which may be one past the last.
                let (at, position) = (y * nx + x, [x, y][axis]);
                each(Face {
                    low: (position > 0).then(|| at - stride),
                    high: (position < self.dims[axis]).then_some(at),
                    scale,
                });
            }
        }
    }

    fn faces(&self, mut each: impl FnMut(Face)) {
        self.along(0, &mut each);
        self.along(1, &mut each);
    }

    /// The weights of the faces along x and along y, as [`FlagGrid`](crate::FlagGrid) takes them.
    pub(super) fn weights(&self, permeability: &[f64]) -> [Vec<f64>; 2] {
        [0, 1].map(|axis| {
            let mut weights = Vec::new();
            self.along(axis, &mut |face| weights.push(weight(permeability, &face)));
            weights
        })
    }

    /// The residual -div(a grad p) - f at every unknown.
    ///
    /// # Errors
    /// A vector of a wrong length.
    pub fn residual(
        &self,
        pressure: &[f64],
        permeability: &[f64],
        source: &[f64],
        out: &mut [f64],
    ) -> Result<(), SolverError> {
        let fields = [("pressure", pressure), ("permeability", permeability)];
        check_lengths(self.points(), &fields)?;
        check_lengths(self.points(), &[("source", source), ("out", out)])?;
        out.fill(0.0);
        self.faces(|face| {
            let flux = face.scale * weight(permeability, &face) * self.jump(pressure, &face);
            self.spread(out, &face, flux);
        });
        for (point, (out, source)) in out.iter_mut().zip(source).enumerate() {
            if self.is_unknown(point) {
                *out -= source;
            }
        }
        Ok(())
    }

    /// The gradients of cotangent . residual.
    ///
    /// # Errors
    /// A vector of a wrong length.
    pub fn residual_vjp(
        &self,
        pressure: &[f64],
        permeability: &[f64],
        cotangent: &[f64],
    ) -> Result<DarcyGradient, SolverError> {
        let n = self.points();
        check_lengths(n, &[("pressure", pressure), ("permeability", permeability)])?;
        check_lengths(n, &[("cotangent", cotangent)])?;
        let mut gradient = DarcyGradient {
            pressure: vec![0.0; n],
            permeability: vec![0.0; n],
            source: vec![0.0; n],
        };
        self.faces(|face| {
            let across = face.scale * self.jump(cotangent, &face);
            let flux = weight(permeability, &face) * across;
            self.spread(&mut gradient.pressure, &face, flux);
            let to_weight = across * self.jump(pressure, &face);
            for (point, slope) in weight_slopes(permeability, &face).into_iter().flatten() {
                gradient.permeability[point] += slope * to_weight;
            }
        });
        for (point, (g, c)) in gradient.source.iter_mut().zip(cotangent).enumerate() {
            if self.is_unknown(point) {
                *g = -c;
            }
        }
        Ok(gradient)
    }

    /// The difference of a vector across a face, 0 at the boundary.
    fn jump(&self, values: &[f64], face: &Face) -> f64 {
        let value = |point: Option<usize>| {
            point
                .filter(|&p| self.is_unknown(p))
                .map_or(0.0, |p| values[p])
        };
        value(face.low) - value(face.high)
    }

    /// The transposed of `jump`.
    fn spread(&self, values: &mut [f64], face: &Face, flux: f64) {
        if let Some(low) = face.low.filter(|&p| self.is_unknown(p)) {
            values[low] += flux;
        }
        if let Some(high) = face.high.filter(|&p| self.is_unknown(p)) {
            values[high] -= flux;
        }
    }
}

/// The permeability of a face: the harmonic mean of both sides, which is exact for layers; to the boundary twice that
/// of the cell, since it is half as far.
fn weight(permeability: &[f64], face: &Face) -> f64 {
    match (face.low, face.high) {
        (Some(low), Some(high)) => {
            let (a, b) = (permeability[low], permeability[high]);
            2.0 * a * b / (a + b)
        }
        (Some(one), None) | (None, Some(one)) => 2.0 * permeability[one],
        (None, None) => 0.0,
    }
}

/// The derivatives of the weight with respect to the permeability of the points on both sides.
fn weight_slopes(permeability: &[f64], face: &Face) -> [Option<(usize, f64)>; 2] {
    match (face.low, face.high) {
        (Some(low), Some(high)) => {
            let (a, b) = (permeability[low], permeability[high]);
            let slope = |other: f64| 2.0 * (other / (a + b)).powi(2);
            [Some((low, slope(b))), Some((high, slope(a)))]
        }
        (one, other) => [one.map(|p| (p, 2.0)), other.map(|p| (p, 2.0))],
    }
}
