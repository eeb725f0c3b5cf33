//! Ties a program to this one: when this one dies, however it dies, so does the other.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Of util-linux: the kernel then kills the program when the one that started it has died.
const TIE: [&str; 4] = ["setpriv", "--pdeathsig", "KILL", "--"];

/// The command, tied to this program where that can be done.
pub(super) fn tied(command: Command) -> Command {
    let program = Path::new(command.get_program());
    // One that is not there has to be missed when it is started, not by `setpriv`.
    let is_there = program.exists() || program.components().count() == 1;
    if !is_there || !can_tie() {
        return command;
    }
    let mut tied = Command::new(TIE[0]);
    tied.args(&TIE[1..]).arg(program).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => tied.env(name, value),
            None => tied.env_remove(name),
        };
    }
    tied
}

/// Whether there is a `setpriv` that can.
fn can_tie() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let mut trial = Command::new(TIE[0]);
        trial.args(&TIE[1..]).arg("true");
        trial
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        trial.status().is_ok_and(|status| status.success())
    })
}
