//! The mesh of a prediction: read, or built around an airfoil.

use std::path::Path;

use karman_datasets::{Conditions, Similarity, TrainingReach};
use karman_meshes::{
    CGrid, CGridBounds, CGridOptions, Contour, DatAirfoil, FieldSelection, Mesh, ReadOptions,
    read_mesh_with,
};

use super::positive;
use crate::commands::error::CommandError;

/// How a C-grid is built around airfoil coordinates.
#[derive(clap::Args)]
#[command(next_help_heading = "Options for airfoil coordinates (.dat)")]
pub(super) struct GeometryOptions {
    /// Chord, m [default: 1]
    #[arg(long, value_name = "M", value_parser = positive)]
    chord: Option<f64>,
    /// Cells along each side of the airfoil [default: 80]
    #[arg(long, value_name = "N")]
    surface_cells: Option<usize>,
    /// Cells along the wake [default: 48]
    #[arg(long, value_name = "N")]
    wake_cells: Option<usize>,
    /// Cells from the airfoil to the outer edge [default: 68]
    #[arg(long, value_name = "N")]
    normal_cells: Option<usize>,
    /// Height of the cells on the airfoil, in chords [default: 2e-5]
    #[arg(long, value_name = "CHORDS", value_parser = positive)]
    first_height: Option<f64>,
}

/// A mesh and what to call it.
pub(super) struct Geometry {
    /// Name of the case.
    pub name: String,
    /// The mesh, m.
    pub mesh: Mesh,
    /// Whether it was built here.
    pub is_grid: bool,
}

impl Geometry {
    /// Reads a mesh, or builds a grid around coordinates that fills what the model has seen.
    pub(super) fn read(
        path: &Path,
        options: &GeometryOptions,
        reach: Option<TrainingReach>,
    ) -> Result<Self, CommandError> {
        let name = case_name(path);
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        match extension.to_str() {
            Some("dat") => Ok(Self {
                name,
                mesh: grid(path, options, reach)?,
                is_grid: true,
            }),
            Some("vtu" | "vtp") => {
                options.check_unused()?;
                let read = ReadOptions {
                    point_fields: FieldSelection::None,
                    cell_fields: FieldSelection::None,
                    ..ReadOptions::default()
                };
                Ok(Self {
                    name,
                    mesh: read_mesh_with(path, &read)?.mesh,
                    is_grid: false,
                })
            }
            _ => Err(CommandError::input(format!(
                "`{}` is neither a mesh (.vtu, .vtp) nor airfoil coordinates (.dat)",
                path.display()
            ))
            .help("ParaView and meshio convert other meshes to .vtu")),
        }
    }
}

/// The name of a mesh file without what AirfRANS adds to the name of the case.
pub(super) fn case_name(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    stem.strip_suffix("_internal").unwrap_or(&stem).to_owned()
}

impl GeometryOptions {
    /// A mesh has its own chord and cells.
    fn check_unused(&self) -> Result<(), CommandError> {
        let given = [
            ("--chord", self.chord.is_some()),
            ("--surface-cells", self.surface_cells.is_some()),
            ("--wake-cells", self.wake_cells.is_some()),
            ("--normal-cells", self.normal_cells.is_some()),
            ("--first-height", self.first_height.is_some()),
        ];
        match given.iter().find(|(_, is_given)| *is_given) {
            None => Ok(()),
            Some((option, _)) => Err(CommandError::input(format!(
                "{option} is for airfoil coordinates (.dat); a mesh has its own"
            ))),
        }
    }

    fn grid_options(&self, reach: Option<TrainingReach>) -> CGridOptions {
        let usual = CGridOptions::default();
        CGridOptions {
            surface_cells: self.surface_cells.unwrap_or(usual.surface_cells),
            wake_cells: self.wake_cells.unwrap_or(usual.wake_cells),
            normal_cells: self.normal_cells.unwrap_or(usual.normal_cells),
            first_height: self.first_height.unwrap_or(usual.first_height),
            bounds: reach.map_or(usual.bounds, bounds_of),
        }
    }
}

/// The box that a model has seen, as far as a grid can fill it: one chord from the airfoil at least,
/// ten at most.
fn bounds_of(reach: TrainingReach) -> CGridBounds {
    CGridBounds {
        x_min: reach.low[0].clamp(-10.0, -1.0),
        x_max: reach.high[0].clamp(2.0, 11.0),
        y_min: reach.low[1].clamp(-10.0, -1.0),
        y_max: reach.high[1].clamp(1.0, 10.0),
    }
}

fn grid(
    path: &Path,
    options: &GeometryOptions,
    reach: Option<TrainingReach>,
) -> Result<Mesh, CommandError> {
    let contour = DatAirfoil::read(path)?.contour;
    let contour = with_chord(&contour, options.chord.unwrap_or(1.0))?;
    let grid = CGrid::new(&contour, &options.grid_options(reach))
        .map_err(|error| error.in_file(path.display().to_string()))?;
    Ok(grid.mesh)
}

/// Coordinates come in chords, per cent or millimetres, and from any origin: only the shape counts.
fn with_chord(contour: &Contour, chord: f64) -> Result<Contour, CommandError> {
    // Any conditions will do: the speed does not move points.
    let similarity = Similarity::new(contour, &Conditions::new(1.0, 0.0)?)?;
    let points: Vec<[f64; 2]> = contour
        .points()
        .iter()
        .map(|&p| similarity.point_to_training(p).map(|c| chord * c))
        .collect();
    Ok(Contour::from_points(&points)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use karman_meshes::{NacaTrailingEdge, naca4};

    #[test]
    fn cases_are_named_after_their_files() {
        for (path, name) in [
            (
                "a/airFoil2D_SST_50.1_4_0_0_12_internal.vtu",
                "airFoil2D_SST_50.1_4_0_0_12",
            ),
            ("naca2412.dat", "naca2412"),
            ("x/my.mesh.vtu", "my.mesh"),
        ] {
            assert_eq!(case_name(Path::new(path)), name);
        }
    }

    #[test]
    fn coordinates_get_the_chord_asked_for() {
        let naca = naca4(2.0, 4.0, 12.0, 40, NacaTrailingEdge::Closed).expect("an airfoil");
        let millimetres: Vec<[f64; 2]> = naca
            .points()
            .iter()
            .map(|p| [250.0 * p[0] + 17.0, 250.0 * p[1] - 3.0])
            .collect();
        let contour = Contour::from_points(&millimetres).expect("a contour");
        let made = with_chord(&contour, 0.5).expect("a contour");
        for (a, b) in made.points().iter().zip(naca.points()) {
            assert!((a[0] - 0.5 * b[0]).abs() < 1e-3 && (a[1] - 0.5 * b[1]).abs() < 1e-3);
        }
    }

    #[test]
    fn grids_fill_what_the_model_has_seen() {
        let bounds = bounds_of(TrainingReach {
            low: [-2.0, -200.0],
            high: [1.2, 1.5],
            sdf_max: 3.0,
        });
        let expected = CGridBounds {
            x_min: -2.0,
            x_max: 2.0,
            y_min: -10.0,
            y_max: 1.5,
        };
        assert_eq!(bounds, expected);
    }
}
