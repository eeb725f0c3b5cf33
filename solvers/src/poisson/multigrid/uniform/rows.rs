//! Half-rows of the uniform level: where they lie, and what is done to one.

use super::super::sparse_rows::SparseRows;
use super::IRREGULAR;

/// Sets each entry h of a row to an expression in h and the byte of its cell. That the byte is mostly the same
/// along a row makes the inner loop short. A macro, because a closure that is called in several places is
/// compiled on its own, without the vectors of its caller.
macro_rules! set_entries {
    ($out:expr, $sides:expr, |$h:ident, $byte:ident| $value:expr) => {{
        let (out, sides): (
            &mut [f32],
            $crate::poisson::multigrid::uniform::rows::Sides<'_>,
        ) = ($out, $sides);
        let n = out.len();
        let all = &sides.all[..n];
        if sides.inner == 0 {
            for $h in 0..n {
                let $byte = all[$h];
                out[$h] = $value;
            }
        } else {
            let $byte = sides.inner;
            for $h in 0..n {
                out[$h] = $value;
            }
            for $h in [0, n - 1] {
                let $byte = all[$h];
                out[$h] = $value;
            }
        }
    }};
}
pub(super) use set_entries;

/// Sizes of planes of half-rows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Entries of a half-row, and cells of a coarse row.
    pub half: usize,
    /// Rows of a plane.
    pub rows: usize,
    pub planes: usize,
    /// Length of a half-row with a zero at both ends, of a plane of these.
    pub pitch: usize,
    pub plane: usize,
    /// Rows and planes of the coarse grid.
    pub coarse_rows: usize,
    pub coarse_planes: usize,
    /// Length of a coarse row, of a coarse plane, each with a border of one cell.
    pub coarse_pitch: usize,
    pub coarse_plane: usize,
}

impl Shape {
    pub fn new([nx, rows, planes]: [usize; 3]) -> Self {
        let half = nx.div_ceil(2);
        let pitch = half + 2;
        let coarse_rows = rows.div_ceil(2);
        Self {
            half,
            rows,
            planes,
            pitch,
            plane: pitch * rows,
            coarse_rows,
            coarse_planes: planes.div_ceil(2),
            coarse_pitch: half + 2,
            coarse_plane: (half + 2) * (coarse_rows + 2),
        }
    }

    /// Number of a row, from its place in its plane.
    #[inline(always)]
    pub fn row(&self, j: usize, k: usize) -> usize {
        k * self.rows + j
    }
}

/// What the passes over the level read.
#[derive(Clone, Copy)]
pub(super) struct Fine<'a> {
    pub shape: Shape,
    pub scales: [f32; 3],
    pub sides: [&'a [u8]; 2],
    pub regular: [&'a [u8]; 2],
    pub b: [&'a [f32]; 2],
    pub zeros: &'a [f32],
    pub irregular: &'a SparseRows,
}

/// A plane of one colour and those before and after it.
#[derive(Clone, Copy)]
pub(super) struct Planes<'a> {
    pub own: &'a [f32],
    pub below: &'a [f32],
    pub above: &'a [f32],
}

/// The values around the entries of a half-row: on each side, those of the other colour.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    west: &'a [f32],
    east: &'a [f32],
    south: &'a [f32],
    north: &'a [f32],
    below: &'a [f32],
    above: &'a [f32],
}

impl<'a> Around<'a> {
    /// The first `n` of each. Loops up to `n` then need no test.
    #[inline(always)]
    pub fn first(self, n: usize) -> Around<'a> {
        Around {
            west: &self.west[..n],
            east: &self.east[..n],
            south: &self.south[..n],
            north: &self.north[..n],
            below: &self.below[..n],
            above: &self.above[..n],
        }
    }
}

impl<'a> Fine<'a> {
    /// The entries of a row in an array without borders.
    #[inline(always)]
    pub fn entries<T>(&self, values: &'a [T], row: usize) -> &'a [T] {
        &values[row * self.shape.half..(row + 1) * self.shape.half]
    }

    /// Plane `k` of three that are kept in turn; zeros outside of the grid.
    #[inline(always)]
    pub fn plane<'b>(&self, ring: &'b [f32], k: isize) -> &'b [f32]
    where
        'a: 'b,
    {
        match usize::try_from(k) {
            Ok(k) if k < self.shape.planes => {
                let plane = self.shape.plane;
                &ring[k % 3 * plane..(k % 3 + 1) * plane]
            }
            _ => self.zeros,
        }
    }

    /// The same to write, for a plane of the grid.
    #[inline(always)]
    pub fn plane_mut<'b>(&self, ring: &'b mut [f32], k: usize) -> &'b mut [f32] {
        let plane = self.shape.plane;
        &mut ring[k % 3 * plane..(k % 3 + 1) * plane]
    }

    /// What is around row j of the other colour, whose parity is `p`.
    #[inline(always)]
    pub fn around<'b>(&self, planes: Planes<'b>, j: usize, p: usize) -> Around<'b>
    where
        'a: 'b,
    {
        let Shape {
            half, rows, pitch, ..
        } = self.shape;
        let at = |plane: &'b [f32], j: usize| &plane[j * pitch + 1..j * pitch + 1 + half];
        let own = &planes.own[j * pitch..(j + 1) * pitch];
        let beyond = at(self.zeros, 0);
        Around {
            west: &own[p..p + half],
            east: &own[p + 1..p + 1 + half],
            south: if j > 0 { at(planes.own, j - 1) } else { beyond },
            north: if j + 1 < rows {
                at(planes.own, j + 1)
            } else {
                beyond
            },
            below: at(planes.below, j),
            above: at(planes.above, j),
        }
    }

    /// Sum of couplings times the values around an entry.
    #[inline(always)]
    pub fn sum(&self, around: Around<'_>, h: usize) -> f32 {
        let [sx, sy, sz] = self.scales;
        sx * (around.west[h] + around.east[h])
            + sy * (around.south[h] + around.north[h])
            + sz * (around.below[h] + around.above[h])
    }

    /// Diagonal of a cell.
    #[inline(always)]
    pub fn diagonal(&self, sides: u8) -> f32 {
        let scales = self.scales;
        let of = |side: usize| {
            if sides >> side & 1 == 1 {
                scales[side / 2]
            } else {
                0.0
            }
        };
        (of(0) + of(1)) + (of(2) + of(3)) + (of(4) + of(5))
    }

    /// 1 / diagonal of a cell, 0 where there is none.
    #[inline(always)]
    pub fn inverse(&self, sides: u8) -> f32 {
        let inverse = 1.0 / self.diagonal(sides);
        if sides == 0 { 0.0 } else { inverse }
    }

    /// The bytes of a row of a colour.
    #[inline(always)]
    pub fn sides(&self, colour: usize, row: usize) -> Sides<'a> {
        Sides {
            all: self.entries(self.sides[colour], row),
            inner: self.regular[colour][row],
        }
    }

    /// Solves for the entries of a row.
    #[inline(always)]
    pub fn relax(&self, b: &[f32], sides: Sides<'_>, around: Around<'_>, out: &mut [f32]) {
        let n = out.len();
        let b = &b[..n];
        let around = around.first(n);
        set_entries!(out, sides, |h, s| (b[h] + self.sum(around, h))
            * self.inverse(s));
    }
}

/// The bytes of a row's cells.
#[derive(Clone, Copy)]
pub(super) struct Sides<'a> {
    pub all: &'a [u8],
    /// The byte of all cells but the first and the last, where they have the same; else 0.
    pub inner: u8,
}

/// See [`Sides::inner`].
pub(super) fn inner_byte(all: &[u8]) -> u8 {
    match all {
        &[first, inner, ref rest @ .., last] if follows(first) && follows(last) => {
            let same = follows(inner) && rest.iter().all(|&s| s == inner);
            if same { inner } else { 0 }
        }
        _ => 0,
    }
}

/// A quarter where the face is open.
#[inline(always)]
pub(super) fn quarter(sides: u8, side: usize) -> f32 {
    if sides >> side & 1 == 1 { 0.25 } else { 0.0 }
}

/// Whether corrections follow from the byte.
#[inline(always)]
pub(super) fn follows(sides: u8) -> bool {
    sides != 0 && sides & IRREGULAR == 0
}

/// Number, from 1, of the coarse row or plane of a fine one, and of the next one across its outward face.
#[inline(always)]
pub(super) fn blocks(fine: usize) -> [usize; 2] {
    let own = fine / 2 + 1;
    [
        own,
        if fine.is_multiple_of(2) {
            own - 1
        } else {
            own + 1
        },
    ]
}

/// The sides towards the neighbouring block of a cell.
#[inline(always)]
pub(super) fn outward(p: usize, j: usize, k: usize) -> [usize; 3] {
    [p, 2 + j % 2, 4 + k % 2]
}

/// Product of two half-rows, in sixteen sums that become vector additions.
#[inline(always)]
pub(super) fn dot(a: &[f32], b: &[f32]) -> f64 {
    let (a, a_rest) = a.as_chunks::<16>();
    let (b, b_rest) = b.as_chunks::<16>();
    let mut sums = [0.0f32; 16];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..16 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    f64::from(sums.iter().sum::<f32>() + rest)
}
