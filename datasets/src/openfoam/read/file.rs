//! Opens an OpenFOAM file and reads its head.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::scan::Scanner;
use crate::DatasetError;

/// Largest unpacked file, bytes: a state of 20 million cells.
const LARGEST: u64 = 1 << 30;

/// How the numbers of a file are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    Text,
    /// Bytes of an integer and of a floating-point number.
    Binary {
        label: usize,
        scalar: usize,
    },
}

/// A file in memory with what its head says.
pub(super) struct FoamFile {
    pub(super) path: PathBuf,
    pub(super) bytes: Vec<u8>,
    pub(super) class: String,
    pub(super) storage: Storage,
    /// Where the body begins.
    pub(super) body: usize,
}

impl FoamFile {
    /// Reads `path`, or `path.gz` where only that is there.
    pub(super) fn open(path: &Path) -> Result<Self, DatasetError> {
        let packed = PathBuf::from(format!("{}.gz", path.display()));
        let (path, bytes) = if !path.is_file() && packed.is_file() {
            let file = std::fs::File::open(&packed).map_err(DatasetError::io("read", &packed))?;
            let mut bytes = Vec::new();
            let mut stream = MultiGzDecoder::new(file).take(LARGEST + 1);
            let read = stream.read_to_end(&mut bytes);
            read.map_err(DatasetError::io("unpack", &packed))?;
            if bytes.len() as u64 > LARGEST {
                let problem = format!("unpacks to more than {LARGEST} bytes");
                return Err(DatasetError::OpenFoamFile {
                    path: packed,
                    problem,
                });
            }
            (packed, bytes)
        } else {
            let bytes = std::fs::read(path).map_err(DatasetError::io("read", path))?;
            (path.to_path_buf(), bytes)
        };
        let (class, storage, body) = head(&path, &bytes)?;
        Ok(Self {
            path,
            bytes,
            class,
            storage,
            body,
        })
    }

    /// A scanner at the body.
    pub(super) fn scanner(&self) -> Scanner<'_> {
        let mut scanner = Scanner::new(&self.path, &self.bytes);
        scanner.at = self.body;
        scanner
    }

    /// Fails unless the file is of one of these classes.
    pub(super) fn expect_class(&self, classes: &[&str]) -> Result<(), DatasetError> {
        if classes.contains(&self.class.as_str()) {
            return Ok(());
        }
        Err(DatasetError::OpenFoamFile {
            path: self.path.clone(),
            problem: format!(
                "is of class {}, {} is needed",
                self.class,
                classes.join(" or ")
            ),
        })
    }
}

/// Reads the `FoamFile` dictionary: class, storage, and where the body begins.
fn head(path: &Path, bytes: &[u8]) -> Result<(String, Storage, usize), DatasetError> {
    let mut scanner = Scanner::new(path, bytes);
    if scanner.peek().is_none() || scanner.word()? != "FoamFile" {
        return Err(scanner.fault("does not begin with a FoamFile head: not an OpenFOAM file"));
    }
    scanner.expect(b'{')?;
    let (mut class, mut format, mut arch) = (String::new(), String::new(), String::new());
    while !scanner.accept(b'}') {
        let key = scanner.word()?;
        let target = match key {
            "class" => &mut class,
            "format" => &mut format,
            "arch" => &mut arch,
            _ => {
                scanner.skip_entry()?;
                continue;
            }
        };
        *target = scanner.word()?.to_string();
        scanner.expect(b';')?;
    }
    let storage = match format.as_str() {
        "ascii" => Storage::Text,
        "binary" => binary(&arch).ok_or_else(|| {
            scanner.fault(format!(
                "binary numbers of the kind \"{arch}\" are not read; run foamFormatConvert on the \
                 machine that wrote them"
            ))
        })?,
        other => return Err(scanner.fault(format!("unknown format `{other}`"))),
    };
    Ok((class, storage, scanner.at))
}

/// `LSB;label=32;scalar=64`; without it the usual sizes.
fn binary(arch: &str) -> Option<Storage> {
    let (mut label, mut scalar) = (4, 8);
    for part in arch.split(';').filter(|part| !part.is_empty()) {
        match part.split_once('=') {
            Some(("label", "32")) => label = 4,
            Some(("label", "64")) => label = 8,
            Some(("scalar", "32")) => scalar = 4,
            Some(("scalar", "64")) => scalar = 8,
            None if part == "LSB" => {}
            _ => return None,
        }
    }
    Some(Storage::Binary { label, scalar })
}
