//! SU2's binary solutions (restart files): named fields at points.
//!
//! Five integers of 4 bytes (the number 535532, fields, points, and how many integers and doubles
//! follow the fields); names of 33 bytes each, filled up with zeros; then the values as doubles,
//! point by point; then the integers and doubles (iteration, angles of attack, ..), which are passed
//! over. All in the byte order of the machine that wrote it.

use super::super::fields::check_fields;
use crate::{Field, Location, Mesh, MeshError, MeshFile, ReadOptions};

/// What the file begins with.
const MAGIC: u32 = 535_532;
const HEADER: usize = 20;
const NAME: usize = 33;

/// Whether these bytes begin as a binary solution of SU2 does.
pub fn is_su2_solution(bytes: &[u8]) -> bool {
    big_endian(bytes).is_some()
}

fn big_endian(bytes: &[u8]) -> Option<bool> {
    let first = *bytes.first_chunk()?;
    if u32::from_le_bytes(first) == MAGIC {
        Some(false)
    } else if u32::from_be_bytes(first) == MAGIC {
        Some(true)
    } else {
        None
    }
}

/// Reads the bytes of a binary solution of SU2; `name` stands for the file in messages.
///
/// The mesh has the points of the solution (its fields `x`, `y` and, in 3D, `z`) and no cells; all
/// other fields are point fields of one component with the names that SU2 gave them. The points are
/// those of the SU2 mesh in the same order: [`MeshFile::with_solution`] joins the two.
///
/// # Errors
/// [`MeshError::Malformed`] for another kind of file, or a size that does not fit what the header
/// says; [`MeshError::FieldMissing`] when a field asked for is not there; coordinates that are not
/// finite; two fields of one name.
pub fn read_su2_solution(
    bytes: &[u8],
    name: &str,
    options: &ReadOptions,
) -> Result<MeshFile, MeshError> {
    let solution = Solution::new(bytes).map_err(|problem| MeshError::Malformed {
        file: name.to_owned(),
        place: "header".to_owned(),
        problem,
    })?;
    solution.read(options).map_err(|error| error.in_file(name))
}

struct Solution<'a> {
    big_endian: bool,
    names: Vec<String>,
    n_points: usize,
    /// `n_points` rows of one double for each name.
    values: &'a [[u8; 8]],
}

impl<'a> Solution<'a> {
    /// Checks the header against the size of the file.
    fn new(bytes: &'a [u8]) -> Result<Self, String> {
        let big_endian = big_endian(bytes).ok_or("this is no binary solution of SU2")?;
        let Some((header, rest)) = bytes.split_at_checked(HEADER) else {
            return Err("the file ends within its header".to_owned());
        };
        let (words, _) = header.as_chunks::<4>();
        let word = |k: usize| match big_endian {
            true => u32::from_be_bytes(words[k]),
            false => u32::from_le_bytes(words[k]),
        };
        // Each below 2^32: no sum below can overflow 128 bits.
        let [n_fields, n_points, n_ints, n_doubles] = [1, 2, 3, 4].map(|k| u128::from(word(k)));
        let of_names = NAME as u128 * n_fields;
        let of_values = 8 * n_fields * n_points;
        let needed = HEADER as u128 + of_names + of_values + 4 * n_ints + 8 * n_doubles;
        if needed != bytes.len() as u128 {
            return Err(format!(
                "{n_fields} fields at {n_points} points with {n_ints} integers and {n_doubles} \
                 doubles behind them need {needed} bytes, the file has {}",
                bytes.len()
            ));
        }
        if n_fields == 0 {
            return Err("the file holds no fields".to_owned());
        }
        // What fits into the file fits into memory.
        let (names, values) = rest.split_at(of_names as usize);
        Ok(Self {
            big_endian,
            names: names.chunks_exact(NAME).map(text).collect(),
            n_points: n_points as usize,
            values: values[..of_values as usize].as_chunks().0,
        })
    }

    fn column(&self, field: usize) -> impl Iterator<Item = f64> {
        let big_endian = self.big_endian;
        self.values
            .iter()
            .skip(field)
            .step_by(self.names.len())
            .map(move |bytes| match big_endian {
                true => f64::from_be_bytes(*bytes),
                false => f64::from_le_bytes(*bytes),
            })
    }

    fn read(&self, options: &ReadOptions) -> Result<MeshFile, MeshError> {
        let axis = |name: &str| {
            ["x", "y", "z"]
                .iter()
                .position(|a| name.eq_ignore_ascii_case(a))
        };
        let mut points = vec![[0.0; 3]; self.n_points];
        let mut fields = Vec::new();
        let mut axes = [false; 3];
        for (k, name) in self.names.iter().enumerate() {
            if let Some(axis) = axis(name) {
                axes[axis] = true;
                for (point, value) in points.iter_mut().zip(self.column(k)) {
                    point[axis] = value;
                }
            } else if options.point_fields.contains(name) {
                let values: Vec<f64> = self.column(k).collect();
                fields.push(Field::new(name.clone(), Location::Point, 1, values)?);
            }
        }
        if !(axes[0] && axes[1]) {
            return Err(MeshError::FieldMissing {
                name: if axes[0] { "y" } else { "x" }.to_owned(),
                location: Location::Point,
                present: self.names.clone(),
            });
        }
        let mesh = Mesh::builder().points(points).build()?;
        check_fields(&mesh, &fields, options)?;
        Ok(MeshFile { mesh, fields })
    }
}

/// A name up to the first zero.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0);
    let name = &bytes[..end.unwrap_or(bytes.len())];
    String::from_utf8_lossy(name.trim_ascii()).into_owned()
}
