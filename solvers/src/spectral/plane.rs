//! Fourier series of real fields on a periodic rectangle, cut off above a wave number along each axis.
//!
//! A spectrum holds the coefficients c of w(x, y) = sum of c_{k,l} e^{i (k x 2 pi / Lx + l y 2 pi / Ly)} for
//! 0 <= k <= K and |l| <= L, as `[k][l]` with l = 0, 1 ... L, -L ... -1; those of negative k are the conjugates.
//! Fields are `[y][x]`.
//!
//! Two real fields are transformed together as the real and the imaginary part of a complex one. A product goes
//! through the rows of the plane once: transformed, multiplied and transformed back while they are in cache.

use std::sync::Arc;

use rayon::prelude::*;
use rustdct::num_complex::Complex64;
use rustdct::rustfft::{Fft, FftPlanner};

/// Rows that are worked on together, so that memory is read in runs.
const ROWS: usize = 8;
/// Room between rows, so that a column of a power of two does not fall on one set of the cache.
const PADDING: usize = 4;
/// Up to as many points one thread does the work: handing it out would take as long.
const SMALL: usize = 64 * 64;

const ZERO: Complex64 = Complex64::new(0.0, 0.0);

/// Two spectra whose fields are transformed together.
pub type Pair<'a> = [&'a [Complex64]; 2];

/// The transforms of a plane, with their work space.
pub struct Plane {
    /// nx, ny.
    dims: [usize; 2],
    /// K and L.
    cut: [usize; 2],
    /// Transforms of rows and of columns, forward and inverse.
    rows: [Arc<dyn Fft<f64>>; 2],
    columns: [Arc<dyn Fft<f64>>; 2],
    /// Spectra in x, fields in y: `[k][y]`, four of them.
    middle: [Vec<Complex64>; 4],
    /// The same by blocks of rows, `[block][k][row]`, two of them.
    blocks: [Vec<Complex64>; 2],
    /// Room for each task.
    scratch: Vec<Vec<Complex64>>,
}

impl Plane {
    /// Plans for `[nx, ny]` points and wave numbers up to `[K, L]`, each below half the number of points.
    pub fn new(dims: [usize; 2], cut: [usize; 2]) -> Self {
        let mut planner = FftPlanner::new();
        let [rows, columns] =
            dims.map(|n| [planner.plan_fft_forward(n), planner.plan_fft_inverse(n)]);
        let [nx, ny] = dims;
        let width = cut[0] + 1;
        let blocks = ny.div_ceil(ROWS);
        let plans = rows.iter().chain(&columns);
        let room = plans.map(|p| p.get_inplace_scratch_len()).max();
        // Two rows of every row of a block, or a column.
        let room = room.unwrap_or(0) + (2 * ROWS * (nx + PADDING)).max(ny);
        let tasks = match nx * ny <= SMALL {
            true => 1,
            false => 4 * rayon::current_num_threads(),
        };
        Self {
            dims,
            cut,
            rows,
            columns,
            middle: [(); 4].map(|()| vec![ZERO; width * ny]),
            blocks: [(); 2].map(|()| vec![ZERO; blocks * width * ROWS]),
            scratch: vec![vec![ZERO; room]; tasks],
        }
    }

    /// nx, ny.
    pub fn dims(&self) -> [usize; 2] {
        self.dims
    }

    /// Points.
    pub fn points(&self) -> usize {
        self.dims[0] * self.dims[1]
    }

    /// Whether one thread does the work.
    pub fn is_small(&self) -> bool {
        self.scratch.len() == 1
    }

    /// Coefficients in a spectrum.
    pub fn modes(&self) -> usize {
        (self.cut[0] + 1) * self.height()
    }

    /// Wave numbers l that a spectrum has.
    fn height(&self) -> usize {
        2 * self.cut[1] + 1
    }

    /// k and l of every coefficient.
    pub fn wave_numbers(&self) -> impl Iterator<Item = [i64; 2]> + use<> {
        let [k_max, l_max] = self.cut.map(|cut| cut as i64);
        (0..=k_max).flat_map(move |k| {
            let rising = (0..=l_max).chain(-l_max..0);
            rising.map(move |l| [k, l])
        })
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        let parts = self.middle.iter().chain(&self.blocks).chain(&self.scratch);
        parts.map(|part| part.len() * size_of::<Complex64>()).sum()
    }

    /// The fields of two spectra.
    pub fn inverse(&mut self, spectra: Pair, fields: [&mut [f64]; 2]) {
        self.inverse_columns(&spectra, 0);
        let [nx, ny] = self.dims;
        let (plan, [a, b, ..]) = (&self.rows[1], &self.middle);
        let per_task = ny.div_ceil(ROWS).div_ceil(self.scratch.len());
        let size = per_task * ROWS * nx;
        let work =
            |task: usize, a_out: &mut [f64], b_out: &mut [f64], scratch: &mut [Complex64]| {
                let (z, room) = scratch.split_at_mut(ROWS * (nx + PADDING));
                let blocks = a_out.chunks_mut(ROWS * nx).zip(b_out.chunks_mut(ROWS * nx));
                for (block, (a_out, b_out)) in (task * per_task..).zip(blocks) {
                    let z = &mut z[..a_out.len() / nx * (nx + PADDING)];
                    gather(a, b, ny, block * ROWS, z, nx);
                    transform(plan.as_ref(), z, room);
                    let rows = a_out.chunks_exact_mut(nx).zip(b_out.chunks_exact_mut(nx));
                    for (z, (a, b)) in z.chunks_exact(nx + PADDING).zip(rows) {
                        for (z, (a, b)) in z.iter().zip(a.iter_mut().zip(b)) {
                            (*a, *b) = (z.re, z.im);
                        }
                    }
                }
            };
        let [a_out, b_out] = fields;
        share(a_out, b_out, size, &mut self.scratch, work);
    }

    /// The spectra of two fields.
    pub fn forward(&mut self, fields: [&[f64]; 2], spectra: [&mut [Complex64]; 2]) {
        let nx = self.dims[0];
        let [a, b] = fields;
        self.rows_to_blocks(|block, z, _| {
            let from = block * ROWS * nx;
            let rows = a[from..].chunks_exact(nx).zip(b[from..].chunks_exact(nx));
            for (z, (a, b)) in z.chunks_exact_mut(nx + PADDING).zip(rows) {
                for (z, (a, b)) in z.iter_mut().zip(a.iter().zip(b)) {
                    *z = Complex64::new(*a, *b);
                }
            }
        });
        self.forward_columns(spectra);
    }

    /// The spectra of two fields that are a function, point by point, of two others: u and v, given by their
    /// spectra. `f` takes and gives the two as real and imaginary parts.
    pub fn product(
        &mut self,
        spectra: Pair,
        f: impl Fn(Complex64) -> Complex64 + Sync,
        out: [&mut [Complex64]; 2],
    ) {
        self.inverse_columns(&spectra, 0);
        let (nx, ny) = (self.dims[0], self.dims[1]);
        let plan = self.rows[1].clone();
        let [a, b] = [0, 1].map(|i| std::mem::take(&mut self.middle[i]));
        self.rows_to_blocks(|block, z, room| {
            gather(&a, &b, ny, block * ROWS, z, nx);
            transform(plan.as_ref(), z, room);
            for z in z {
                *z = f(*z);
            }
        });
        self.middle[0] = a;
        self.middle[1] = b;
        self.forward_columns(out);
    }

    /// The same of four fields: u and v, a and b.
    pub fn product_of_four(
        &mut self,
        spectra: [Pair; 2],
        f: impl Fn(Complex64, Complex64) -> Complex64 + Sync,
        out: [&mut [Complex64]; 2],
    ) {
        self.inverse_columns(&spectra[0], 0);
        self.inverse_columns(&spectra[1], 2);
        let (nx, ny) = (self.dims[0], self.dims[1]);
        let plan = self.rows[1].clone();
        let middle = [0, 1, 2, 3].map(|i| std::mem::take(&mut self.middle[i]));
        self.rows_to_blocks(|block, z, room| {
            let (other, room) = room.split_at_mut(ROWS * (nx + PADDING));
            let other = &mut other[..z.len()];
            gather(&middle[0], &middle[1], ny, block * ROWS, z, nx);
            transform(plan.as_ref(), z, room);
            gather(&middle[2], &middle[3], ny, block * ROWS, other, nx);
            transform(plan.as_ref(), other, room);
            for (z, other) in z.iter_mut().zip(other) {
                *z = f(*z, *other);
            }
        });
        self.middle = middle;
        self.forward_columns(out);
    }

    /// Transforms the columns of two spectra into `middle[at]` and the one behind it.
    fn inverse_columns(&mut self, spectra: &Pair, at: usize) {
        let (ny, height, rising) = (self.dims[1], self.height(), self.cut[1] + 1);
        let plan = &self.columns[1];
        let per_task = (self.cut[0] + 1).div_ceil(self.scratch.len());
        let (a, b) = self.middle[at..].split_at_mut(1);
        let (a, b) = (&mut a[0][..], &mut b[0][..]);
        share(
            a,
            b,
            per_task * ny,
            &mut self.scratch,
            |task, a, b, room| {
                let room = &mut room[..plan.get_inplace_scratch_len()];
                for (columns, spectrum) in [a, b].into_iter().zip(spectra) {
                    let modes = spectrum[task * per_task * height..].chunks_exact(height);
                    for (column, modes) in columns.chunks_exact_mut(ny).zip(modes) {
                        column[..rising].copy_from_slice(&modes[..rising]);
                        column[rising..ny + rising - height].fill(ZERO);
                        column[ny + rising - height..].copy_from_slice(&modes[rising..]);
                    }
                    plan.process_with_scratch(columns, room);
                }
            },
        );
    }

    /// Fills rows, with padding behind each, by `fill(block, rows, room)`, transforms them along x, and puts the spectra of their real and
    /// imaginary parts into `blocks`.
    fn rows_to_blocks(&mut self, fill: impl Fn(usize, &mut [Complex64], &mut [Complex64]) + Sync) {
        let ([nx, ny], width) = (self.dims, self.cut[0] + 1);
        let plan = &self.rows[0];
        let [a, b] = &mut self.blocks;
        let count = ny.div_ceil(ROWS);
        let per_task = count.div_ceil(self.scratch.len());
        let size = per_task * width * ROWS;
        share(a, b, size, &mut self.scratch, |task, a, b, scratch| {
            let blocks = a.chunks_mut(width * ROWS).zip(b.chunks_mut(width * ROWS));
            for (block, (a, b)) in (task * per_task..).zip(blocks) {
                let rows = ROWS.min(ny - block * ROWS);
                let (z, room) = scratch.split_at_mut(ROWS * (nx + PADDING));
                let z = &mut z[..rows * (nx + PADDING)];
                fill(block, z, room);
                transform(plan.as_ref(), z, room);
                separate(z, nx, a, b);
            }
        });
    }

    /// Transforms the columns of `blocks` into two spectra.
    fn forward_columns(&mut self, spectra: [&mut [Complex64]; 2]) {
        let ([_, ny], width) = (self.dims, self.cut[0] + 1);
        let (height, rising) = (self.height(), self.cut[1] + 1);
        let plan = &self.columns[0];
        let factor = 1.0 / self.points() as f64;
        let per_task = width.div_ceil(self.scratch.len());
        let (size, both) = (per_task * height, &self.blocks);
        let [a, b] = spectra;
        share(a, b, size, &mut self.scratch, |task, a, b, scratch| {
            let (column, room) = scratch.split_at_mut(ny);
            let room = &mut room[..plan.get_inplace_scratch_len()];
            for (spectrum, blocks) in [a, b].into_iter().zip(both) {
                for (k, modes) in (task * per_task..).zip(spectrum.chunks_exact_mut(height)) {
                    for (block, run) in column.chunks_mut(ROWS).enumerate() {
                        let from = (block * width + k) * ROWS;
                        run.copy_from_slice(&blocks[from..][..run.len()]);
                    }
                    plan.process_with_scratch(column, room);
                    let falling = &column[ny + rising - height..];
                    let kept = column[..rising].iter().chain(falling);
                    for (mode, value) in modes.iter_mut().zip(kept) {
                        *mode = factor * value;
                    }
                }
            }
        });
    }
}

/// Calls `work(task, a, b, scratch)` with parts of `size` of two arrays, one for each scratch.
fn share<T: Send>(
    a: &mut [T],
    b: &mut [T],
    size: usize,
    scratch: &mut [Vec<Complex64>],
    work: impl Fn(usize, &mut [T], &mut [T], &mut [Complex64]) + Sync,
) {
    if let [one] = scratch {
        return work(0, a, b, one);
    }
    let tasks = a.par_chunks_mut(size).zip(b.par_chunks_mut(size));
    let tasks = tasks.zip(scratch).enumerate();
    tasks.for_each(|(task, ((a, b), scratch))| work(task, a, b, scratch));
}

/// Transforms rows, each but for its padding.
fn transform(plan: &dyn Fft<f64>, rows: &mut [Complex64], room: &mut [Complex64]) {
    let room = &mut room[..plan.get_inplace_scratch_len()];
    for row in rows.chunks_exact_mut(plan.len() + PADDING) {
        plan.process_with_scratch(&mut row[..plan.len()], room);
    }
}

/// Rows of the complex field whose real part has the spectrum a and whose imaginary part b, before their
/// transform along x. `a` and `b` are `[k][y]`.
fn gather(
    a: &[Complex64],
    b: &[Complex64],
    ny: usize,
    first: usize,
    rows: &mut [Complex64],
    nx: usize,
) {
    rows.fill(ZERO);
    for (k, (a, b)) in a.chunks_exact(ny).zip(b.chunks_exact(ny)).enumerate() {
        let values = a[first..].iter().zip(&b[first..]);
        for (row, (a, b)) in rows.chunks_exact_mut(nx + PADDING).zip(values) {
            if k > 0 {
                row[nx - k] = Complex64::new(a.re + b.im, b.re - a.im);
            }
            row[k] = Complex64::new(a.re - b.im, a.im + b.re);
        }
    }
}

/// The spectra of the real and of the imaginary part of transformed rows, `[k][row]`.
fn separate(rows: &[Complex64], nx: usize, a: &mut [Complex64], b: &mut [Complex64]) {
    let runs = a.chunks_exact_mut(ROWS).zip(b.chunks_exact_mut(ROWS));
    for (k, (a, b)) in runs.enumerate() {
        let mirror = if k == 0 { 0 } else { nx - k };
        for ((row, a), b) in rows.chunks_exact(nx + PADDING).zip(a).zip(b) {
            let (plus, minus) = (row[k], row[mirror].conj());
            *a = 0.5 * (plus + minus);
            let difference = 0.5 * (plus - minus);
            *b = Complex64::new(difference.im, -difference.re);
        }
    }
}

#[cfg(test)]
#[path = "plane_tests.rs"]
mod tests;
