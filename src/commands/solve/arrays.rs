//! Arrays of `karman solve poisson`: where they are, and whether they fit.

use std::path::{Path, PathBuf};

use karman_datasets::{Array, ArrayFile, ArrayNumber};

use crate::commands::error::CommandError;

/// A file and the array in it: `FILE`, or `FILE:NAME` for another name than the usual one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Source {
    path: PathBuf,
    name: Option<String>,
}

impl Source {
    pub(super) fn new(text: &Path) -> Self {
        let whole = Self {
            path: text.to_owned(),
            name: None,
        };
        // A file that is there is meant as a whole, colon or not.
        let split = text.to_str().and_then(|text| text.rsplit_once(':'));
        match split {
            Some((path, name)) if !text.exists() && Path::new(path).is_file() => Self {
                path: path.into(),
                name: Some(name.to_owned()),
            },
            _ => whole,
        }
    }

    /// The file alone, for another array in it. A `.npy` file has no other.
    pub(super) fn sibling(&self) -> Result<Self, CommandError> {
        if self
            .path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("npy"))
        {
            return Err(CommandError::input(format!("{self} holds the flags alone"))
                .help("name the file of the right-hand side with --rhs"));
        }
        Ok(Self {
            path: self.path.clone(),
            name: None,
        })
    }

    /// Reads the array, by default that called `usual`.
    pub(super) fn read<T: ArrayNumber>(&self, usual: &str) -> Result<Array<T>, CommandError> {
        let name = self.name.as_deref().unwrap_or(usual);
        Ok(ArrayFile::open(&self.path)?.read(name)?)
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path.display())?;
        match &self.name {
            Some(name) => write!(f, ":{name}"),
            None => Ok(()),
        }
    }
}

/// Cells along x, y, z of an array with axes z, y, x or y, x.
pub(super) fn dims(shape: &[usize], source: &Source) -> Result<[usize; 3], CommandError> {
    match *shape {
        [ny, nx] => Ok([nx, ny, 1]),
        [nz, ny, nx] => Ok([nx, ny, nz]),
        _ => Err(CommandError::input(format!(
            "{source}: the flags have the shape {shape:?}; 2 axes (y, x) or 3 (z, y, x) are needed"
        ))),
    }
}

/// Refuses an array of another shape than the flags.
pub(super) fn same_shape<T>(
    what: &str,
    array: &Array<T>,
    source: &Source,
    flags: &[usize],
) -> Result<(), CommandError> {
    if array.shape == flags {
        return Ok(());
    }
    Err(CommandError::input(format!(
        "{source}: {what} has the shape {:?}, the flags have {flags:?}",
        array.shape
    ))
    .help("arrays hold a value per cell, with axes z, y, x (in two dimensions y, x)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_after_a_colon() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["a.h5", "b.h5:rhs"] {
            std::fs::write(at(name), b"").unwrap();
        }
        let source = |name: &str| {
            let source = Source::new(&at(name));
            (source.path, source.name)
        };
        assert_eq!(source("a.h5"), (at("a.h5"), None));
        assert_eq!(
            source("a.h5:step/rhs"),
            (at("a.h5"), Some("step/rhs".into()))
        );
        assert_eq!(source("b.h5:rhs"), (at("b.h5:rhs"), None));
        let other = Source::new(&at("a.h5:step/flags")).sibling().unwrap();
        assert_eq!((other.path, other.name), (at("a.h5"), None));
        assert!(Source::new(Path::new("f.npy")).sibling().is_err());
        assert_eq!(source("absent.h5:rhs"), (at("absent.h5:rhs"), None));
    }

    #[test]
    fn axes_are_z_y_x() {
        let source = Source::new(Path::new("f.npy"));
        assert_eq!(dims(&[4, 5], &source).unwrap(), [5, 4, 1]);
        assert_eq!(dims(&[3, 4, 5], &source).unwrap(), [5, 4, 3]);
        assert!(
            dims(&[5], &source)
                .unwrap_err()
                .to_string()
                .contains("f.npy")
        );
    }
}
