//! The Python with pyvista that checks what the program writes, if there is one.

use std::path::Path;
use std::process::Command;

/// `scripts/check_vtu.py` with the Python that `KARMAN_PEERS_PYTHON` (or `KARMAN_PYTHON`) names, else
/// `python3`.
fn script() -> Command {
    let named = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let python = named("KARMAN_PEERS_PYTHON").or_else(|| named("KARMAN_PYTHON"));
    let mut command = Command::new(python.unwrap_or_else(|| "python3".into()));
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/check_vtu.py"));
    command
}

/// Whether there is such a Python; says so where there is none.
pub fn available() -> bool {
    let output = script().arg("--available").output();
    let there = output.is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("skipped: no Python with pyvista (set KARMAN_PEERS_PYTHON to one that has it)");
    }
    there
}

/// Checks `file`: with `("--same-as", FILE)` against another one, with `("--expect", FILE)` against a
/// description of what it should hold.
pub fn check(file: &Path, option: &str, other: &Path) {
    let output = script().arg(file).arg(option).arg(other).output();
    let output = output.expect("a Python");
    assert!(
        output.status.success(),
        "{}: {}",
        file.display(),
        String::from_utf8_lossy(&output.stderr)
    );
}
