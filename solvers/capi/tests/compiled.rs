//! C, C++ and Fortran programs against the installed library, static and shared.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// Where cargo has put the libraries: beside this program.
fn built() -> PathBuf {
    let program = std::env::current_exe().expect("a path");
    program.parent().expect("a folder").to_path_buf()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The library, installed as `make install` does it.
fn installed() -> &'static Path {
    static INSTALLED: OnceLock<PathBuf> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        let prefix = Path::new(env!("CARGO_TARGET_TMPDIR")).join("karman-installed");
        let mut install = Command::new("sh");
        install.arg(root().join("install.sh")).arg(built());
        succeeded(
            install
                .arg(&prefix)
                .env_remove("DESTDIR")
                .env_remove("LIBDIR"),
        );
        prefix
    })
}

fn succeeded(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().expect("the program starts");
    let (out, err) = (
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr),
    );
    assert!(status.success(), "{command:?}\n{out}\n{err}");
    out.into_owned()
}

/// A compiler of this machine, or none, which is said.
fn compiler(variable: &str, usual: &str) -> Option<String> {
    let name = std::env::var(variable).unwrap_or_else(|_| usual.to_owned());
    for program in [name.as_str(), "pkg-config"] {
        if Command::new(program).arg("--version").output().is_err() {
            eprintln!("skipped: {program} is not installed");
            return None;
        }
    }
    Some(name)
}

fn pkg_config(arguments: &[&str]) -> Vec<String> {
    let mut command = Command::new("pkg-config");
    command.env("PKG_CONFIG_PATH", installed().join("lib/pkgconfig"));
    let flags = succeeded(command.args(arguments).arg("karman"));
    flags.split_whitespace().map(str::to_owned).collect()
}

/// Compiles and runs a program, against the shared library and against the static one; what each prints.
fn run(compiler: &str, options: &[&str], sources: &[PathBuf], name: &str) -> [String; 2] {
    [
        ("shared", &["--libs"][..]),
        ("static", &["--variable=static"]),
    ]
    .map(|(kind, libraries)| {
        // Module files of the Fortran compiler go here, too.
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{kind}"));
        std::fs::create_dir_all(&folder).expect("a folder");
        let program = folder.join(name);
        let mut command = Command::new(compiler);
        command.current_dir(&folder).args(options).args(sources);
        command
            .arg("-o")
            .arg(&program)
            .args(pkg_config(&["--cflags"]));
        succeeded(command.args(pkg_config(libraries)).arg("-lm"));
        let mut command = Command::new(&program);
        match kind {
            "shared" => command.env("LD_LIBRARY_PATH", installed().join("lib")),
            _ => command.env_remove("LD_LIBRARY_PATH"),
        };
        succeeded(&mut command)
    })
}

const STRICT_C: [&str; 6] = [
    "-std=c99",
    "-O1",
    "-Wall",
    "-Wextra",
    "-Wpedantic",
    "-Werror",
];

/// What the examples print: a line a step, with a residual that they have computed themselves.
fn check_example(text: &str) {
    let steps: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("step "))
        .collect();
    assert_eq!(steps.len(), 5, "{text}");
    for line in &steps {
        let residual = line
            .split("residual ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        let residual: f64 = residual.and_then(|value| value.parse().ok()).expect(line);
        assert!(residual > 0.0 && residual <= 1e-8, "{line}");
    }
    assert!(steps[1].contains("224 cells changed"), "{text}");
    assert!(
        text.contains("converged after") && text.contains("multigrid:"),
        "{text}"
    );
    let version = env!("CARGO_PKG_VERSION");
    assert!(text.contains(&format!("(karman {version})")), "{text}");
}

#[test]
fn the_c_example_runs() {
    let Some(cc) = compiler("CC", "cc") else {
        return;
    };
    let sources = [root().join("examples/poisson.c")];
    for text in run(&cc, &STRICT_C, &sources, "poisson-c") {
        check_example(&text);
    }
}

#[test]
fn misuse_gets_a_status_each_time() {
    let Some(cc) = compiler("CC", "cc") else {
        return;
    };
    for text in run(&cc, &STRICT_C, &[root().join("tests/misuse.c")], "misuse") {
        assert_eq!(text, "0 failures\n");
    }
}

#[test]
fn the_header_is_cpp_too() {
    let Some(cxx) = compiler("CXX", "c++") else {
        return;
    };
    let options = ["-std=c++11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];
    for text in run(
        &cxx,
        &options,
        &[root().join("tests/header.cpp")],
        "header-cpp",
    ) {
        assert!(text.ends_with(" iterations\n"), "{text}");
    }
}

#[test]
fn the_fortran_example_runs() {
    let Some(fc) = compiler("FC", "gfortran") else {
        return;
    };
    let module = pkg_config(&["--variable=fortran_module"]).concat();
    let sources = [PathBuf::from(module), root().join("examples/poisson.f90")];
    // Without -Werror: what a Fortran compiler warns of changes from one version to the next.
    let options = ["-std=f2008", "-O1", "-Wall", "-Wextra"];
    for text in run(&fc, &options, &sources, "poisson-fortran") {
        check_example(&text);
        assert!(
            text.contains("As it should: karman_poisson_set_tolerance"),
            "{text}"
        );
    }
}

/// A program of the book: the first block of that language on the page, in a file of its own.
fn from_the_book(language: &str, extension: &str) -> PathBuf {
    let page = root().join("../../docs/src/poisson/from-c-and-fortran.md");
    let text = std::fs::read_to_string(page).expect("the page");
    let block = text
        .split_once(&format!("```{language}\n"))
        .expect("a program")
        .1;
    let block = block.split_once("```").expect("its end").0;
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("book.{extension}"));
    std::fs::write(&path, block).expect("a file");
    path
}

/// What the programs of the book print: a residual within the tolerance, and nothing that went wrong.
fn check_book(text: &str) {
    let residual = text.trim().split(' ').next().unwrap_or_default();
    let residual: f64 = residual.parse().expect(text);
    assert!(residual > 0.0 && residual <= 1e-6, "{text}");
    assert!(
        text.lines().count() == 1 && text.contains("of ||b|| after "),
        "{text}"
    );
}

#[test]
fn the_programs_of_the_book_run() {
    if let Some(cc) = compiler("CC", "cc") {
        for text in run(&cc, &STRICT_C, &[from_the_book("c", "c")], "book-c") {
            check_book(&text);
        }
    }
    if let Some(fc) = compiler("FC", "gfortran") {
        let module = pkg_config(&["--variable=fortran_module"]).concat();
        let sources = [PathBuf::from(module), from_the_book("fortran", "f90")];
        for text in run(&fc, &["-std=f2008"], &sources, "book-fortran") {
            check_book(&text);
        }
    }
}

/// The Fortran module repeats the numbers and structs of the header by hand: they must be the same.
#[test]
fn the_fortran_module_has_the_numbers_of_the_header() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).expect(path);
    let (header, module) = (read("include/karman.h"), read("fortran/karman_poisson.f90"));
    let mut compared = 0;
    for line in header.lines().map(str::trim) {
        let Some((name, value)) = line.strip_suffix(',').and_then(|l| l.split_once(" = ")) else {
            continue;
        };
        let short = name.trim_start_matches("KARMAN_").to_lowercase();
        let (kind, rest) = short.split_once('_').expect("a kind and a name");
        let fortran = match (kind, rest) {
            ("method", "incomplete_cholesky") => "karman_ic0".to_owned(),
            ("method", "modified_incomplete_cholesky") => "karman_mic0".to_owned(),
            _ => format!("karman_{rest}"),
        };
        let found = ["", "_c_int8_t"].iter().any(|ending| {
            [",", "\n"]
                .iter()
                .any(|end| module.contains(&format!("{fortran} = {value}{ending}{end}")))
        });
        assert!(found, "{fortran} = {value} is not in the module");
        compared += 1;
    }
    assert_eq!(compared, 12 + 9 + 3 + 6 + 3);
}

/// The same for the structs: names and their order.
#[test]
fn the_fortran_module_has_the_structs_of_the_header() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).expect(path);
    let (header, module) = (read("include/karman.h"), read("fortran/karman_poisson.f90"));
    for name in ["karman_options", "karman_report"] {
        let within = |text: &str, start: &str, end: &str| {
            let from = text.split_once(start).expect(start).1;
            from.split_once(end).expect(end).0.to_owned()
        };
        let body = within(&header, &format!("typedef struct {name} {{"), "}");
        let in_c: Vec<(&str, &str)> = body
            .lines()
            .filter_map(|line| line.trim().strip_suffix(';')?.split_once(' '))
            .collect();
        let body = within(
            &module,
            &format!("type, bind(c), public :: {name}"),
            "end type",
        );
        let in_fortran = body.lines().filter_map(|line| {
            let (kind, names) = line.trim().split_once(" :: ")?;
            let c = match kind {
                "integer(c_int32_t)" => "int32_t",
                "integer(c_int64_t)" => "int64_t",
                "real(c_double)" => "double",
                other => panic!("{other}"),
            };
            let names = names
                .split(',')
                .map(|n| n.split('=').next().unwrap_or(n).trim());
            Some(names.map(move |n| (c, n)).collect::<Vec<_>>())
        });
        let in_fortran: Vec<(&str, &str)> = in_fortran.flatten().collect();
        assert!(
            in_c.len() > 5 && in_c == in_fortran,
            "{in_c:?}\n{in_fortran:?}"
        );
    }
}
