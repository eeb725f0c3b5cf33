//! Smoke that rises in a closed box past discs or balls: [`FlowSolver`] with a scalar, in two or three
//! dimensions.
//!
//! Smoke enters at a round source near the floor and is lighter than air (Boussinesq). The obstacles are
//! drawn from the number `layout` alone, so that several cases can share a geometry; the place of the
//! source is drawn from the seed of the case.

use karman_solvers::{FlowBoundary, FlowScalar, FlowSolver, Side, Solid, SolverError, StepControl};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::{CaseStart, Generator, mask, refused};

/// Tries to place an obstacle clear of the others.
const TRIES: usize = 1000;
/// Height of the source's centre over that of the box.
const SOURCE_HEIGHT: f64 = 0.12;
/// Above this height, over that of the box, obstacles begin.
const CLEAR: f64 = 0.25;

/// Settings of `kind = "smoke_plume"`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SmokePlume {
    /// Cells across and up; 1 along z makes it two-dimensional.
    cells_x: usize,
    cells_y: usize,
    cells_z: usize,
    /// Size of a cell, m.
    spacing: f64,
    /// Number of obstacles; 0 for none.
    obstacles: usize,
    /// Which arrangement of obstacles: the same number gives the same one.
    layout: u64,
    /// Smallest and largest radius of an obstacle over the width of the box.
    smallest: f64,
    largest: f64,
    /// Radius of the source over the width of the box.
    source_radius: f64,
    /// Smoke added in the source, 1/s.
    source_rate: f64,
    /// Upward acceleration of pure smoke, m/s².
    buoyancy: f64,
    /// Kinematic viscosity and diffusivity of smoke, m²/s.
    viscosity: f64,
    diffusivity: f64,
    /// Largest Courant number.
    courant: f64,
}

impl Default for SmokePlume {
    fn default() -> Self {
        Self {
            cells_x: 128,
            cells_y: 128,
            cells_z: 1,
            spacing: 1.0 / 128.0,
            obstacles: 2,
            layout: 0,
            smallest: 0.05,
            largest: 0.12,
            source_radius: 0.08,
            source_rate: 2.0,
            buoyancy: 1.0,
            viscosity: 1e-4,
            diffusivity: 1e-4,
            courant: 0.8,
        }
    }
}

/// A disc or ball: centre and radius, m.
type Ball = ([f64; 3], f64);

impl SmokePlume {
    fn check(&self) -> Result<(), SolverError> {
        let share = |value: f64| value > 0.0 && value < 0.5;
        if !share(self.smallest) || !share(self.largest) || self.smallest > self.largest {
            let problem = format!(
                "radii from {} to {} of the width; 0 < smallest <= largest < 0.5 is needed",
                self.smallest, self.largest
            );
            return Err(refused("obstacles", problem));
        }
        if !share(self.source_radius) {
            let problem = format!("{} is not between 0 and 0.5", self.source_radius);
            return Err(refused("source_radius", problem));
        }
        if !(self.source_rate.is_finite() && self.source_rate >= 0.0) {
            return Err(refused(
                "source_rate",
                "must be finite and not negative".into(),
            ));
        }
        Ok(())
    }

    fn is_flat(&self) -> bool {
        self.cells_z == 1
    }

    /// Width, height and depth, m.
    fn size(&self) -> [f64; 3] {
        [self.cells_x, self.cells_y, self.cells_z].map(|n| n as f64 * self.spacing)
    }

    /// A point in the box, at least `margin` from its sides; in two dimensions at z = 0.
    fn point(&self, rng: &mut ChaCha8Rng, margin: f64, low: f64) -> [f64; 3] {
        let [width, height, depth] = self.size();
        // Drawn even where not used, so that x and y do not depend on the number of dimensions.
        let [a, b, c] = [(); 3].map(|()| rng.random::<f64>());
        let within = |from: f64, to: f64, u: f64| from + (to - from).max(0.0) * u;
        let z = match self.is_flat() {
            true => 0.0,
            false => within(margin, depth - margin, c),
        };
        [
            within(margin, width - margin, a),
            within(low + margin, height - margin, b),
            z,
        ]
    }

    /// The obstacles of the layout, clear of each other and of the source.
    fn balls(&self) -> Result<Vec<Ball>, SolverError> {
        let [width, height, _] = self.size();
        let mut rng = ChaCha8Rng::seed_from_u64(self.layout);
        let mut balls: Vec<Ball> = Vec::new();
        for _ in 0..TRIES {
            if balls.len() == self.obstacles {
                break;
            }
            let u: f64 = rng.random();
            let radius = width * (self.smallest + (self.largest - self.smallest) * u);
            let centre = self.point(&mut rng, radius + 2.0 * self.spacing, CLEAR * height);
            let clear =
                |(other, r): &Ball| distance(centre, *other) > radius + r + 4.0 * self.spacing;
            if balls.iter().all(clear) {
                balls.push((centre, radius));
            }
        }
        if balls.len() < self.obstacles {
            let problem = format!(
                "{} of them do not fit into the box; take fewer or smaller ones",
                self.obstacles
            );
            return Err(refused("obstacles", problem));
        }
        Ok(balls)
    }

    /// What the source adds in each cell, x fastest, 1/s.
    fn source(&self, seed: u64) -> Vec<f64> {
        let [width, height, _] = self.size();
        let radius = self.source_radius * width;
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut centre = self.point(&mut rng, radius, 0.0);
        centre[1] = SOURCE_HEIGHT * height;
        let (nx, ny) = (self.cells_x, self.cells_y);
        let at = |cell: usize| {
            let place = [cell % nx, cell / nx % ny, cell / nx / ny];
            let mut point = place.map(|i| (i as f64 + 0.5) * self.spacing);
            if self.is_flat() {
                point[2] = 0.0;
            }
            // One inside, zero outside, over two cells.
            let edge = (radius - distance(point, centre)) / (2.0 * self.spacing) + 0.5;
            self.source_rate * edge.clamp(0.0, 1.0)
        };
        (0..nx * ny * self.cells_z).map(at).collect()
    }
}

fn distance(a: [f64; 3], b: [f64; 3]) -> f64 {
    let squares: f64 = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum();
    squares.sqrt()
}

impl Generator for SmokePlume {
    fn solver(&self) -> &'static str {
        "FlowSolver: incompressible Navier-Stokes with a scalar, MAC grid"
    }

    fn start(&self, seed: u64) -> Result<CaseStart, SolverError> {
        self.check()?;
        let cells = [self.cells_x, self.cells_y, self.cells_z];
        let scalar = FlowScalar {
            diffusivity: self.diffusivity,
            buoyancy: [0.0, self.buoyancy, 0.0],
            source: self.source(seed),
            ..FlowScalar::default()
        };
        let mut builder = FlowSolver::builder(cells, [self.spacing; 3])
            .viscosity(self.viscosity)
            .scalar(scalar)
            .step(StepControl::Courant(self.courant));
        for side in Side::ALL {
            builder = builder.boundary(side, FlowBoundary::WALL);
        }
        for (centre, radius) in self.balls()? {
            builder = builder.solid(match self.is_flat() {
                true => Solid::disc([centre[0], centre[1]], radius),
                false => Solid::ball(centre, radius),
            });
        }
        let flow = builder.build()?;
        Ok(CaseStart {
            statics: vec![mask("solid", &flow.solid_cells())],
            simulation: Box::new(flow),
        })
    }
}
