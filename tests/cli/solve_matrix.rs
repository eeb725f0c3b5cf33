//! `karman solve matrix`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{fails_with, json, run};

/// The second difference on 3 points, lower triangle.
const SPD: &str =
    "%%MatrixMarket matrix coordinate real symmetric\n3 3 5\n1 1 2\n2 1 -1\n2 2 2\n3 2 -1\n3 3 2\n";

#[test]
fn matrices_and_vectors() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let put = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        at(name)
    };
    let a = put("a.mtx", SPD);
    let b = put(
        "b.mtx",
        "%%MatrixMarket matrix array real general\n3 1\n1\n0\n0\n",
    );
    let x = at("x.mtx");
    let found = json(["solve", "matrix", &a, &b, "-o", &x, "--tol", "1e-12"]);
    assert_eq!(
        (&found["rows"], &found["converged"]),
        (&3.into(), &true.into())
    );
    assert_eq!(found["largest_error"], Value::Null);
    let text = std::fs::read_to_string(&x).unwrap();
    let values: Vec<f64> = text
        .lines()
        .skip(2)
        .map(|line| line.parse().unwrap())
        .collect();
    for (value, exact) in values.iter().zip([0.75, 0.5, 0.25]) {
        assert!((value - exact).abs() < 1e-11);
    }
    // What was written is read as a right-hand side again.
    json(["solve", "matrix", &a, &x]);
    let shown = run(["solve", "matrix", &a]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    for words in [
        "b is A times the vector",
        "largest |x_i - cos(i)|",
        "3 rows",
    ] {
        assert!(shown.out.contains(words), "{words}: {}", shown.out);
    }
    let found = json(["solve", "matrix", &a, "--method", "cg"]);
    assert!(found["largest_error"].as_f64().unwrap() < 1e-6);

    fails_with(["solve", "matrix", &a, &a], &["a.mtx"]);
    let long = put(
        "long.mtx",
        "%%MatrixMarket matrix array real general\n4 1\n1\n0\n0\n0\n",
    );
    fails_with(
        ["solve", "matrix", &a, &long],
        &["long.mtx", "4 entries", "3 rows"],
    );
    let skew = put(
        "skew.mtx",
        "%%MatrixMarket matrix coordinate real general\n2 2 3\n1 1 2\n1 2 1\n2 2 2\n",
    );
    fails_with(["solve", "matrix", &skew], &["skew.mtx", "not symmetric"]);
    let swap = put(
        "swap.mtx",
        "%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n2 1 1\n",
    );
    fails_with(
        ["solve", "matrix", &swap, "--method", "cholesky"],
        &["not positive definite"],
    );
    let cut = put("cut.mtx", &SPD[..60]);
    fails_with(["solve", "matrix", &cut], &["cut.mtx"]);
    fails_with(["solve", "matrix", &at("absent.mtx")], &["absent.mtx"]);
}

/// Matrices of other people: each is solved or refused with a reason, and nothing crashes.
#[test]
fn matrices_that_nobody_here_wrote() {
    let folder = crate::support::root().join("../shared/data/third_party");
    if !folder.is_dir() {
        eprintln!("skipped: {} is absent", folder.display());
        return;
    }
    let matrix = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let found = json(["solve", "matrix", &matrix("suitesparse/pts5ldd03.mtx")]);
    assert!(found["relative_residual"].as_f64().unwrap() <= 1e-8);
    assert!(found["largest_error"].as_f64().unwrap() < 1e-5);
    let entries = ["suitesparse", "pyamg"].iter().flat_map(|name| {
        let entries = std::fs::read_dir(folder.join(name)).unwrap();
        entries.map(|entry| entry.unwrap().path())
    });
    let mut count = 0;
    for path in entries.filter(|path: &PathBuf| is_matrix(path)) {
        let found = run([Path::new("solve"), Path::new("matrix"), &path]);
        assert!(
            !found.err.contains("internal error"),
            "{}: {}",
            path.display(),
            found.err
        );
        match found.code {
            0 => assert!(found.out.contains("converged"), "{}", found.out),
            1 => assert!(found.err.starts_with("error: "), "{}", found.err),
            code => panic!("{}: exit code {code}", path.display()),
        }
        count += 1;
    }
    assert!(count >= 8, "{count} matrices");
}

fn is_matrix(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_string_lossy();
    name == "bcsstk01" || name.ends_with(".mtx") || name.ends_with(".mat")
}
