//! Reading rows, in the stored random order or in that of the nodes.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use karman_meshes::Contour;

use super::Cache;
use super::build::case_path;
use super::case_file::bytes_of;
use super::entry::Entry;
use crate::hash::hash;
use crate::{DatasetError, PointTable};

/// The order in which [`Cache::read_all`] gives the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RowOrder {
    /// That of the nodes of the internal mesh.
    #[default]
    Nodes,
    /// The random one they are stored in.
    Stored,
}

impl Cache {
    /// Reads `count` rows from stored row `offset` on, and goes on at row 0 after the last one. The
    /// rows are appended to `out`, row-major, with all columns.
    ///
    /// Rows are stored in a random order, so that these are a uniformly random subset of the nodes
    /// without repetition, whatever the offset: draw the offset at random for each epoch.
    ///
    /// # Errors
    /// A case number or offset out of range, more rows than the case has, or a file that has
    /// changed or become unreadable since the cache was opened.
    pub fn read_rows(
        &self,
        case: usize,
        offset: usize,
        count: usize,
        out: &mut Vec<f32>,
    ) -> Result<(), DatasetError> {
        let entry = self.entry(case)?;
        let n = entry.info.n_points;
        if offset >= n || count > n {
            return Err(DatasetError::Argument {
                what: "rows to read",
                problem: format!(
                    "{count} from row {offset} of case {}, which has {n}",
                    entry.info.name
                ),
            });
        }
        let mut file = self.open_case(entry)?;
        let row = 4 * self.columns.len() as u64;
        let first = count.min(n - offset);
        for (from, rows) in [(offset, first), (0, count - first)] {
            if rows > 0 {
                let skipped = (from as u64).saturating_mul(row);
                let place = entry.places.rows.saturating_add(skipped);
                let size = (rows as u64).saturating_mul(row);
                let bytes = self.read_bytes(entry, &mut file, place, size)?;
                out.extend(
                    bytes
                        .as_chunks::<4>()
                        .0
                        .iter()
                        .map(|b| f32::from_ne_bytes(*b)),
                );
            }
        }
        Ok(())
    }

    /// Reads all rows of a case.
    ///
    /// # Errors
    /// As [`Cache::read_rows`].
    pub fn read_all(&self, case: usize, order: RowOrder) -> Result<PointTable, DatasetError> {
        let (n, width) = (self.entry(case)?.info.n_points, self.columns.len());
        let mut stored = Vec::new();
        self.read_rows(case, 0, n, &mut stored)?;
        let data = match order {
            RowOrder::Stored => stored,
            RowOrder::Nodes => {
                let mut sorted = vec![0.0; stored.len()];
                for (row, node) in stored.chunks_exact(width).zip(self.node_order(case)?) {
                    let to = node as usize * width;
                    sorted[to..to + width].copy_from_slice(row);
                }
                sorted
            }
        };
        PointTable::new(self.columns.clone(), data)
    }

    /// For each stored row of a case the node of the internal mesh that it belongs to: a
    /// permutation.
    ///
    /// # Errors
    /// As [`Cache::read_rows`]; also a file whose order is not a permutation.
    pub fn node_order(&self, case: usize) -> Result<Vec<u32>, DatasetError> {
        let entry = self.entry(case)?;
        let n = entry.info.n_points;
        let mut file = self.open_case(entry)?;
        let bytes = self.read_bytes(
            entry,
            &mut file,
            entry.places.order,
            (n as u64).saturating_mul(4),
        )?;
        let order: Vec<u32> = bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|b| u32::from_ne_bytes(*b))
            .collect();
        let mut seen = vec![false; n];
        for &node in &order {
            match seen.get_mut(node as usize) {
                Some(seen) if !*seen => *seen = true,
                _ => return Err(self.damaged(entry, format!("node {node} is out of place"))),
            }
        }
        Ok(order)
    }

    /// The airfoil of a case.
    ///
    /// # Errors
    /// As [`Cache::read_rows`]; also a file whose outline is damaged.
    pub fn contour(&self, case: usize) -> Result<Contour, DatasetError> {
        let entry = self.entry(case)?;
        let mut file = self.open_case(entry)?;
        let size = (entry.places.n_outline as u64).saturating_mul(16);
        let bytes = self.read_bytes(entry, &mut file, entry.places.outline, size)?;
        let numbers: Vec<f64> = bytes
            .as_chunks::<8>()
            .0
            .iter()
            .map(|b| f64::from_ne_bytes(*b))
            .collect();
        Contour::from_points(numbers.as_chunks::<2>().0)
            .map_err(|e| self.damaged(entry, e.to_string()))
    }

    /// Reads all rows of a case and compares them with the hash that was stored with them.
    ///
    /// # Errors
    /// As [`Cache::read_rows`]; also rows that differ from those that were written.
    pub fn verify(&self, case: usize) -> Result<(), DatasetError> {
        let entry = self.entry(case)?;
        let mut rows = Vec::new();
        self.read_rows(case, 0, entry.info.n_points, &mut rows)?;
        if format!("{:016x}", hash(&bytes_of(&rows))) == entry.rows_hash {
            return Ok(());
        }
        Err(self.damaged(entry, "the rows are not those that were written".into()))
    }

    fn open_case(&self, entry: &Entry) -> Result<File, DatasetError> {
        let path = case_path(&self.folder, &entry.info.name);
        let file = File::open(&path).map_err(DatasetError::io("read", &path))?;
        let size = file
            .metadata()
            .map_err(DatasetError::io("look at", &path))?
            .len();
        if size == entry.places.file_size {
            return Ok(file);
        }
        let problem = format!("has {size} bytes, not {}", entry.places.file_size);
        Err(self.damaged(entry, problem))
    }

    fn read_bytes(
        &self,
        entry: &Entry,
        file: &mut File,
        place: u64,
        size: u64,
    ) -> Result<Vec<u8>, DatasetError> {
        // The index is only a file, too: what it says must fit before memory is given for it.
        if place
            .checked_add(size)
            .is_none_or(|end| end > entry.places.file_size)
        {
            return Err(self.damaged(entry, "the index points past its end".into()));
        }
        let path = || case_path(&self.folder, &entry.info.name);
        let mut bytes = vec![0; size as usize];
        file.seek(SeekFrom::Start(place))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(|e| DatasetError::io("read", path())(e))?;
        Ok(bytes)
    }

    fn damaged(&self, entry: &Entry, problem: String) -> DatasetError {
        DatasetError::Cache {
            path: case_path(&self.folder, &entry.info.name),
            problem: format!("is damaged: {problem}; delete it and start again to have it rebuilt"),
        }
    }
}
