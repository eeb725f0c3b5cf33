use karman_meshes::{Contour, NacaTrailingEdge, naca4};

use super::*;
use crate::openfoam::FoamField;
use crate::openfoam::testing::small_case;

#[test]
fn written_cases_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let case = small_case();
    let quality = case.write(folder.path()).unwrap();
    let mesh = FoamMesh::extrude(&case.plane_grid().unwrap().mesh, SPAN).unwrap();
    assert_eq!(FoamMesh::read(folder.path()).unwrap(), mesh, "bit for bit");
    assert_eq!(quality, MeshQuality::new(&mesh));
    let field = |name: &str| FoamField::read(&folder.path().join("0").join(name)).unwrap();
    let velocity = field("U");
    assert_eq!(velocity.dimensions, [0.0, 1.0, -1.0, 0.0, 0.0, 0.0, 0.0]);
    let inlet = case.conditions.inlet();
    assert_eq!(velocity.internal, [inlet[0], inlet[1], 0.0]);
    assert_eq!(velocity.patches["aerofoil"].kind, "noSlip");
    assert_eq!(velocity.patches["freestream"].kind, "freestreamVelocity");
    let value = |name: &str| field(name).internal[0];
    // 1e-3 U²/Re_L and 5 U/L with L = 40 chords.
    let nu = case.conditions.nu;
    assert!((value("k") / (1e-3 * 50.0 * nu / 40.0) - 1.0).abs() < 1e-12);
    assert!((value("omega") - 6.25).abs() < 1e-12);
    assert!((value("nut") / (value("k") / value("omega")) - 1.0).abs() < 1e-12);
    assert_eq!(
        field("k").patches["aerofoil"].values.as_deref(),
        Some(&[0.0][..])
    );
    for name in ["controlDict", "fvSchemes", "fvSolution"] {
        assert!(folder.path().join("system").join(name).is_file());
    }
    let k = value("k");
    let mut bridged = case.clone();
    bridged.wall = WallTreatment::WallFunctions { y_plus: 50.0 };
    bridged.write(folder.path()).unwrap();
    assert_eq!(
        field("k").patches["aerofoil"].values.as_deref(),
        Some(&[k][..])
    );
}

/// Drag along the flow, lift at right angles to it.
#[test]
fn force_directions_are_the_wind_axes() {
    let mut case = small_case();
    case.conditions.aoa = 30.0;
    let [(_, controls), ..] = system::files(&case);
    let direction = |key: &str| -> Vec<f64> {
        let (_, rest) = controls.split_once(key).unwrap();
        let inside = rest.split(['(', ')']).nth(1).unwrap();
        inside.split(' ').map(|n| n.parse().unwrap()).collect()
    };
    let (drag, lift) = (direction("dragDir"), direction("liftDir"));
    assert!((drag[0] - 0.75f64.sqrt()).abs() < 1e-12 && (drag[1] - 0.5).abs() < 1e-12);
    assert!((lift[0] + 0.5).abs() < 1e-12 && (lift[1] - 0.75f64.sqrt()).abs() < 1e-12);
}

/// A flat plate's friction velocity at Re 6e6 is about 0.037 U: y+ = 1 is at 4.5e-6 chords.
#[test]
fn first_heights_follow_the_wanted_y_plus() {
    let nu = 1.55e-5;
    let conditions = Conditions {
        speed: 6e6 * nu,
        aoa: 0.0,
        nu,
    };
    let one = WallTreatment::Resolved { y_plus: 1.0 }.first_height(&conditions);
    assert!((4e-6..5e-6).contains(&(0.5 * one)), "{one}");
    let coarse = WallTreatment::WallFunctions { y_plus: 50.0 };
    assert!((coarse.first_height(&conditions) / one - 50.0).abs() < 1e-9);
    let [nut, k, omega] = coarse.conditions(one, nu, 1e-5);
    assert!(nut.contains("nutUSpaldingWallFunction") && k.contains("kqRWallFunction"));
    assert!(omega.contains("omegaWallFunction"));
}

#[test]
fn settings_without_sense_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |change: &dyn Fn(&mut FoamCase), expected: &[&str]| {
        let mut case = small_case();
        change(&mut case);
        let message = case.write(folder.path()).unwrap_err().to_string();
        for part in expected {
            assert!(message.contains(part), "{message:?} lacks {part:?}");
        }
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            0,
            "nothing is written"
        );
    };
    refused(&|c| c.conditions.speed = -1.0, &["speed -1"]);
    refused(
        &|c| c.controls.relax_velocity = 1.0,
        &["relax_velocity", "below 1"],
    );
    refused(&|c| c.controls.max_iterations = 0, &["max_iterations"]);
    refused(&|c| c.grid.normal_cells = 3, &["normal_cells"]);
    refused(&|c| c.grid.radius = f64::NAN, &["radius"]);
    refused(
        &|c| c.wall = WallTreatment::Resolved { y_plus: 9.0 },
        &["y_plus", "below 5"],
    );
    refused(
        &|c| c.wall = WallTreatment::WallFunctions { y_plus: 1.0 },
        &["y_plus", "above 11"],
    );
    refused(
        &|c| {
            let unit = naca4(0.0, 0.0, 12.0, 60, NacaTrailingEdge::Closed).unwrap();
            let double: Vec<_> = unit.points().iter().map(|p| p.map(|c| 2.0 * c)).collect();
            c.contour = Contour::from_points(&double).unwrap();
        },
        &["chord of 1 m"],
    );
}
