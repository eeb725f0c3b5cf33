//! Numbers of HDF5 datasets as the bytes that the file holds.
//!
//! The reader of HDF5 would convert them, but not those of 16 bits, and into one type at a time.

use std::io::{self, Read};

use hdf5_reader::error::{Error, Result};
use hdf5_reader::{Datatype, H5Type, dtype_element_size};

/// The bytes of a number, in the byte order of the file.
#[derive(Clone, Copy)]
pub(super) struct Entry<const N: usize>([u8; N]);

impl<const N: usize> H5Type for Entry<N> {
    fn hdf5_type() -> Datatype {
        Datatype::Opaque {
            size: N as u32,
            tag: String::new(),
        }
    }

    fn from_bytes(bytes: &[u8], _: &Datatype) -> Result<Self> {
        let bytes = bytes.first_chunk::<N>().copied();
        bytes
            .map(Self)
            .ok_or_else(|| Error::InvalidData(format!("a number of less than {N} bytes")))
    }

    fn element_size(_: &Datatype) -> usize {
        N
    }

    fn native_copy_compatible(datatype: &Datatype) -> bool {
        dtype_element_size(datatype).is_ok_and(|size| size == N)
    }
}

/// Entries back to back. Buffers must hold a multiple of `N` bytes.
pub(super) struct EntryBytes<I>(pub I);

impl<const N: usize, I: Iterator<Item = Entry<N>>> Read for EntryBytes<I> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut read = 0;
        for (place, entry) in buffer.chunks_exact_mut(N).zip(&mut self.0) {
            place.copy_from_slice(&entry.0);
            read += N;
        }
        Ok(read)
    }
}
