//! Progress of a training run: a bar with loss, score and time left, or plain lines when piped.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use karman_surrogates::{EpochMetrics, TrainingObserver};

use super::output::to_stderr;

/// Seconds between plain lines.
const LINE_SECONDS: u64 = 15;

/// Watches the training of one network.
pub(super) struct TrainingBar {
    label: String,
    bar: Option<ProgressBar>,
    /// Time of the last plain line; `None` when nothing is to be printed.
    last_line: Option<Instant>,
    score: Option<f64>,
    interrupted: Box<dyn Fn() -> bool>,
}

impl TrainingBar {
    /// A bar on a terminal, plain lines otherwise, nothing when `quiet`. `interrupted` is asked
    /// after each step.
    pub(super) fn new(
        label: String,
        quiet: bool,
        interrupted: impl Fn() -> bool + 'static,
    ) -> Self {
        let on_terminal = std::io::stderr().is_terminal();
        Self {
            bar: (!quiet && on_terminal).then(|| bar(&label)),
            last_line: (!quiet && !on_terminal).then(Instant::now),
            label,
            score: None,
            interrupted: Box::new(interrupted),
        }
    }

    fn numbers(&self, metrics: &EpochMetrics) -> String {
        let score = self
            .score
            .map_or(String::new(), |score| format!(", validation {score:.2e}"));
        format!("loss {:.2e}{score}", metrics.loss)
    }
}

fn bar(label: &str) -> ProgressBar {
    let bar = ProgressBar::new(1);
    // The template is a constant: a failure to parse it would only cost the style.
    if let Ok(style) = ProgressStyle::with_template(
        "{prefix} [{bar:28}] {pos}/{len} epochs  {msg}  {elapsed} elapsed, {eta} left",
    ) {
        bar.set_style(style.progress_chars("=> "));
    }
    bar.set_prefix(label.to_string());
    bar
}

impl TrainingObserver for TrainingBar {
    fn epoch(&mut self, metrics: &EpochMetrics, epochs: usize) {
        if let Some(validation) = metrics.validation {
            self.score = Some(validation.mean);
        }
        let numbers = self.numbers(metrics);
        if let Some(bar) = &self.bar {
            bar.set_length(epochs as u64);
            bar.set_position(metrics.epoch as u64);
            bar.set_message(numbers);
            return;
        }
        let done = metrics.epoch == epochs;
        if let Some(last) = &mut self.last_line
            && (done || last.elapsed() >= Duration::from_secs(LINE_SECONDS))
        {
            *last = Instant::now();
            let left = metrics.seconds / metrics.epoch as f64 * (epochs - metrics.epoch) as f64;
            to_stderr(&format!(
                "{}: epoch {}/{epochs}, {numbers}, {:.0} s, about {left:.0} s left",
                self.label, metrics.epoch, metrics.seconds
            ));
        }
    }

    fn interrupted(&self) -> bool {
        (self.interrupted)()
    }
}

impl Drop for TrainingBar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish();
        }
    }
}
