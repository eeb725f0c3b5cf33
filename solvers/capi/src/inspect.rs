//! Looking at solvers: size, report, history, errors, version.

#![allow(unsafe_code)]

use std::ffi::c_char;

use karman_solvers::PoissonSolver;

use crate::handles::{self, KarmanPoisson};
use crate::memory::{put, put_text};
use crate::report::KarmanReport;
use crate::status::{self, Failure, KarmanStatus, guarded};

/// Number of cells of the solver's grid: the length of b and x.
///
/// # Safety
/// `n` points to memory for a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karman_poisson_size(
    solver: *mut KarmanPoisson,
    n: *mut usize,
) -> KarmanStatus {
    guarded("karman_poisson_size", || {
        handles::with(solver, |solver| {
            // SAFETY: the caller's promise.
            unsafe { put("n", n, solver.grid().len())? };
            Ok(KarmanStatus::Ok)
        })
    })
}

/// The report of the last solve.
///
/// # Safety
/// `report` points to memory for a report.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karman_poisson_report(
    solver: *mut KarmanPoisson,
    report: *mut KarmanReport,
) -> KarmanStatus {
    guarded("karman_poisson_report", || {
        handles::with(solver, |solver| {
            solved(solver)?;
            // SAFETY: the caller's promise.
            unsafe { put("report", report, KarmanReport::of(solver))? };
            Ok(KarmanStatus::Ok)
        })
    })
}

/// The report of the last solve as text of several lines, and what KARMAN_METHOD_AUTO chose and why.
///
/// buffer     gets the text with a zero at its end, cut where it does not fit. NULL if capacity is 0.
/// capacity   its size in bytes.
/// length     NULL, or gets the length of the whole text in bytes, without the zero.
///
/// # Safety
/// `buffer` points to `capacity` bytes, `length` (unless null) to memory for a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karman_poisson_report_text(
    solver: *mut KarmanPoisson,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> KarmanStatus {
    guarded("karman_poisson_report_text", || {
        handles::with(solver, |solver| {
            solved(solver)?;
            let text = solver.report().to_string();
            // SAFETY: the caller's promise.
            unsafe {
                put_text(&text, buffer, capacity)?;
                if !length.is_null() {
                    put("length", length, text.len())?;
                }
            }
            Ok(KarmanStatus::Ok)
        })
    })
}

/// Residuals ||b - A x|| of the last solve, every history_stride-th iteration from the start on.
///
/// values     gets the first `capacity` of them.
/// capacity   at most the length of `values`; history_length of the report is how many there are.
///
/// # Safety
/// `values` points to memory for `capacity` numbers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn karman_poisson_history(
    solver: *mut KarmanPoisson,
    values: *mut f64,
    capacity: usize,
) -> KarmanStatus {
    guarded("karman_poisson_history", || {
        handles::with(solver, |solver| {
            solved(solver)?;
            let history = &solver.report().history;
            for (i, value) in history.iter().take(capacity).enumerate() {
                // SAFETY: i < capacity; the memory need not be initialised for `put`. A null
                // pointer is noticed at i = 0; with `wrapping_add` nothing is assumed before that.
                unsafe { put("values", values.wrapping_add(i), *value)? };
            }
            Ok(KarmanStatus::Ok)
        })
    })
}

/// Why the last call on this thread that returned a negative status did nothing; "" if none did. The
/// text lives until the next such call on this thread. Never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn karman_last_error() -> *const c_char {
    status::last_error()
}

/// The version of the library, "MAJOR.MINOR.PATCH". Never NULL.
#[unsafe(no_mangle)]
pub extern "C" fn karman_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The version with a zero at its end.
const VERSION: &std::ffi::CStr = {
    let bytes = concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes();
    match std::ffi::CStr::from_bytes_with_nul(bytes) {
        Ok(text) => text,
        Err(_) => c"unknown",
    }
};

/// Refuses to report on nothing.
fn solved(solver: &PoissonSolver) -> Result<(), Failure> {
    if solver.report().method.is_empty() {
        return Err(Failure::argument("nothing was solved yet"));
    }
    Ok(())
}
