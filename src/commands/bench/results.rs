//! The file of results: rows are added as they come in, and a later run goes on where this one ended.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::row::Record;
use crate::commands::error::CommandError;

/// Rows that are there, and the file that new ones go to.
pub(super) struct Results {
    path: PathBuf,
    file: File,
    records: Vec<Record>,
}

impl Results {
    /// Opens or makes the file. `fresh` forgets what is in it. What a kill left of a last line is cut off.
    ///
    /// # Errors
    /// A file that cannot be read or written, or that holds lines of another program.
    pub(super) fn open(path: &Path, fresh: bool) -> Result<Self, CommandError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(fresh)
            .open(path)
            .map_err(CommandError::io("open", path))?;
        let (mut records, mut good) = (Vec::new(), 0);
        let mut reader = BufReader::new(&mut file);
        let mut line = String::new();
        for number in 1.. {
            line.clear();
            let length = reader
                .read_line(&mut line)
                .map_err(CommandError::io("read", path))?;
            if !line.ends_with('\n') {
                break;
            }
            let record = serde_json::from_str(&line).map_err(|error| {
                CommandError::input(format!("{}, line {number}: {error}", path.display()))
                    .help("--fresh begins anew; another -o DIR leaves the file alone")
            })?;
            records.push(record);
            good += length as u64;
        }
        file.set_len(good)
            .and_then(|()| file.seek(SeekFrom::End(0)))
            .map_err(CommandError::io("write", path))?;
        Ok(Self {
            path: path.to_path_buf(),
            file,
            records,
        })
    }

    /// All rows, the oldest first.
    pub(super) fn records(&self) -> &[Record] {
        &self.records
    }

    /// Adds a row and hands it to the disk.
    pub(super) fn add(&mut self, record: Record) -> Result<(), CommandError> {
        let mut line = serde_json::to_string(&record)
            .map_err(|error| CommandError::input(format!("a row cannot be written: {error}")))?;
        line.push('\n');
        self.file
            .write_all(line.as_bytes())
            .and_then(|()| self.file.sync_data())
            .map_err(CommandError::io("write", &self.path))?;
        self.records.push(record);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::TriadRow;
    use super::*;

    fn triad(bytes: usize) -> Record {
        Record::Triad(TriadRow {
            threads: 2,
            bytes,
            bytes_per_second: 1e10,
        })
    }

    #[test]
    fn rows_survive_a_kill_in_the_middle_of_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.jsonl");
        let mut results = Results::open(&path, false).unwrap();
        results.add(triad(1)).unwrap();
        results.add(triad(2)).unwrap();
        drop(results);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(b"{\"kind\":\"tri");
        std::fs::write(&path, bytes).unwrap();
        let mut again = Results::open(&path, false).unwrap();
        assert_eq!(again.records(), [triad(1), triad(2)]);
        again.add(triad(3)).unwrap();
        drop(again);
        assert_eq!(Results::open(&path, false).unwrap().records().len(), 3);
        assert!(Results::open(&path, true).unwrap().records().is_empty());
    }

    #[test]
    fn other_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.jsonl");
        std::fs::write(&path, "{\"a\": 1}\n").unwrap();
        let error = Results::open(&path, false).err().unwrap().to_string();
        assert!(error.contains("line 1"), "{error}");
    }
}
