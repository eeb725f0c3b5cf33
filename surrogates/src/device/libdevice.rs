//! Where the CUDA runtime finds `libdevice.10.bc`, NVIDIA's mathematical functions, which it links into
//! kernels that it compiles. Without it the first sine would crash.

use std::path::{Path, PathBuf};

/// Where the runtime (`cubecl-llvm`, `nvptx/libdevice.rs`) looks where `CUDA_PATH` is not set.
const ROOTS: [&str; 4] = ["/usr/local/cuda", "/opt/cuda", "/usr/lib/cuda", "/usr"];
const FOLDER: &str = "nvvm/libdevice";
const FILE: &str = "libdevice.10.bc";

/// The file.
///
/// # Errors
/// Its absence, with the places where it should be.
#[cfg(feature = "cuda")]
pub(super) fn find() -> Result<PathBuf, String> {
    let cuda_path = std::env::var("CUDA_PATH").ok();
    search(cuda_path.as_deref(), &ROOTS.map(Path::new))
}

/// The search of the runtime: `CUDA_PATH` alone where it is set, else the first of `roots` that
/// has the folder.
fn search(cuda_path: Option<&str>, roots: &[&Path]) -> Result<PathBuf, String> {
    let root = match cuda_path {
        Some(path) => Some(Path::new(path)),
        None => {
            let mut roots = roots.iter().copied();
            roots.find(|root| root.join(FOLDER).is_dir())
        }
    };
    let file = root.map(|root| root.join(FOLDER).join(FILE));
    if let Some(file) = file.filter(|file| file.is_file()) {
        return Ok(file);
    }
    let looked = match cuda_path {
        Some(path) => format!("CUDA_PATH is {path}, and {path}/{FOLDER}/{FILE} is not there"),
        None => {
            let roots: Vec<String> = roots.iter().map(|r| r.display().to_string()).collect();
            format!(
                "{FILE} is in none of {} (under {FOLDER}), and CUDA_PATH is not set",
                roots.join(", ")
            )
        }
    };
    Err(format!(
        "{looked}; install the part of a CUDA toolkit that holds it and set CUDA_PATH to the \
         folder above nvvm (docs/src/cuda.md)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toolkit() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir_all(folder.path().join(FOLDER)).expect("folders");
        std::fs::write(folder.path().join(FOLDER).join(FILE), b"BC").expect("a file");
        folder
    }

    #[test]
    fn cuda_path_is_the_only_place_when_it_is_set() {
        let toolkit = toolkit();
        let here = toolkit.path();
        let file = here.join(FOLDER).join(FILE);
        assert_eq!(
            search(None, &[Path::new("/nowhere"), here]),
            Ok(file.clone())
        );
        assert_eq!(search(here.to_str(), &[]), Ok(file));
        let error = search(Some("/nowhere"), &[here]).expect_err("CUDA_PATH comes first");
        assert!(error.contains("CUDA_PATH is /nowhere"), "{error}");
    }

    #[test]
    fn absence_names_the_places() {
        let error = search(None, &ROOTS.map(|_| Path::new("/nowhere/cuda"))).expect_err("absent");
        assert!(
            error.contains("/nowhere/cuda") && error.contains("CUDA_PATH"),
            "{error}"
        );
    }
}
