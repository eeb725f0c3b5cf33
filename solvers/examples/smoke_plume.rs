//! A plume of smoke that rises past a disc, in two dimensions: the smallest program that needs a
//! Poisson solver at each time step.
//!
//!     cargo run --release -p karman-solvers --example smoke_plume -- plume.png
//!
//! Velocities lie on faces and smoke in cells (a MAC grid). A step follows the flow back to where it
//! came from (semi-Lagrangian advection, after Stam, "Stable Fluids", SIGGRAPH 1999), lets smoke rise,
//! and takes the divergence out of the velocities by a pressure: that is the solver's part. It is set
//! up once and starts each step from the pressure of the last.

use std::error::Error;

use karman_solvers::{FlagGrid, PoissonSolver, Side, SolverError, Start};

/// Smoke, velocities and pressure. Lengths are in cells, times in steps.
pub struct Plume {
    nx: usize,
    ny: usize,
    /// A flag per cell: 0 solid, 1 fluid.
    flags: Vec<u8>,
    /// (nx + 1) x ny faces: u[j (nx + 1) + i] lies left of cell (i, j).
    u: Vec<f64>,
    /// nx x (ny + 1) faces: v[j nx + i] lies below cell (i, j).
    v: Vec<f64>,
    smoke: Vec<f64>,
    /// Times the length of a step.
    pressure: Vec<f64>,
    solver: PoissonSolver,
    /// Iterations of all solves.
    pub iterations: usize,
}

impl Plume {
    /// Still air in a box that is open at the top, with a disc in the way of the smoke to come.
    pub fn new(nx: usize, ny: usize) -> Result<Self, SolverError> {
        let disc = |i: usize, j: usize| {
            let (x, y) = (
                i as f64 + 0.5 - 0.52 * nx as f64,
                j as f64 + 0.5 - 0.45 * ny as f64,
            );
            x.hypot(y) < 0.12 * nx as f64
        };
        let flags: Vec<u8> = (0..nx * ny)
            .map(|c| u8::from(!disc(c % nx, c / nx)))
            .collect();
        let grid = FlagGrid::new([nx, ny, 1], &flags)?.open(Side::YMax)?;
        Ok(Self {
            nx,
            ny,
            flags,
            u: vec![0.0; (nx + 1) * ny],
            v: vec![0.0; nx * (ny + 1)],
            smoke: vec![0.0; nx * ny],
            pressure: vec![0.0; nx * ny],
            solver: PoissonSolver::builder(&grid)
                .rtol(1e-5)
                .start(Start::Scaled)
                .build()?,
            iterations: 0,
        })
    }

    /// Velocity at a point.
    fn velocity(&self, x: f64, y: f64) -> (f64, f64) {
        let u = sample(&self.u, self.nx + 1, x, y - 0.5);
        (u, sample(&self.v, self.nx, x - 0.5, y))
    }

    /// A field after a step: each value is that of where the flow brings it from. The first value lies
    /// at (`x0`, `y0`).
    fn advected(&self, field: &[f64], width: usize, x0: f64, y0: f64) -> Vec<f64> {
        let follow = |n: usize| {
            let (x, y) = ((n % width) as f64 + x0, (n / width) as f64 + y0);
            let (u, v) = self.velocity(x, y);
            let (u, v) = self.velocity(x - 0.5 * u, y - 0.5 * v);
            sample(field, width, x - u - x0, y - v - y0)
        };
        (0..field.len()).map(follow).collect()
    }

    /// One time step.
    pub fn step(&mut self) -> Result<(), SolverError> {
        let (nx, ny) = (self.nx, self.ny);
        let smoke = self.advected(&self.smoke, nx, 0.5, 0.5);
        let (u, v) = (
            self.advected(&self.u, nx + 1, 0.0, 0.5),
            self.advected(&self.v, nx, 0.5, 0.0),
        );
        (self.smoke, self.u, self.v) = (smoke, u, v);
        for j in ny / 40..ny / 16 {
            self.smoke[j * nx + nx * 9 / 20..j * nx + nx * 11 / 20].fill(1.0);
        }
        let buoyancy = 4.0 / ny as f64;
        for c in nx..nx * ny {
            self.v[c] += buoyancy * (self.smoke[c - nx] + self.smoke[c]);
        }
        self.project()
    }

    /// Takes the divergence out of the velocities: u -= grad p with -div grad p = -div u.
    fn project(&mut self) -> Result<(), SolverError> {
        let (nx, ny) = (self.nx, self.ny);
        let solid = |i: usize, j: usize| i >= nx || self.flags[j * nx + i] == 0;
        for j in 0..ny {
            for i in 0..nx + 1 {
                if i == 0 || solid(i, j) || solid(i - 1, j) {
                    self.u[j * (nx + 1) + i] = 0.0;
                }
            }
        }
        for c in 0..nx * ny {
            if c < nx || self.flags[c] == 0 || self.flags[c - nx] == 0 {
                self.v[c] = 0.0;
            }
        }
        let divergence = self.divergence();
        let b: Vec<f64> = divergence.iter().map(|d| -d).collect();
        let report = self.solver.solve(&b, &mut self.pressure)?;
        self.iterations += report.iterations;
        let p = &self.pressure;
        let fluid = |c: usize| self.flags[c] == 1;
        for j in 0..ny {
            for i in 1..nx {
                let c = j * nx + i;
                if fluid(c) && fluid(c - 1) {
                    self.u[c + j] -= p[c] - p[c - 1];
                }
            }
        }
        for c in nx..nx * (ny + 1) {
            let below = c - nx;
            // Behind the open top the pressure is zero.
            if fluid(below) && (c >= nx * ny || fluid(c)) {
                self.v[c] -= p.get(c).unwrap_or(&0.0) - p[below];
            }
        }
        Ok(())
    }

    /// Net flow out of each fluid cell.
    pub fn divergence(&self) -> Vec<f64> {
        let at = |c: usize| {
            let left = c + c / self.nx;
            let out = self.u[left + 1] - self.u[left] + self.v[c + self.nx] - self.v[c];
            out * f64::from(self.flags[c])
        };
        (0..self.smoke.len()).map(at).collect()
    }

    /// Amount of smoke in the cells that `inside` picks by position (x, y).
    pub fn smoke_where(&self, inside: impl Fn(usize, usize) -> bool) -> f64 {
        let cells = (0..self.smoke.len()).filter(|c| inside(c % self.nx, c / self.nx));
        cells.map(|c| self.smoke[c]).sum()
    }

    /// The smoke as a PNG file, the disc in grey.
    pub fn picture(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.nx as u32, self.ny as u32);
        encoder.set_color(png::ColorType::Rgb);
        let (ink, paper, grey) = ([24.0, 62.0, 110.0], [250.0, 250.0, 247.0], [150; 3]);
        let color = |c: usize| match self.flags[c] {
            0 => grey,
            _ => [0, 1, 2]
                .map(|k| paper[k] + (ink[k] - paper[k]) * self.smoke[c].clamp(0.0, 1.0))
                .map(|v| v as u8),
        };
        let rows = (0..self.ny)
            .rev()
            .flat_map(|j| j * self.nx..(j + 1) * self.nx);
        let pixels: Vec<u8> = rows.flat_map(color).collect();
        encoder.write_header()?.write_image_data(&pixels)?;
        Ok(bytes)
    }
}

/// Linear interpolation in a field of rows of `width` values, at a position in units of values.
fn sample(field: &[f64], width: usize, x: f64, y: f64) -> f64 {
    let height = field.len() / width;
    let (x, y) = (
        x.clamp(0.0, (width - 1) as f64),
        y.clamp(0.0, (height - 1) as f64),
    );
    let (i, j) = ((x as usize).min(width - 2), (y as usize).min(height - 2));
    let (s, t) = (x - i as f64, y - j as f64);
    let at = |i: usize, j: usize| field[j * width + i];
    let low = at(i, j) + s * (at(i + 1, j) - at(i, j));
    let high = at(i, j + 1) + s * (at(i + 1, j + 1) - at(i, j + 1));
    low + t * (high - low)
}

#[allow(dead_code, reason = "a test includes this file as a module")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().unwrap_or_else(|| "plume.png".into());
    let steps: usize = arguments.next().map_or(Ok(560), |text| text.parse())?;
    let mut plume = Plume::new(256, 384)?;
    for step in 0..steps {
        plume.step()?;
        if (step + 1) % 100 == 0 {
            println!("step {}: {}", step + 1, plume.solver.report());
        }
    }
    std::fs::write(&file, plume.picture()?)?;
    println!(
        "{} iterations in {steps} steps; wrote {file}",
        plume.iterations
    );
    Ok(())
}
