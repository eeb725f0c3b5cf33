//! Ctrl-C for commands that can stop at a good moment.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::error::CommandError;
use super::output::to_stderr;

/// A flag that the first Ctrl-C sets; a second one ends the program at once. Call it when the
/// work begins that looks at the flag: without it, Ctrl-C ends the program as usual.
///
/// # Errors
/// A system that takes no handler.
#[allow(dead_code)] // for commands that can be interrupted
pub(super) fn flag() -> Result<Arc<AtomicBool>, CommandError> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(flag) = FLAG.get() {
        return Ok(Arc::clone(flag));
    }
    let flag = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&flag);
    ctrlc::set_handler(move || {
        if seen.swap(true, Ordering::SeqCst) {
            std::process::exit(1);
        }
        to_stderr("stopping at the next good moment; Ctrl-C again ends at once");
    })
    .map_err(|error| CommandError::input(format!("cannot listen to Ctrl-C: {error}")))?;
    Ok(Arc::clone(FLAG.get_or_init(|| flag)))
}
