//! Small files of SU2 as text and bytes.

/// Two triangles beside a square, with two markers.
pub const PLANE: &str = "% a comment
NDIME= 2
NELEM= 3
9 0 1 4 3 0
5 1 2 5 1
5 1 5 4 2
NPOIN= 6
0.0 0.0 0
1.0 0.0 1
2.0 0.0 2 % the corner
0.0 1.0 3
1.0 1.0 4
2.0 1.0e+00 5
NMARK= 2
MARKER_TAG= wall
MARKER_ELEMS= 2
3 0 1
3 1 2
MARKER_TAG= far field
MARKER_ELEMS= 1
3 3 0
";

/// A tetrahedron with one marker, points first.
pub const SOLID: &str = "NDIME=3
NPOIN=4 4
0 0 0
1 0 0
0 1 0
0 0 1
NELEM=1
10 0 1 2 3
NMARK=1
MARKER_TAG=base
MARKER_ELEMS=1
5 0 2 1
";

/// A binary solution: names, rows, and so many integers and doubles behind them.
pub fn solution(names: &[&str], rows: &[&[f64]], tail: [u32; 2], big_endian: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut put = |little: &[u8]| match big_endian {
        true => bytes.extend(little.iter().rev()),
        false => bytes.extend(little),
    };
    for word in [
        535_532,
        names.len() as u32,
        rows.len() as u32,
        tail[0],
        tail[1],
    ] {
        put(&word.to_le_bytes());
    }
    for name in names {
        let mut field = name.as_bytes().to_vec();
        field.resize(33, 0);
        field.iter().for_each(|&byte| put(&[byte]));
    }
    rows.iter()
        .copied()
        .flatten()
        .for_each(|value| put(&value.to_le_bytes()));
    (0..tail[0]).for_each(|_| put(&7u32.to_le_bytes()));
    (0..tail[1]).for_each(|_| put(&0.5f64.to_le_bytes()));
    bytes
}
