//! `include/karman.h` is what cbindgen makes of the sources.

use std::path::Path;

#[test]
fn the_header_is_up_to_date() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("configuration");
    let mut builder = cbindgen::Builder::new().with_config(config);
    for module in [
        "status", "options", "report", "handles", "create", "solve", "inspect",
    ] {
        builder = builder.with_src(root.join(format!("src/{module}.rs")));
    }
    let mut made = Vec::new();
    builder.generate().expect("a header").write(&mut made);
    // Rust's words for the caller's side of the contract, and its marks for code, mean little in C.
    let made = String::from_utf8(made).expect("text");
    let made = made
        .replace(" # Safety\n ", " Memory: ")
        .replace('`', "")
        .replace("\n\n\n", "\n");
    let path = root.join("include/karman.h");
    if std::env::var_os("KARMAN_WRITE_HEADER").is_some() {
        std::fs::write(&path, &made).expect("the header is written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "include/karman.h differs from the sources; write it anew by\n    \
         KARMAN_WRITE_HEADER=1 cargo test -p karman-capi --test header"
    );
}
