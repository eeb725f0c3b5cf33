//! Status codes, the text of the last error, and the guard around every function.

use std::any::Any;
use std::cell::RefCell;
use std::ffi::CString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use karman_solvers::{SolverError, Status};

/// What a call came to. 0 is success; positive: a solve ended without convergence and x holds the
/// last iterate; negative: the call did nothing, and karman_last_error() says why.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KarmanStatus {
    /// Done; of a solve: the true residual is within the tolerance.
    Ok = 0,
    /// Not converged within the iterations allowed.
    MaxIterations = 1,
    /// The residual grew beyond the limit.
    Diverged = 2,
    /// The residual does not fall any more: the tolerance is below what double precision reaches.
    Stagnated = 3,
    /// The method cannot go on; the report's text says why.
    Breakdown = 4,
    /// No solution: b does not sum to zero over a part of the fluid that touches no air. x holds no
    /// solution. See karman_options.imbalance.
    Incompatible = 5,
    /// A pointer that must not be NULL is.
    NullPointer = -1,
    /// Not a solver, or one that was destroyed.
    InvalidHandle = -2,
    /// A length, value, option or pointer that cannot be worked with.
    InvalidArgument = -3,
    /// The solver could not be set up: the method does not allow this problem.
    SetupFailed = -4,
    /// More memory is needed than there is.
    OutOfMemory = -5,
    /// A fault in the library itself. Destroy the solver; please report it.
    Internal = -6,
}

impl From<Status> for KarmanStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Converged => Self::Ok,
            Status::MaxIterations => Self::MaxIterations,
            Status::Diverged => Self::Diverged,
            Status::Stagnated => Self::Stagnated,
            Status::Incompatible => Self::Incompatible,
            // `Status` may get more values; none of them is convergence.
            _ => Self::Breakdown,
        }
    }
}

/// Why a call did nothing.
#[derive(Debug)]
pub(crate) struct Failure {
    pub status: KarmanStatus,
    pub message: String,
}

impl Failure {
    pub fn null(what: &str) -> Self {
        Self {
            status: KarmanStatus::NullPointer,
            message: format!("{what} is NULL"),
        }
    }

    pub fn argument(message: impl Into<String>) -> Self {
        Self {
            status: KarmanStatus::InvalidArgument,
            message: message.into(),
        }
    }
}

impl From<SolverError> for Failure {
    fn from(error: SolverError) -> Self {
        let status = match error {
            SolverError::Argument { .. } => KarmanStatus::InvalidArgument,
            SolverError::Memory { .. } => KarmanStatus::OutOfMemory,
            _ => KarmanStatus::SetupFailed,
        };
        Self {
            status,
            message: error.to_string(),
        }
    }
}

thread_local! {
    static LAST_ERROR: RefCell<CString> = RefCell::default();
}

/// Keeps a message for `karman_last_error` on this thread.
fn remember(message: &str) {
    // A message from here holds no zero byte; one that does is cut there.
    let text = message.split('\0').next().unwrap_or_default();
    let text = CString::new(text).unwrap_or_default();
    // A thread that is going down has no storage left; then nobody can ask either.
    let _ = LAST_ERROR.try_with(|last| last.replace(text));
}

/// The message kept on this thread; it lives until the next one replaces it.
pub(crate) fn last_error() -> *const std::ffi::c_char {
    LAST_ERROR
        .try_with(|last| last.borrow().as_ptr())
        .unwrap_or(c"".as_ptr())
}

/// Runs the body of a function: no panic leaves it, and what went wrong is remembered.
pub(crate) fn guarded(
    function: &str,
    body: impl FnOnce() -> Result<KarmanStatus, Failure>,
) -> KarmanStatus {
    // What a panic leaves behind is behind a lock that remembers it (`handles`).
    let outcome = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        Err(Failure {
            status: KarmanStatus::Internal,
            message: format!("a fault in the library: {}", panic_text(&*panic)),
        })
    });
    match outcome {
        Ok(status) => status,
        Err(failure) => {
            remember(&format!("{function}: {}", failure.message));
            failure.status
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message")
}

#[cfg(test)]
#[allow(unsafe_code)]
mod tests {
    use super::*;

    fn remembered() -> String {
        // SAFETY: `last_error` points to a string that ends with a zero and that lives until this
        // thread's next failure.
        let text = unsafe { std::ffi::CStr::from_ptr(last_error()) };
        text.to_string_lossy().into_owned()
    }

    #[test]
    fn a_panic_becomes_a_status_and_a_message() {
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let status = guarded("karman_test", || panic!("cell {}", 7));
        std::panic::set_hook(quiet);
        assert_eq!(status, KarmanStatus::Internal);
        assert_eq!(remembered(), "karman_test: a fault in the library: cell 7");
    }

    #[test]
    fn messages_belong_to_their_thread() {
        guarded("here", || Err(Failure::null("b")));
        let other = std::thread::spawn(|| {
            assert_eq!(remembered(), "");
            guarded("there", || Err(Failure::argument("a\0b")));
            remembered()
        });
        assert_eq!(other.join().expect("no panic"), "there: a");
        assert_eq!(remembered(), "here: b is NULL");
    }
}
