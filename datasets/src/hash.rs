//! A quick hash that finds damage and changes; it is no protection against intent.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::DatasetError;

/// FNV-1a over 64-bit words: not cryptographic, but it finds damage.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = Hasher::new(bytes.len() as u64);
    hasher.push(bytes);
    hasher.finish()
}

/// Length and [`hash`] of a file's bytes, without the whole of it in memory.
pub(crate) fn hash_file(path: &Path) -> Result<(u64, u64), DatasetError> {
    let wrong = |error| DatasetError::io("read", path)(error);
    let mut file = File::open(path).map_err(wrong)?;
    let length = file.metadata().map_err(wrong)?.len();
    let mut hasher = Hasher::new(length);
    let mut block = vec![0; 1 << 18];
    let mut seen = 0;
    loop {
        let n = file.read(&mut block).map_err(wrong)?;
        if n == 0 {
            // A file that grew or shrank meanwhile has another hash than any whole one.
            return Ok((seen, hasher.finish()));
        }
        seen += n as u64;
        hasher.push(&block[..n]);
    }
}

/// [`hash`] of bytes that come in pieces.
struct Hasher {
    state: u64,
    /// Bytes of a word that is not whole yet.
    rest: [u8; 8],
    n_rest: usize,
}

impl Hasher {
    /// For `length` bytes in all.
    fn new(length: u64) -> Self {
        Self {
            state: step(0xcbf2_9ce4_8422_2325, length),
            rest: [0; 8],
            n_rest: 0,
        }
    }

    fn push(&mut self, mut bytes: &[u8]) {
        if self.n_rest > 0 {
            let n = bytes.len().min(8 - self.n_rest);
            self.rest[self.n_rest..self.n_rest + n].copy_from_slice(&bytes[..n]);
            self.n_rest += n;
            bytes = &bytes[n..];
            if self.n_rest < 8 {
                return;
            }
            self.state = step(self.state, u64::from_le_bytes(self.rest));
            self.n_rest = 0;
        }
        let words = bytes.chunks_exact(8);
        let tail = words.remainder();
        self.rest[..tail.len()].copy_from_slice(tail);
        self.n_rest = tail.len();
        self.state = words.fold(self.state, |state, word| {
            let mut eight = [0; 8];
            eight.copy_from_slice(word);
            step(state, u64::from_le_bytes(eight))
        });
    }

    fn finish(self) -> u64 {
        let tail = &self.rest[..self.n_rest];
        let word = tail.iter().fold(0, |word, b| word << 8 | u64::from(*b));
        step(self.state, word)
    }
}

fn step(state: u64, word: u64) -> u64 {
    // The rotation brings the high bits of a word to where the multiplication spreads them.
    (state ^ word)
        .wrapping_mul(0x0000_0100_0000_01b3)
        .rotate_left(29)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_flipped_bit_changes_the_hash() {
        let bytes: Vec<u8> = (0..77).collect();
        let whole = hash(&bytes);
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(hash(&flipped), whole, "bit {bit}");
        }
        assert_ne!(hash(&bytes[..76]), whole);
    }

    #[test]
    fn pieces_and_files_have_the_hash_of_the_whole() {
        let bytes: Vec<u8> = (0..1000u32).map(|i| (i * i % 251) as u8).collect();
        for cut in [0, 1, 7, 8, 9, 500, 993, 1000] {
            let mut hasher = Hasher::new(1000);
            let (left, right) = bytes.split_at(cut);
            for piece in left.chunks(3).chain([right]) {
                hasher.push(piece);
            }
            assert_eq!(hasher.finish(), hash(&bytes), "cut at {cut}");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(hash_file(&path).unwrap(), (1000, hash(&bytes)));
    }
}
