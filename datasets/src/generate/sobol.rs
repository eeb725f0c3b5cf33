//! The points of I. M. Sobol', "On the distribution of points in a cube and the approximate
//! evaluation of integrals", USSR Comput. Math. Math. Phys. 7 (1967), with the direction numbers of
//! S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM
//! J. Sci. Comput. 30 (2008), doi:10.1137/070709359 (table new-joe-kuo-6, its first 16 dimensions).
//!
//! Departures:
//!
//! 1. All points are shifted by one random vector, bit by bit (a digital shift: R. Cranley, T. N. L.
//!    Patterson 1976 for lattices; H. Niederreiter, "Random number generation and quasi-Monte Carlo
//!    methods", 1992). The net property stays, and the first point is no longer the corner.

/// Bits of a coordinate.
const BITS: u32 = 32;

/// Degree of the primitive polynomial, its inner coefficients, the first direction numbers: for the
/// dimensions from the second on.
const TABLE: [(u32, u32, &[u32]); 15] = [
    (1, 0, &[1]),
    (2, 1, &[1, 3]),
    (3, 1, &[1, 3, 1]),
    (3, 2, &[1, 1, 1]),
    (4, 1, &[1, 1, 3, 3]),
    (4, 4, &[1, 3, 5, 13]),
    (5, 2, &[1, 1, 5, 5, 17]),
    (5, 4, &[1, 1, 5, 5, 5]),
    (5, 7, &[1, 1, 7, 11, 19]),
    (5, 11, &[1, 1, 5, 1, 1]),
    (5, 13, &[1, 1, 1, 3, 11]),
    (5, 14, &[1, 3, 5, 5, 31]),
    (6, 1, &[1, 3, 3, 9, 7, 49]),
    (6, 13, &[1, 1, 1, 15, 21, 21]),
    (6, 16, &[1, 3, 1, 13, 27, 49]),
];

/// Dimensions that there are direction numbers for.
pub(super) const DIMENSIONS: usize = TABLE.len() + 1;

/// Coordinate `dimension` of point `index`, as a fraction of 2^32, before the shift.
pub(super) fn coordinate(index: u32, dimension: usize) -> u32 {
    let directions = directions(dimension);
    (0..BITS)
        .filter(|bit| index >> bit & 1 == 1)
        .fold(0, |sum, bit| sum ^ directions[bit as usize])
}

/// The direction numbers of a dimension, counted from zero.
fn directions(dimension: usize) -> [u32; BITS as usize] {
    let mut v = [0; BITS as usize];
    let Some(&(degree, inner, first)) = dimension.checked_sub(1).and_then(|d| TABLE.get(d)) else {
        // The first dimension: van der Corput's points.
        for (bit, v) in v.iter_mut().enumerate() {
            *v = 1 << (BITS - 1 - bit as u32);
        }
        return v;
    };
    let s = degree as usize;
    for i in 0..BITS as usize {
        if i < s {
            v[i] = first[i] << (BITS - 1 - i as u32);
            continue;
        }
        v[i] = v[i - s] ^ (v[i - s] >> degree);
        for k in 1..s {
            if inner >> (s - 1 - k) & 1 == 1 {
                v[i] ^= v[i - k];
            }
        }
    }
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first points of the sequence in three dimensions, in the order of their binary numbers; as in
    /// the example of Joe and Kuo's notes, which lists them in the order of the Gray code.
    #[test]
    fn published_points() {
        let point = |i| [0, 1, 2].map(|d| f64::from(coordinate(i, d)) / 4_294_967_296.0);
        let gray = |i: u32| point(i ^ i >> 1);
        assert_eq!(gray(0), [0.0, 0.0, 0.0]);
        assert_eq!(gray(1), [0.5, 0.5, 0.5]);
        assert_eq!(gray(2), [0.75, 0.25, 0.25]);
        assert_eq!(gray(3), [0.25, 0.75, 0.75]);
        assert_eq!(gray(4), [0.375, 0.375, 0.625]);
        assert_eq!(gray(5), [0.875, 0.875, 0.125]);
    }

    /// Of the first 2^k points each dimension has one in each of 2^k equal intervals: this fails for
    /// most wrong entries of the table.
    #[test]
    fn each_dimension_is_stratified() {
        for dimension in 0..DIMENSIONS {
            for k in [1, 4, 8] {
                let mut seen = vec![false; 1 << k];
                for i in 0..1 << k {
                    seen[(coordinate(i, dimension) >> (BITS - k)) as usize] = true;
                }
                assert!(seen.iter().all(|s| *s), "dimension {dimension}, 2^{k}");
            }
        }
    }

    /// The first two dimensions are a (0, 2)-sequence: one point in each box of area 2^-k.
    #[test]
    fn boxes_of_the_first_two_dimensions() {
        let k = 6;
        for a in 0..=k {
            let mut seen = vec![false; 1 << k];
            for i in 0..1u32 << k {
                let x = u64::from(coordinate(i, 0)) >> (BITS - a);
                let y = u64::from(coordinate(i, 1)) >> (BITS - (k - a));
                seen[(x << (k - a) | y) as usize] = true;
            }
            assert!(seen.iter().all(|s| *s), "boxes of 2^-{a}");
        }
    }
}
