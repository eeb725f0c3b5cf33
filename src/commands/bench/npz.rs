//! Cases for programs in other languages: NumPy's `.npz`, uncompressed.

use std::io;
use std::path::Path;

use karman_meshes::write_file_atomically;
use karman_solvers::PoissonCase;

use crate::commands::error::CommandError;

/// Writes flags, rhs (z y x), spacing (hx hy hz) and open (x- x+ y- y+ z- z+).
pub(super) fn write_case(path: &Path, case: &PoissonCase) -> Result<(), CommandError> {
    let [nx, ny, nz] = case.dims;
    let open = case.open.map(u8::from);
    let rhs: Vec<u8> = case.rhs.iter().flat_map(|b| b.to_le_bytes()).collect();
    let spacing: Vec<u8> = case.spacing.iter().flat_map(|h| h.to_le_bytes()).collect();
    let arrays = [
        ("flags.npy", array("|u1", &[nz, ny, nx], &case.flags)),
        ("rhs.npy", array("<f8", &[nz, ny, nx], &rhs)),
        ("spacing.npy", array("<f8", &[3], &spacing)),
        ("open.npy", array("|u1", &[6], &open)),
    ];
    let bytes = stored_zip(&arrays).map_err(CommandError::io("write", path))?;
    Ok(write_file_atomically(path, &bytes)?)
}

/// One array in NumPy's format 1.0: magic, header padded to 64 bytes, data.
fn array(kind: &str, shape: &[usize], data: &[u8]) -> Vec<u8> {
    let shape: String = shape.iter().map(|n| format!("{n}, ")).collect();
    let mut header = format!(
        "{{'descr': '{kind}', 'fortran_order': False, 'shape': ({}), }}",
        shape.trim_end()
    );
    let used = 10 + header.len() + 1;
    header.extend(std::iter::repeat_n(' ', used.next_multiple_of(64) - used));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// A zip archive whose members are stored as they are. Members and archive must stay below 4 GiB, the limit
/// of the plain format.
fn stored_zip(members: &[(&str, Vec<u8>)]) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::other("the case is above 4 GiB, which a plain zip cannot hold");
    let (mut zip, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in members {
        let size = u32::try_from(data.len()).map_err(|_| too_large())?;
        let offset = u32::try_from(zip.len()).map_err(|_| too_large())?;
        let mut crc = flate2::Crc::new();
        crc.update(data);
        // Version, flags, method (stored), time, date; then sums, sizes and the length of the name.
        let mut head = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        head.extend(crc.sum().to_le_bytes());
        head.extend(size.to_le_bytes());
        head.extend(size.to_le_bytes());
        head.extend((name.len() as u16).to_le_bytes());
        head.extend([0; 2]);
        zip.extend(b"PK\x03\x04");
        zip.extend(&head);
        zip.extend(name.as_bytes());
        zip.extend(data);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&head);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = u32::try_from(zip.len()).map_err(|_| too_large())?;
    let count = (members.len() as u16).to_le_bytes();
    zip.extend(&directory);
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend([count, count].concat());
    zip.extend((directory.len() as u32).to_le_bytes());
    zip.extend(start.to_le_bytes());
    zip.extend([0; 2]);
    Ok(zip)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_of_numpy() {
        let bytes = array("<f8", &[2, 1, 3], &[7; 48]);
        assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
        let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        assert_eq!((10 + length) % 64, 0);
        let header = std::str::from_utf8(&bytes[10..10 + length]).unwrap();
        assert!(header.contains("'shape': (2, 1, 3,)") && header.ends_with('\n'));
        assert_eq!(&bytes[10 + length..], [7; 48]);
    }

    #[test]
    fn archives_have_a_directory_that_finds_the_members() {
        let zip =
            stored_zip(&[("a.npy", vec![1, 2, 3]), ("b.npy", b"123456789".to_vec())]).unwrap();
        let end = zip.len() - 22;
        assert_eq!(&zip[end..end + 4], b"PK\x05\x06");
        let word = |at: usize| u32::from_le_bytes(zip[at..at + 4].try_into().unwrap()) as usize;
        let (size, start) = (word(end + 12), word(end + 16));
        assert_eq!(start + size, end);
        let second = start + 46 + "a.npy".len();
        assert_eq!(&zip[second..second + 4], b"PK\x01\x02");
        // The check value of CRC-32.
        assert_eq!(word(second + 16), 0xcbf4_3926);
        assert_eq!(&zip[word(second + 42)..][..4], b"PK\x03\x04");
    }
}
