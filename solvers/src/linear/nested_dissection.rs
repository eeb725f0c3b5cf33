//! Elimination order for grids.
//!
//! A. George, "Nested dissection of a regular finite element mesh", SIAM J. Numer. Anal. 10 (1973):
//! a plane of cells across the longest side is eliminated last, after the two halves that it
//! separates, which are treated alike. The factor of n cells has O(n log n) entries in 2D and
//! O(n^(4/3)) in 3D, less than with any banded order.

/// Boxes of at most this many cells are taken in their natural order.
const SMALL: usize = 8;

/// The order in which to eliminate the cells of a box: entry k is the index
/// `(z * ny + y) * nx + x` of the k-th cell, for `shape = [nx, ny, nz]` (nz = 1: 2D).
///
/// For a 5- or 7-point stencil. Where only some cells are unknowns, take those out of the order:
/// it stays good.
pub fn nested_dissection(shape: [usize; 3]) -> Vec<usize> {
    let mut order = Vec::with_capacity(shape.iter().product());
    dissect([0; 3], shape, shape, &mut order);
    order
}

/// Appends the cells of the box `[from, to)`.
fn dissect(from: [usize; 3], to: [usize; 3], shape: [usize; 3], order: &mut Vec<usize>) {
    let size: [usize; 3] = std::array::from_fn(|axis| to[axis] - from[axis]);
    if size.contains(&0) {
        return;
    }
    let mut axis = 0;
    for other in 1..3 {
        if size[other] > size[axis] {
            axis = other;
        }
    }
    if size.iter().product::<usize>() <= SMALL || size[axis] < 3 {
        for z in from[2]..to[2] {
            for y in from[1]..to[1] {
                let row = (z * shape[1] + y) * shape[0];
                order.extend(row + from[0]..row + to[0]);
            }
        }
        return;
    }
    let middle = from[axis] + size[axis] / 2;
    let part = |low: usize, high: usize| {
        let (mut from, mut to) = (from, to);
        (from[axis], to[axis]) = (low, high);
        (from, to)
    };
    let (before, after) = (part(from[axis], middle), part(middle + 1, to[axis]));
    let plane = part(middle, middle + 1);
    for (from, to) in [before, after, plane] {
        dissect(from, to, shape, order);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_once() {
        for shape in [
            [1, 1, 1],
            [7, 1, 1],
            [5, 9, 1],
            [6, 5, 11],
            [0, 3, 3],
            [2, 2, 2],
        ] {
            let mut order = nested_dissection(shape);
            order.sort_unstable();
            let n: usize = shape.iter().product();
            assert!(order.into_iter().eq(0..n), "{shape:?}");
        }
    }

    #[test]
    fn the_last_cells_are_the_plane_in_the_middle() {
        let order = nested_dissection([9, 5, 5]);
        let last = &order[9 * 25 - 25..];
        assert!(last.iter().all(|cell| cell % 9 == 4));
    }
}
