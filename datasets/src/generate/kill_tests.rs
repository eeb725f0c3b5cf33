//! A sweep that is killed at random moments ends with the same files, bit for bit.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::config_tests::{WAVES, parse};
use super::sweep_tests::{assert_same, files};
use super::*;
use crate::Progress;

/// The folder that a child process works in; without it, a test is no child.
const FOLDER: &str = "KARMAN_TEST_SWEEP_FOLDER";
const THREADS: &str = "RAYON_NUM_THREADS";

/// Fields large enough that kills hit while files are written, some samples rejected, and replaced.
fn config() -> GenerateConfig {
    let settings = [
        "generator.cells=3000",
        "generator.milliseconds=2",
        "generator.breaks_above=1.2",
        "limits.replace=true",
        "sampling.count=10",
        "splits.train_until=0.5",
    ];
    parse(WAVES, &settings).unwrap()
}

/// What a child does: nothing, when this runs as one test among others.
#[test]
fn child() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let stop = AtomicBool::new(false);
        generate(&config(), folder.as_ref(), Progress::Hidden, &stop).unwrap();
    }
}

fn spawn(folder: &Path, threads: usize) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["generate::kill_tests::child", "--exact", "--test-threads=1"])
        .env(FOLDER, folder)
        .env(THREADS, threads.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_sweep_ends_with_the_same_files() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    let begun = Instant::now();
    assert!(spawn(&whole, 1).wait().unwrap().success());
    let mut longest = begun.elapsed().mul_f64(0.8);
    let mut rng = ChaCha8Rng::seed_from_u64(std::process::id().into());
    let (mut kills, mut leftovers) = (0, 0);
    // Always killed for a while, so that every state of a sweep is come upon; then left alone.
    for attempt in 0.. {
        let mut child = spawn(&killed, 1 + attempt % 3);
        if attempt < 15 {
            std::thread::sleep(longest.mul_f64(rng.random_range(0.02..1.0)));
            // SIGKILL, unless it has ended.
            child.kill().unwrap();
        }
        let success = child.wait().unwrap().success();
        if killed.exists() {
            let half = |name: &&String| name.ends_with(".tmp");
            leftovers += files(&killed).keys().filter(half).count();
        }
        match success {
            true if kills >= 3 => break,
            // Faster than the one that was timed: again, with less patience.
            true => {
                std::fs::remove_dir_all(&killed).unwrap();
                longest /= 2;
            }
            false => kills += 1,
        }
        assert!(attempt < 60, "the sweep does not end, or is never caught");
    }
    eprintln!("killed {kills} times, {leftovers} files were left half written");
    assert_same(&whole, &killed);
}
