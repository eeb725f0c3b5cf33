//! A sweep from zero, its residual and the restriction of that, in one pass.

use rayon::prelude::*;

use super::super::level::{BLACK, Layout, Level, RED};
use super::rows::{Fine, Planes, blocks, follows, outward, quarter, set_entries};
use super::{BLACK_COLUMN, Slab, Uniform};

impl Uniform {
    /// Sets the right-hand side of the coarse level.
    pub fn descend(&mut self, coarse: &mut Level) {
        let mut slabs = std::mem::take(&mut self.slabs);
        let fine = self.fine();
        let layout = coarse.layout;
        let [red, black] = &mut coarse.b;
        let planes = slabs[0].planes[1].div_ceil(2);
        let chunk = planes * fine.shape.coarse_rows * layout.half;
        let chunks = (layout.entries_of(red).par_chunks_mut(chunk))
            .zip(layout.entries_of(black).par_chunks_mut(chunk));
        slabs
            .par_iter_mut()
            .zip(chunks)
            .for_each(|(slab, (red, black))| {
                pulp::Arch::new().dispatch(Descent {
                    fine,
                    slab,
                    layout,
                    out: [red, black],
                });
            });
        red[layout.padded()..].fill(0.0);
        black[layout.padded()..].fill(0.0);
        for slab in &slabs {
            let [first, end] = slab.irregular;
            for (i, residual) in (first..end).zip(&slab.residual) {
                let (columns, weights) = fine.irregular.row(i);
                for (&column, weight) in columns.iter().zip(weights) {
                    let colour = if column < BLACK_COLUMN {
                        &mut *red
                    } else {
                        &mut *black
                    };
                    colour[(column & !BLACK_COLUMN) as usize] += weight * residual;
                }
            }
        }
        self.slabs = slabs;
    }
}

/// The pass over a slab, to be compiled for the widest vectors as a whole.
struct Descent<'a> {
    fine: Fine<'a>,
    slab: &'a mut Slab,
    layout: Layout,
    out: [&'a mut [f32]; 2],
}

impl pulp::NullaryFnOnce for Descent<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.fine.descend_slab(self.slab, self.layout, self.out);
    }
}

impl Fine<'_> {
    #[inline(always)]
    fn descend_slab(&self, slab: &mut Slab, coarse: Layout, mut out: [&mut [f32]; 2]) {
        let shape = self.shape;
        let Slab {
            planes: [first, end],
            red,
            black,
            coarse: sums,
            row: rest,
            ..
        } = slab;
        let (first, end) = (*first as isize, end.next_multiple_of(2) as isize);
        let in_grid = |k: isize| usize::try_from(k).ok().filter(|&k| k < shape.planes);
        sums.fill(0.0);
        let (mut next, coarse_first) = (slab.irregular[0], first / 2);
        for t in first - 3..=end + 2 {
            if let Some(k) = in_grid(t) {
                self.red_from_zero(self.plane_mut(red, k), k);
            }
            if let Some(k) = in_grid(t - 1).filter(|_| t > first - 2) {
                let around = Planes {
                    own: self.plane(red, t - 1),
                    below: self.plane(red, t - 2),
                    above: self.plane(red, t),
                };
                self.relax_black(around, self.plane_mut(black, k), k);
            }
            if t - 2 < first - 1 {
                continue;
            }
            if let Some(k) = in_grid(t - 2) {
                let around = Planes {
                    own: self.plane(black, t - 2),
                    below: self.plane(black, t - 3),
                    above: self.plane(black, t - 1),
                };
                self.scatter(around, sums, rest, k);
                if (first..end).contains(&(t - 2)) {
                    let residuals = &mut slab.residual;
                    self.keep_residuals(around, k, &mut next, slab.irregular[0], residuals);
                }
            }
            if t % 2 == 0 {
                // nothing more comes to the coarse plane below
                let kc = t / 2 - 2;
                let slot = (kc + 3) as usize % 3 * shape.coarse_plane;
                let plane = &mut sums[slot..slot + shape.coarse_plane];
                if kc >= coarse_first && kc < coarse_first + (end - first) / 2 {
                    self.store(plane, coarse, kc as usize, coarse_first as usize, &mut out);
                }
                plane.fill(0.0);
            }
        }
    }

    #[inline(always)]
    fn red_from_zero(&self, plane: &mut [f32], k: usize) {
        for (j, out) in plane.chunks_exact_mut(self.shape.pitch).enumerate() {
            let row = self.shape.row(j, k);
            let out = &mut out[1..=self.shape.half];
            let b = &self.entries(self.b[RED], row)[..out.len()];
            set_entries!(out, self.sides(RED, row), |h, s| b[h] * self.inverse(s));
        }
    }

    /// Black values of a plane, from the red ones around.
    #[inline(always)]
    pub(super) fn relax_black(&self, red: Planes<'_>, plane: &mut [f32], k: usize) {
        for (j, out) in plane.chunks_exact_mut(self.shape.pitch).enumerate() {
            let row = self.shape.row(j, k);
            let p = (j + k + 1) & 1;
            let (b, sides) = (self.entries(self.b[BLACK], row), self.sides(BLACK, row));
            self.relax(
                b,
                sides,
                self.around(red, j, p),
                &mut out[1..=self.shape.half],
            );
        }
    }

    /// Adds the weighted residuals of a plane of red nodes to coarse planes. The residual after a
    /// sweep from zero is the sum over the black nodes around.
    #[inline(always)]
    fn scatter(&self, black: Planes<'_>, sums: &mut [f32], rest: &mut [f32], k: usize) {
        let shape = self.shape;
        let n = shape.half;
        // planes are numbered from 1, the one before the first is 0
        let slot = |kc: usize| (kc + 2) % 3 * shape.coarse_plane;
        let [own_slot, z_slot] = blocks(k).map(slot);
        let (low, high) = sums.split_at_mut(own_slot.max(z_slot));
        let (own_plane, z_plane) = if own_slot < z_slot {
            (&mut low[own_slot..], high)
        } else {
            (high, &mut low[z_slot..])
        };
        for j in 0..shape.rows {
            let row = shape.row(j, k);
            let p = (j + k) & 1;
            let around = self.around(black, j, p).first(n);
            let sides = self.sides(RED, row);
            let rest = &mut rest[..n];
            set_entries!(rest, sides, |h, s| {
                let residual = self.sum(around, h);
                if follows(s) { residual } else { 0.0 }
            });
            let to = outward(p, j, k);
            let [jc, jy] = blocks(j);
            let at = |jc: usize| jc * shape.coarse_pitch + 1;
            let z_row = &mut z_plane[at(jc)..at(jc) + n];
            let (low, high) = own_plane.split_at_mut(at(jc.max(jy)));
            let (own_row, y_row) = if jc < jy {
                (&mut low[at(jc)..at(jc) + n], &mut high[..n])
            } else {
                (&mut high[..n], &mut low[at(jy)..at(jy) + n])
            };
            let start = at(jc) + p - (1 - p);
            if sides.inner == 0 {
                let all = &sides.all[..n];
                for h in 0..n {
                    let [own, _, y, z] = shares(rest[h], all[h], to);
                    own_row[h] += own;
                    y_row[h] += y;
                    z_row[h] += z;
                }
                let x_row = &mut own_plane[start..start + n];
                for h in 0..n {
                    x_row[h] += shares(rest[h], all[h], to)[1];
                }
                continue;
            }
            for h in 0..n {
                let [own, _, y, z] = shares(rest[h], sides.inner, to);
                own_row[h] += own;
                y_row[h] += y;
                z_row[h] += z;
            }
            // the first and the last cell may have other faces open than those between them
            for h in [0, n - 1] {
                let was = shares(rest[h], sides.inner, to);
                let is = shares(rest[h], sides.all[h], to);
                own_row[h] += is[0] - was[0];
                y_row[h] += is[2] - was[2];
                z_row[h] += is[3] - was[3];
            }
            let x_row = &mut own_plane[start..start + n];
            for h in 0..n {
                x_row[h] += shares(rest[h], sides.inner, to)[1];
            }
            for h in [0, n - 1] {
                let was = shares(rest[h], sides.inner, to)[1];
                x_row[h] += shares(rest[h], sides.all[h], to)[1] - was;
            }
        }
    }

    /// Keeps the residuals of the irregular nodes of a plane.
    #[inline(always)]
    fn keep_residuals(
        &self,
        black: Planes<'_>,
        k: usize,
        next: &mut usize,
        first: usize,
        residuals: &mut [f32],
    ) {
        let shape = self.shape;
        let end = shape.row(0, k + 1) * shape.half;
        while let Some(&entry) = self.irregular.entries.get(*next)
            && (entry as usize) < end
        {
            let (row, h) = (entry as usize / shape.half, entry as usize % shape.half);
            let j = row % shape.rows;
            let around = self.around(black, j, (j + k) & 1);
            residuals[*next - first] = self.sum(around, h);
            *next += 1;
        }
    }

    /// Writes a coarse plane by colour.
    #[inline(always)]
    fn store(
        &self,
        plane: &[f32],
        coarse: Layout,
        kc: usize,
        first: usize,
        [red, black]: &mut [&mut [f32]; 2],
    ) {
        let (n, half) = (self.shape.half, coarse.half);
        for jc in 0..self.shape.coarse_rows {
            let start = (jc + 1) * self.shape.coarse_pitch + 1;
            let values = &plane[start..start + n];
            let at = ((kc - first) * self.shape.coarse_rows + jc) * half;
            let span = at..at + half;
            let (even, odd) = match (jc + kc) & 1 {
                0 => (&mut red[span.clone()], &mut black[span]),
                _ => (&mut black[span.clone()], &mut red[span]),
            };
            for ((pair, even), odd) in values.chunks_exact(2).zip(&mut *even).zip(odd) {
                (*even, *odd) = (pair[0], pair[1]);
            }
            if let [last] = values.chunks_exact(2).remainder() {
                even[half - 1] = *last;
            }
        }
    }
}

/// A red node's residual as its own coarse node's share and those of the ones across in x, y, z.
#[inline(always)]
fn shares(residual: f32, sides: u8, to: [usize; 3]) -> [f32; 4] {
    let (x, y, z) = (
        quarter(sides, to[0]),
        quarter(sides, to[1]),
        quarter(sides, to[2]),
    );
    [
        residual * (1.0 - (x + y + z)),
        residual * x,
        residual * y,
        residual * z,
    ]
}
