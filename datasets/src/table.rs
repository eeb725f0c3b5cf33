//! Model rows with named columns.

use crate::DatasetError;

/// What a column of a [`PointTable`] made from a sample holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Name by which it is addressed.
    pub name: &'static str,
    /// Unit; "1" for none.
    pub unit: &'static str,
    /// What it is.
    pub doc: &'static str,
}

const fn column(name: &'static str, unit: &'static str, doc: &'static str) -> Column {
    Column { name, unit, doc }
}

/// The columns that depend on geometry and inlet conditions only: the possible model inputs.
pub const INPUT_COLUMNS: [Column; 15] = [
    column("x", "m", "x coordinate"),
    column("y", "m", "y coordinate"),
    column(
        "inlet_x",
        "m/s",
        "x component of the inlet velocity, the same in all rows of a case",
    ),
    column(
        "inlet_y",
        "m/s",
        "y component of the inlet velocity, the same in all rows of a case",
    ),
    column(
        "sdf",
        "m",
        "distance to the airfoil, positive in the fluid, 0 on the wall",
    ),
    column(
        "normal_x",
        "1",
        "x of the outward unit normal; 0 off the wall",
    ),
    column(
        "normal_y",
        "1",
        "y of the outward unit normal; 0 off the wall",
    ),
    column(
        "volume_normal_x",
        "1",
        "x of the unit vector to the nearest point of the airfoil, times 1 - sdf / largest sdf; \
         into the body on the wall",
    ),
    column("volume_normal_y", "1", "y of the same vector"),
    column(
        "arc",
        "m",
        "arc length along the airfoil from its leading edge to the nearest point, positive on the \
         upper side, negative on the lower",
    ),
    column("wall_x", "m", "x of the nearest point of the airfoil"),
    column("wall_y", "m", "y of the nearest point of the airfoil"),
    column(
        "panel_u_x",
        "m/s",
        "x velocity of the inviscid flow past the airfoil, by vortex panels; not 0 on the wall",
    ),
    column("panel_u_y", "m/s", "y velocity of the same flow"),
    column("panel_p", "m2/s2", "kinematic pressure of the same flow"),
];

/// The columns that a model learns to predict.
pub const TARGET_COLUMNS: [Column; 4] = [
    column("u_x", "m/s", "x velocity"),
    column("u_y", "m/s", "y velocity"),
    column("p", "m2/s2", "kinematic pressure"),
    column("nu_t", "m2/s", "turbulent kinematic viscosity"),
];

/// The column that tells wall nodes from the others.
pub const SURFACE_COLUMN: Column = column("is_surface", "1", "1 on the airfoil, 0 elsewhere");

/// All columns of a sample's table, in order: inputs, targets, the surface mark.
pub fn point_columns() -> impl Iterator<Item = Column> {
    INPUT_COLUMNS
        .into_iter()
        .chain(TARGET_COLUMNS)
        .chain([SURFACE_COLUMN])
}

/// Rows of single-precision numbers under named columns, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct PointTable {
    columns: Vec<String>,
    data: Vec<f32>,
}

impl PointTable {
    /// A table of these columns.
    ///
    /// # Shapes
    /// `data`: `[rows, columns]`, row-major.
    ///
    /// # Errors
    /// No columns, two of the same name, or a length that is not a multiple of their number.
    pub fn new(columns: Vec<String>, data: Vec<f32>) -> Result<Self, DatasetError> {
        let problem = if columns.is_empty() {
            Some("a table needs at least one".to_string())
        } else {
            let mut sorted: Vec<&String> = columns.iter().collect();
            sorted.sort_unstable();
            let twice = sorted.windows(2).find(|pair| pair[0] == pair[1]);
            twice.map(|pair| format!("\"{}\" comes more than once", pair[0]))
        };
        if let Some(problem) = problem {
            return Err(DatasetError::Argument {
                what: "columns of a table",
                problem,
            });
        }
        if !data.len().is_multiple_of(columns.len()) {
            return Err(DatasetError::Size {
                what: "values of a table, a multiple of its number of columns".into(),
                expected: columns.len(),
                found: data.len(),
            });
        }
        Ok(Self { columns, data })
    }

    /// Names of the columns, in order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.columns.len()
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.data.len() / self.columns.len()
    }

    /// All values, row-major.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// All values, row-major, without a copy.
    pub fn into_data(self) -> Vec<f32> {
        self.data
    }

    /// The rows in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.data.chunks_exact(self.columns.len())
    }

    /// The values of one column.
    ///
    /// # Errors
    /// [`DatasetError::UnknownColumn`], which lists the columns there are.
    pub fn column(&self, name: &str) -> Result<Vec<f32>, DatasetError> {
        let selector = ColumnSelector::new(&self.columns, &[name])?;
        Ok(selector.gather(&self.data))
    }

    /// A table of some of the columns, in the order asked for.
    ///
    /// # Errors
    /// [`DatasetError::UnknownColumn`], or a name that is asked for twice.
    pub fn select<S: AsRef<str>>(&self, names: &[S]) -> Result<Self, DatasetError> {
        let selector = ColumnSelector::new(&self.columns, names)?;
        let names = names.iter().map(|n| n.as_ref().to_string()).collect();
        Self::new(names, selector.gather(&self.data))
    }
}

/// Picks named columns out of row-major rows: the names are looked up once, not per batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnSelector {
    width: usize,
    indices: Vec<usize>,
}

impl ColumnSelector {
    /// Looks `names` up in `columns`, those of the rows to come.
    ///
    /// # Errors
    /// [`DatasetError::UnknownColumn`], which lists the columns there are.
    pub fn new<S: AsRef<str>>(columns: &[String], names: &[S]) -> Result<Self, DatasetError> {
        let indices: Result<Vec<usize>, DatasetError> = names
            .iter()
            .map(|name| {
                let place = columns.iter().position(|c| c == name.as_ref());
                place.ok_or_else(|| DatasetError::UnknownColumn {
                    name: name.as_ref().to_string(),
                    available: columns.to_vec(),
                })
            })
            .collect();
        Ok(Self {
            width: columns.len(),
            indices: indices?,
        })
    }

    /// The selected columns, row-major.
    ///
    /// # Shapes
    /// `rows`: `[n, columns]`; the result: `[n, names]`. What follows the last whole row is left out.
    pub fn gather(&self, rows: &[f32]) -> Vec<f32> {
        let mut out = Vec::new();
        self.gather_into(rows, &mut out);
        out
    }

    /// As [`ColumnSelector::gather`], appended to `out`.
    pub fn gather_into(&self, rows: &[f32], out: &mut Vec<f32>) {
        if self.width == 0 {
            return;
        }
        out.reserve(rows.len() / self.width * self.indices.len());
        for row in rows.chunks_exact(self.width) {
            out.extend(self.indices.iter().map(|&i| row[i]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> PointTable {
        let names = ["a", "b", "c"].map(String::from).to_vec();
        PointTable::new(names, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap()
    }

    #[test]
    fn columns_by_name_in_any_order() {
        let table = table();
        assert_eq!((table.n_rows(), table.width()), (2, 3));
        assert_eq!(table.column("b").unwrap(), [2.0, 5.0]);
        let selected = table.select(&["c", "a"]).unwrap();
        assert_eq!(selected.columns(), ["c", "a"]);
        assert_eq!(selected.data(), [3.0, 1.0, 6.0, 4.0]);
    }

    #[test]
    fn wrong_tables_are_errors() {
        let names = |n: &[&str]| n.iter().map(|s| s.to_string()).collect::<Vec<_>>();
        assert!(PointTable::new(vec![], vec![]).is_err());
        assert!(PointTable::new(names(&["a", "a"]), vec![1.0, 2.0]).is_err());
        assert!(PointTable::new(names(&["a", "b"]), vec![1.0]).is_err());
        let message = table().column("d").unwrap_err().to_string();
        assert!(message.contains("a, b, c"), "{message}");
    }

    #[test]
    fn sample_columns_have_distinct_names() {
        let names: Vec<String> = point_columns().map(|c| c.name.to_string()).collect();
        let width = names.len();
        assert_eq!(width, 20);
        assert!(PointTable::new(names, vec![0.0; width]).is_ok());
    }
}
