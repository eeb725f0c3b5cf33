//! Work on rows of padded arrays, shared between threads. Nothing here depends on how they share it, and nothing
//! allocates.

use std::ops::Range;

use rayon::prelude::*;

use super::layout::Layout;

/// Values that are worth a task.
const TASK: usize = 1 << 13;

/// Calls `work(start, row)` with the part of each row of `out`, a padded array, that lies in the box of places;
/// `start` is the index of its first value.
pub(super) fn for_rows(
    layout: &Layout,
    out: &mut [f64],
    [x, y, z]: [Range<usize>; 3],
    work: impl Fn(usize, &mut [f64]) + Sync,
) {
    let [width, height, _] = layout.padded;
    let arch = pulp::Arch::new();
    out.par_chunks_mut(width)
        .enumerate()
        .with_min_len(TASK.div_ceil(width))
        .for_each(|(r, row)| {
            if y.contains(&(r % height)) && z.contains(&(r / height)) {
                let row = &mut row[x.clone()];
                arch.dispatch(|| work(r * width + x.start, row));
            }
        });
}

/// The same for an array of cells alone: `start` is the place of the row's first cell in a padded array.
pub(super) fn for_cell_rows(
    layout: &Layout,
    out: &mut [f64],
    work: impl Fn(usize, &mut [f64]) + Sync,
) {
    let [width, height, _] = layout.cells;
    let arch = pulp::Arch::new();
    out.par_chunks_mut(width)
        .enumerate()
        .with_min_len(TASK.div_ceil(width))
        .for_each(|(r, row)| {
            let start = layout.index(layout.with_ghosts([0, r % height, r / height]));
            arch.dispatch(|| work(start, row));
        });
}

/// The largest of `value(start)` over the rows of cells; NaN if one is.
pub(super) fn largest(layout: &Layout, value: impl Fn(usize) -> f64 + Sync) -> f64 {
    let [width, height, depth] = layout.cells;
    let arch = pulp::Arch::new();
    (0..height * depth)
        .into_par_iter()
        .with_min_len(TASK.div_ceil(width))
        .map(|r| {
            let start = layout.index(layout.with_ghosts([0, r % height, r / height]));
            arch.dispatch(|| value(start))
        })
        .reduce(|| 0.0, larger)
}

/// The larger of two; NaN if one is, unlike [`f64::max`].
#[inline(always)]
pub(super) fn larger(a: f64, b: f64) -> f64 {
    if a >= b || a.is_nan() { a } else { b }
}
