//! Work on rows of cells, shared between threads in the same way whatever their number.

use std::ops::Range;

/// Rows of cells are halved between threads down to about this many cells.
const TASK_CELLS: usize = 1 << 14;

/// Calls `leaf` with ranges of rows and their part of `out`, which has `length` values a row, and adds up
/// what it returns, always in the same order. Allocates nothing.
pub(super) fn sum_rows<T: Send>(
    rows: Range<usize>,
    length: usize,
    out: &mut [T],
    leaf: &(impl Fn(Range<usize>, &mut [T]) -> f64 + Sync),
) -> f64 {
    let count = rows.len();
    if count <= 1 || count * length <= TASK_CELLS {
        return pulp::Arch::new().dispatch(|| leaf(rows, out));
    }
    let middle = rows.start + count / 2;
    let (low, high) = out.split_at_mut(count / 2 * length);
    let (a, b) = rayon::join(
        || sum_rows(rows.start..middle, length, low, leaf),
        || sum_rows(middle..rows.end, length, high, leaf),
    );
    a + b
}
