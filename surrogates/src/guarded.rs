//! Panics of kernels as values, where one that fails must not end a whole list of checks.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `work` returns; a panic as its message.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    // Nothing that a panic may have left half done is used afterwards.
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(payload) => Err(format!("panicked: {}", message(payload.as_ref()))),
    }
}

/// The message of a panic.
fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without a message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_become_messages() {
        assert_eq!(guarded(|| Ok(1)), Ok(1));
        assert_eq!(guarded::<()>(|| Err("no".into())), Err("no".into()));
        let number = 7;
        let outcome = guarded::<()>(|| panic!("kernel {number} is broken (a test's panic)"));
        assert_eq!(
            outcome,
            Err("panicked: kernel 7 is broken (a test's panic)".into())
        );
    }
}
