//! A plume of smoke that rises past a disc, in two dimensions: the smallest program that needs a
//! Poisson solver at each time step.
//!
//!     cargo run --release -p karman-solvers --example smoke_plume -- plume.png
//!
//! Velocities lie on faces and smoke in cells (a MAC grid). A step follows the flow back to where it
//! came from (Stam, "Stable Fluids", SIGGRAPH 1999), lets smoke rise, and takes the divergence out of
//! the velocities by a pressure: the solver's part, set up once, from the last step's pressure on.

use karman_solvers::{FlagGrid, PoissonSolver, SolverError, Start};

const SOLID: u8 = 0;
const AIR: u8 = 2;

/// Smoke, velocities and pressure on nx x ny cells, x fastest. Lengths are in cells, times in steps.
pub struct Plume {
    nx: usize,
    ny: usize,
    /// Walls on the left, on the right and below, open air in the uppermost row.
    flags: Vec<u8>,
    /// u[c] lies on the face left of cell c, v[c] on the face below it.
    u: Vec<f64>,
    v: Vec<f64>,
    /// Smoke of each cell.
    pub smoke: Vec<f64>,
    /// Times the length of a step.
    pressure: Vec<f64>,
    solver: PoissonSolver,
    /// Iterations of all solves.
    pub iterations: usize,
}

impl Plume {
    /// Still air in a box that is open at the top, with a disc in the way of the smoke to come.
    pub fn new(nx: usize, ny: usize) -> Result<Self, SolverError> {
        let (w, h) = (nx as f64, ny as f64);
        let flag = |c: usize| match (c % nx, c / nx) {
            (i, j) if i == 0 || i == nx - 1 || j == 0 => SOLID,
            (_, j) if j == ny - 1 => AIR,
            (i, j) => u8::from(f64::hypot(i as f64 - 0.52 * w, j as f64 - 0.45 * h) > 0.12 * w),
        };
        let flags: Vec<u8> = (0..nx * ny).map(flag).collect();
        let solver = PoissonSolver::builder(&FlagGrid::new([nx, ny, 1], &flags)?);
        let [u, v, smoke, pressure] = [(); 4].map(|()| vec![0.0; nx * ny]);
        Ok(Self {
            nx,
            ny,
            flags,
            u,
            v,
            smoke,
            pressure,
            solver: solver.rtol(1e-5).start(Start::Scaled).build()?,
            iterations: 0,
        })
    }

    /// A field whose first value lies at (`x0`, `y0`), a step later: from where the flow brings it.
    fn advected(&self, field: &[f64], x0: f64, y0: f64) -> Vec<f64> {
        let sample = |field, x, y| sample(field, self.nx, x, y);
        let u = |x, y| sample(&self.u, x, y - 0.5);
        let v = |x, y| sample(&self.v, x - 0.5, y);
        let follow = |c: usize| {
            let (x, y) = ((c % self.nx) as f64 + x0, (c / self.nx) as f64 + y0);
            let (xm, ym) = (x - 0.5 * u(x, y), y - 0.5 * v(x, y));
            sample(field, x - u(xm, ym) - x0, y - v(xm, ym) - y0)
        };
        (0..field.len()).map(follow).collect()
    }

    /// One time step.
    pub fn step(&mut self) -> Result<(), SolverError> {
        let (nx, ny) = (self.nx, self.ny);
        let smoke = self.advected(&self.smoke, 0.5, 0.5);
        let u = self.advected(&self.u, 0.0, 0.5);
        self.v = self.advected(&self.v, 0.5, 0.0);
        (self.smoke, self.u) = (smoke, u);
        for j in ny / 40 + 1..ny / 16 + 1 {
            self.smoke[j * nx + nx * 9 / 20..j * nx + nx * 11 / 20].fill(1.0);
        }
        for c in nx..nx * ny {
            self.v[c] += 4.0 / ny as f64 * (self.smoke[c - nx] + self.smoke[c]);
        }
        self.push(0.0);
        let b: Vec<f64> = self.divergence().iter().map(|d| -d).collect();
        self.iterations += self.solver.solve(&b, &mut self.pressure)?.iterations;
        self.push(1.0);
        Ok(())
    }

    /// u -= factor * grad p, and no flow through walls.
    fn push(&mut self, factor: f64) {
        for c in self.nx..self.flags.len() {
            for (velocity, other) in [(&mut self.u, c - 1), (&mut self.v, c - self.nx)] {
                let open = self.flags[c] != SOLID && self.flags[other] != SOLID;
                let slope = self.pressure[c] - self.pressure[other];
                velocity[c] = f64::from(open) * (velocity[c] - factor * slope);
            }
        }
    }

    /// Net flow out of each fluid cell.
    pub fn divergence(&self) -> Vec<f64> {
        let (u, v) = (&self.u, &self.v);
        let at = |c: usize| match self.flags[c] {
            SOLID | AIR => 0.0,
            _ => u[c + 1] - u[c] + v[c + self.nx] - v[c],
        };
        (0..self.flags.len()).map(at).collect()
    }

    /// The smoke as a PNG file, what is solid in grey.
    pub fn picture(&self) -> Result<Vec<u8>, png::EncodingError> {
        let (ink, paper) = ([24.0, 62.0, 110.0], [250.0, 250.0, 247.0]);
        let color = |c: usize| match self.flags[c] {
            SOLID => [150; 3],
            _ => [0, 1, 2].map(|k| (paper[k] + (ink[k] - paper[k]) * self.smoke[c]) as u8),
        };
        let rows = (0..self.ny).rev();
        let cells = rows.flat_map(|j| j * self.nx..(j + 1) * self.nx);
        let pixels: Vec<u8> = cells.flat_map(color).collect();
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.nx as u32, self.ny as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header()?.write_image_data(&pixels)?;
        Ok(bytes)
    }
}

/// Linear interpolation in a field of rows of `width` values, at a position in units of values.
fn sample(field: &[f64], width: usize, x: f64, y: f64) -> f64 {
    let (right, top) = (width - 1, field.len() / width - 1);
    let (x, y) = (x.clamp(0.0, right as f64), y.clamp(0.0, top as f64));
    let (i, j) = ((x as usize).min(right - 1), (y as usize).min(top - 1));
    let line = |c: usize| field[c] + (x - i as f64) * (field[c + 1] - field[c]);
    let (low, high) = (line(j * width + i), line((j + 1) * width + i));
    low + (y - j as f64) * (high - low)
}

#[allow(dead_code, reason = "a test includes this file as a module")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("name a file to write")?;
    let mut plume = Plume::new(256, 384)?;
    for _ in 0..560 {
        plume.step()?;
    }
    std::fs::write(&file, plume.picture()?)?;
    println!("{}\nwrote {file}", plume.solver.report());
    Ok(())
}
