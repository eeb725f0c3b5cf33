//! Processes with a time limit, that leave nothing behind.

use std::io::{Read, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::commands::error::CommandError;

/// How a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// By itself, with success.
    Well,
    /// By itself, with this exit code, or by a signal; the last of what it wrote to the standard error stream.
    Badly(String),
    /// Stopped at the limit.
    AtLimit,
}

/// What a process printed, and how it ended.
pub(super) struct Finished {
    pub(super) lines: Vec<String>,
    pub(super) ended: Ended,
}

/// How often a running process is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// How long a process gets to end after it has been asked to.
const GRACE: Duration = Duration::from_secs(3);

/// Runs a command to its end, to `limit`, or to an interrupt; what it prints is collected either way.
///
/// # Errors
/// A command that cannot be started; [`CommandError::Interrupted`].
pub(super) fn run(
    mut command: Command,
    limit: Duration,
    interrupted: &AtomicBool,
) -> Result<Finished, CommandError> {
    let program = command.get_program().to_owned();
    own_group(&mut command);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command
        .spawn()
        .map_err(CommandError::io("start", program))?;
    let (out, errors) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let begun = Instant::now();
    let status = loop {
        if let Ok(Some(status)) = child.try_wait() {
            break Some(status);
        }
        let stop = interrupted.load(Ordering::SeqCst);
        if stop || begun.elapsed() > limit {
            end(&mut child);
            if stop {
                return Err(CommandError::Interrupted);
            }
            break None;
        }
        thread::sleep(LOOK);
    };
    let lines = text(out).lines().map(str::to_owned).collect();
    let errors = text(errors);
    let ended = match status {
        None => Ended::AtLimit,
        Some(status) if status.success() => Ended::Well,
        Some(status) => Ended::Badly(reason(&errors, &status.to_string())),
    };
    Ok(Finished { lines, ended })
}

/// Reads a stream on a thread of its own, so that no full pipe stops the process.
fn collect(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut stream) = stream {
            // What came before an error is still worth having.
            let _ = stream.read_to_end(&mut bytes);
        }
        bytes
    })
}

fn text(bytes: thread::JoinHandle<Vec<u8>>) -> String {
    String::from_utf8_lossy(&bytes.join().unwrap_or_default()).into_owned()
}

/// What a process says of its failure: its refusal or error where it has one, else the last line that says
/// something (`mpirun` adds lines of its own).
fn reason(errors: &str, status: &str) -> String {
    let lines = || errors.lines().map(str::trim);
    let begins = |start: &'static str| lines().find(move |line| line.starts_with(start));
    let last = || {
        let mut telling = lines().filter(|line| line.chars().any(char::is_alphabetic));
        telling.next_back()
    };
    let found = begins("refused: ")
        .or_else(|| begins("error: "))
        .or_else(last);
    let short: String = found.unwrap_or(status).chars().take(200).collect();
    short.strip_prefix("error: ").unwrap_or(&short).to_owned()
}

/// Puts the process and its children into a group that can be ended as a whole, and that a Ctrl-C on the
/// terminal does not reach: the bench ends it.
fn own_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Ends the process and its group: politely, then not. All of the group gets its time, not the process alone:
/// an `mpirun` that is killed before it has ended its ranks leaves them behind, since it puts each
/// into a group of its own.
fn end(child: &mut Child) {
    signal(child, "-TERM");
    let begun = Instant::now();
    while begun.elapsed() < GRACE {
        let ended = matches!(child.try_wait(), Ok(Some(_)));
        if ended && !signal(child, "-0") {
            break;
        }
        thread::sleep(LOOK);
    }
    signal(child, "-KILL");
    // Nothing more can be done about a process that does not end.
    let _ = child.kill();
    let _ = child.wait();
}

/// Sends a signal to the process' group, where there are such things; whether there was anyone to get it.
fn signal(child: &Child, name: &str) -> bool {
    let group = format!("-{}", child.id());
    let mut kill = Command::new("kill");
    kill.args([name, "--", &group])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    cfg!(unix) && kill.status().is_ok_and(|status| status.success())
}

/// Prints one JSON object as a line, at once: what was measured before a crash is not lost.
pub(super) fn print_json(value: &impl serde::Serialize) -> Result<(), CommandError> {
    let line = serde_json::to_string(value)
        .map_err(|error| CommandError::input(format!("a row cannot be written: {error}")))?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .map_err(CommandError::io("write", "the standard output"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, limit: f64) -> Finished {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        let never = AtomicBool::new(false);
        run(command, Duration::from_secs_f64(limit), &never).unwrap()
    }

    #[test]
    fn output_and_end_are_told() {
        let good = shell("echo one; echo two", 20.0);
        assert_eq!(
            (good.lines, good.ended),
            (vec!["one".into(), "two".into()], Ended::Well)
        );
        let bad = shell(
            "echo 1; echo 'error: no such grid' >&2; echo 'help: x' >&2; exit 3",
            20.0,
        );
        assert_eq!(bad.lines, ["1"]);
        assert_eq!(bad.ended, Ended::Badly("no such grid".into()));
    }

    #[test]
    fn a_limit_ends_the_process_and_its_children() {
        let begun = Instant::now();
        let late = shell("echo early; sleep 60 & sleep 60", 0.3);
        assert_eq!(
            (late.lines, late.ended),
            (vec!["early".into()], Ended::AtLimit)
        );
        assert!(begun.elapsed() < Duration::from_secs(20));
    }

    /// As `mpirun` has to end its ranks after the script that called it is gone.
    #[test]
    fn children_get_their_time_to_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tidied");
        let script = format!(
            "(trap 'sleep 0.4; touch {}; exit' TERM; sleep 60 & wait) & sleep 60",
            file.display()
        );
        assert_eq!(shell(&script, 0.5).ended, Ended::AtLimit);
        assert!(file.exists());
    }

    #[test]
    fn an_interrupt_ends_it_too() {
        let mut command = Command::new("sleep");
        command.arg("60");
        let stop = AtomicBool::new(true);
        let result = run(command, Duration::from_secs(60), &stop);
        assert!(matches!(result, Err(CommandError::Interrupted)));
    }
}
