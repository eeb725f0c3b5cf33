//! What others publish: arrays in their formats, trajectories, XDMF series. Small files made here, and
//! real ones where they are present.

use std::path::PathBuf;

mod files;
mod real_files;
mod rows;
mod torch;
mod trajectories;
mod xdmf;

/// A folder of third-party data, or `None` (and a word about it) where it is absent.
fn third_party(name: &str) -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/third_party");
    let folder = PathBuf::from(root).join(name);
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return None;
    }
    Some(folder)
}
