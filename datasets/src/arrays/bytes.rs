//! Bytes of which some can be passed over.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};

/// Bytes to read, some of them not at all.
pub(super) trait Bytes: Read {
    /// Goes `count` bytes further.
    fn pass(&mut self, count: u64) -> io::Result<()>;
}

impl Bytes for BufReader<File> {
    fn pass(&mut self, count: u64) -> io::Result<()> {
        let count = i64::try_from(count).map_err(io::Error::other)?;
        self.seek_relative(count)
    }
}

impl Bytes for &[u8] {
    fn pass(&mut self, count: u64) -> io::Result<()> {
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(self.len());
        *self = &self[count..];
        Ok(())
    }
}

/// Bytes that can be passed over by jumping.
pub(super) struct Seeking<R>(pub R);

impl<R: Read> Read for Seeking<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read + Seek> Bytes for Seeking<R> {
    fn pass(&mut self, count: u64) -> io::Result<()> {
        let count = i64::try_from(count).map_err(io::Error::other)?;
        self.0.seek_relative(count)
    }
}

/// Bytes that are passed over by reading them, such as unpacked ones.
pub(super) struct Streamed<R>(pub R);

impl<R: Read> Read for Streamed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Read> Bytes for Streamed<R> {
    fn pass(&mut self, count: u64) -> io::Result<()> {
        let mut passed = self.0.by_ref().take(count);
        io::copy(&mut passed, &mut io::sink()).map(drop)
    }
}

/// Runs of equal length with equal gaps: `before` and `after` bytes around each `run` are passed over.
pub(super) struct Runs<'a> {
    data: &'a mut dyn Bytes,
    before: u64,
    run: u64,
    after: u64,
    /// Bytes left of the present run.
    left: u64,
    /// Bytes to pass before the next one.
    gap: u64,
}

impl<'a> Runs<'a> {
    pub fn new(data: &'a mut dyn Bytes, before: u64, run: u64, after: u64) -> Self {
        Self {
            data,
            before,
            run,
            after,
            left: 0,
            gap: before,
        }
    }
}

impl Read for Runs<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            self.data.pass(self.gap)?;
            self.left = self.run;
            self.gap = self.after + self.before;
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let most = most.min(buffer.len());
        let read = self.data.read(&mut buffer[..most])?;
        self.left -= read as u64;
        Ok(read)
    }
}
