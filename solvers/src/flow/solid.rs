//! Solids in the flow, as signed distances.

use std::fmt;
use std::sync::Arc;

use karman_meshes::{ClosedSurface, Contour, SegmentTree};

use crate::SolverError;

type Distance = Arc<dyn Fn([f64; 3]) -> f64 + Send + Sync>;
type Path = Arc<dyn Fn(f64) -> SolidMotion + Send + Sync>;

/// Where a moving [`Solid`] is, and how fast.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SolidMotion {
    /// From where its shape was given (m).
    pub displacement: [f64; 3],
    /// The time derivative of that (m/s).
    pub velocity: [f64; 3],
}

/// A solid body in a [`FlowSolver`](super::FlowSolver): cells whose centres lie in it are solid, and friction acts from where its surface
/// crosses the grid.
#[derive(Clone)]
pub struct Solid {
    distance: Distance,
    bounds: [[f64; 3]; 2],
    path: Option<Path>,
}

impl Solid {
    /// A solid by its signed distance (m), negative inside, and a box (low and high corner) that holds all of it. Near the
    /// surface the values matter, farther away only the sign.
    pub fn from_distance(
        bounds: [[f64; 3]; 2],
        distance: impl Fn([f64; 3]) -> f64 + Send + Sync + 'static,
    ) -> Self {
        Self {
            distance: Arc::new(distance),
            bounds,
            path: None,
        }
    }

    /// A disc; in 3D a cylinder along z.
    pub fn disc(centre: [f64; 2], radius: f64) -> Self {
        let [x, y] = centre;
        let low = [x - radius, y - radius, f64::NEG_INFINITY];
        let high = [x + radius, y + radius, f64::INFINITY];
        Self::from_distance([low, high], move |p| (p[0] - x).hypot(p[1] - y) - radius)
    }

    /// A ball.
    pub fn ball(centre: [f64; 3], radius: f64) -> Self {
        let bounds = [-radius, radius].map(|r| centre.map(|c| c + r));
        Self::from_distance(bounds, move |p| {
            let square: f64 = (0..3).map(|a| (p[a] - centre[a]).powi(2)).sum();
            square.sqrt() - radius
        })
    }

    /// A box with edges along the axes, by its low and high corner; infinite ones are allowed.
    pub fn cuboid(low: [f64; 3], high: [f64; 3]) -> Self {
        Self::from_distance([low, high], move |p| {
            let out = [0, 1, 2].map(|a| (low[a] - p[a]).max(p[a] - high[a]));
            let outside: f64 = out.iter().map(|d| d.max(0.0).powi(2)).sum();
            let inside = out.into_iter().fold(f64::NEG_INFINITY, f64::max).min(0.0);
            outside.sqrt() + inside
        })
    }

    /// What a closed polyline encloses, given by its points in either direction; the last is joined with the first. In 3D
    /// a prism along z.
    ///
    /// # Errors
    /// Fewer than three points, or one that is not finite.
    pub fn polygon(points: &[[f64; 2]]) -> Result<Self, SolverError> {
        if points.len() < 3 {
            return Err(SolverError::Argument {
                what: "polygon",
                problem: format!("{} points enclose nothing: three are needed", points.len()),
            });
        }
        let n = points.len() as u32;
        let segments: Vec<[u32; 2]> = (0..n).map(|i| [i, (i + 1) % n]).collect();
        let tree = SegmentTree::new(points, &segments);
        let tree = tree.map_err(|source| SolverError::Geometry {
            what: "polygon",
            source,
        })?;
        let corner = |pick: fn(f64, f64) -> f64, z: f64| {
            let along = |a: usize| points.iter().map(|p| p[a]).fold(-z, pick);
            [along(0), along(1), z]
        };
        let bounds = [
            corner(f64::min, f64::NEG_INFINITY),
            corner(f64::max, f64::INFINITY),
        ];
        Ok(Self::from_distance(bounds, move |p| {
            let point = [p[0], p[1]];
            let distance = tree.nearest(point).distance;
            match tree.winding_number(point) {
                0 => distance,
                _ => -distance,
            }
        }))
    }

    /// The airfoil, or other body, within a contour.
    ///
    /// # Errors
    /// As [`polygon`](Self::polygon); none for a valid contour.
    pub fn contour(contour: &Contour) -> Result<Self, SolverError> {
        Self::polygon(contour.points())
    }

    /// What a closed surface encloses, for example that of an STL file.
    pub fn surface(surface: ClosedSurface) -> Self {
        let bounds = surface.bounds();
        Self::from_distance(bounds, move |p| surface.signed_distance(p))
    }

    /// The same solid, moving: `motion` gives its displacement and velocity at a time (s).
    #[must_use]
    pub fn moving(self, motion: impl Fn(f64) -> SolidMotion + Send + Sync + 'static) -> Self {
        Self {
            path: Some(Arc::new(motion)),
            ..self
        }
    }

    /// Whether it moves.
    pub(super) fn moves(&self) -> bool {
        self.path.is_some()
    }

    /// Where it is at a time.
    pub(super) fn motion(&self, time: f64) -> SolidMotion {
        self.path
            .as_ref()
            .map_or_else(SolidMotion::default, |p| p(time))
    }

    /// Signed distance of a point from the solid displaced.
    pub(super) fn distance(&self, point: [f64; 3], motion: &SolidMotion) -> f64 {
        (self.distance)([0, 1, 2].map(|a| point[a] - motion.displacement[a]))
    }

    /// The box that holds the solid displaced.
    pub(super) fn bounds(&self, motion: &SolidMotion) -> [[f64; 3]; 2] {
        let shift = motion.displacement;
        self.bounds
            .map(|corner| [0, 1, 2].map(|a| corner[a] + shift[a]))
    }
}

impl fmt::Debug for Solid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Solid")
            .field("bounds", &self.bounds)
            .field("moves", &self.moves())
            .finish_non_exhaustive()
    }
}
