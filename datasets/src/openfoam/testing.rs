//! A stand-in for simpleFoam, and small cases.

use std::path::{Path, PathBuf};

use karman_meshes::{CellType, Location, Mesh, NacaTrailingEdge, Zone, naca4};

use super::{FoamCase, FoamGrid, FoamSolver, WallTreatment};
use crate::Conditions;

/// A case with seven thousand cells.
pub(super) fn small_case() -> FoamCase {
    let contour = naca4(2.0, 4.0, 12.0, 60, NacaTrailingEdge::Closed).unwrap();
    let mut case = FoamCase::new(contour, Conditions::new(50.0, 4.0).unwrap());
    case.grid = small_grid();
    case.wall = small_wall();
    case
}

/// So many cells reach the far field from it without growing fast.
pub(super) fn small_wall() -> WallTreatment {
    WallTreatment::Resolved { y_plus: 4.9 }
}

pub(super) fn small_grid() -> FoamGrid {
    FoamGrid {
        surface_cells: 40,
        wake_cells: 32,
        normal_cells: 48,
        radius: 20.0,
    }
}

/// `nx` by `ny` parallelograms of width 1 and height 1, sheared by `shear` per height; the wall is y = 0.
pub(super) fn sheared(nx: usize, ny: usize, shear: f64) -> Mesh {
    let place = |i: usize, j: usize| [i as f64 + shear * j as f64, j as f64, 0.0];
    let points = (0..=ny).flat_map(|j| (0..=nx).map(move |i| place(i, j)));
    let mut builder = Mesh::builder().points(points.collect());
    for j in 0..ny {
        for i in 0..nx {
            let a = (j * (nx + 1) + i) as u32;
            let up = nx as u32 + 1;
            builder = builder.cell(CellType::Quad, &[a, a + 1, a + 1 + up, a + up]);
        }
    }
    let zone = Zone {
        name: "aerofoil".into(),
        location: Location::Point,
        indices: (0..=nx as u32).collect(),
    };
    builder.zone(zone).build().unwrap()
}

/// A script that takes simpleFoam's place. `body` is shell: `$case` is the case's folder, `iterations N CD CL`
/// prints N iterations with these coefficients, `state N` writes a state of uniform fields.
pub(super) fn fake_solver(folder: &Path, body: &str) -> FoamSolver {
    let path: PathBuf = folder.join("fakeFoam");
    let script = format!("{FUNCTIONS}\n{body}\n");
    std::fs::write(&path, script).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    // A file that was just written by a process with several threads may be busy for a moment: the
    // interpreter is started instead, which only reads it.
    FoamSolver::through("bash", path)
}

const FUNCTIONS: &str = r#"
case="$2"
echo "Build  : OPENFOAM=1912 patch=200626"
iterations() {
    for ((i = 1; i <= $1; i++)); do
        echo "Time = $i"
        for name in Ux Uy p omega k; do
            echo "solver:  Solving for $name, Initial residual = 1e-7, Final residual = 1e-9, No Iterations 1"
        done
        echo "        Cd       : $2	(pressure: 0.002	viscous: 0.008)"
        echo "        Cl       : $3	(pressure: 0.4	viscous: 0.0001)"
        echo "        Cl(f)    : 99"
    done
}
field() {
    echo "FoamFile { version 2.0; format ascii; class $3; object $2; }
dimensions [0 0 0 0 0 0 0];
internalField uniform $4;
boundaryField {
    aerofoil { type fixedValue; value uniform $5; }
    freestream { type freestream; freestreamValue uniform $4; value uniform $4; }
    frontAndBack { type empty; }
}
// ************************************************************************* //" > "$case/$1/$2"
}
state() {
    mkdir -p "$case/$1"
    field $1 U volVectorField "(50 3 0)" "(0 0 0)"
    for name in p k omega nut phi; do field $1 $name volScalarField 0.5 0.25; done
}
finish() {
    echo "    patch aerofoil y+ : min = 0.1, max = 2.5, average = 0.75"
    echo "End"
}
"#;
