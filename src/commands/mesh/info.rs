//! `karman mesh info`: what a mesh file holds.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use karman_meshes::{Field, Location, MeshFile, read_mesh};
use serde::Serialize;

use crate::commands::error::CommandError;
use crate::commands::number::{bytes, number};
use crate::commands::table::Table;
use crate::commands::{Context, Run};

/// Show what a mesh file holds: points, cells, extent, arrays and their ranges
///
/// Values that are not finite numbers are counted, array by array: a diverged solution shows here.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Info {
    /// The mesh file (.vtu, .vtp)
    file: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  karman mesh info case_internal.vtu
  karman mesh info case_aerofoil.vtp --json -";

/// What a mesh file holds.
#[derive(Serialize)]
struct Summary {
    file: PathBuf,
    file_bytes: u64,
    n_points: usize,
    n_cells: usize,
    /// Number of cells by kind.
    cells: BTreeMap<String, usize>,
    /// Lowest and highest coordinates, m.
    bounds: [[f64; 3]; 2],
    arrays: Vec<Array>,
}

/// What an array holds.
#[derive(Serialize)]
struct Array {
    name: String,
    location: &'static str,
    components: usize,
    number_type: &'static str,
    unit: Option<String>,
    /// Lowest, highest and mean finite value, over all components.
    min: Option<f64>,
    max: Option<f64>,
    mean: Option<f64>,
    /// Values that are NaN or infinite.
    not_finite: usize,
}

impl Run for Info {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let file = read_mesh(&self.file)?;
        let summary = Summary::new(&self.file, &file)?;
        context.output.show(&summary, || summary.text())
    }
}

impl Summary {
    fn new(path: &Path, file: &MeshFile) -> Result<Self, CommandError> {
        let metadata = std::fs::metadata(path).map_err(CommandError::io("look at", path))?;
        let mut cells = BTreeMap::new();
        for kind in file.mesh.cell_types() {
            *cells.entry(format!("{kind:?}")).or_insert(0) += 1;
        }
        let (low, high) = file.mesh.bounds();
        Ok(Self {
            file: path.to_path_buf(),
            file_bytes: metadata.len(),
            n_points: file.mesh.n_points(),
            n_cells: file.mesh.n_cells(),
            cells,
            bounds: [low, high],
            arrays: file.fields.iter().map(Array::new).collect(),
        })
    }

    fn text(&self) -> String {
        let mut text = format!("{} ({})\n\n", self.file.display(), bytes(self.file_bytes));
        text += &format!("points  {}\n", self.n_points);
        let kinds: Vec<String> = self.cells.iter().map(|(k, n)| format!("{n} {k}")).collect();
        let kinds = match kinds.len() {
            0 => String::new(),
            _ => format!(" ({})", kinds.join(", ")),
        };
        text += &format!("cells   {}{kinds}\n", self.n_cells);
        for (axis, name) in ["x", "y", "z"].iter().enumerate() {
            let [low, high] = self.bounds.map(|corner| number(corner[axis], 6));
            text += &format!("{name}       {low} to {high}\n");
        }
        if self.arrays.is_empty() {
            return text + "\nno arrays\n";
        }
        let mut table = Table::new([
            "array",
            "at",
            "type",
            "unit",
            "components",
            "min",
            "mean",
            "max",
            "not finite",
        ])
        .text_columns(4);
        for array in &self.arrays {
            table.row(array.cells());
        }
        format!("{text}\n{table}")
    }
}

impl Array {
    fn new(field: &Field) -> Self {
        let values = field.to_f64();
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        let n = finite().count();
        let some = |value: f64| (n > 0).then_some(value);
        Self {
            name: field.name().to_owned(),
            location: match field.location() {
                Location::Point => "point",
                Location::Cell => "cell",
            },
            components: field.components(),
            number_type: field.values().type_name(),
            unit: field.unit().map(str::to_owned),
            min: some(finite().fold(f64::INFINITY, f64::min)),
            max: some(finite().fold(f64::NEG_INFINITY, f64::max)),
            mean: some(finite().sum::<f64>() / n as f64),
            not_finite: values.len() - n,
        }
    }

    fn cells(&self) -> [String; 9] {
        [
            self.name.clone(),
            self.location.to_owned(),
            self.number_type.to_owned(),
            self.unit.clone().unwrap_or_default(),
            self.components.to_string(),
            number(self.min, 5),
            number(self.mean, 5),
            number(self.max, 5),
            self.not_finite.to_string(),
        ]
    }
}
