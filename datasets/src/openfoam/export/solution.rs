//! A solved case: its mesh and the fields of its last state.

use std::path::Path;

use super::interpolate::Interpolator;
use crate::DatasetError;
use crate::openfoam::mesh::{FoamMesh, FoamPatch, Measures};
use crate::openfoam::read::FoamField;
use crate::openfoam::run::{is_complete, states};

/// Names of the patches in AirfRANS's cases and in those that [`FoamCase`](crate::FoamCase) writes.
pub(super) const WALL: &str = "aerofoil";
pub(super) const FREESTREAM: &str = "freestream";

/// A field on cells, patches and points.
#[derive(Debug, Clone)]
pub(super) struct Everywhere {
    pub(super) components: usize,
    pub(super) cells: Vec<f64>,
    pub(super) wall: Vec<f64>,
    pub(super) freestream: Vec<f64>,
    pub(super) points: Vec<f64>,
}

/// The last state of an airfoil case: velocity, pressure and eddy viscosity.
#[derive(Debug)]
pub struct FoamSolution {
    pub(super) mesh: FoamMesh,
    pub(super) measures: Measures,
    pub(super) velocity: Everywhere,
    pub(super) pressure: Everywhere,
    pub(super) eddy: Everywhere,
    iteration: usize,
}

impl FoamSolution {
    /// Reads the mesh and the last complete state of the case in `folder`. Besides the cases of this crate,
    /// any one with the patches `aerofoil` and `freestream` is taken, AirfRANS's own among them.
    ///
    /// # Errors
    /// No state but the initial one; a file that is absent or damaged; sizes that do not fit; values that
    /// are not finite.
    pub fn read(folder: &Path) -> Result<Self, DatasetError> {
        let mesh = FoamMesh::read(folder)?;
        let written = states(folder)?;
        let last = written
            .into_iter()
            .rev()
            .find(|(_, state)| is_complete(state));
        let (iteration, state) = last.ok_or_else(|| DatasetError::OpenFoamFile {
            path: folder.to_path_buf(),
            problem: "holds no complete state of U, p, k, omega, nut and phi: run simpleFoam first"
                .into(),
        })?;
        let patches = [
            named_patch(&mesh, folder, WALL)?,
            named_patch(&mesh, folder, FREESTREAM)?,
        ];
        let measures = Measures::new(&mesh);
        let interpolator = Interpolator::new(&mesh, &measures, &patches);
        let read = |name: &str, components: usize| -> Result<Everywhere, DatasetError> {
            let field = FoamField::read(&state.join(name))?;
            if field.components != components {
                return Err(DatasetError::OpenFoamFile {
                    path: field.path,
                    problem: format!("has {} components", field.components),
                });
            }
            let cells = field.cell_values(mesh.n_cells())?;
            let on = |patch: &FoamPatch| {
                field.patch_values(&patch.name, &mesh.owner()[patch.faces()], &cells)
            };
            let [wall, freestream] = [on(&patches[0])?, on(&patches[1])?];
            let points = interpolator.points(components, &cells, [&wall, &freestream]);
            Ok(Everywhere {
                components,
                cells,
                wall,
                freestream,
                points,
            })
        };
        let (velocity, pressure, eddy) = (read("U", 3)?, read("p", 1)?, read("nut", 1)?);
        Ok(Self {
            mesh,
            measures,
            velocity,
            pressure,
            eddy,
            iteration,
        })
    }

    /// The iteration of the state.
    pub fn iteration(&self) -> usize {
        self.iteration
    }

    /// The mesh.
    pub fn mesh(&self) -> &FoamMesh {
        &self.mesh
    }

    /// A field by its name in AirfRANS's files.
    pub(super) fn fields(&self) -> [(&'static str, &'static str, &Everywhere); 3] {
        [
            ("U", "m/s", &self.velocity),
            ("p", "m2/s2", &self.pressure),
            ("nut", "m2/s", &self.eddy),
        ]
    }
}

fn named_patch(mesh: &FoamMesh, folder: &Path, name: &str) -> Result<FoamPatch, DatasetError> {
    mesh.patch(name).cloned().ok_or_else(|| {
        let known: Vec<&str> = mesh.patches().iter().map(|p| p.name.as_str()).collect();
        DatasetError::OpenFoamFile {
            path: folder.join("constant/polyMesh/boundary"),
            problem: format!("has no patch \"{name}\"; there are: {}", known.join(", ")),
        }
    })
}
