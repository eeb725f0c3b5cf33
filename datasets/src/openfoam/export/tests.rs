use std::path::Path;
use std::sync::atomic::AtomicBool;

use karman_meshes::Location;

use super::*;
use crate::openfoam::mesh::Measures;
use crate::openfoam::testing::small_case;
use crate::openfoam::{FoamCase, FoamMesh, FoamOutcome, FoamRun, FoamSolver, WallTreatment};
use crate::{
    AirfransDataset, DatasetError, FlowFields, ForceOptions, Manifest, NormalRule, Wall, WallMatch,
    forces_of, forces_with, wall_nodes, write_case,
};

/// Writes a state of iteration 12 whose fields are these functions of the place; U is zero on the wall.
fn write_state(case: &Path, mesh: &FoamMesh, pressure: impl Fn([f64; 3]) -> f64) {
    let measures = Measures::new(mesh);
    let state = case.join("12");
    std::fs::create_dir_all(&state).unwrap();
    let patch = |name: &str| mesh.patch(name).unwrap().faces();
    let list = |kind: &str, items: Vec<String>| {
        format!(
            "nonuniform List<{kind}> {}({})",
            items.len(),
            items.join(" ")
        )
    };
    let field = |name: &str,
                 class: &str,
                 kind: &str,
                 of: &dyn Fn([f64; 3]) -> String,
                 wall: String| {
        let cells = list(kind, measures.cell_centres.iter().map(|&c| of(c)).collect());
        let outer = patch("freestream")
            .map(|f| of(measures.face_centres[f]))
            .collect();
        let text = format!(
            "FoamFile {{ version 2.0; format ascii; class {class}; object {name}; }}\ninternalField {cells};\n\
             boundaryField {{ aerofoil {{ {wall} }} freestream {{ type calculated; value {}; }}\n\
             frontAndBack {{ type empty; }} }}\n// * * * * //\n",
            list(kind, outer)
        );
        std::fs::write(state.join(name), text).unwrap();
    };
    let scalar = |c: [f64; 3]| format!("{:?}", pressure(c));
    let on_wall = list(
        "scalar",
        patch("aerofoil")
            .map(|f| scalar(measures.face_centres[f]))
            .collect(),
    );
    let fixed = format!("type calculated; value {on_wall};");
    field("p", "volScalarField", "scalar", &scalar, fixed);
    let constant = |c: [f64; 3]| format!("({:?} 3.0 0.0)", 50.0 + c[0]);
    field(
        "U",
        "volVectorField",
        "vector",
        &constant,
        "type noSlip;".into(),
    );
    field(
        "nut",
        "volScalarField",
        "scalar",
        &|_| "1e-4".into(),
        "type fixedValue; value uniform 0;".into(),
    );
    for name in ["k", "omega", "phi"] {
        std::fs::write(state.join(name), "// * * * * //\n").unwrap();
    }
}

fn written(pressure: impl Fn([f64; 3]) -> f64) -> (tempfile::TempDir, FoamCase) {
    let folder = tempfile::tempdir().unwrap();
    let case = small_case();
    case.write(folder.path()).unwrap();
    write_state(
        folder.path(),
        &FoamMesh::read(folder.path()).unwrap(),
        pressure,
    );
    (folder, case)
}

/// The files are read by the crate's own reader, with all that AirfRANS's have.
#[test]
fn exported_cases_are_airfrans_cases() {
    let (folder, case) = written(|c| 2.0 * c[0] - c[1]);
    let solution = FoamSolution::read(folder.path()).unwrap();
    assert_eq!(solution.iteration(), 12);
    let root = tempfile::tempdir().unwrap();
    let name = "airFoil2D_SST_50.0_4.0_2.0_4.0_12.0";
    let sample = solution
        .airfrans_sample(name, &case.conditions, Some(AIRFRANS_BOX))
        .unwrap();
    write_case(&sample, root.path()).unwrap();
    let parts = [("full_train".to_string(), vec![name.to_string()])].into();
    Manifest::from_parts(root.path().join("manifest.json"), parts)
        .unwrap()
        .write()
        .unwrap();
    let loaded = AirfransDataset::open(root.path())
        .unwrap()
        .load(name)
        .unwrap();
    assert!(
        loaded.provenance.notes.is_empty(),
        "{:?}",
        loaded.provenance.notes
    );
    assert_eq!(
        (
            loaded.global("speed").unwrap(),
            loaded.global("aoa").unwrap()
        ),
        (50.0, 4.0)
    );
    assert_eq!(loaded.points_2d(), sample.points_2d(), "double precision");
    let wall = wall_nodes(&loaded).unwrap();
    assert_eq!(
        (wall.found_by, wall.nodes.len()),
        (WallMatch::Coordinates, 80)
    );
    assert!(
        wall.notes.is_empty(),
        "velocity and distance are zero there and only there: {:?}",
        wall.notes
    );
    let distance = loaded.scalar("implicit_distance").unwrap();
    assert!(distance.iter().all(|&d| d <= 0.0));
    let (low, high) = loaded.mesh.bounds();
    assert!(
        low[0] < -2.0 && high[0] > 4.0 && low[0] > -6.0 && high[0] < 8.0,
        "{low:?} {high:?}"
    );
    assert_eq!((low[2], high[2]), (0.5, 0.5));
    for name in ["U", "p", "nut"] {
        for boundary in ["aerofoil", "freestream"] {
            let fields = &loaded.boundary(boundary).unwrap().fields;
            for location in [Location::Point, Location::Cell] {
                assert!(
                    fields
                        .iter()
                        .any(|f| f.name() == name && f.location() == location)
                );
            }
        }
        assert!(
            sample
                .fields
                .iter()
                .any(|f| f.name() == name && f.location() == Location::Cell)
        );
    }
    let everything = solution
        .airfrans_sample(name, &case.conditions, None)
        .unwrap();
    assert_eq!(everything.mesh.n_cells(), 144 * 48);
    let nothing = ExportBox {
        low: [-0.001, -1e-9],
        high: [-0.0005, 1e-9],
    };
    let error = solution
        .airfrans_sample(name, &case.conditions, Some(nothing))
        .unwrap_err();
    assert!(error.to_string().contains("no cell lies inside"), "{error}");
}

/// With p = y the pressure's force on a closed contour is its area, upwards, whatever its shape (Gauss); the
/// faces' centres carry the exact mean of a linear pressure, the points' values that of two faces.
#[test]
fn forces_of_a_linear_pressure() {
    let (folder, mut case) = written(|c| c[1]);
    case.conditions.aoa = 0.0;
    let solution = FoamSolution::read(folder.path()).unwrap();
    let sample = solution
        .airfrans_sample("airFoil2D_SST_50_0", &case.conditions, None)
        .unwrap();
    let wall = Wall::from_sample(&sample).unwrap();
    let options = ForceOptions {
        normals: NormalRule::Segment,
        ..ForceOptions::default()
    };
    let fields = FlowFields::from_sample(&sample).unwrap();
    let forces = forces_with(&sample, &wall, &fields, options).unwrap();
    let area = case.plane_grid().unwrap().contour.signed_area();
    let expected = -area / (0.5 * 50.0 * 50.0);
    assert!(
        (forces.cl_pressure / expected - 1.0).abs() < 0.03,
        "{forces:?} {expected}"
    );
    assert!(
        forces.cd_pressure.abs() < 0.03 * expected.abs(),
        "{forces:?}"
    );
    // From the lines' own values and lengths, as OpenFOAM sums them: exact but for single precision.
    let aerofoil = sample.boundary("aerofoil").unwrap();
    let on_lines = |name: &str| {
        let is = |f: &&karman_meshes::Field| f.name() == name && f.location() == Location::Cell;
        aerofoil.fields.iter().find(is).unwrap().to_f64()
    };
    let (p, normals, lengths) = (on_lines("p"), on_lines("Normals"), on_lines("Length"));
    let sum: f64 = (0..p.len())
        .map(|i| p[i] * normals[3 * i + 1] * lengths[i])
        .sum();
    assert!((sum / -area - 1.0).abs() < 1e-5, "{sum} {area}");
}

/// A constant is kept at every point, and a linear field to first order; next to the wall only the patch counts.
#[test]
fn interpolation_to_points() {
    let (folder, _) = written(|c| 3.0 + 0.5 * c[0]);
    let solution = FoamSolution::read(folder.path()).unwrap();
    assert!(
        solution
            .eddy
            .points
            .iter()
            .all(|&v| v == 0.0 || (v - 1e-4).abs() < 1e-16)
    );
    let mesh = solution.mesh();
    let mut on_wall = vec![false; mesh.points().len()];
    for face in mesh.patch("aerofoil").unwrap().faces() {
        for &point in mesh.face(face) {
            on_wall[point as usize] = true;
        }
    }
    for (point, at) in mesh.points().iter().enumerate() {
        let velocity = &solution.velocity.points[3 * point..3 * point + 3];
        assert_eq!(
            velocity == [0.0; 3],
            on_wall[point],
            "zero on the wall alone"
        );
        if at[0].abs() < 2.0 && at[1].abs() < 1.0 {
            let error = solution.pressure.points[point] - (3.0 + 0.5 * at[0]);
            assert!(error.abs() < 0.05, "{error} at {at:?}");
        }
    }
}

#[test]
fn unfit_cases_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    small_case().write(folder.path()).unwrap();
    let message = |folder: &Path| FoamSolution::read(folder).unwrap_err().to_string();
    assert!(
        message(folder.path()).contains("no complete state"),
        "{}",
        message(folder.path())
    );
    let mesh = FoamMesh::read(folder.path()).unwrap();
    write_state(folder.path(), &mesh, |_| 1.0);
    let state = folder.path().join("12");
    let good = std::fs::read_to_string(state.join("p")).unwrap();
    std::fs::write(state.join("p"), good.replacen("(1.0 ", "(inf ", 1)).unwrap();
    let text = message(folder.path());
    assert!(
        text.contains("12/p") && text.contains("inf at index 0"),
        "{text}"
    );
    std::fs::write(state.join("p"), &good[..good.len() / 2]).unwrap();
    assert!(message(folder.path()).contains("no complete state"));
    std::fs::write(state.join("p"), &good).unwrap();
    let boundary = folder.path().join("constant/polyMesh/boundary");
    let text = std::fs::read_to_string(&boundary).unwrap();
    std::fs::write(&boundary, text.replace("aerofoil", "wing")).unwrap();
    assert!(message(folder.path()).contains("no patch \"aerofoil\"; there are: wing"));
    std::fs::write(&boundary, text.replace("empty", "patch")).unwrap();
    let solution = FoamSolution::read(folder.path()).unwrap();
    let conditions = small_case().conditions;
    let error = solution
        .airfrans_sample("x", &conditions, None)
        .unwrap_err();
    assert!(matches!(&error, DatasetError::Argument { .. }));
    assert!(error.to_string().contains("one cell thick"), "{error}");
}

/// The whole way with OpenFOAM itself, where it is installed: the case is computed, and the scorer's forces
/// from the exported files are those of OpenFOAM, as closely as point data allow.
#[test]
fn forces_of_openfoam() {
    let Ok(solver) = FoamSolver::find() else {
        eprintln!("skipped: no simpleFoam is installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let mut case = small_case();
    case.grid.surface_cells = 48;
    case.grid.wake_cells = 24;
    case.grid.normal_cells = 48;
    case.wall = WallTreatment::default();
    case.write(folder.path()).unwrap();
    let run = FoamRun::new(solver);
    let mut seen = 0;
    let report = run
        .run(folder.path(), &AtomicBool::new(false), |_| seen += 1)
        .unwrap();
    eprintln!("{report:?}");
    assert_eq!(report.outcome, FoamOutcome::Converged);
    assert_eq!(seen, report.iterations);
    assert!(
        report.iterations < case.controls.max_iterations,
        "stopped when converged"
    );
    let [low, high, mean] = report.y_plus.unwrap();
    assert!(
        low < mean && mean < high && (0.3..1.5).contains(&mean),
        "{mean}"
    );
    let solution = FoamSolution::read(folder.path()).unwrap();
    assert_eq!(solution.iteration(), report.iterations);
    same_as_foam_to_vtk(folder.path(), &solution);
    let sample = solution
        .airfrans_sample(
            "airFoil2D_SST_50.0_4.0_2.0_4.0_12.0",
            &case.conditions,
            Some(AIRFRANS_BOX),
        )
        .unwrap();
    let found = forces_of(&sample, &FlowFields::from_sample(&sample).unwrap()).unwrap();
    let forces = report.forces.unwrap();
    eprintln!("OpenFOAM {forces:?}\nfiles    {found:?}");
    // Thin-airfoil theory and the experiments on NACA 2412 give 0.65 to 0.7 at 4 degrees.
    assert!((0.6..0.75).contains(&forces.cl), "{}", forces.cl);
    assert!((found.cl - forces.cl).abs() < 5e-3);
    assert!((found.cd_viscous / forces.cd_viscous - 1.0).abs() < 0.02);
    assert!((found.cd / forces.cd - 1.0).abs() < 0.08);
}

/// Values at points against those of OpenFOAM's own exporter, which writes single precision.
fn same_as_foam_to_vtk(case: &Path, solution: &FoamSolution) {
    let mut command = std::process::Command::new("foamToVTK");
    if std::env::var_os("WM_PROJECT_DIR").is_none() {
        command.env("WM_PROJECT_DIR", "/usr/share/openfoam");
    }
    let written = command
        .args(["-latestTime", "-fields", "(U p nut)", "-case"])
        .arg(case)
        .output();
    if !written.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no foamToVTK");
        return;
    }
    let folders = std::fs::read_dir(case.join("VTK"))
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let internal = folders
        .map(|folder| folder.join("internal.vtu"))
        .find(|path| path.is_file());
    let file = karman_meshes::read_mesh(&internal.unwrap()).unwrap();
    assert_eq!(file.mesh.n_points(), solution.mesh().points().len());
    for (name, _, ours) in solution.fields() {
        let theirs = file.field(name, Location::Point).unwrap().to_f64();
        let scale = theirs.iter().fold(0.0f64, |m, v| m.max(v.abs()));
        let worst = theirs
            .iter()
            .zip(&ours.points)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max);
        eprintln!(
            "{name}: largest difference to foamToVTK {:.1e} of {scale:.1e}",
            worst
        );
        assert!(worst < 1e-6 * scale, "{name}: {worst} {scale}");
    }
}
