//! The suite on the CPU: f32 against f64, and that it notices what is wrong.

use super::*;
use crate::parity::tolerance::Sensitivity;

fn run(device: &Device, only: &str, precision: Precision) -> ParityReport {
    let options = ParityOptions {
        precisions: vec![precision],
        only: Some(only.to_owned()),
    };
    parity(device, &options, &mut |_, _, _| {})
}

fn assert_passed(report: &ParityReport) {
    for row in &report.rows {
        assert!(row.passed, "{row:?}");
    }
    // f32 against f64: errors of exactly zero would mean that both were the same thing.
    let errors = report.rows.iter().filter_map(|row| row.error);
    assert!(
        errors.into_iter().any(|error| error.relative > 0.0),
        "{report:?}"
    );
}

#[test]
fn operators_agree() {
    let device = Device::flex();
    for only in [
        "affine_relu [2, 5, 3]",
        "affine_relu [2, 257, 5]",
        "fourier_features [2, 33",
        "adamw [7]",
        "linear [7, 256]",
    ] {
        assert_passed(&run(&device, only, Precision::F32));
    }
}

#[test]
fn networks_agree_and_all_gradients_are_compared() {
    let device = Device::flex();
    let report = run(&device, "mario small, shift, coefficients", Precision::F32);
    assert_passed(&report);
    let quantities: Vec<&str> = report
        .rows
        .iter()
        .map(|row| row.quantity.as_str())
        .collect();
    let expected = [
        "prediction",
        "fields",
        "coefficients",
        "gradient of points",
        "gradient of code",
        "gradients of parameters",
    ];
    assert_eq!(quantities, [expected, expected].concat());
    for only in ["mlp small", "pointnet small", "linear [2, 31"] {
        assert_passed(&run(&device, only, Precision::F32));
    }
}

/// bf16 on the CPU rounds what is stored: the errors are its own, not those of f32.
#[test]
fn networks_agree_in_bf16() {
    let report = run(&Device::flex(), "mario small, shift", Precision::Bf16);
    assert_passed(&report);
    let fields = report.rows.iter().filter(|row| row.quantity == "fields");
    for row in fields {
        let error = row.error.expect("an error").relative;
        assert!(error > 1e-4, "{row:?}");
    }
}

#[test]
fn names_of_cases_are_their_own() {
    let mut names: Vec<String> = cases().into_iter().map(|case| case.name).collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn training_agrees() {
    for precision in [Precision::F32, Precision::Bf16] {
        let report = run(&Device::flex(), "training, mario small", precision);
        assert_passed(&report);
        assert_eq!(report.rows.len(), 2);
    }
}

/// A case whose result off the reference is what `wrong` makes of the right one.
fn broken(wrong: impl Fn() -> Result<Vec<f64>, String> + 'static) -> ParityRow {
    let case = Case::new("broken", &[Precision::F32], move |setting| {
        let values = match setting.is_reference {
            true => vec![1.0, 2.0],
            false => wrong()?,
        };
        let quantity = Quantity::of_values("output", Sensitivity::Products, values);
        Ok(vec![quantity])
    });
    let matmul = MatmulProbe {
        kind: None,
        error: None,
        problem: None,
    };
    let mut rows = compare(&case, Precision::F32, &Device::flex(), &matmul);
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

#[test]
fn what_is_wrong_does_not_pass() {
    let row = broken(|| Ok(vec![1.0, 2.0 + 1e-5]));
    assert!(row.passed, "{row:?}");
    let row = broken(|| Ok(vec![1.0, 2.001]));
    assert!(!row.passed && row.error.is_some(), "{row:?}");
    for (row, problem) in [
        (broken(|| Ok(vec![1.0, f64::NAN])), "NaN"),
        (broken(|| Ok(vec![1.0])), "1 values, expected 2"),
        (broken(|| Err("no such kernel".into())), "no such kernel"),
        (
            broken(|| panic!("a kernel gave up (a test's panic)")),
            "panicked: a kernel gave up",
        ),
    ] {
        assert!(!row.passed, "{row:?}");
        let told = row.problem.as_deref().unwrap_or_default();
        assert!(told.contains(problem), "{row:?}");
    }
}

/// The kernels for GPUs, on the CPU.
#[cfg(feature = "cube-cpu")]
#[test]
fn gpu_kernels_agree() {
    let device = Device::cpu();
    for only in [
        "affine_relu [2, 5, 3]",
        "affine_relu [2, 257, 5]",
        "fourier_features [2, 33",
        "adamw [7]",
        "linear [7, 256]",
    ] {
        let report = run(&device, only, Precision::F32);
        assert!(report.rows.iter().all(|row| row.passed), "{report:?}");
    }
}
