//! The compressed form of an array: a header, then blocks that were compressed one by one.
//!
//! Header, in entries of 4 or 8 bytes: number of blocks, bytes of a block before compression,
//! bytes of the last block (0 when it is full), then the compressed bytes of every block.

use flate2::{Decompress, FlushDecompress};

use super::document::Compressor;

/// Room given to a decompressor at first. It grows only as it fills, so that a header that lies
/// about sizes costs no memory.
const FIRST_ROOM: usize = 64 * 1024;
/// LZ4 cannot do better than this ratio: one more byte of length code per 255 bytes of output.
const LZ4_MAX_RATIO: usize = 255;
/// Bytes of working memory allowed to the LZMA decoder: enough for preset 9.
const LZMA_MEMORY: u64 = 96 << 20;

/// The header of a compressed array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BlockHeader {
    block_bytes: u64,
    last_bytes: u64,
    compressed: Vec<u64>,
}

impl BlockHeader {
    /// Bytes of a header with `n_blocks` blocks.
    pub fn size(n_blocks: u64, entry: usize) -> Option<usize> {
        usize::try_from(n_blocks)
            .ok()?
            .checked_add(3)?
            .checked_mul(entry)
    }

    /// Reads a header from its entries; `entries[0]` is the number of blocks.
    pub fn new(entries: &[u64]) -> Result<Self, String> {
        match entries {
            // Arrays without values may carry nothing but the number of blocks.
            [0, ..] => Ok(Self {
                block_bytes: 0,
                last_bytes: 0,
                compressed: Vec::new(),
            }),
            [_, block_bytes, last_bytes, compressed @ ..] => {
                if last_bytes > block_bytes {
                    return Err(format!(
                        "the last block has {last_bytes} bytes, more than a full one of \
                         {block_bytes}"
                    ));
                }
                Ok(Self {
                    block_bytes: *block_bytes,
                    last_bytes: if *last_bytes == 0 {
                        *block_bytes
                    } else {
                        *last_bytes
                    },
                    compressed: compressed.to_vec(),
                })
            }
            _ => Err("the header is cut off".to_owned()),
        }
    }

    /// Bytes of all blocks before compression.
    fn total(&self) -> Option<u64> {
        let Some(full) = (self.compressed.len() as u64).checked_sub(1) else {
            return Some(0);
        };
        full.checked_mul(self.block_bytes)?
            .checked_add(self.last_bytes)
    }

    /// Checks that the blocks hold `expected` bytes.
    ///
    /// vtkio writes one empty block too many when the size is a multiple of the block size; such
    /// a block is dropped.
    pub fn fit(&mut self, expected: u64) -> Result<(), String> {
        if self.total() == Some(expected) {
            return Ok(());
        }
        let full = (self.compressed.len() as u64).saturating_sub(1);
        if full > 0
            && self.last_bytes == self.block_bytes
            && full.checked_mul(self.block_bytes) == Some(expected)
        {
            self.compressed.pop();
            return Ok(());
        }
        Err(match self.total() {
            Some(total) => format!(
                "its {} blocks hold {total} bytes, but {expected} are needed",
                self.compressed.len()
            ),
            None => "the sizes of its blocks overflow".to_owned(),
        })
    }

    /// Compressed bytes of all blocks.
    pub fn compressed_bytes(&self) -> Option<u64> {
        self.compressed
            .iter()
            .try_fold(0u64, |sum, &bytes| sum.checked_add(bytes))
    }

    /// Number of blocks.
    pub fn n_blocks(&self) -> usize {
        self.compressed.len()
    }

    /// Bytes of block `index` before and after compression.
    fn block(&self, index: usize) -> (u64, u64) {
        let last = index + 1 == self.compressed.len();
        (
            if last {
                self.last_bytes
            } else {
                self.block_bytes
            },
            self.compressed[index],
        )
    }
}

/// Somewhere to decompress to: bytes that grow as they fill.
pub(super) trait Sink {
    /// Grows to `len` bytes and returns all of them.
    fn grow(&mut self, len: usize) -> &mut [u8];
}

/// Decompresses the blocks of `data` one after the other into `sink`.
pub(super) fn decompress(
    compressor: Compressor,
    header: &BlockHeader,
    data: &[u8],
    sink: &mut impl Sink,
) -> Result<(), String> {
    let mut zlib = Decompress::new(true);
    let (mut read, mut written) = (0usize, 0usize);
    for index in 0..header.n_blocks() {
        let (plain, packed) = header.block(index);
        let input = usize::try_from(packed)
            .ok()
            .and_then(|packed| data.get(read..read.checked_add(packed)?))
            .ok_or_else(|| {
                format!(
                    "block {index} has {packed} compressed bytes at {read}, past the end at {}",
                    data.len()
                )
            })?;
        let plain = usize::try_from(plain).map_err(|error| error.to_string())?;
        let end = written + plain;
        let mut block = Block {
            sink,
            start: written,
            end,
        };
        match compressor {
            Compressor::Zlib => block.zlib(&mut zlib, input),
            Compressor::Lz4 => block.lz4(input),
            Compressor::Lzma => block.lzma(input),
        }
        .map_err(|problem| format!("block {index} of {}: {problem}", header.n_blocks()))?;
        read += input.len();
        written = end;
    }
    Ok(())
}

/// What is left to fill for one block.
struct Block<'s, S> {
    sink: &'s mut S,
    start: usize,
    end: usize,
}

impl<S: Sink> Block<'_, S> {
    /// Room from `filled` on, at least twice what has been filled so far.
    fn room(&mut self, filled: usize) -> &mut [u8] {
        let done = filled - self.start;
        let len = self.start + (2 * done).max(FIRST_ROOM).min(self.end - self.start);
        &mut self.sink.grow(len)[filled..]
    }

    fn zlib(&mut self, zlib: &mut Decompress, input: &[u8]) -> Result<(), String> {
        zlib.reset(true);
        loop {
            let (read, done) = (zlib.total_in() as usize, zlib.total_out() as usize);
            let room = self.room(self.start + done);
            let status = zlib
                .decompress(&input[read..], room, FlushDecompress::None)
                .map_err(|error| format!("zlib: {error}"))?;
            let filled = zlib.total_out() as usize;
            if status == flate2::Status::StreamEnd {
                return self.check_end(filled);
            }
            if filled == done && zlib.total_in() as usize == read {
                return Err(self.unfinished("zlib", filled));
            }
        }
    }

    fn lzma(&mut self, input: &[u8]) -> Result<(), String> {
        use liblzma::stream::{Action, Status, Stream};
        let mut stream =
            Stream::new_stream_decoder(LZMA_MEMORY, 0).map_err(|error| format!("lzma: {error}"))?;
        loop {
            let (read, done) = (stream.total_in() as usize, stream.total_out() as usize);
            let room = self.room(self.start + done);
            let status = stream
                .process(&input[read..], room, Action::Run)
                .map_err(|error| format!("lzma: {error}"))?;
            let filled = stream.total_out() as usize;
            if status == Status::StreamEnd {
                return self.check_end(filled);
            }
            if filled == done && stream.total_in() as usize == read {
                return Err(self.unfinished("lzma", filled));
            }
        }
    }

    fn lz4(&mut self, input: &[u8]) -> Result<(), String> {
        let expected = self.end - self.start;
        if expected > input.len().saturating_mul(LZ4_MAX_RATIO).saturating_add(64) {
            return Err(format!(
                "{} compressed bytes cannot hold {expected} bytes in LZ4",
                input.len()
            ));
        }
        let output = &mut self.sink.grow(self.end)[self.start..];
        let filled = lz4_flex::block::decompress_into(input, output)
            .map_err(|error| format!("lz4: {error}"))?;
        self.check_end(filled)
    }

    fn check_end(&self, filled: usize) -> Result<(), String> {
        let expected = self.end - self.start;
        if filled == expected {
            return Ok(());
        }
        Err(format!(
            "decompresses to {filled} bytes, but {expected} are needed"
        ))
    }

    fn unfinished(&self, name: &str, filled: usize) -> String {
        if filled == self.end - self.start {
            format!("{name}: holds more than the {filled} bytes that the header says")
        } else {
            format!("{name}: cut off after {filled} bytes")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_size_zero_is_a_full_block() {
        let mut header = BlockHeader::new(&[2, 32, 0, 9, 9]).unwrap();
        assert!(header.fit(64).is_ok());
        let mut header = BlockHeader::new(&[2, 32, 8, 9, 9]).unwrap();
        assert!(header.fit(40).is_ok());
        assert!(
            header
                .fit(64)
                .unwrap_err()
                .contains("hold 40 bytes, but 64 are needed")
        );
    }

    #[test]
    fn a_superfluous_empty_block_is_dropped() {
        let mut header = BlockHeader::new(&[3, 32, 0, 9, 9, 8]).unwrap();
        assert!(header.fit(64).is_ok());
        assert_eq!(header.n_blocks(), 2);
    }

    #[test]
    fn sizes_that_overflow_are_refused() {
        let mut header = BlockHeader::new(&[3, u64::MAX, 1, 9, 9, 8]).unwrap();
        assert!(header.fit(64).is_err());
        assert!(BlockHeader::new(&[1, 4, 5, 1]).is_err());
        assert_eq!(BlockHeader::size(u64::MAX, 8), None);
    }

    impl Sink for Vec<u8> {
        fn grow(&mut self, len: usize) -> &mut [u8] {
            if len > self.len() {
                self.resize(len, 0);
            }
            self
        }
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut encoder =
            flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut encoder, bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// A claim of 2^40 bytes over a few real ones must not be believed.
    #[test]
    fn lying_sizes_cost_no_memory() {
        let packed = zlib(&[7; 1000]);
        for compressor in [Compressor::Zlib, Compressor::Lz4] {
            let header = BlockHeader::new(&[1, 1 << 40, 0, packed.len() as u64]).unwrap();
            let mut out = Vec::new();
            let problem = decompress(compressor, &header, &packed, &mut out).unwrap_err();
            assert!(out.capacity() <= 2 * FIRST_ROOM, "{}", out.capacity());
            assert!(problem.starts_with("block 0 of 1"), "{problem}");
        }
    }

    #[test]
    fn blocks_longer_than_promised_are_refused() {
        let packed = zlib(&[7; 1000]);
        let header = BlockHeader::new(&[1, 900, 0, packed.len() as u64]).unwrap();
        let problem = decompress(Compressor::Zlib, &header, &packed, &mut Vec::new()).unwrap_err();
        assert!(problem.contains("more than the 900 bytes"), "{problem}");
    }

    #[test]
    fn large_blocks_grow_in_steps() {
        let bytes: Vec<u8> = (0..1_000_000u32).map(|i| (i / 7) as u8).collect();
        let packed = zlib(&bytes);
        let header = BlockHeader::new(&[1, bytes.len() as u64, 0, packed.len() as u64]).unwrap();
        let mut out = Vec::new();
        decompress(Compressor::Zlib, &header, &packed, &mut out).unwrap();
        assert!(out == bytes);
    }
}
