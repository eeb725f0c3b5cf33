//! Triangulated surfaces in STL files, binary and text.
//!
//! 3D Systems, "StereoLithography interface specification", 1988. Binary: 80 bytes, the number of triangles, and 50 bytes for each
//! (normal, three corners, two bytes more). Text: `facet normal`, `outer loop`, three times `vertex x y z`. Normals are not
//! read: the order of the corners says which side is outside, and normals in files are often zero. Text that starts with
//! `solid` is told from a binary file with such a header by the size, which a binary file fixes.

use std::path::Path;

use crate::MeshError;

const HEADER: usize = 84;
const TRIANGLE: usize = 50;

/// The triangles of an STL file, in the unit of the file.
#[derive(Debug, Clone, PartialEq)]
pub struct StlFile {
    /// The corners of each, counter-clockwise seen from outside.
    pub triangles: Vec<[[f64; 3]; 3]>,
}

impl StlFile {
    /// Reads a file.
    ///
    /// # Errors
    /// A file that cannot be read, or the errors of [`parse`](Self::parse).
    pub fn read(path: &Path) -> Result<Self, MeshError> {
        let bytes = std::fs::read(path).map_err(|source| MeshError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&bytes, &path.display().to_string())
    }

    /// Reads the bytes of a file; `name` stands for it in messages.
    ///
    /// # Errors
    /// A cut file, text that is no STL (with its line), no triangles, a coordinate that is not finite.
    pub fn parse(bytes: &[u8], name: &str) -> Result<Self, MeshError> {
        let malformed = |(place, problem): (String, String)| MeshError::Malformed {
            file: name.to_owned(),
            place,
            problem,
        };
        let triangles = match binary_count(bytes) {
            Some(count) if bytes.len() == HEADER + count * TRIANGLE => binary(bytes),
            count => match starts_with_solid(bytes) {
                true => text(bytes).map_err(malformed)?,
                false => return Err(malformed(neither(bytes.len(), count))),
            },
        };
        if triangles.is_empty() {
            return Err(malformed(("file".into(), "holds no triangles".into())));
        }
        for (index, corner) in triangles.iter().flatten().enumerate() {
            if let Some(value) = corner.iter().find(|c| !c.is_finite()) {
                let place = format!("triangle {}, corner {}", index / 3, index % 3);
                let problem = format!("a coordinate is {value}: all must be finite");
                return Err(malformed((place, problem)));
            }
        }
        Ok(Self { triangles })
    }
}

/// The number of triangles that a binary file would have; none in a file too short for a header.
fn binary_count(bytes: &[u8]) -> Option<usize> {
    let count = bytes.get(HEADER - 4..HEADER)?;
    let count = u32::from_le_bytes(count.try_into().ok()?);
    // Above this the size of the file overflows on no machine of 64 bits, and is wrong on others.
    usize::try_from(count)
        .ok()
        .filter(|n| n.checked_mul(TRIANGLE).is_some())
}

fn starts_with_solid(bytes: &[u8]) -> bool {
    let start = bytes.trim_ascii_start();
    start.len() >= 5 && start[..5].eq_ignore_ascii_case(b"solid")
}

fn neither(length: usize, count: Option<usize>) -> (String, String) {
    let problem = match count {
        Some(count) => format!(
            "neither text (`solid`) nor binary: {count} triangles are announced, that is {} bytes, and the file has {length}",
            HEADER + count * TRIANGLE
        ),
        None => format!("neither text (`solid`) nor binary, which has at least {HEADER} bytes"),
    };
    ("file".into(), problem)
}

fn binary(bytes: &[u8]) -> Vec<[[f64; 3]; 3]> {
    let number = |record: &[u8], k: usize| {
        let mut four = [0; 4];
        four.copy_from_slice(&record[4 * k..4 * k + 4]);
        f64::from(f32::from_le_bytes(four))
    };
    let records = bytes[HEADER..].chunks_exact(TRIANGLE);
    records
        .map(|record| [3, 6, 9].map(|first| [0, 1, 2].map(|axis| number(record, first + axis))))
        .collect()
}

/// The triangles of a text file, or where it is wrong.
fn text(bytes: &[u8]) -> Result<Vec<[[f64; 3]; 3]>, (String, String)> {
    let text = String::from_utf8_lossy(bytes);
    let mut triangles = Vec::new();
    let mut corners: Vec<[f64; 3]> = Vec::with_capacity(4);
    let mut open = None;
    for (index, line) in text.lines().enumerate() {
        let fault = |problem: String| (format!("line {}", index + 1), problem);
        let mut words = line.split_ascii_whitespace();
        let Some(word) = words.next() else {
            continue;
        };
        match word.to_ascii_lowercase().as_str() {
            "vertex" if open.is_none() => return Err(fault("a vertex outside of a facet".into())),
            "vertex" => corners.push(vertex(words).map_err(fault)?),
            "facet" if open.is_some() => return Err(fault("a facet within a facet".into())),
            "facet" => open = Some(index + 1),
            "endfacet" => match corners[..] {
                [a, b, c] if open.is_some() => {
                    triangles.push([a, b, c]);
                    corners.clear();
                    open = None;
                }
                _ => {
                    let count = corners.len();
                    return Err(fault(format!(
                        "a facet ends with {count} vertices, 3 are needed"
                    )));
                }
            },
            "solid" | "endsolid" | "outer" | "endloop" => {}
            other => return Err(fault(format!("`{other}` is no word of an STL file"))),
        }
    }
    match open {
        Some(line) => Err((
            format!("line {line}"),
            "the file ends within this facet".into(),
        )),
        None => Ok(triangles),
    }
}

fn vertex<'a>(words: impl Iterator<Item = &'a str>) -> Result<[f64; 3], String> {
    let words: Vec<&str> = words.collect();
    let [x, y, z] = words[..] else {
        return Err(format!("a vertex has {} coordinates, not 3", words.len()));
    };
    let mut corner = [0.0; 3];
    for (value, word) in corner.iter_mut().zip([x, y, z]) {
        *value = word.parse().map_err(|_| format!("`{word}` is no number"))?;
    }
    Ok(corner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "solid two\n facet normal 0 0 1\n  outer loop\n   vertex 0 0 0\n   vertex 1e0 0 0\n   \
                        vertex 0 1.5 0\n  endloop\n endfacet\n\nFACET NORMAL 0 0 0\nOUTER LOOP\nVERTEX 1 2 3\n\
                        VERTEX 4 5 6\nVERTEX 7 8 10\nENDLOOP\nENDFACET\nendsolid two\n";

    fn triangles() -> Vec<[[f64; 3]; 3]> {
        vec![
            [[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.5, 0.0]],
            [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 10.0]],
        ]
    }

    fn binary_file(header: &[u8]) -> Vec<u8> {
        let mut bytes = header.to_vec();
        bytes.resize(80, b' ');
        bytes.extend(2_u32.to_le_bytes());
        for triangle in triangles() {
            let numbers = [0.0; 3].into_iter().chain(triangle.into_iter().flatten());
            bytes.extend(numbers.flat_map(|v: f64| (v as f32).to_le_bytes()));
            bytes.extend([0, 0]);
        }
        bytes
    }

    fn problem(bytes: &[u8]) -> String {
        StlFile::parse(bytes, "part.stl").map_or_else(|e| e.to_string(), |_| String::new())
    }

    #[test]
    fn text_and_binary_hold_the_same() {
        assert_eq!(
            StlFile::parse(TEXT.as_bytes(), "a").unwrap().triangles,
            triangles()
        );
        let windows = TEXT.replace('\n', "\r\n");
        assert_eq!(
            StlFile::parse(windows.as_bytes(), "a").unwrap().triangles,
            triangles()
        );
        for header in [&b"made by hand"[..], b"solid that is binary"] {
            let file = binary_file(header);
            assert_eq!(StlFile::parse(&file, "a").unwrap().triangles, triangles());
        }
    }

    #[test]
    fn what_is_broken_is_refused_with_its_place() {
        let file = binary_file(b"cut");
        assert!(problem(&file[..file.len() - 1]).contains("2 triangles are announced"));
        assert!(problem(b"").contains("at least 84"));
        assert!(problem(b"PK\x03\x04").contains("neither"));
        assert!(problem(b"solid empty\nendsolid").contains("no triangles"));
        let with = |from: &str, to: &str| problem(TEXT.replacen(from, to, 1).as_bytes());
        assert!(
            with("1.5", "1,5").contains("line 6: `1,5`"),
            "{}",
            with("1.5", "1,5")
        );
        assert!(with("vertex 0 0 0", "vertex 0 0").contains("line 4: a vertex has 2"));
        assert!(with("   vertex 0 0 0\n", "").contains("ends with 2 vertices"));
        assert!(with("endfacet", "").contains("facet within a facet"));
        assert!(with("ENDFACET\n", "").contains("ends within this facet"));
        assert!(with("1.5", "inf").contains("triangle 0, corner 2"));
        assert!(with("outer loop", "html").contains("`html`"));
        let mut infinite = binary_file(b"x");
        infinite[HEADER + 12..HEADER + 16].copy_from_slice(&f32::NAN.to_le_bytes());
        assert!(problem(&infinite).contains("triangle 0, corner 0"));
    }

    #[test]
    fn cuts_and_flips_never_panic() {
        for file in [TEXT.as_bytes().to_vec(), binary_file(b"solid")] {
            for length in 0..file.len() {
                let _ = StlFile::parse(&file[..length], "a");
                let mut flipped = file.clone();
                flipped[length] ^= 0xa5;
                let _ = StlFile::parse(&flipped, "a");
            }
        }
    }
}
