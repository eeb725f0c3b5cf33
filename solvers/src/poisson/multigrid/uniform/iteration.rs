//! Conjugate gradients on the uniform level's own vectors.

use rayon::prelude::*;

use super::super::level::{BLACK, RED};
use super::rows::{Around, Fine, Planes, Sides, dot, set_entries};
use super::{Slab, Uniform};

impl Uniform {
    /// p = x + beta p, or x if beta is zero; returns p . A p.
    pub fn direction(&mut self, beta: f32) -> f64 {
        let mut slabs = std::mem::take(&mut self.slabs);
        let [mut red, mut black] = std::mem::take(&mut self.p);
        let fine = self.fine();
        let shape = fine.shape;
        let x = self.x.each_ref().map(|x| &x[..]);
        let planes = slabs[0].planes[1];
        let chunks = (red.par_chunks_mut(planes * shape.plane))
            .zip(black.par_chunks_mut(planes * shape.plane));
        slabs
            .par_iter_mut()
            .zip(chunks)
            .for_each(|(slab, (red, black))| {
                let p = [red, black];
                pulp::Arch::new().dispatch(Turn {
                    fine,
                    slab,
                    beta,
                    x,
                    p,
                });
            });
        // What couples the slabs. Nearly all of it cancels with the slabs' own sums where p is smooth, so it is
        // summed as exactly as they are: row by row.
        let mut between = 0.0;
        for slab in &slabs[1..] {
            let cut = slab.planes[0] * shape.plane;
            for [a, b] in [[&red, &black], [&black, &red]] {
                let (below, above) = (&a[cut - shape.plane..cut], &b[cut..cut + shape.plane]);
                let rows = (below.chunks(shape.pitch)).zip(above.chunks(shape.pitch));
                between += rows.map(|(a, b)| dot(a, b)).sum::<f64>();
            }
        }
        let sum: f64 = slabs.iter().map(|slab| slab.sum).sum();
        let across = 2.0 * f64::from(fine.scales[2]) * between;
        (self.slabs, self.p) = (slabs, [red, black]);
        sum - across
    }

    /// e += alpha p; b -= alpha A p; returns b . b.
    pub fn step(&mut self, alpha: f32) -> f64 {
        self.has_correction = true;
        let mut slabs = std::mem::take(&mut self.slabs);
        let mut b = std::mem::take(&mut self.b);
        let mut e = std::mem::take(&mut self.e);
        let fine = self.fine();
        let shape = fine.shape;
        let p = self.p.each_ref().map(|p| &p[..]);
        let chunk = slabs[0].planes[1] * shape.rows * shape.half;
        let chunks = |pair| {
            let [red, black]: &mut [Vec<f32>; 2] = pair;
            red.par_chunks_mut(chunk).zip(black.par_chunks_mut(chunk))
        };
        let parts = slabs.par_iter_mut().zip(chunks(&mut b)).zip(chunks(&mut e));
        parts.for_each(|((slab, b), e)| {
            let (b, e) = (b.into(), e.into());
            pulp::Arch::new().dispatch(Step {
                fine,
                slab,
                alpha,
                p,
                b,
                e,
            });
        });
        let sum = slabs.iter().map(|slab| slab.sum).sum();
        (self.slabs, self.b, self.e) = (slabs, b, e);
        sum
    }

    /// Forgets the correction.
    pub fn begin(&mut self) {
        if std::mem::take(&mut self.has_correction) {
            self.e.iter_mut().for_each(|e| e.fill(0.0));
        }
    }

    /// Adds the correction times `scale` to x, and forgets it.
    pub fn add_correction(&mut self, scale: f64, x: &mut [f64]) {
        self.has_correction = false;
        let layout = self.layout;
        let (nx, half) = (layout.dims[0], layout.half);
        let [red, black] = &mut self.e;
        let rows = x
            .par_chunks_exact_mut(nx)
            .zip(red.par_chunks_exact_mut(half))
            .zip(black.par_chunks_exact_mut(half));
        let rows = rows.enumerate().with_min_len(64);
        rows.for_each(|(row, ((x, red), black))| {
            pulp::Arch::new().dispatch(|| {
                let (even, odd) = match layout.parity(row) {
                    0 => (red, black),
                    _ => (black, red),
                };
                for ((pair, even), odd) in x.chunks_exact_mut(2).zip(&*even).zip(&*odd) {
                    pair[0] += f64::from(*even) * scale;
                    pair[1] += f64::from(*odd) * scale;
                }
                if let [last] = x.chunks_exact_mut(2).into_remainder() {
                    *last += f64::from(even[half - 1]) * scale;
                }
                even.fill(0.0);
                odd.fill(0.0);
            });
        });
    }
}

/// A slab's part of [`Uniform::direction`].
struct Turn<'a> {
    fine: Fine<'a>,
    slab: &'a mut Slab,
    beta: f32,
    x: [&'a [f32]; 2],
    p: [&'a mut [f32]; 2],
}

impl pulp::NullaryFnOnce for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { fine, slab, .. } = self;
        let shape = fine.shape;
        let n = shape.half;
        let [red, black] = self.p;
        let products = &mut slab.row[..n];
        slab.sum = 0.0;
        for k in slab.planes[0]..slab.planes[1] {
            for j in 0..shape.rows {
                let row = shape.row(j, k);
                let at = (k - slab.planes[0]) * shape.plane + j * shape.pitch + 1;
                for (p, x) in [&mut *red, &mut *black].into_iter().zip(self.x) {
                    let p = &mut p[at..at + n];
                    let x = fine.entries(x, row);
                    if self.beta == 0.0 {
                        p.copy_from_slice(x);
                        continue;
                    }
                    for (p, x) in p.iter_mut().zip(x) {
                        *p = x + self.beta * *p;
                    }
                }
                for (colour, own, other) in [(RED, &*red, &*black), (BLACK, &*black, &*red)] {
                    let parity = (j + k + colour) & 1;
                    let zeros = &fine.zeros[..n];
                    let is_first = k == slab.planes[0];
                    let low = [
                        &other[at - 1 + parity..][..n],
                        if j > 0 {
                            &other[at - shape.pitch..][..n]
                        } else {
                            zeros
                        },
                        if is_first {
                            zeros
                        } else {
                            &other[at - shape.plane..][..n]
                        },
                    ];
                    let own = &own[at..at + n];
                    fine.low_product(own, low, fine.sides(colour, row), products);
                    slab.sum += dot(own, products);
                }
            }
        }
    }
}

/// A slab's part of [`Uniform::step`].
struct Step<'a> {
    fine: Fine<'a>,
    slab: &'a mut Slab,
    alpha: f32,
    p: [&'a [f32]; 2],
    b: [&'a mut [f32]; 2],
    e: [&'a mut [f32]; 2],
}

impl pulp::NullaryFnOnce for Step<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let fine = self.fine;
        let shape = fine.shape;
        let n = shape.half;
        let [first, end] = self.slab.planes;
        self.slab.sum = 0.0;
        for k in first..end {
            for j in 0..shape.rows {
                let row = shape.row(j, k);
                let at = shape.row(j, k - first) * n;
                for colour in [RED, BLACK] {
                    let other = self.p[1 - colour];
                    let plane = |k: usize| &other[k * shape.plane..(k + 1) * shape.plane];
                    let planes = Planes {
                        own: plane(k),
                        below: if k > 0 { plane(k - 1) } else { fine.zeros },
                        above: if k + 1 < shape.planes {
                            plane(k + 1)
                        } else {
                            fine.zeros
                        },
                    };
                    let around = fine.around(planes, j, (j + k + colour) & 1);
                    let p = &self.p[colour][k * shape.plane + j * shape.pitch + 1..][..n];
                    let sides = fine.sides(colour, row);
                    let b = &mut self.b[colour][at..at + n];
                    let e = &mut self.e[colour][at..at + n];
                    fine.step_row(self.alpha, p, around, sides, b, e);
                    self.slab.sum += dot(b, b);
                }
            }
        }
    }
}

impl Fine<'_> {
    /// A times a half-row as far as it and lower neighbours go, which count twice.
    #[inline(always)]
    fn low_product(&self, p: &[f32], low: [&[f32]; 3], sides: Sides<'_>, out: &mut [f32]) {
        let n = out.len();
        let [sx, sy, sz] = self.scales.map(|s| 2.0 * s);
        let [west, south, below] = low;
        let (west, south, below) = (&west[..n], &south[..n], &below[..n]);
        let p = &p[..n];
        set_entries!(out, sides, |h, s| {
            let around = sx * west[h] + sy * south[h] + sz * below[h];
            self.diagonal(s) * p[h] - around
        });
    }

    /// e += alpha p; b -= alpha A p.
    #[inline(always)]
    fn step_row(
        &self,
        alpha: f32,
        p: &[f32],
        around: Around<'_>,
        sides: Sides<'_>,
        b: &mut [f32],
        e: &mut [f32],
    ) {
        let n = b.len();
        let (p, all, e) = (&p[..n], &sides.all[..n], &mut e[..n]);
        let around = around.first(n);
        for (e, p) in e.iter_mut().zip(p) {
            *e += alpha * p;
        }
        if sides.inner == 0 {
            for h in 0..n {
                b[h] -= alpha * self.product(p, around, all[h], h);
            }
        } else {
            let [first, last] = [b[0], b[n - 1]];
            for (h, b) in b.iter_mut().enumerate() {
                *b -= alpha * self.product(p, around, sides.inner, h);
            }
            b[0] = first - alpha * self.product(p, around, all[0], 0);
            b[n - 1] = last - alpha * self.product(p, around, all[n - 1], n - 1);
        }
    }

    /// An entry of A p.
    #[inline(always)]
    fn product(&self, p: &[f32], around: Around<'_>, sides: u8, h: usize) -> f32 {
        let product = self.diagonal(sides) * p[h] - self.sum(around, h);
        if sides == 0 { 0.0 } else { product }
    }
}
