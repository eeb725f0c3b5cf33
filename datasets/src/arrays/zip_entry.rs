//! Members of zip archives, stored or deflated.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use zip::{CompressionMethod, ZipArchive};

use super::Fault;
use super::bytes::{Bytes, Seeking, Streamed};
use crate::DatasetError;

/// Deflate does not shrink further than this.
const LARGEST_RATIO: u64 = 1032;

pub(super) type Archive = ZipArchive<BufReader<File>>;

/// Opens an archive that `kind` of file is.
pub(super) fn open(path: &Path, kind: &str) -> Result<Archive, DatasetError> {
    let file = File::open(path).map_err(DatasetError::io("read", path))?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| DatasetError::ArrayFile {
        path: path.to_owned(),
        problem: format!("is no intact {kind} file: {error}"),
    })
}

/// Hands the bytes of a member and their number to `read`.
///
/// Of `whole` members the checksum is compared. Of others, bytes that are passed over are not read
/// when they are stored as they are.
pub(super) fn with<R>(
    archive: &mut Archive,
    index: usize,
    whole: bool,
    read: impl FnOnce(&mut dyn Bytes, u64) -> Result<R, Fault>,
) -> Result<R, Fault> {
    let problem = |error| format!("cannot be unpacked: {error}");
    let entry = archive.by_index(index).map_err(problem)?;
    let (size, packed) = (entry.size(), entry.compressed_size());
    if !whole && entry.compression() == CompressionMethod::Stored && size == packed {
        drop(entry);
        let entry = archive.by_index_seek(index).map_err(problem)?;
        return read(&mut Seeking(BufReader::with_capacity(1 << 16, entry)), size);
    }
    if size > packed.saturating_mul(LARGEST_RATIO).saturating_add(1 << 16) {
        return Err(Fault::Array(format!(
            "is said to unpack from {packed} to {size} bytes, which cannot be: the file is damaged"
        )));
    }
    let mut data = Streamed(BufReader::with_capacity(1 << 16, entry));
    let found = read(&mut data, size)?;
    if whole {
        // The checksum is compared when the end is reached.
        io::copy(&mut data, &mut io::sink()).map_err(|error| format!("is damaged: {error}"))?;
    }
    Ok(found)
}
