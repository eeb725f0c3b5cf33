//! Names the shared library: programs that are linked against it look for this name, with the
//! number of its binary interface.

fn main() {
    let target = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    match target.as_str() {
        "linux" | "freebsd" | "netbsd" | "openbsd" => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libkarman.so.0");
        }
        "macos" => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libkarman.0.dylib");
        }
        _ => {}
    }
    println!("cargo:rerun-if-changed=build.rs");
}
