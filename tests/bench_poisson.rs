//! `karman bench poisson`, end to end and small: rows, report, going on after an interrupt, bad arguments.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn bench(folder: &Path, more: &[&str]) -> Output {
    let small = [
        "bench",
        "poisson",
        "--dimension",
        "2",
        "--sizes",
        "32",
        "--peers",
        "none",
    ];
    Command::new(env!("CARGO_BIN_EXE_karman"))
        .args(small)
        .args(["--cases", "sphere,maze", "--tolerances", "1e-6", "-o"])
        .arg(folder)
        .args(more)
        .env("NO_COLOR", "1")
        .output()
        .expect("karman starts")
}

fn rows(folder: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join("rows.jsonl")).expect("rows");
    let rows = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON object"));
    rows.collect()
}

#[test]
fn rows_report_and_going_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("bench.json");
    let out = bench(
        folder.path(),
        &[
            "--methods",
            "multigrid,cholesky",
            "--json",
            &json.to_string_lossy(),
        ],
    );
    assert!(
        out.status.success(),
        "{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let printed = String::from_utf8_lossy(&out.stdout);
    assert!(
        printed.contains("multigrid") && printed.contains("maze"),
        "{printed}"
    );
    let page = std::fs::read_to_string(folder.path().join("report.html")).expect("a page");
    assert!(page.contains("multigrid") && page.contains("<svg"));
    let result: Value = serde_json::from_slice(&std::fs::read(&json).expect("JSON")).expect("JSON");
    assert!(result.is_object());
    let first = rows(folder.path());
    let solves = first.iter().filter(|row| row["kind"] == "solve").count();
    assert_eq!(solves, 4, "two methods on two cases");
    // what the machine's memory gives, and what each method moves
    assert!(first.iter().any(|row| row["kind"] == "triad"));
    for row in first.iter().filter(|row| row["kind"] == "solve") {
        let cells = row["unknowns"].as_u64().expect("a number");
        let moved = row["iteration_bytes"].as_u64().expect("a number");
        // eight vectors of single precision at the least
        assert!(moved > 8 * 4 * cells, "{row}");
    }
    assert!(page.contains("Share of the triad") && page.contains("GB/s"));
    // the same again: nothing is measured twice; another method: only that one
    assert!(
        bench(folder.path(), &["--methods", "multigrid,cholesky"])
            .status
            .success()
    );
    assert_eq!(rows(folder.path()).len(), first.len());
    assert!(
        bench(folder.path(), &["--methods", "multigrid,cholesky,dct"])
            .status
            .success()
    );
    let solves = rows(folder.path())
        .iter()
        .filter(|row| row["kind"] == "solve")
        .count();
    assert_eq!(solves, 6);
}

#[test]
fn wrong_arguments_are_wrong_usage() {
    let folder = tempfile::tempdir().expect("a folder");
    for wrong in [
        ["--methods", "magic"],
        ["--sizes", "x"],
        ["--dimension", "4"],
    ] {
        let out = bench(folder.path(), &wrong);
        assert_eq!(
            out.status.code(),
            Some(2),
            "{wrong:?}: {}",
            String::from_utf8_lossy(&out.stderr)
        );
    }
}
