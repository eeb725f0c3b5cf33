//! Help, options that every command has, exit codes, streams.

use std::process::{Command as Process, Stdio};

use crate::support::{GMSH, cases, fails_with, internal, karman, outcome, root, run, sample};

/// Every subcommand with subcommands of its own below it.
fn all_commands() -> Vec<Vec<String>> {
    let mut found = vec![vec![]];
    let mut next = 0;
    while next < found.len() {
        let command: Vec<String> = found[next].clone();
        next += 1;
        let help = run(command.iter().map(String::as_str).chain(["--help"]));
        assert_eq!(help.code, 0, "{command:?}");
        let listed = help.out.split("\nCommands:\n").nth(1).unwrap_or("");
        let names = listed
            .lines()
            .take_while(|line| !line.trim().is_empty())
            // Continued descriptions are indented further.
            .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
            .filter_map(|line| line.split_whitespace().next())
            .filter(|name| *name != "help");
        let below: Vec<Vec<String>> = names
            .map(|name| [command.clone(), vec![name.to_owned()]].concat())
            .collect();
        found.extend(below);
    }
    found
}

#[test]
fn every_command_has_examples_and_the_common_options() {
    let commands = all_commands();
    for known in [
        vec!["mesh", "info"],
        vec!["dataset", "split"],
        vec!["score"],
    ] {
        assert!(commands.contains(&known.iter().map(|s| (*s).to_owned()).collect()));
    }
    for command in commands {
        let help = run(command.iter().map(String::as_str).chain(["--help"])).out;
        let examples = help.split("Examples:\n").nth(1);
        let examples = examples.unwrap_or_else(|| panic!("{command:?} has no examples"));
        let full = format!("karman {}", command.join(" "));
        assert!(examples.contains(full.trim_end()), "{command:?}: {help}");
        for option in ["--json", "--quiet", "--threads"] {
            assert!(help.contains(option), "{command:?}: {option}");
        }
    }
}

/// The examples of the help are commands that the parser takes.
#[test]
fn examples_parse() {
    let mut tried = 0;
    for command in all_commands() {
        let help = run(command.iter().map(String::as_str).chain(["--help"])).out;
        let examples = help.split("Examples:\n").nth(1).unwrap_or("");
        for line in examples
            .lines()
            .filter(|line| line.starts_with("  karman "))
        {
            let words = line.split_whitespace().skip(1).collect::<Vec<_>>();
            // With --help last, arguments before it are parsed but the command does not run.
            let parsed = run(words.iter().copied().chain(["--help"]));
            assert_eq!(parsed.code, 0, "{line}: {}", parsed.err);
            tried += 1;
        }
    }
    assert!(tried > 10, "{tried}");
}

/// The examples of the commands that only need files do what they say, in a folder that has those
/// files. (Examples with absolute paths speak of somebody's own data.)
#[cfg(unix)]
#[test]
fn examples_work() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    symlink(root().join("datasets"), at("datasets")).unwrap();
    let names = [cases("full_train"), cases("full_test")].concat();
    for name in ["my-cases", "predictions"] {
        std::fs::create_dir(at(name)).unwrap();
    }
    for name in &names {
        symlink(sample().join(name), at("my-cases").join(name)).unwrap();
        symlink(
            internal(name),
            at("predictions").join(format!("{name}.vtu")),
        )
        .unwrap();
    }
    for name in ["case_internal.vtu", "case.vtu"] {
        symlink(internal(&names[0]), at(name)).unwrap();
    }
    for name in ["case_aerofoil.vtp", "outline.vtp"] {
        symlink(root().join("meshes/tests/data/units.vtp"), at(name)).unwrap();
    }
    std::fs::write(at("channel.msh"), GMSH).unwrap();
    std::fs::write(at("e387.dat"), "E387\n1 0\n0.5 0.1\n0 0\n0.5 -0.05\n1 0\n").unwrap();

    let of_files = |command: &Vec<String>| {
        let first = command.first().map(String::as_str);
        matches!(first, Some("mesh" | "dataset" | "score"))
    };
    let helps = all_commands()
        .into_iter()
        .filter(of_files)
        .map(|command| run(command.iter().map(String::as_str).chain(["--help"])).out);
    let mut examples: Vec<String> = helps
        .flat_map(|help| help.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| line.starts_with("  karman ") && !line.contains(" /"))
        .collect();
    // What writes a manifest comes before what reads it.
    examples.sort_by_key(|line| (!line.contains(" split "), line.clone()));
    examples.dedup();
    assert!(examples.len() > 8, "{examples:?}");
    for line in examples {
        let mut command = karman();
        command.current_dir(folder.path());
        command.env("KARMAN_CACHE_DIR", at("cache"));
        command.args(line.split_whitespace().skip(1));
        let outcome = outcome(&mut command);
        assert_eq!(outcome.code, 0, "{line}: {}", outcome.err);
        assert!(!outcome.out.is_empty(), "{line}");
    }
}

#[test]
fn version_and_help_succeed() {
    let version = run(["--version"]);
    assert_eq!(version.code, 0);
    assert_eq!(
        version.out.trim(),
        format!("karman {}", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn wrong_usage_is_code_two() {
    for arguments in [
        &[][..],
        &["no-such-command"],
        &["mesh"],
        &["mesh", "info"],
        &["mesh", "info", "a.vtu", "--no-such-flag"],
        &["mesh", "info", "a.vtu", "--threads", "0"],
        &["mesh", "info", "a.vtu", "--threads", "many"],
        &["mesh", "convert", "a.vtu", "b.vtu", "--encoding", "morse"],
        &["dataset", "split", "x", "--validation", "half"],
        &["dataset", "split", "x", "--seed", "-1"],
        &["score", "predictions"],
        &["score", "predictions", "--data"],
    ] {
        let outcome = run(arguments);
        assert_eq!(outcome.code, 2, "{arguments:?}: {}", outcome.err);
        assert!(outcome.err.contains("--help") || outcome.err.contains("Usage"));
        assert_eq!(outcome.out, "");
    }
}

#[test]
fn a_slip_in_a_name_gets_a_hint() {
    let outcome = run(["mesh", "inof", "a.vtu"]);
    assert_eq!(outcome.code, 2);
    assert!(outcome.err.contains("info"), "{}", outcome.err);
}

#[test]
fn json_goes_to_a_file_beside_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("info.json");
    std::fs::write(&path, "old").unwrap();
    let sample = sample();
    let outcome = outcome(
        karman()
            .args(["dataset", "info"])
            .arg(&sample)
            .arg("--json")
            .arg(&path),
    );
    assert_eq!(outcome.code, 0, "{}", outcome.err);
    assert!(outcome.out.contains("full_train"), "{}", outcome.out);
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    assert_eq!(json["n_cases"], 31);
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 1, "no temporary file is left");
}

#[test]
fn json_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("absent/info.json");
    let sample = sample();
    let arguments = [
        "dataset",
        "info",
        sample.to_str().unwrap(),
        "--json",
        path.to_str().unwrap(),
    ];
    fails_with(arguments, &["cannot write", "info.json"]);
}

/// `karman .. | head -0`: the reader is gone before anything is written.
#[test]
fn a_closed_output_is_no_error() {
    let mut child = Process::new(assert_cmd::cargo::cargo_bin!("karman"))
        .args(["mesh", "info"])
        .arg(internal(&cases("full_test")[0]))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
}

/// A full disk behind the standard output is an error, not a success and not a panic.
#[cfg(target_os = "linux")]
#[test]
fn a_full_output_is_an_error() {
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = Process::new(assert_cmd::cargo::cargo_bin!("karman"))
        .args(["mesh", "info", "meshes/tests/data/mixed_ascii_none.vtu"])
        .current_dir(root())
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.contains("cannot write the standard output"),
        "{message}"
    );
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let sample = sample();
    let sample = sample.to_str().unwrap();
    let split = |threads: &str| {
        let found = outcome(karman().args([
            "dataset",
            "info",
            sample,
            "--all",
            "--json",
            "-",
            "--quiet",
            "--threads",
            threads,
        ]));
        assert_eq!(found.code, 0, "{}", found.err);
        found.out
    };
    assert_eq!(split("1"), split("3"));
}

#[test]
fn an_unusable_log_filter_is_told() {
    let sample = sample();
    let mut command = karman();
    command.args(["dataset", "info"]).arg(&sample);
    let found = outcome(command.env("RUST_LOG", "=,="));
    assert_eq!(found.code, 0);
    assert!(found.err.contains("RUST_LOG"), "{}", found.err);
    let quiet = outcome(command.arg("--quiet"));
    assert_eq!((quiet.code, quiet.err.as_str()), (0, ""));
}
