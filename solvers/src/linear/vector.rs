//! Vector kernels of the Krylov methods, on all threads of the current rayon pool.
//!
//! A vector is halved down to pieces of at most [`PIECE`] entries and the pieces' sums are added
//! along the same binary tree, whatever the number of threads: results are the same bit for bit on
//! any pool, rounding errors grow with the logarithm of the length, and nothing is allocated.

use std::array;

/// Entries of a piece that one thread works on: two to four such arrays fit the second-level cache.
pub(crate) const PIECE: usize = 1 << 14;
/// Below this length waking another thread costs more than it brings.
const PARALLEL_FROM: usize = 1 << 16;
/// Independent sums within a piece, so that the additions become vector instructions.
const LANES: usize = 16;

/// Runs `work` compiled for the widest vectors that the machine has.
#[inline(always)]
pub(crate) fn vectorised<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

/// Slices, and tuples of slices of one length, that can be cut in two.
pub(crate) trait Split: Sized + Send {
    /// Number of entries.
    fn length(&self) -> usize;
    /// The entries before `middle`, and the rest.
    fn split(self, middle: usize) -> (Self, Self);
}

impl<T: Sync> Split for &[T] {
    fn length(&self) -> usize {
        self.len()
    }
    fn split(self, middle: usize) -> (Self, Self) {
        self.split_at(middle)
    }
}

impl<T: Send> Split for &mut [T] {
    fn length(&self) -> usize {
        self.len()
    }
    fn split(self, middle: usize) -> (Self, Self) {
        self.split_at_mut(middle)
    }
}

macro_rules! split_tuples {
    ($(($($name:ident . $index:tt),+)),+) => {$(
        impl<$($name: Split),+> Split for ($($name,)+) {
            fn length(&self) -> usize {
                $(debug_assert_eq!(self.0.length(), self.$index.length());)+
                self.0.length()
            }
            fn split(self, middle: usize) -> (Self, Self) {
                let halves = ($(self.$index.split(middle),)+);
                (($(halves.$index.0,)+), ($(halves.$index.1,)+))
            }
        }
    )+};
}
split_tuples!(
    (A.0, B.1),
    (A.0, B.1, C.2),
    (A.0, B.1, C.2, D.3),
    (A.0, B.1, C.2, D.3, E.4)
);

/// Results of two neighbouring pieces that become the result of both.
pub(crate) trait Merge: Send {
    /// The result of this piece and of the one after it.
    fn merge(self, next: Self) -> Self;
}

impl Merge for () {
    fn merge(self, (): Self) {}
}

impl Merge for f64 {
    fn merge(self, next: Self) -> Self {
        self + next
    }
}

impl<const N: usize> Merge for [f64; N] {
    fn merge(self, next: Self) -> Self {
        array::from_fn(|i| self[i] + next[i])
    }
}

/// Runs `leaf` on pieces of `data` in parallel and merges the results along a fixed tree.
pub(crate) fn fold<D: Split, S: Merge>(data: D, leaf: &(impl Fn(D) -> S + Sync)) -> S {
    let parallel = data.length() >= PARALLEL_FROM;
    fold_tree(data, leaf, parallel)
}

fn fold_tree<D: Split, S: Merge>(data: D, leaf: &(impl Fn(D) -> S + Sync), parallel: bool) -> S {
    let pieces = data.length().div_ceil(PIECE);
    if pieces <= 1 {
        return leaf(data);
    }
    let (left, right) = data.split(pieces / 2 * PIECE);
    let (a, b) = if parallel {
        rayon::join(
            || fold_tree(left, leaf, true),
            || fold_tree(right, leaf, true),
        )
    } else {
        (fold_tree(left, leaf, false), fold_tree(right, leaf, false))
    };
    a.merge(b)
}

/// Sums of the `K` terms `term(i)` over a piece, each in [`LANES`] interleaved sums.
#[inline(always)]
fn lane_sums<const K: usize>(length: usize, mut term: impl FnMut(usize) -> [f64; K]) -> [f64; K] {
    let mut lanes = [[0.0; LANES]; K];
    let whole = length / LANES * LANES;
    let mut start = 0;
    while start < whole {
        for lane in 0..LANES {
            for (sums, term) in lanes.iter_mut().zip(term(start + lane)) {
                sums[lane] += term;
            }
        }
        start += LANES;
    }
    let mut tail = [0.0; K];
    for i in whole..length {
        tail = tail.merge(term(i));
    }
    array::from_fn(|k| {
        let sums = &mut lanes[k];
        let mut width = LANES / 2;
        while width > 0 {
            for lane in 0..width {
                sums[lane] += sums[lane + width];
            }
            width /= 2;
        }
        sums[0] + tail[k]
    })
}

/// Sum of `term(i)` over a piece.
#[inline(always)]
pub(crate) fn lane_sum(length: usize, mut term: impl FnMut(usize) -> f64) -> f64 {
    lane_sums(length, |i| [term(i)])[0]
}

/// `x . y`.
pub(crate) fn dot(x: &[f64], y: &[f64]) -> f64 {
    fold((x, y), &|(x, y): (&[f64], &[f64])| {
        vectorised(|| {
            let y = &y[..x.len()];
            lane_sum(x.len(), |i| x[i] * y[i])
        })
    })
}

/// `x . x`.
pub(crate) fn norm_squared(x: &[f64]) -> f64 {
    fold(x, &|x: &[f64]| {
        vectorised(|| lane_sum(x.len(), |i| x[i] * x[i]))
    })
}

/// `[x . y, x . z]` in one pass.
pub(crate) fn dot2(x: &[f64], y: &[f64], z: &[f64]) -> [f64; 2] {
    fold((x, y, z), &|(x, y, z): (&[f64], &[f64], &[f64])| {
        vectorised(|| {
            let (y, z) = (&y[..x.len()], &z[..x.len()]);
            lane_sums(x.len(), |i| [x[i] * y[i], x[i] * z[i]])
        })
    })
}

/// Largest magnitude; NaN when there is one.
pub(crate) fn max_abs(x: &[f64]) -> f64 {
    struct Largest(f64);
    impl Merge for Largest {
        fn merge(self, next: Self) -> Self {
            if self.0.is_nan() || self.0 > next.0 {
                self
            } else {
                next
            }
        }
    }
    fold(x, &|x: &[f64]| {
        Largest(x.iter().fold(0.0, |m: f64, v| {
            if m.is_nan() || m > v.abs() {
                m
            } else {
                v.abs()
            }
        }))
    })
    .0
}

/// `y = x`.
pub(crate) fn copy(x: &[f64], y: &mut [f64]) {
    fold((x, y), &|(x, y): (&[f64], &mut [f64])| y.copy_from_slice(x));
}

/// `x = value`.
pub(crate) fn fill(x: &mut [f64], value: f64) {
    fold(x, &|x: &mut [f64]| x.fill(value));
}

/// `x *= a`.
pub(crate) fn scale(a: f64, x: &mut [f64]) {
    fold(x, &|x: &mut [f64]| {
        vectorised(|| x.iter_mut().for_each(|v| *v *= a))
    });
}

/// `y += a x`.
pub(crate) fn axpy(a: f64, x: &[f64], y: &mut [f64]) {
    fold((x, y), &|(x, y): (&[f64], &mut [f64])| {
        vectorised(|| {
            for (y, x) in y.iter_mut().zip(x) {
                *y += a * x;
            }
        })
    });
}

/// `p = z + beta p`.
pub(crate) fn xpby(z: &[f64], beta: f64, p: &mut [f64]) {
    fold((z, p), &|(z, p): (&[f64], &mut [f64])| {
        vectorised(|| {
            for (p, z) in p.iter_mut().zip(z) {
                *p = z + beta * *p;
            }
        })
    });
}

/// `r = b - r`, returning `r . r`: turns A x into the residual.
pub(crate) fn subtract_from(b: &[f64], r: &mut [f64]) -> f64 {
    fold((b, r), &|(b, r): (&[f64], &mut [f64])| {
        vectorised(|| {
            let b = &b[..r.len()];
            lane_sum(r.len(), |i| {
                r[i] = b[i] - r[i];
                r[i] * r[i]
            })
        })
    })
}

/// `x += alpha p; r -= alpha q`, returning `r . r`: the update of conjugate gradients in one pass.
pub(crate) fn step(alpha: f64, p: &[f64], q: &[f64], x: &mut [f64], r: &mut [f64]) -> f64 {
    type Piece<'a> = (&'a [f64], &'a [f64], &'a mut [f64], &'a mut [f64]);
    fold((p, q, x, r), &|(p, q, x, r): Piece| {
        vectorised(|| {
            let n = r.len();
            let (p, q, x) = (&p[..n], &q[..n], &mut x[..n]);
            lane_sum(n, |i| {
                x[i] += alpha * p[i];
                r[i] -= alpha * q[i];
                r[i] * r[i]
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(n: usize, speed: f64) -> Vec<f64> {
        (0..n).map(|i| (speed * i as f64).sin()).collect()
    }

    #[test]
    fn kernels_match_plain_loops() {
        for n in [0, 1, 15, 16, 17, PIECE, PIECE + 1, 5 * PIECE + 3] {
            let (x, y, z) = (wave(n, 0.1), wave(n, 0.7), wave(n, 1.3));
            let plain = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            // The bound on the error of a sum of n products of at most 4, in any order.
            let bound = 4.0 * (n * n) as f64 * f64::EPSILON;
            let near = |a: f64, b: f64| assert!((a - b).abs() <= bound, "{n}: {a} {b}");
            near(dot(&x, &y), plain(&x, &y));
            near(norm_squared(&x), plain(&x, &x));
            let [xy, xz] = dot2(&x, &y, &z);
            near(xy, plain(&x, &y));
            near(xz, plain(&x, &z));
            let (mut sx, mut sr) = (z.clone(), x.clone());
            let rr = step(0.5, &x, &y, &mut sx, &mut sr);
            for i in 0..n {
                assert_eq!(sx[i], z[i] + 0.5 * x[i]);
                assert_eq!(sr[i], x[i] - 0.5 * y[i]);
            }
            near(rr, plain(&sr, &sr));
            let mut p = y.clone();
            xpby(&x, 2.0, &mut p);
            assert!((0..n).all(|i| p[i] == x[i] + 2.0 * y[i]));
            let mut r = y.clone();
            near(subtract_from(&x, &mut r), plain(&r, &r));
            assert!((0..n).all(|i| r[i] == x[i] - y[i]));
            let expected = x.iter().fold(0f64, |m, v| m.max(v.abs()));
            assert_eq!(max_abs(&x), expected);
        }
    }

    #[test]
    fn a_nan_is_the_largest_magnitude_wherever_it_stands() {
        for at in [0, 1, PIECE, 3 * PIECE - 1] {
            let mut x = wave(3 * PIECE, 0.3);
            x[at] = f64::NAN;
            assert!(max_abs(&x).is_nan(), "{at}");
        }
    }

    #[test]
    fn sums_do_not_depend_on_the_number_of_threads() {
        let n = 40 * PIECE + 77;
        let (x, y) = (wave(n, 0.37), wave(n, 1.9));
        let on = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("pool").install(|| dot(&x, &y))
        };
        let one = on(1);
        for threads in [2, 3, 7] {
            assert_eq!(one, on(threads));
        }
    }
}
