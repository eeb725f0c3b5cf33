//! Conjugate gradients on the uniform level's own vectors.

use rayon::prelude::*;

use super::super::level::{BLACK, RED};
use super::Uniform;
use super::ascend::lane_sum;
use super::rows::{Fine, Planes};

impl Uniform {
    /// p = x + beta p; returns p . A p.
    pub fn direction(&mut self, beta: f32) -> f64 {
        let mut slabs = std::mem::take(&mut self.slabs);
        let [mut red, mut black] = std::mem::take(&mut self.p);
        let fine = self.fine();
        let shape = fine.shape;
        let x = self.x.each_ref().map(|x| &x[..]);
        let planes = slabs[0].planes[1];
        let chunks = (red.par_chunks_mut(planes * shape.plane))
            .zip(black.par_chunks_mut(planes * shape.plane));
        slabs.par_iter_mut().zip(chunks).for_each(|(slab, (red, black))| {
            let first = slab.planes[0];
            slab.sum = pulp::Arch::new().dispatch(|| fine.turn(beta, x, [red, black], first));
        });
        // what couples the slabs
        let mut between = 0.0;
        for slab in &slabs[1..] {
            let cut = slab.planes[0] * shape.plane;
            for [a, b] in [[&red, &black], [&black, &red]] {
                let pairs = a[cut - shape.plane..cut].iter().zip(&b[cut..cut + shape.plane]);
                between += f64::from(pairs.map(|(a, b)| a * b).sum::<f32>());
            }
        }
        let sum: f64 = slabs.iter().map(|slab| slab.sum).sum();
        let across = 2.0 * f64::from(fine.scales[2]) * between;
        (self.slabs, self.p) = (slabs, [red, black]);
        sum - across
    }

    /// e += alpha p; b -= alpha A p; returns b . b.
    pub fn step(&mut self, alpha: f32) -> f64 {
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
            let first = slab.planes[0];
            slab.sum = pulp::Arch::new()
                .dispatch(|| fine.step_slab(alpha, p, [b.0, b.1], [e.0, e.1], first));
        });
        let sum = slabs.iter().map(|slab| slab.sum).sum();
        (self.slabs, self.b, self.e) = (slabs, b, e);
        sum
    }

    /// Forgets direction and correction.
    pub fn begin(&mut self) {
        for v in self.p.iter_mut().chain(&mut self.e) {
            v.par_chunks_mut(1 << 14).for_each(|v| v.fill(0.0));
        }
    }

    /// Adds the correction times `scale` to x, and forgets it.
    pub fn add_correction(&mut self, scale: f64, x: &mut [f64]) {
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

impl Fine<'_> {
    /// A slab's part of `direction`.
    #[inline(always)]
    fn turn(
        &self,
        beta: f32,
        x: [&[f32]; 2],
        [red, black]: [&mut [f32]; 2],
        first: usize,
    ) -> f64 {
        let shape = self.shape;
        let n = shape.half;
        let planes = red.len() / shape.plane;
        let mut sum = 0.0;
        for k in 0..planes {
            for j in 0..shape.rows {
                let row = shape.row(j, first + k);
                let at = k * shape.plane + j * shape.pitch + 1;
                for (p, x) in [&mut *red, &mut *black].into_iter().zip(x) {
                    let p = &mut p[at..at + n];
                    for (p, x) in p.iter_mut().zip(self.entries(x, row)) {
                        *p = x + beta * *p;
                    }
                }
                for colour in [RED, BLACK] {
                    let (own, other) = match colour {
                        RED => (&*red, &*black),
                        _ => (&*black, &*red),
                    };
                    let parity = (j + first + k + colour) & 1;
                    let sides = self.entries(self.sides[colour], row);
                    let zeros = &self.zeros[..n];
                    let south = if j > 0 { &other[at - shape.pitch..][..n] } else { zeros };
                    let below = if k > 0 { &other[at - shape.plane..][..n] } else { zeros };
                    let low = [&other[at - 1 + parity..][..n], south, below];
                    sum += f64::from(self.low_product(&own[at..at + n], low, sides));
                }
            }
        }
        sum
    }

    /// Product of a half-row with A times it, as far as lower neighbours go, which count twice.
    #[inline(always)]
    fn low_product(&self, p: &[f32], low: [&[f32]; 3], sides: &[u8]) -> f32 {
        let n = p.len();
        let [sx, sy, sz] = self.scales.map(|s| 2.0 * s);
        let [west, south, below] = low.map(|values| &values[..n]);
        let sides = &sides[..n];
        lane_sum(n, |h| {
            let around = sx * west[h] + sy * south[h] + sz * below[h];
            p[h] * (self.diagonal(sides[h]) * p[h] - around)
        })
    }

    /// A slab's part of `step`.
    #[inline(always)]
    fn step_slab(
        &self,
        alpha: f32,
        p: [&[f32]; 2],
        b: [&mut [f32]; 2],
        e: [&mut [f32]; 2],
        first: usize,
    ) -> f64 {
        let shape = self.shape;
        let n = shape.half;
        let mut sum = 0.0;
        let [b_red, b_black] = b;
        let [e_red, e_black] = e;
        let plane = |p: &'_ [f32], k: usize| -> std::ops::Range<usize> {
            debug_assert!(p.len() >= (k + 1) * shape.plane);
            k * shape.plane..(k + 1) * shape.plane
        };
        for row in 0..b_red.len() / n {
            let (j, k) = (row % shape.rows, first + row / shape.rows);
            let span = row * n..(row + 1) * n;
            for colour in [RED, BLACK] {
                let (own, other) = (p[colour], p[1 - colour]);
                let planes = Planes {
                    own: &other[plane(other, k)],
                    below: if k > 0 { &other[plane(other, k - 1)] } else { self.zeros },
                    above: match k + 1 < shape.planes {
                        true => &other[plane(other, k + 1)],
                        false => self.zeros,
                    },
                };
                let around = self.around(planes, j, (j + k + colour) & 1).map(|v| &v[..n]);
                let own = &own[k * shape.plane + j * shape.pitch + 1..][..n];
                let sides = &self.entries(self.sides[colour], shape.row(j, k))[..n];
                let (b, e) = match colour {
                    RED => (&mut b_red[span.clone()], &mut e_red[span.clone()]),
                    _ => (&mut b_black[span.clone()], &mut e_black[span.clone()]),
                };
                sum += f64::from(lane_sum(n, |h| {
                    let product = self.diagonal(sides[h]) * own[h] - self.sum(&around, h);
                    e[h] += alpha * own[h];
                    let left = b[h] - alpha * product;
                    b[h] = if sides[h] == 0 { 0.0 } else { left };
                    b[h] * b[h]
                }));
            }
        }
        sum
    }
}
