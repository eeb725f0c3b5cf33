//! Models that come with the program. `surrogates/pretrained/NAME/CARD.md` says of each what it
//! was trained on, how well it does, and where it ends.

use std::path::Path;

use burn::tensor::Device;

use super::SavedRun;
use crate::SurrogateError;

/// A run folder, inside the program.
pub struct Pretrained {
    /// What it is called.
    pub name: &'static str,
    /// Its card, in Markdown.
    pub card: &'static str,
    files: &'static [(&'static str, &'static [u8])],
}

macro_rules! files {
    ($name:literal: $($file:literal),* $(,)?) => {
        &[$((
            $file,
            include_bytes!(concat!(
                env!("CARGO_MANIFEST_DIR"), "/pretrained/", $name, "/", $file
            )),
        )),*]
    };
}

static MODELS: [Pretrained; 1] = [Pretrained {
    name: "airfoil",
    card: include_str!("../../pretrained/airfoil/CARD.md"),
    files: files!(
        "airfoil":
        "config.toml",
        "run.json",
        "coefficient-model.json",
        "out-of-distribution.json",
        "member-1/model.safetensors",
        "member-1/schema.json",
    ),
}];

impl Pretrained {
    /// All of them.
    pub fn all() -> &'static [Self] {
        &MODELS
    }

    /// The model called `name`.
    ///
    /// # Errors
    /// A name that no model has; the message lists those there are.
    pub fn named(name: &str) -> Result<&'static Self, SurrogateError> {
        MODELS
            .iter()
            .find(|model| model.name == name)
            .ok_or_else(|| {
                let names: Vec<_> = MODELS.iter().map(|model| model.name).collect();
                SurrogateError::config(
                    "pretrained",
                    format!("no model is called {name:?}; there is {}", names.join(", ")),
                )
            })
    }

    /// Opens it like the run folder that it was.
    ///
    /// # Errors
    /// No space for temporary files.
    pub fn open(&self, device: &Device) -> Result<SavedRun, SurrogateError> {
        let mend = "check free space and write permission of the folder for temporary files";
        let folder = tempfile::tempdir()
            .map_err(|source| SurrogateError::io(std::env::temp_dir(), source, mend))?;
        for (name, bytes) in self.files {
            let path = folder.path().join(name);
            let parent = path.parent().unwrap_or(folder.path());
            std::fs::create_dir_all(parent)
                .and_then(|()| std::fs::write(&path, bytes))
                .map_err(|source| SurrogateError::io(&path, source, mend))?;
        }
        let run = SavedRun::open(folder.path(), device)?;
        Ok(run.known_as(Path::new(self.name)))
    }
}
