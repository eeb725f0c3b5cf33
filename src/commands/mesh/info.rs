//! `karman mesh info`: what a mesh file holds.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use karman_meshes::{Field, Location, MeshFile, Zone, is_su2_solution, read_mesh};
use serde::Serialize;

use super::airfoil::Airfoil;
use crate::commands::error::CommandError;
use crate::commands::number::{bytes, number};
use crate::commands::table::Table;
use crate::commands::{Context, Run};

/// Show what a file holds: points, cells, extent, zones, arrays and their ranges
///
/// Values that are not finite numbers are counted, array by array: a diverged solution shows here.
/// Of an airfoil in a .dat file (Selig or Lednicer), camber and thickness are shown.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Info {
    /// A mesh (.vtu, .vtp, .msh, .su2), a solution of SU2 or an airfoil (.dat)
    file: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  karman mesh info case_internal.vtu
  karman mesh info case_aerofoil.vtp --json -
  karman mesh info channel.msh
  karman mesh info e387.dat";

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
    zones: Vec<ZoneSize>,
    arrays: Vec<Array>,
}

/// A named set of points or cells.
#[derive(Serialize)]
struct ZoneSize {
    name: String,
    location: &'static str,
    n: usize,
}

/// What an array holds.
#[derive(Serialize)]
struct Array {
    name: String,
    location: &'static str,
    number_type: &'static str,
    unit: Option<String>,
    /// One entry a component.
    components: Vec<Component>,
}

/// Lowest, mean and highest finite value of a component.
#[derive(Serialize)]
struct Component {
    min: Option<f64>,
    mean: Option<f64>,
    max: Option<f64>,
    /// Values that are NaN or infinite.
    not_finite: usize,
}

impl Run for Info {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let extension = self.file.extension();
        let dat = extension.is_some_and(|found| found.eq_ignore_ascii_case("dat"));
        if dat && !begins_as_solution(&self.file)? {
            let airfoil = Airfoil::read(&self.file)?;
            return context.output.show(&airfoil, || airfoil.text());
        }
        let file = read_mesh(&self.file)?;
        let summary = Summary::new(&self.file, &file)?;
        context.output.show(&summary, || summary.text())
    }
}

/// Whether a `.dat` file is a solution of SU2 rather than an airfoil.
fn begins_as_solution(path: &Path) -> Result<bool, CommandError> {
    let mut start = Vec::new();
    let file = File::open(path).map_err(CommandError::io("read", path))?;
    let read = file.take(4).read_to_end(&mut start);
    read.map_err(CommandError::io("read", path))?;
    Ok(is_su2_solution(&start))
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
            zones: file.mesh.zones().iter().map(ZoneSize::new).collect(),
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
        for zone in &self.zones {
            text += &format!("zone    {}: {} {}s\n", zone.name, zone.n, zone.location);
        }
        if self.arrays.is_empty() {
            return text + "\nno arrays\n";
        }
        let headings = [
            "array",
            "at",
            "type",
            "unit",
            "min",
            "mean",
            "max",
            "not finite",
        ];
        let mut table = Table::new(headings).text_columns(4);
        for row in self.arrays.iter().flat_map(Array::rows) {
            table.row(row);
        }
        format!("{text}\n{table}")
    }
}

impl ZoneSize {
    fn new(zone: &Zone) -> Self {
        Self {
            name: zone.name.clone(),
            location: location_name(zone.location),
            n: zone.indices.len(),
        }
    }
}

fn location_name(location: Location) -> &'static str {
    match location {
        Location::Point => "point",
        Location::Cell => "cell",
    }
}

impl Array {
    fn new(field: &Field) -> Self {
        let values = field.to_f64();
        let components = field.components();
        Self {
            name: field.name().to_owned(),
            location: location_name(field.location()),
            number_type: field.values().type_name(),
            unit: field.unit().map(str::to_owned),
            components: (0..components)
                .map(|k| Component::new(values.iter().skip(k).step_by(components).copied()))
                .collect(),
        }
    }

    /// One row a component; those after the first repeat nothing.
    fn rows(&self) -> Vec<[String; 8]> {
        let axes = self.components.len() == 2 || self.components.len() == 3;
        let row = |(k, component): (usize, &Component)| {
            let name = match self.components.len() {
                1 => self.name.clone(),
                _ if axes => format!("{} {}", self.name, ["x", "y", "z"][k]),
                _ => format!("{} {k}", self.name),
            };
            let once = |text: &str| {
                if k == 0 {
                    text.to_owned()
                } else {
                    String::new()
                }
            };
            [
                name,
                once(self.location),
                once(self.number_type),
                once(self.unit.as_deref().unwrap_or_default()),
                number(component.min, 5),
                number(component.mean, 5),
                number(component.max, 5),
                component.not_finite.to_string(),
            ]
        };
        self.components.iter().enumerate().map(row).collect()
    }
}

impl Component {
    fn new(values: impl ExactSizeIterator<Item = f64>) -> Self {
        let all = values.len();
        let (mut n, mut mean) = (0, 0.0);
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            n += 1;
            // Running, so that large values do not overflow their sum.
            mean += (value / n as f64) - (mean / n as f64);
            (min, max) = (min.min(value), max.max(value));
        }
        let some = |value: f64| (n > 0).then_some(value);
        Self {
            min: some(min),
            mean: some(mean),
            max: some(max),
            not_finite: all - n,
        }
    }
}
