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

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn the_first_interrupt_sets_the_flag() {
        let flag = flag().unwrap();
        assert!(!flag.load(Ordering::SeqCst));
        let own = std::process::id().to_string();
        let sent = std::process::Command::new("kill")
            .args(["-INT", &own])
            .status();
        assert!(sent.unwrap().success());
        let begun = Instant::now();
        while !flag.load(Ordering::SeqCst) {
            assert!(begun.elapsed() < Duration::from_secs(20), "no signal came");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}
