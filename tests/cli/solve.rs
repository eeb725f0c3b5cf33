//! `karman solve poisson`, and the usage of both.

use std::path::PathBuf;

use karman::datasets::{ArrayFile, write_array};

use crate::support::{fails_with, json, run};

/// A folder with the files of one test.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn array(&self, name: &str, shape: &[usize], values: &[f64]) -> String {
        write_array(self.path(name), "rhs", shape, values).unwrap();
        self.at(name)
    }

    /// Flags as NumPy writes them: one byte a cell.
    fn flags(&self, name: &str, shape: &[usize], values: &[u8]) -> String {
        let lengths: String = shape.iter().map(|n| format!("{n}, ")).collect();
        let mut header =
            format!("{{'descr': '|u1', 'fortran_order': False, 'shape': ({lengths}), }}");
        header.extend(std::iter::repeat_n(' ', 117 - header.len()));
        header.push('\n');
        let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
        bytes.extend(header.bytes());
        bytes.extend(values);
        std::fs::write(self.path(name), bytes).unwrap();
        self.at(name)
    }

    fn read(&self, name: &str) -> Vec<f64> {
        ArrayFile::open(self.path(name))
            .unwrap()
            .read("x")
            .unwrap()
            .values
    }
}

/// -p'' = 1 along y with p = 0 one cell before the first and p' = 0 behind the last: second
/// differences of this parabola are exact.
fn parabola(n: usize, h: f64, i: usize) -> f64 {
    h * h * ((i + 1) * (2 * n - i)) as f64 / 2.0
}

#[test]
fn a_poisson_problem_with_an_exact_answer() {
    let files = Files::new();
    let (ny, nx, h) = (12, 5, 0.25);
    let flags = files.flags("flags.npy", &[ny, nx], &[1; 60]);
    let rhs = files.array("rhs.npy", &[ny, nx], &[1.0; 60]);
    for output in ["x.npy", "x.npz", "x.h5"] {
        let x = files.at(output);
        let arguments = ["solve", "poisson", "--flags", &flags, "--rhs", &rhs];
        let options = [
            "--open",
            "y-",
            "--spacing",
            "3,0.25",
            "--tol",
            "1e-12",
            "-o",
            &x,
        ];
        let found = json(arguments.into_iter().chain(options));
        for (i, p) in files.read(output).iter().enumerate() {
            assert!((p - parabola(ny, h, i / nx)).abs() < 1e-9, "cell {i}");
        }
        assert_eq!(found["converged"], true);
        assert_eq!(found["grid"]["dims"], serde_json::json!([nx, ny, 1]));
        assert_eq!(found["grid"]["open"], serde_json::json!(["y-"]));
        assert_eq!(found["grid"]["fluid"], 60);
        assert!(found["relative_residual"].as_f64().unwrap() <= 1e-12);
        assert_eq!(found["report"]["status"], "converged");
    }
}

/// The operator by its definition in the book, entry by entry: what is written solves it.
#[test]
fn three_dimensions_by_the_definition() {
    let files = Files::new();
    let [nx, ny, nz] = [7usize, 6, 5];
    let n = nx * ny * nz;
    let mix = |i: usize| (i * 7919 + 13) % 97;
    let flags: Vec<u8> = (0..n)
        .map(|i| {
            if mix(i) < 20 {
                0
            } else if mix(i) < 25 {
                2
            } else {
                1
            }
        })
        .collect();
    let b: Vec<f64> = (0..n).map(|i| (i as f64 * 0.7).sin()).collect();
    let flags_file = files.flags("flags.npy", &[nz, ny, nx], &flags);
    let rhs_file = files.array("rhs.h5", &[nz, ny, nx], &b);
    let x_file = files.at("x.npy");
    let arguments = [
        "solve",
        "poisson",
        "--flags",
        &flags_file,
        "--rhs",
        &rhs_file,
        "--spacing",
        "1,0.5,2",
        "--open",
        "z+,x-",
        "--tol",
        "1e-9",
        "-o",
        &x_file,
    ];
    json(arguments);
    let x = files.read("x.npy");
    let strides = [1, nx, nx * ny];
    let dims = [nx, ny, nz];
    let weights = [1.0, 4.0, 0.25];
    let (mut residual, mut norm) = (0.0, 0.0);
    for c in 0..n {
        if flags[c] != 1 {
            assert_eq!(x[c], 0.0);
            continue;
        }
        let position = [c % nx, c / nx % ny, c / (nx * ny)];
        let mut sum = 0.0;
        for axis in 0..3 {
            for high in [false, true] {
                let edge = if high { dims[axis] - 1 } else { 0 };
                let neighbour = if high {
                    c + strides[axis]
                } else {
                    c.wrapping_sub(strides[axis])
                };
                let (flag, value) = match position[axis] == edge {
                    true if (axis, high) == (2, true) || (axis, high) == (0, false) => (2, 0.0),
                    true => (0, 0.0),
                    false => (flags[neighbour], x[neighbour]),
                };
                if flag != 0 {
                    sum += weights[axis] * (x[c] - if flag == 1 { value } else { 0.0 });
                }
            }
        }
        residual += (b[c] - sum).powi(2);
        norm += b[c] * b[c];
    }
    assert!(
        (residual / norm).sqrt() < 2e-9,
        "{}",
        (residual / norm).sqrt()
    );
}

/// The matrix that the book builds in Python is the one that is solved.
#[test]
fn the_python_of_the_book_builds_the_same_matrix() {
    let named = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let python = named("KARMAN_PEERS_PYTHON").or_else(|| named("KARMAN_PYTHON"));
    let python = python.unwrap_or_else(|| "python3".into());
    let execute = |code: &str| {
        std::process::Command::new(&python)
            .args(["-c", code])
            .output()
    };
    if !execute("import scipy.sparse").is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no Python with scipy (set KARMAN_PEERS_PYTHON to one that has it)");
        return;
    }
    let page = crate::support::root().join("docs/src/poisson/discretisation.md");
    let page = std::fs::read_to_string(page).unwrap();
    let function = page
        .split("```python\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let files = Files::new();
    for (shape, open, spacing) in [
        ([5, 6, 7], "z+,x-", "1,0.5,2"),
        ([1, 9, 8], "y+", "0.1,0.2,5"),
    ] {
        let [nz, ny, nx] = shape;
        let folder = files.at("");
        let make = format!(
            "import numpy as np; r = np.random.default_rng(4)
flags = r.choice(3, size=({nz}, {ny}, {nx}), p=[0.25, 0.7, 0.05])
np.savez(r'{folder}p.npz', flags=flags, rhs=r.normal(size=flags.shape))"
        );
        assert!(execute(&make).unwrap().status.success());
        let (problem, x) = (files.at("p.npz"), files.at("x.npy"));
        let arguments = [
            "solve",
            "poisson",
            "--flags",
            &problem,
            "--open",
            open,
            "--spacing",
            spacing,
            "-o",
            &x,
        ];
        json(arguments.into_iter().chain(["--tol", "1e-10", "--project"]));
        let sides = open.replace(',', "', '");
        let check = format!(
            "{}
p = np.load(r'{problem}')
A, fluid = poisson_matrix(p['flags'], ({spacing}), ('{sides}',))
x, b = np.load(r'{x}').ravel(), p['rhs'].ravel()[fluid]
# Parts without air: b less its mean there, as the page says.
count, part = sp.csgraph.connected_components(A)
for k in range(count):
    if abs(A[part == k].sum()) < 1e-9: b[part == k] -= b[part == k].mean()
assert not x[p['flags'].ravel() != 1].any()
assert np.linalg.norm(b - A @ x[fluid]) <= 2e-10 * np.linalg.norm(b)",
            function.unwrap()
        );
        let output = execute(&check).unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn reports_pictures_and_starts() {
    let files = Files::new();
    let flags = files.flags("flags.npy", &[20, 30], &[1; 600]);
    let b: Vec<f64> = (0..600).map(|i| (i as f64).cos()).collect();
    let rhs = files.array("rhs.npy", &[20, 30], &b);
    let x = files.at("x.npy");
    let common = [
        "solve", "poisson", "--flags", &flags, "--rhs", &rhs, "--open", "y+", "--method", "cg",
    ];
    for (plot, start) in [("h.svg", "<svg"), ("h.png", "PNG")] {
        let picture = files.at(plot);
        let found = run(common.into_iter().chain(["-o", &x, "--plot", &picture]));
        assert_eq!(found.code, 0, "{}", found.err);
        for words in [
            "30 x 20 cells",
            "600 fluid",
            "open at y+",
            "converged after",
            "cg: asked for",
            "x.npy",
            plot,
        ] {
            assert!(found.out.contains(words), "{words}: {}", found.out);
        }
        let bytes = std::fs::read(files.path(plot)).unwrap();
        assert!(String::from_utf8_lossy(&bytes[..60]).contains(start));
    }
    let cold = json(common);
    let warm = json(common.into_iter().chain(["--start", &x]));
    assert!(cold["report"]["iterations"].as_u64().unwrap() > 10);
    assert_eq!(warm["report"]["iterations"], 0);
    // Without -o the solution is gone, which is said.
    let found = run(common);
    assert!(found.err.contains("note: x is not kept"), "{}", found.err);
}

#[test]
fn not_to_converge_is_exit_code_1_with_a_report() {
    let files = Files::new();
    let flags = files.flags("flags.npy", &[40, 40], &[1; 1600]);
    let b: Vec<f64> = (0..1600).map(|i| (i as f64).cos()).collect();
    let rhs = files.array("rhs.npy", &[40, 40], &b);
    let x = files.at("x.npy");
    let common = [
        "solve", "poisson", "--flags", &flags, "--rhs", &rhs, "-o", &x,
    ];
    let short = ["--open", "x-", "--method", "cg", "--max-iterations", "3"];
    let found = run(common.into_iter().chain(short));
    assert_eq!(found.code, 1);
    assert!(
        found.out.contains("not converged") && found.err.contains("--max-iterations"),
        "{}",
        found.err
    );
    assert_eq!(files.read("x.npy").len(), 1600, "the last iterate is kept");
    // Closed on all sides and not balanced.
    let found = run(common);
    assert_eq!(found.code, 1);
    assert!(found.err.contains("--project"), "{}", found.err);
    let found = run(common.into_iter().chain(["--project"]));
    assert_eq!(found.code, 0, "{}", found.err);
    let mean: f64 = files.read("x.npy").iter().sum();
    assert!(mean.abs() < 1e-6);
}

#[test]
fn wrong_input_is_named() {
    let files = Files::new();
    let flags = files.flags("flags.npy", &[4, 5], &[1; 20]);
    let rhs = files.array("rhs.npy", &[4, 5], &[0.0; 20]);
    let turned = files.array("turned.npz", &[5, 4], &[0.0; 20]);
    let three = files.flags("three.npy", &[4, 5], &[3; 20]);
    let line = files.flags("line.npy", &[20], &[1; 20]);
    let solid = files.flags("solid.npy", &[4, 5], &[0; 20]);
    let nan = files.array("nan.npy", &[4, 5], &[f64::NAN; 20]);
    let absent = files.at("absent.npy");
    let text = files.at("flags.txt");
    std::fs::write(&text, "1 1\n").unwrap();
    let poisson = |flags: &str, rhs: &str, more: &[&str], words: &[&str]| {
        let start = ["solve", "poisson", "--flags", flags, "--rhs", rhs];
        fails_with(start.into_iter().chain(more.iter().copied()), words);
    };
    poisson(&absent, &rhs, &[], &["absent.npy"]);
    poisson(&text, &rhs, &[], &["flags.txt", ".npy"]);
    poisson(&flags, &turned, &[], &["turned.npz", "[5, 4]", "[4, 5]"]);
    poisson(
        &turned,
        &rhs,
        &[],
        &["turned.npz", "array \"flags\" is not there", "\"rhs\""],
    );
    poisson(&rhs, &rhs, &[], &["rhs.npy", "floating-point", "uint8"]);
    poisson(&three, &rhs, &[], &["three.npy", "3 at index 0"]);
    poisson(&line, &rhs, &[], &["line.npy", "[20]", "2 axes"]);
    poisson(&flags, &nan, &[], &["NaN at index 0"]);
    poisson(&flags, &rhs, &["--spacing", "0"], &["spacing"]);
    poisson(
        &flags,
        &rhs,
        &["--spacing", "1,2,3,4"],
        &["--spacing has 4 numbers"],
    );
    poisson(&flags, &rhs, &["--open", "z+"], &["z+"]);
    poisson(
        &flags,
        &rhs,
        &["--start", &turned],
        &["turned.npz", "array \"x\""],
    );
    poisson(&flags, &rhs, &["-o", "x.txt"], &["x.txt", "extension"]);
    poisson(
        &flags,
        &rhs,
        &["-o", "/absent/x.npy"],
        &["/absent", "no folder"],
    );
    poisson(
        &flags,
        &rhs,
        &["--plot", "history.gif"],
        &["history.gif", ".svg"],
    );
    fails_with(
        ["solve", "poisson", "--flags", &flags],
        &["flags.npy", "--rhs"],
    );
    // Nothing to solve for is no error.
    let found = run(["solve", "poisson", "--flags", &solid, "--rhs", &rhs, "-q"]);
    assert_eq!((found.code, found.err.as_str()), (0, ""), "{}", found.out);
}

#[test]
fn wrong_usage_is_exit_code_2() {
    let usage = [
        vec!["solve"],
        vec!["solve", "poisson"],
        vec!["solve", "poisson", "--flags", "f.npy", "--tol", "0"],
        vec!["solve", "poisson", "--flags", "f.npy", "--tol", "nan"],
        vec!["solve", "poisson", "--flags", "f.npy", "--method", "gauss"],
        vec!["solve", "poisson", "--flags", "f.npy", "--open", "up"],
        vec![
            "solve",
            "poisson",
            "--flags",
            "f.npy",
            "--max-iterations",
            "-1",
        ],
        vec!["solve", "matrix"],
        vec!["solve", "matrix", "A.mtx", "--method", "gauss"],
    ];
    for arguments in usage {
        let found = run(&arguments);
        assert_eq!(found.code, 2, "{arguments:?}: {}", found.err);
    }
    for command in ["poisson", "matrix"] {
        let found = run(["solve", command, "--help"]);
        assert!(
            found.code == 0 && found.out.contains("Examples:"),
            "{}",
            found.out
        );
    }
}
