//! Zeros where there is no fluid.

use rayon::prelude::*;

use super::Cell;
use crate::SolverError;

/// Cells that one task looks at.
const CHUNK: usize = 1 << 14;

/// Whether b is zero where there is no fluid.
pub(super) fn is_masked(flags: &[u8], b: &[f64]) -> Result<bool, SolverError> {
    let fluid = Cell::Fluid as u8;
    let chunks = b.par_chunks(CHUNK).zip(flags.par_chunks(CHUNK));
    let looks = chunks.map(|(b, flags)| {
        let (mut masked, mut finite) = (true, true);
        for (&b, &flag) in b.iter().zip(flags) {
            masked &= flag == fluid || b == 0.0;
            finite &= flag != fluid || b.is_finite();
        }
        (masked, finite)
    });
    let (masked, finite) = looks.reduce(|| (true, true), |a, b| (a.0 & b.0, a.1 & b.1));
    if finite {
        return Ok(masked);
    }
    let bad = (0..b.len()).find(|&i| flags[i] == fluid && !b[i].is_finite());
    let index = bad.unwrap_or(0);
    Err(SolverError::Argument {
        what: "b",
        problem: format!(
            "{} at index {index}, a fluid cell: all must be finite",
            b[index]
        ),
    })
}

/// Copies b to `rhs`, with zeros where there is no fluid.
pub(super) fn masked<'a>(flags: &[u8], b: &[f64], rhs: &'a mut [f64]) -> &'a [f64] {
    rhs.copy_from_slice(b);
    mask(flags, rhs);
    rhs
}

/// Clears v where there is no fluid.
pub(super) fn mask(flags: &[u8], v: &mut [f64]) {
    let chunks = v.par_chunks_mut(CHUNK).zip(flags.par_chunks(CHUNK));
    chunks.for_each(|(v, flags)| {
        for (v, &flag) in v.iter_mut().zip(flags) {
            *v = if flag == Cell::Fluid as u8 { *v } else { 0.0 };
        }
    });
}
