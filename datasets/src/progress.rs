//! Progress of long work: a bar on a terminal, plain lines when piped, or nothing.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// How long work tells where it stands. It is written to the standard error stream, so that the
/// results on the standard output stay clean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Progress {
    /// Nothing is written.
    Hidden,
    /// A bar that is redrawn in place.
    Bar,
    /// One plain line at the start, one at the end, and one every five seconds between.
    Lines,
    /// [`Progress::Bar`] when the standard error stream is a terminal, [`Progress::Lines`] otherwise.
    #[default]
    Auto,
}

impl Progress {
    /// Starts to count `total` units of work. `label` says what is done, for example "reading cases".
    pub fn start(self, label: &str, total: u64) -> ProgressCounter {
        let resolved = match self {
            Self::Auto if std::io::stderr().is_terminal() => Self::Bar,
            Self::Auto => Self::Lines,
            other => other,
        };
        let bar = (resolved == Self::Bar).then(|| styled_bar(label, total));
        if resolved == Self::Lines {
            to_stderr(format_args!("{label}: {total}"));
        }
        ProgressCounter {
            label: label.to_string(),
            total,
            done: AtomicU64::new(0),
            bar,
            lines: (resolved == Self::Lines).then(|| Mutex::new(Instant::now())),
            begun: Instant::now(),
        }
    }
}

/// A line on the standard error stream. Unlike `eprintln!` it does not mind a closed or full one.
fn to_stderr(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

fn styled_bar(label: &str, total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    // The template is a constant, so a failure to parse it would only cost the style.
    if let Ok(style) =
        ProgressStyle::with_template("{msg} [{bar:32}] {pos}/{len}  {elapsed} elapsed, {eta} left")
    {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_message(label.to_string());
    bar
}

/// A running count, which many threads may advance.
#[derive(Debug)]
pub struct ProgressCounter {
    label: String,
    total: u64,
    done: AtomicU64,
    bar: Option<ProgressBar>,
    lines: Option<Mutex<Instant>>,
    begun: Instant,
}

impl ProgressCounter {
    /// One more unit is done.
    pub fn advance(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
        let Some(last) = &self.lines else { return };
        // A line that another thread is just writing is not worth waiting for.
        if let Ok(mut last) = last.try_lock()
            && last.elapsed() >= Duration::from_secs(5)
        {
            *last = Instant::now();
            let left = self.begun.elapsed().as_secs_f64() / done as f64
                * self.total.saturating_sub(done) as f64;
            to_stderr(format_args!(
                "{}: {done}/{}, about {left:.0} s left",
                self.label, self.total
            ));
        }
    }

    /// Units done so far.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Takes the bar away, or writes the closing line with the time taken.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if self.lines.is_some() {
            let seconds = self.begun.elapsed().as_secs_f64();
            to_stderr(format_args!(
                "{}: {} done in {seconds:.1} s",
                self.label,
                self.done()
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_across_threads() {
        let counter = Progress::Hidden.start("working", 400);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100).for_each(|_| counter.advance()));
            }
        });
        counter.finish();
        assert_eq!(counter.done(), 400);
    }

    #[test]
    fn auto_is_not_a_bar_when_piped() {
        if std::io::stderr().is_terminal() {
            eprintln!("skipped: the standard error stream is a terminal");
            return;
        }
        assert!(Progress::Auto.start("piped", 1).bar.is_none());
    }
}
