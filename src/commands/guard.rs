//! Panics are faults of the program: they are told as such, and end with exit code 1.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicBool, Ordering};

use super::output::to_stderr;

/// Whether panics are expected, and told as results.
static EXPECTED: AtomicBool = AtomicBool::new(false);

/// Replaces Rust's report of a panic by one for users.
pub(super) fn install() {
    panic::set_hook(Box::new(|info| {
        if EXPECTED.load(Ordering::Relaxed) {
            return;
        }
        let message = info.payload_as_str().unwrap_or("no message");
        let place = info
            .location()
            .map(|at| format!(" ({}:{})", at.file(), at.line()))
            .unwrap_or_default();
        to_stderr(&format!(
            "internal error, please report: {message}{place}, karman {}",
            env!("CARGO_PKG_VERSION")
        ));
    }));
}

/// Runs `work`, which catches panics (also those of other threads that serve it) and tells them as
/// results; they are not reported as faults of the program.
pub(super) fn expecting_panics<T>(work: impl FnOnce() -> T) -> T {
    EXPECTED.store(true, Ordering::Relaxed);
    let result = work();
    EXPECTED.store(false, Ordering::Relaxed);
    result
}

/// The exit code of `run`; 1 when it panics.
pub(super) fn guarded(run: impl FnOnce() -> u8) -> u8 {
    // Nothing that a panic may have left half done is used afterwards.
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_exit_code_one() {
        assert_eq!(guarded(|| 0), 0);
        assert_eq!(guarded(|| 2), 2);
        assert_eq!(guarded(|| panic!("a test's panic, ignore it")), 1);
    }
}
