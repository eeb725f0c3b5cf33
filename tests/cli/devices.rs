//! Devices: what there is, names that are refused, and the comparison with the CPU.

use serde_json::Value;

use crate::support::{fails_with, json, run};

#[test]
fn devices_are_listed_and_tried() {
    let found = json(["devices"]);
    let cpu = &found["devices"][0];
    assert_eq!(cpu["name"], "cpu");
    let dtypes = cpu["dtypes"].as_array().unwrap();
    for name in ["f32", "f64"] {
        let probe = dtypes.iter().find(|probe| probe["dtype"] == name).unwrap();
        assert_eq!(probe["works"], true, "{probe}");
    }
    assert_eq!(cpu["f32_matmul"]["kind"], "full");
    let text = run(["devices"]);
    assert_eq!(text.code, 0, "{}", text.err);
    assert!(text.out.contains("f32 matmul: full f32"), "{}", text.out);
    if !cfg!(feature = "cuda") {
        assert!(text.out.contains("--features cuda"), "{}", text.out);
        assert!(found["no_cuda"].is_string(), "{found}");
    }
}

#[test]
fn device_names_are_checked() {
    let parity = |name| ["bench", "parity", "--only", "adamw [1]", "--device", name];
    fails_with(parity("gpu"), &["device gpu", "cpu, cuda:0 or auto"]);
    fails_with(parity("cuda:one"), &["cuda:one", "cuda:0"]);
    if cfg!(feature = "cuda") {
        // Neither a machine without a GPU nor one with several has this one.
        fails_with(parity("cuda:65535"), &["device cuda:65535: "]);
    } else {
        let words = ["device cuda:0", "no CUDA support", "docs/src/cuda.md"];
        fails_with(parity("cuda:0"), &words);
    }
}

#[test]
fn the_cpu_in_f32_agrees_with_f64() {
    let arguments = ["bench", "parity", "--device", "cpu", "--only"];
    let report = json(arguments.into_iter().chain(["[2, 5, 3]"]));
    assert_eq!(report["failed"], 0, "{report}");
    let rows = report["rows"].as_array().unwrap();
    assert!(rows.len() >= 4, "{report}");
    let mut largest = 0.0f64;
    for row in rows {
        let error = row["error"]["relative"].as_f64().unwrap();
        assert!(error <= row["tolerance"].as_f64().unwrap(), "{row}");
        assert_eq!(row["cpu"], Value::Null, "the device is the CPU");
        largest = largest.max(error);
    }
    assert!(largest > 0.0, "f32 and f64 are not the same: {report}");
    let text = run(arguments.into_iter().chain(["[2, 5, 3]"]));
    assert_eq!(text.code, 0, "{}", text.err);
    assert!(text.out.contains("0 failed"), "{}", text.out);
}

#[test]
fn comparing_nothing_is_an_error() {
    let arguments = [
        "bench",
        "parity",
        "--device",
        "cpu",
        "--only",
        "no such model",
    ];
    fails_with(arguments, &["no case in f32", "no such model"]);
    let arguments = ["bench", "parity", "--precision", "f8"];
    let outcome = run(arguments);
    assert_eq!(outcome.code, 2, "{}", outcome.err);
    assert!(outcome.err.contains("use f32 or bf16"), "{}", outcome.err);
}
