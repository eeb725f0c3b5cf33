//! The geometries of the cases, drawn into flags.
//!
//! Lengths are fractions of the domain, so a case looks the same at every size; the gaps, the plates, the shells
//! and the grains alone are measured in cells, as they are in the grids that codes bring.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::{AIR, FLUID, PoissonCaseKind, SOLID};

/// Sides that are open to the air.
pub(super) fn open_sides(kind: PoissonCaseKind, dims: [usize; 3]) -> [bool; 6] {
    let mut open = [false; 6];
    if matches!(
        kind,
        PoissonCaseKind::OpenTop | PoissonCaseKind::SealedPockets | PoissonCaseKind::MovingSolid
    ) {
        open[if dims[2] == 1 { 3 } else { 5 }] = true;
    }
    open
}

/// The flags of a kind.
pub(super) fn flags(kind: PoissonCaseKind, dims: [usize; 3], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let mut canvas = Canvas::new(dims);
    match kind {
        PoissonCaseKind::EmptyBox | PoissonCaseKind::OpenTop | PoissonCaseKind::MovingSolid => {}
        PoissonCaseKind::SphereAndBoxes => sphere_and_boxes(&mut canvas, rng),
        PoissonCaseKind::PlateMaze => plate_maze(&mut canvas, rng),
        PoissonCaseKind::PorousMedium => porous_medium(&mut canvas, rng),
        PoissonCaseKind::SealedPockets => sealed_pockets(&mut canvas, rng),
    }
    canvas.flags
}

/// Flags while they are drawn.
pub(super) struct Canvas {
    dims: [usize; 3],
    /// One for each cell.
    pub(super) flags: Vec<u8>,
}

impl Canvas {
    /// Fluid everywhere.
    pub(super) fn new(dims: [usize; 3]) -> Self {
        let flags = vec![FLUID; dims.iter().product()];
        Self { dims, flags }
    }

    /// Axes in use.
    fn axes(&self) -> usize {
        if self.dims[2] == 1 { 2 } else { 3 }
    }

    /// A place given as fractions of the domain, in cells.
    pub(super) fn place(&self, fractions: [f64; 3]) -> [f64; 3] {
        std::array::from_fn(|axis| fractions[axis] * self.dims[axis] as f64)
    }

    /// The shortest side, in cells.
    pub(super) fn shortest(&self) -> f64 {
        let used = self.dims[..self.axes()].iter();
        used.min().copied().unwrap_or(1) as f64
    }

    /// Sets the flag of the cells between two corners (in cells) whose centre `inside` accepts; returns
    /// how many changed. The third coordinate of a 2D grid is ignored.
    fn paint(
        &mut self,
        flag: u8,
        (low, high): ([f64; 3], [f64; 3]),
        inside: impl Fn([f64; 3]) -> bool,
    ) -> usize {
        let axes = self.axes();
        let range = |axis: usize| {
            if axis >= axes {
                return 0..1;
            }
            let end = high[axis].ceil().clamp(0.0, self.dims[axis] as f64);
            low[axis].floor().clamp(0.0, end) as usize..end as usize
        };
        let (xs, ys, zs) = (range(0), range(1), range(2));
        let mut changed = 0;
        for z in zs {
            for y in ys.clone() {
                for x in xs.clone() {
                    let center = [x, y, z].map(|i| i as f64 + 0.5);
                    let index = (z * self.dims[1] + y) * self.dims[0] + x;
                    if self.flags[index] != flag && inside(center) {
                        self.flags[index] = flag;
                        changed += 1;
                    }
                }
            }
        }
        changed
    }

    /// A ball; a disc in 2D. Returns how many cells changed.
    pub(super) fn ball(&mut self, flag: u8, center: [f64; 3], radius: f64) -> usize {
        let axes = self.axes();
        let corners = (center.map(|c| c - radius), center.map(|c| c + radius));
        self.paint(flag, corners, |at| {
            let square = (0..axes).map(|axis| (at[axis] - center[axis]).powi(2));
            square.sum::<f64>() <= radius * radius
        })
    }

    /// A box between two corners in cells.
    fn block(&mut self, flag: u8, low: [f64; 3], high: [f64; 3]) {
        let axes = self.axes();
        self.paint(flag, (low, high), |at| {
            (0..axes).all(|axis| (low[axis]..high[axis]).contains(&at[axis]))
        });
    }
}

fn sphere_and_boxes(canvas: &mut Canvas, rng: &mut ChaCha8Rng) {
    let radius = 0.17 * canvas.shortest();
    let mut near = |fractions: [f64; 3]| fractions.map(|f| f + rng.random_range(-0.02..0.02));
    let sphere = near([0.3, 0.55, 0.45]);
    let (low, high) = (near([0.58, 0.2, 0.55]), near([0.8, 0.48, 0.78]));
    let (foot_low, foot_high) = (near([0.52, 0.62, 0.0]), near([0.86, 0.8, 0.3]));
    canvas.ball(SOLID, canvas.place(sphere), radius);
    canvas.block(SOLID, canvas.place(low), canvas.place(high));
    // Through the floor, so that it stands on it whatever the seed.
    let mut foot = canvas.place(foot_low);
    foot[2] = -1.0;
    canvas.block(SOLID, foot, canvas.place(foot_high));
}

fn plate_maze(canvas: &mut Canvas, rng: &mut ChaCha8Rng) {
    let [nx, ny, nz] = canvas.dims;
    let plates = 12.min(ny / 4 - 1);
    let pitch = ny as f64 / (plates + 1) as f64;
    for plate in 0..plates {
        let shift = if pitch > 4.5 {
            rng.random_range(-1.0..1.0)
        } else {
            0.0
        };
        let y = ((plate + 1) as f64 * pitch + shift).floor();
        canvas.block(SOLID, [0.0, y, 0.0], [nx as f64, y + 1.0, nz as f64]);
        let (x, z) = (
            rng.random_range(0..nx) as f64,
            rng.random_range(0..nz) as f64,
        );
        let (low, high) = match plate % 3 {
            0 => ([0.0, y, 0.0], [1.0, y + 1.0, nz as f64]),
            1 => ([nx as f64 - 1.0, y, 0.0], [nx as f64, y + 1.0, nz as f64]),
            _ => ([x, y, z], [x + 1.0, y + 1.0, z + 1.0]),
        };
        canvas.block(FLUID, low, high);
    }
}

fn porous_medium(canvas: &mut Canvas, rng: &mut ChaCha8Rng) {
    let wanted = canvas.flags.len() / 4;
    let mut solid = 0;
    while solid < wanted {
        let center = canvas.place(rng.random());
        solid += canvas.ball(SOLID, center, rng.random_range(1.5..4.5));
    }
}

fn sealed_pockets(canvas: &mut Canvas, rng: &mut ChaCha8Rng) {
    let layers: &[f64] = if canvas.axes() == 2 {
        &[0.5]
    } else {
        &[0.27, 0.73]
    };
    let mut count = 0;
    for z in layers {
        for (x, y) in [(0.25, 0.25), (0.7, 0.3), (0.3, 0.72), (0.75, 0.75)] {
            let near = [x, y, *z].map(|f: f64| f + rng.random_range(-0.03..0.03));
            let center = canvas.place(near);
            let radius = (rng.random_range(0.1..0.16) * canvas.shortest()).max(2.0);
            pocket(canvas, center, radius, count);
            count += 1;
        }
    }
    single_cells(canvas, rng);
}

/// A shell around fluid: a ball or a box in turns; the first is around an air bubble.
fn pocket(canvas: &mut Canvas, center: [f64; 3], radius: f64, count: usize) {
    if count.is_multiple_of(2) {
        canvas.ball(SOLID, center, radius);
        // Two cells that share a face lie at most one apart: a shell thicker than that has no leak.
        canvas.ball(FLUID, center, radius - 1.01);
        if count == 0 {
            canvas.ball(AIR, center, 0.4 * radius);
        }
        return;
    }
    let corner = |by: f64| center.map(|c| (c + by).floor());
    canvas.block(SOLID, corner(-radius), corner(radius));
    canvas.block(
        FLUID,
        corner(-radius).map(|c| c + 1.0),
        corner(radius).map(|c| c - 1.0),
    );
}

/// Fluid cells with solid on every side.
fn single_cells(canvas: &mut Canvas, rng: &mut ChaCha8Rng) {
    for _ in 0..3 {
        let spot = [(); 3].map(|()| rng.random_range(0.42..0.58));
        let cell = canvas.place(spot).map(f64::floor);
        canvas.block(SOLID, cell.map(|c| c - 1.0), cell.map(|c| c + 2.0));
        canvas.block(FLUID, cell, cell.map(|c| c + 1.0));
    }
}
