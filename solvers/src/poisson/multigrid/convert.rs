//! Between vectors of cells in double precision and the finest level's, by colour and in single
//! precision.

use super::super::{rows::sum_rows, stencil::dot};
use super::level::Layout;

/// Right-hand sides are scaled to be within this factor of 1.
const RANGE: f64 = 1e9;

/// The scales of a conversion. Powers of two, so that they add no rounding: the result does not depend on
/// the vectors that were converted before.
#[derive(Debug)]
pub(super) struct Convert {
    /// Right-hand sides are multiplied by this.
    scale: f64,
    /// Couplings were divided by this.
    unit: f64,
}

impl Convert {
    pub fn new(unit: f64) -> Self {
        Self { scale: 1.0, unit }
    }

    /// What couplings were divided by.
    pub fn unit(&self) -> f64 {
        self.unit
    }

    /// Whether a right-hand side whose largest absolute value is `largest` is well scaled.
    pub fn fits(&self, largest: f64) -> bool {
        let scaled = largest * self.scale;
        (1.0 / RANGE..RANGE).contains(&scaled) || largest == 0.0 || !largest.is_finite()
    }

    /// Takes the scale that suits such a right-hand side.
    pub fn rescale(&mut self, largest: f64) {
        self.scale = (-largest.log2().round()).clamp(-1000.0, 1000.0).exp2();
    }

    /// Sets the entries of a right-hand side, red and black; returns the largest absolute value of `r` (not a
    /// number if there is one).
    pub fn load(&self, r: &[f64], layout: Layout, [red, black]: [&mut [f32]; 2]) -> f64 {
        let (nx, half, scale) = (layout.dims[0], layout.half, self.scale);
        load_rows(
            Rows {
                first: 0,
                red,
                black,
                r,
            },
            nx,
            half,
            &|rows| {
                pulp::Arch::new().dispatch(|| {
                    let halves = rows
                        .red
                        .chunks_exact_mut(half)
                        .zip(rows.black.chunks_exact_mut(half));
                    let mut largest = 0.0;
                    for (row, ((red, black), r)) in halves.zip(rows.r.chunks_exact(nx)).enumerate()
                    {
                        let (even, odd) = match layout.parity(rows.first + row) {
                            0 => (red, black),
                            _ => (black, red),
                        };
                        largest = larger(largest, load_row(r, scale, even, odd));
                    }
                    largest
                })
            },
        )
    }

    /// `z` from the entries of a solution, red and black; returns r . z.
    pub fn unload(&self, x: [&[f32]; 2], layout: Layout, r: &[f64], z: &mut [f64]) -> f64 {
        let Layout { dims, half, .. } = layout;
        let scale = self.back();
        let nx = dims[0];
        sum_rows(0..layout.rows(), nx, z, &|rows, z| {
            let mut sum = 0.0;
            for (row, z) in rows.zip(z.chunks_exact_mut(nx)) {
                let span = row * half..(row + 1) * half;
                let p = layout.parity(row);
                let (even, odd) = (&x[p][span.clone()], &x[1 - p][span]);
                for ((pair, &even), &odd) in z.chunks_exact_mut(2).zip(even).zip(odd) {
                    pair[0] = f64::from(even) * scale;
                    pair[1] = f64::from(odd) * scale;
                }
                if let [last] = z.chunks_exact_mut(2).into_remainder() {
                    *last = f64::from(even[half - 1]) * scale;
                }
                sum += dot(&r[row * nx..(row + 1) * nx], z);
            }
            sum
        })
    }

    /// What solutions are multiplied by on their way back.
    pub fn back(&self) -> f64 {
        1.0 / (self.scale * self.unit)
    }

    /// What right-hand sides are multiplied by.
    pub fn scale(&self) -> f64 {
        self.scale
    }
}

/// Rows of a right-hand side and where they go.
struct Rows<'a> {
    first: usize,
    red: &'a mut [f32],
    black: &'a mut [f32],
    r: &'a [f64],
}

/// Halves the rows between threads; returns the largest of what `leaf` returns.
fn load_rows(
    rows: Rows<'_>,
    nx: usize,
    half: usize,
    leaf: &(impl Fn(Rows<'_>) -> f64 + Sync),
) -> f64 {
    const TASK_CELLS: usize = 1 << 14;
    let count = rows.r.len() / nx;
    if count <= 1 || rows.r.len() <= TASK_CELLS {
        return leaf(rows);
    }
    let middle = count / 2;
    let (red, more_red) = rows.red.split_at_mut(middle * half);
    let (black, more_black) = rows.black.split_at_mut(middle * half);
    let (r, more_r) = rows.r.split_at(middle * nx);
    let (first, second) = (rows.first, rows.first + middle);
    let low = Rows {
        first,
        red,
        black,
        r,
    };
    let high = Rows {
        first: second,
        red: more_red,
        black: more_black,
        r: more_r,
    };
    let (a, b) = rayon::join(
        || load_rows(low, nx, half, leaf),
        || load_rows(high, nx, half, leaf),
    );
    larger(a, b)
}

#[inline(always)]
fn load_row(r: &[f64], scale: f64, even: &mut [f32], odd: &mut [f32]) -> f64 {
    let mut largest = [0.0; 2];
    for ((pair, even), odd) in r.chunks_exact(2).zip(&mut *even).zip(odd) {
        *even = (pair[0] * scale) as f32;
        *odd = (pair[1] * scale) as f32;
        largest = [
            larger(largest[0], pair[0].abs()),
            larger(largest[1], pair[1].abs()),
        ];
    }
    if let [last] = r.chunks_exact(2).remainder() {
        even[even.len() - 1] = (last * scale) as f32;
        largest[0] = larger(largest[0], last.abs());
    }
    larger(largest[0], largest[1])
}

/// The larger of two values; the second if it is not a number.
#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if a >= b { a } else { b }
}
