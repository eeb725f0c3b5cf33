//! The life of a run, end to end: train, stop, go on, evaluate, report; and what goes wrong.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

/// Settings that make a run of a few seconds out of the quickstart's configuration.
const SMALL: &[&str] = &[
    "training.epochs=4",
    "training.evaluate_every=2",
    "training.points=128",
    "model.width=32",
    "model.n_freq=8",
    "model.hyper_width=16",
    "baselines=[{kind=\"mlp\",width=16,depth=2}]",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The program, with a cache of its own beside the run folders.
fn karman(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_karman"));
    command
        .env("KARMAN_CACHE_DIR", folder.join("cache"))
        .env("NO_COLOR", "1")
        .current_dir(root());
    command
}

fn train(folder: &Path, run: &str, settings: &[&str]) -> Command {
    let mut command = karman(folder);
    command
        .args([
            "train",
            "examples/mini-airfrans/quickstart.toml",
            "--output",
        ])
        .arg(folder.join(run));
    for setting in settings {
        command.args(["--set", setting]);
    }
    command
}

fn succeeded(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The message of a run that had to fail with exit code 1.
fn failed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("a JSON file");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn train_evaluate_report() {
    let folder = TempDir::new().expect("a temporary folder");
    let run = folder.path().join("run");
    let text = succeeded(&train(folder.path(), "run", SMALL).output().expect("a run"));
    assert!(text.contains("karman evaluate"), "{text}");
    for file in [
        "config.toml",
        "run.json",
        "member-1/schema.json",
        "member-1/model.safetensors",
        "member-1/metrics.jsonl",
        "baseline-mlp/model.safetensors",
        "coefficient-model.json",
        "out-of-distribution.json",
    ] {
        assert!(run.join(file).is_file(), "{file}");
    }

    let scores = folder.path().join("scores.json");
    let output = karman(folder.path())
        .arg("evaluate")
        .arg(&run)
        .arg("--json")
        .arg(&scores)
        .output()
        .expect("an evaluation");
    let text = succeeded(&output);
    for word in ["MARIO", "nearest case", "MLP", "kernel ridge", "surface p"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let scores = json(&scores);
    assert_eq!(scores["part"], "full_test");
    let methods = scores["methods"].as_array().expect("methods");
    assert_eq!(methods.len(), 3);
    for method in methods {
        let error = method["summary"]["volume_mse"]["p"]
            .as_f64()
            .expect("a number");
        assert!(error > 0.0 && error.is_finite(), "{method}");
    }
    let cases = scores["cases"].as_array().expect("cases");
    assert_eq!(cases.len(), 7);
    elsewhere_errors_have_the_same_scale(folder.path(), &scores);

    let output = karman(folder.path()).arg("report").arg(&run).output();
    let text = succeeded(&output.expect("a report"));
    assert!(text.contains("report.html"), "{text}");
    let page = std::fs::read_to_string(run.join("report.html")).expect("a page");
    assert!(page.len() < 5 << 20, "{} bytes", page.len());
    assert!(page.contains("kernel ridge") && page.contains("nearest case"));
    assert!(!page.contains("http://") || page.contains("www.w3.org"));
    assert!(
        std::fs::read_dir(run.join("pictures"))
            .expect("pictures")
            .count()
            > 10
    );
}

/// The same cases in a data set with another training part: the errors stay what they are, because
/// the run's own training part scales them.
fn elsewhere_errors_have_the_same_scale(folder: &Path, scores: &Value) {
    let sample = root().join("datasets/sample/mini-airfrans");
    let mut manifest = json(&sample.join("manifest.json"));
    let other = folder.join("other");
    std::fs::create_dir(&other).expect("a folder");
    let train = manifest["full_train"].as_array_mut().expect("a part");
    train.truncate(6);
    let named: Vec<Value> = ["full_train", "full_test"]
        .iter()
        .flat_map(|part| manifest[part].as_array().expect("a part").clone())
        .collect();
    for name in named.iter().map(|name| name.as_str().expect("a name")) {
        let to = other.join(name);
        std::fs::create_dir(&to).expect("a folder");
        for file in std::fs::read_dir(sample.join(name)).expect("a case") {
            let file = file.expect("a file");
            std::fs::copy(file.path(), to.join(file.file_name())).expect("a copy");
        }
    }
    let parts = serde_json::json!({
        "full_train": manifest["full_train"],
        "full_test": manifest["full_test"],
    });
    std::fs::write(other.join("manifest.json"), parts.to_string()).expect("a manifest");
    let output = karman(folder)
        .arg("evaluate")
        .arg(folder.join("run"))
        .arg("--data")
        .arg(&other)
        .args(["--json", "other.json"])
        .current_dir(folder)
        .output();
    let text = succeeded(&output.expect("an evaluation"));
    let said = "statistics of what the run was trained on (24 cases of full_train)";
    assert!(text.contains(said), "{text}");
    let elsewhere = json(&folder.join("other.json"));
    assert_eq!(elsewhere["statistics"], scores["statistics"]);
    assert_eq!(
        elsewhere["methods"][0]["summary"]["volume_mse"],
        scores["methods"][0]["summary"]["volume_mse"]
    );
}

#[test]
fn a_killed_run_resumes_with_the_same_metrics() {
    let folder = TempDir::new().expect("a temporary folder");
    let settings = [SMALL, &["training.epochs=40", "baselines=[]"]].concat();
    succeeded(
        &train(folder.path(), "whole", &settings)
            .output()
            .expect("a run"),
    );

    let mut child = train(folder.path(), "killed", &settings)
        .stderr(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("a run");
    let state = folder.path().join("killed/member-1/state.safetensors");
    for _ in 0..600 {
        if state.exists() || child.try_wait().expect("a child").is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    child.kill().expect("SIGKILL");
    child.wait().expect("a child");
    let resumed = train(folder.path(), "killed", &settings)
        .arg("--resume")
        .output();
    succeeded(&resumed.expect("a run"));

    let metrics = |run: &str| -> Vec<(Value, Value, Value)> {
        let path = folder.path().join(run).join("member-1/metrics.jsonl");
        let text = std::fs::read_to_string(path).expect("metrics");
        text.lines()
            .map(|line| {
                let row: Value = serde_json::from_str(line).expect("a JSON line");
                (
                    row["epoch"].clone(),
                    row["loss"].clone(),
                    row["validation"].clone(),
                )
            })
            .collect()
    };
    assert_eq!(metrics("whole").len(), 40);
    assert_eq!(metrics("whole"), metrics("killed"));
}

#[test]
fn a_folder_with_a_run_is_not_overwritten() {
    let folder = TempDir::new().expect("a temporary folder");
    let settings = [SMALL, &["training.epochs=1", "baselines=[]"]].concat();
    succeeded(
        &train(folder.path(), "run", &settings)
            .output()
            .expect("a run"),
    );
    let again = train(folder.path(), "run", &settings).output();
    let message = failed(&again.expect("a run"));
    assert!(message.contains("--resume"), "{message}");
}

#[test]
fn wrong_configurations_are_told() {
    let folder = TempDir::new().expect("a temporary folder");
    for (setting, expected) in [
        ("training.epohcs=3", "epochs"),
        ("model.kind=transformer", "mario"),
        ("features.inputs=[\"z\"]", "volume_normal_x"),
        ("data.path=\"/nowhere\"", "/nowhere"),
        ("data.task=half", "full"),
        ("training.learning_rate=-1", "positive"),
        ("training.validation=1.5", "below 1"),
    ] {
        let run = train(folder.path(), "wrong", &[setting]).output();
        let message = failed(&run.expect("a run"));
        assert!(message.contains(expected), "{setting}: {message}");
    }
    let run = karman(folder.path())
        .args(["train", "no-such.toml"])
        .output();
    let message = failed(&run.expect("a run"));
    assert!(message.contains("no-such.toml"), "{message}");
    let run = karman(folder.path())
        .args(["evaluate", "no-such-run"])
        .output();
    let message = failed(&run.expect("a run"));
    assert!(message.contains("karman train"), "{message}");
    let run = train(folder.path(), "wrong", &[])
        .args(["--device", "cuda:0"])
        .output();
    let message = failed(&run.expect("a run"));
    assert!(message.contains("cpu"), "{message}");
}

/// A limit on the size of files stands in for a full disk: both make a write fail half way.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_last_checkpoint() {
    let folder = TempDir::new().expect("a temporary folder");
    let settings = [SMALL, &["training.epochs=2", "baselines=[]"]].concat();
    succeeded(
        &train(folder.path(), "run", &settings)
            .output()
            .expect("a run"),
    );
    let weights = folder.path().join("run/member-1/model.safetensors");
    let before = std::fs::read(&weights).expect("weights");

    let settings = [settings.as_slice(), &["training.epochs=3"]].concat();
    let mut command = Command::new("sh");
    let program = train(folder.path(), "full", &settings);
    // 40 blocks of 512 bytes: room for the configuration, not for the weights.
    command
        .args(["-c", "trap '' XFSZ; ulimit -f 40; exec \"$@\"", "sh"])
        .arg(program.get_program())
        .args(program.get_args())
        .env("KARMAN_CACHE_DIR", folder.path().join("cache"))
        .current_dir(root());
    let message = failed(&command.output().expect("a run"));
    assert!(message.contains("space"), "{message}");
    let full = folder.path().join("full/member-1");
    assert!(
        !full.join("model.safetensors").exists(),
        "no half-written weights"
    );
    let left: Vec<_> = std::fs::read_dir(&full)
        .expect("a folder")
        .flatten()
        .collect();
    assert!(
        left.iter()
            .all(|entry| !entry.file_name().to_string_lossy().contains("tmp")),
        "{left:?}"
    );
    assert!(std::fs::read(&weights).expect("weights") == before);
}

#[test]
fn quickstart_leaves_a_report_and_a_prediction() {
    let folder = TempDir::new().expect("a temporary folder");
    let run = folder.path().join("first");
    let output = karman(folder.path())
        .args(["quickstart", "--minutes", "0.05", "--output"])
        .arg(&run)
        .output()
        .expect("a quickstart");
    let text = succeeded(&output);
    for word in ["report", "prediction", "next:", "karman predict"] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(run.join("report.html").is_file());
    let predicted = std::fs::read_dir(&run)
        .expect("a run folder")
        .flatten()
        .filter(|entry| entry.path().extension().is_some_and(|e| e == "vtu"))
        .count();
    assert_eq!(predicted, 1);
}
