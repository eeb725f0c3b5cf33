//! The coarse correction and the sweep after it, in one pass.

use rayon::prelude::*;

use super::super::level::{BLACK, Layout, Level, RED};
use super::rows::{Fine, Planes, blocks, dot, follows, outward, quarter, set_entries};
use super::{BLACK_COLUMN, Slab, Uniform};

/// The coarse solution.
#[derive(Clone, Copy)]
struct Coarse<'a> {
    layout: Layout,
    x: [&'a [f32]; 2],
}

impl Uniform {
    /// Sets `x`, from the coarse solution; returns b . x.
    pub fn ascend(&mut self, coarse: &Level) -> f64 {
        let mut slabs = std::mem::take(&mut self.slabs);
        let [mut red, mut black] = std::mem::take(&mut self.x);
        let fine = self.fine();
        let coarse = Coarse {
            layout: coarse.layout,
            x: coarse.x.each_ref().map(|x| &x[..]),
        };
        let chunk = slabs[0].planes[1] * fine.shape.rows * fine.shape.half;
        let chunks = red.par_chunks_mut(chunk).zip(black.par_chunks_mut(chunk));
        slabs
            .par_iter_mut()
            .zip(chunks)
            .for_each(|(slab, (red, black))| {
                pulp::Arch::new().dispatch(Ascent {
                    fine,
                    slab,
                    coarse,
                    out: [red, black],
                });
            });
        let sum = slabs.iter().map(|slab| slab.sum).sum();
        (self.slabs, self.x) = (slabs, [red, black]);
        sum
    }
}

/// The pass over a slab, to be compiled for the widest vectors as a whole.
struct Ascent<'a> {
    fine: Fine<'a>,
    slab: &'a mut Slab,
    coarse: Coarse<'a>,
    out: [&'a mut [f32]; 2],
}

impl pulp::NullaryFnOnce for Ascent<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.fine.ascend_slab(self.slab, self.coarse, self.out);
    }
}

impl Fine<'_> {
    #[inline(always)]
    fn ascend_slab(&self, slab: &mut Slab, coarse: Coarse<'_>, out: [&mut [f32]; 2]) {
        let shape = self.shape;
        let [first, end] = slab.planes.map(|k| k as isize);
        let in_grid = |k: isize| usize::try_from(k).ok().filter(|&k| k < shape.planes);
        let Slab {
            red,
            black,
            coarse: naturals,
            ..
        } = slab;
        naturals.fill(0.0);
        let [out_red, out_black] = out;
        slab.sum = 0.0;
        for t in first - 2..=end + 1 {
            let m = t.div_euclid(2);
            let needed = match t {
                _ if t == first - 2 => m - 1..m + 1,
                _ if t % 2 != 0 => m + 1..m + 2,
                _ => 0..0,
            };
            for kc in needed {
                let slot = (kc + 3) as usize % 3 * shape.coarse_plane;
                self.take(coarse, kc, &mut naturals[slot..slot + shape.coarse_plane]);
            }
            if let Some(k) = in_grid(t) {
                self.correct(naturals, self.plane_mut(red, k), k, coarse);
            }
            if let Some(k) = in_grid(t - 1).filter(|_| t > first - 1) {
                let around = Planes {
                    own: self.plane(red, t - 1),
                    below: self.plane(red, t - 2),
                    above: self.plane(red, t),
                };
                self.relax_black(around, self.plane_mut(black, k), k);
            }
            if !(first..end).contains(&(t - 2)) {
                continue;
            }
            let around = Planes {
                own: self.plane(black, t - 2),
                below: self.plane(black, t - 3),
                above: self.plane(black, t - 1),
            };
            let size = shape.rows * shape.half;
            let at = (t - 2 - first) as usize * size;
            let out = [&mut out_red[at..at + size], &mut out_black[at..at + size]];
            slab.sum += self.relax_red(around, out, (t - 2) as usize);
        }
    }

    /// Takes a plane of the coarse solution, in the order of cells; zeros outside of the grid.
    #[inline(always)]
    fn take(&self, coarse: Coarse<'_>, kc: isize, plane: &mut [f32]) {
        let shape = self.shape;
        let Some(kc) = usize::try_from(kc)
            .ok()
            .filter(|&k| k < shape.coarse_planes)
        else {
            return plane.fill(0.0);
        };
        let Layout { half, pad, .. } = coarse.layout;
        for jc in 0..shape.coarse_rows {
            let start = (jc + 1) * shape.coarse_pitch + 1;
            let values = &mut plane[start..start + shape.half];
            let at = pad + (kc * shape.coarse_rows + jc) * half;
            let [even, odd] = [0, 1].map(|i| &coarse.x[(jc + kc + i) & 1][at..at + half]);
            for ((pair, even), odd) in values.chunks_exact_mut(2).zip(even).zip(odd) {
                (pair[0], pair[1]) = (*even, *odd);
            }
            if let [last] = values.chunks_exact_mut(2).into_remainder() {
                *last = even[half - 1];
            }
        }
    }

    /// Red values of a plane: the sweep from zero, and the coarse correction.
    #[inline(always)]
    fn correct(&self, naturals: &[f32], plane: &mut [f32], k: usize, coarse: Coarse<'_>) {
        let shape = self.shape;
        let n = shape.half;
        // planes are numbered from 1, the one before the first is 0
        let slot = |kc: usize| (kc + 2) % 3 * shape.coarse_plane;
        let [kc, kz] = blocks(k);
        let (own_plane, z_plane) = (&naturals[slot(kc)..], &naturals[slot(kz)..]);
        for (j, out) in plane.chunks_exact_mut(shape.pitch).enumerate() {
            let row = shape.row(j, k);
            let p = (j + k) & 1;
            let out = &mut out[1..=n];
            let b = &self.entries(self.b[RED], row)[..n];
            let [jc, jy] = blocks(j);
            let at = |jc: usize| jc * shape.coarse_pitch + 1;
            let own = &own_plane[at(jc)..at(jc) + n];
            let x = &own_plane[at(jc) + p - (1 - p)..][..n];
            let y = &own_plane[at(jy)..at(jy) + n];
            let z = &z_plane[at(jc)..at(jc) + n];
            let [to_x, to_y, to_z] = outward(p, j, k);
            set_entries!(out, self.sides(RED, row), |h, s| {
                let across = quarter(s, to_x) * (x[h] - own[h])
                    + quarter(s, to_y) * (y[h] - own[h])
                    + quarter(s, to_z) * (z[h] - own[h]);
                let correction = if follows(s) { own[h] + across } else { 0.0 };
                b[h] * self.inverse(s) + correction
            });
        }
        self.correct_irregular(plane, k, coarse);
    }

    /// Adds the corrections of a plane's irregular nodes.
    #[inline(always)]
    fn correct_irregular(&self, plane: &mut [f32], k: usize, coarse: Coarse<'_>) {
        let Self {
            shape, irregular, ..
        } = *self;
        let size = shape.half * shape.rows;
        let [first, end] = [k, k + 1].map(|k| {
            irregular
                .entries
                .partition_point(|&e| (e as usize) < k * size)
        });
        for i in first..end {
            let entry = irregular.entries[i] as usize - k * size;
            let (columns, weights) = irregular.row(i);
            let value = |column: u32| {
                let colour = if column < BLACK_COLUMN { RED } else { BLACK };
                coarse.x[colour][(column & !BLACK_COLUMN) as usize]
            };
            let terms = columns.iter().zip(weights);
            let place = entry / shape.half * shape.pitch + 1 + entry % shape.half;
            plane[place] += terms.map(|(&c, w)| w * value(c)).sum::<f32>();
        }
    }

    /// Writes a plane of both colours, black as they are, red from the black ones around; returns their
    /// product with b.
    #[inline(always)]
    fn relax_red(&self, black: Planes<'_>, [red, black_out]: [&mut [f32]; 2], k: usize) -> f64 {
        let shape = self.shape;
        let halves = red
            .chunks_exact_mut(shape.half)
            .zip(black_out.chunks_exact_mut(shape.half));
        let mut sum = 0.0;
        for (j, (red, black_out)) in halves.enumerate() {
            let row = shape.row(j, k);
            let b = self.b.map(|b| self.entries(b, row));
            let sides = self.sides(RED, row);
            self.relax(b[RED], sides, self.around(black, j, (j + k) & 1), red);
            black_out.copy_from_slice(&black.own[j * shape.pitch + 1..][..shape.half]);
            sum += dot(b[RED], red) + dot(b[BLACK], black_out);
        }
        sum
    }
}
