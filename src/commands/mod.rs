//! The command line. Each subcommand is a file: a struct of arguments and what it does.
//!
//! To add one, write `commands/NAME.rs` with a `clap::Args` struct that implements [`Run`], and add
//! it to the two lists below, `mod NAME;` and `NAME::Struct`. The doc comment of the struct is the
//! help text; examples go into `#[command(after_help = ...)]`.

mod bench;
mod dataset;
mod devices;
mod error;
mod evaluate;
mod evaluation_data;
mod generate;
mod guard;
mod interrupt;
mod mesh;
mod number;
mod output;
mod picture;
mod predict;
mod quickstart;
mod report;
mod report_data;
mod report_layer;
mod run_facts;
mod score;
mod score_text;
mod solve;
mod system;
mod table;
mod train;
mod training_bar;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Once;

use clap::{Parser, Subcommand};
use karman_datasets::Progress;
use karman_surrogates::{Device, choose_device};

use error::CommandError;
use output::Output;

/// What a subcommand does with its arguments.
trait Run {
    /// Does the work; the result goes to `context.output`.
    fn run(self, context: &Context) -> Result<(), CommandError>;
}

/// Makes the list of subcommands: one line each, the module and the struct in it.
macro_rules! subcommands {
    ($($module:ident::$args:ident),* $(,)?) => {
        #[derive(Subcommand)]
        enum Command {
            $($args($module::$args)),*
        }

        impl Run for Command {
            fn run(self, context: &Context) -> Result<(), CommandError> {
                match self {
                    $(Self::$args(args) => args.run(context)),*
                }
            }
        }
    };
}

subcommands! {
    quickstart::Quickstart,
    train::Train,
    evaluate::Evaluate,
    predict::Predict,
    report::Report,
    score::Score,
    generate::Generate,
    picture::Picture,
    dataset::Dataset,
    mesh::Mesh,
    solve::Solve,
    bench::Bench,
    devices::Devices,
}

/// Neural surrogates for flows: train on a folder of AirfRANS-style cases, score, predict, report.
///
/// Units are SI; pressure is kinematic (m²/s²).
#[derive(Parser)]
#[command(name = "karman", version, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    options: Options,
}

const EXAMPLES: &str = "\
Examples:
  karman dataset info datasets/sample/mini-airfrans
  karman mesh info case_internal.vtu
  karman score predictions --data datasets/sample/mini-airfrans

`karman COMMAND --help` says more. Exit codes: 0 success, 1 wrong input or a failed run, 2 wrong usage.";

/// Options that every subcommand takes.
#[derive(clap::Args)]
struct Options {
    /// Write the result as JSON to FILE as well; `-` prints JSON instead of text
    #[arg(long, global = true, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Print the result and errors only: no progress, no notes
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Threads to use [default: RAYON_NUM_THREADS, or all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

/// What subcommands share.
struct Context {
    /// Where results go.
    output: Output,
    quiet: bool,
    /// Why `auto` means the CPU is told once, however often a device is chosen.
    device_note: Once,
}

impl Context {
    /// How long work shows where it stands.
    fn progress(&self) -> Progress {
        if self.quiet {
            Progress::Hidden
        } else {
            Progress::Auto
        }
    }

    /// The device of a `--device` option; says so where `auto` passed over the GPU.
    fn device(&self, name: &str) -> Result<Device, CommandError> {
        // What makes a runtime panic as it starts is told as an error.
        let choice = guard::expecting_panics(|| choose_device(name))?;
        if let Some(note) = &choice.note {
            self.device_note.call_once(|| self.note(note));
        }
        Ok(choice.device)
    }

    /// A remark beside the result, on the standard error stream.
    fn note(&self, text: impl std::fmt::Display) {
        if !self.quiet {
            output::to_stderr(&format!("note: {text}"));
        }
    }
}

/// The whole program: parses the arguments, runs the subcommand, turns errors into exit codes.
pub fn main() -> ExitCode {
    guard::install();
    guard::guarded(|| match Cli::try_parse() {
        Ok(cli) => start(cli),
        Err(usage) => {
            // A closed output stream is no reason to change the exit code.
            let _ = usage.print();
            u8::try_from(usage.exit_code()).unwrap_or(2)
        }
    })
    .into()
}

/// Runs the subcommand; the exit code.
fn start(cli: Cli) -> u8 {
    let context = Context {
        output: Output::new(cli.options.json),
        quiet: cli.options.quiet,
        device_note: Once::new(),
    };
    start_log(&context);
    let result = start_threads(cli.options.threads).and_then(|()| cli.command.run(&context));
    match result {
        Ok(()) | Err(CommandError::OutputClosed) => 0,
        Err(error) => {
            error.show();
            1
        }
    }
}

/// Log lines of the libraries, as `RUST_LOG` asks for; warnings when it is not set.
fn start_log(context: &Context) {
    use tracing_subscriber::EnvFilter;
    let filter = match std::env::var(EnvFilter::DEFAULT_ENV) {
        Ok(wanted) if !wanted.is_empty() => EnvFilter::try_new(&wanted).unwrap_or_else(|error| {
            context.note(format!("RUST_LOG={wanted} is left alone: {error}"));
            EnvFilter::new("warn")
        }),
        _ => EnvFilter::new("warn"),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Only fails when a log was started before, which then serves as well.
    let _ = log.try_init();
}

/// Sets the number of threads. Without `--threads`, rayon looks at `RAYON_NUM_THREADS`.
fn start_threads(threads: Option<u16>) -> Result<(), CommandError> {
    let Some(threads) = threads else {
        return Ok(());
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(usize::from(threads))
        .build_global()
        .map_err(|error| CommandError::input(format!("cannot start {threads} threads: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_consistent() {
        <Cli as clap::CommandFactory>::command().debug_assert();
    }
}
