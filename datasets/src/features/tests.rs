use std::f64::consts::{PI, TAU};

use karman_meshes::Contour;

use super::*;
use crate::{PointTable, SyntheticCase};

/// A circle of diameter 1 m from (0, 0) to (1, 0): leading edge at the origin.
fn circle(n: usize) -> Contour {
    let at = |i: usize| TAU * i as f64 / n as f64;
    let points: Vec<[f64; 2]> = (0..n)
        .map(|i| [0.5 + 0.5 * at(i).cos(), 0.5 * at(i).sin()])
        .collect();
    Contour::from_points(&points).unwrap()
}

fn column(table: &PointTable, name: &str) -> Vec<f64> {
    table
        .column(name)
        .unwrap()
        .into_iter()
        .map(f64::from)
        .collect()
}

#[test]
fn circle_has_known_distances_arcs_and_directions() {
    let contour = circle(2000);
    let polar: Vec<(f64, f64)> = (1..40)
        .map(|i| (0.5 + 0.05 * f64::from(i), PI * (f64::from(i) / 20.0 - 1.01)))
        .collect();
    let points: Vec<[f64; 2]> = polar
        .iter()
        .map(|(r, a)| [0.5 + r * a.cos(), r * a.sin()])
        .collect();
    let table = PointInputs::new(&points, &contour, [3.0, 4.0])
        .table()
        .unwrap();
    let (sdf, arc) = (column(&table, "sdf"), column(&table, "arc"));
    let (vx, vy) = (
        column(&table, "volume_normal_x"),
        column(&table, "volume_normal_y"),
    );
    let (wx, wy) = (column(&table, "wall_x"), column(&table, "wall_y"));
    let farthest = 0.05 * 39.0;
    for (i, &(r, a)) in polar.iter().enumerate() {
        let d = r - 0.5;
        assert!((sdf[i] - d).abs() < 1e-5, "{} {d}", sdf[i]);
        let along = if a > 0.0 {
            0.5 * (PI - a)
        } else {
            -0.5 * (PI + a)
        };
        assert!(
            (arc[i] - along).abs() < 2e-3,
            "angle {a}: {} {along}",
            arc[i]
        );
        let fade = 1.0 - d / farthest;
        assert!((vx[i] + fade * a.cos()).abs() < 2e-3 && (vy[i] + fade * a.sin()).abs() < 2e-3);
        assert!((wx[i] - 0.5 - 0.5 * a.cos()).abs() < 1e-3 && (wy[i] - 0.5 * a.sin()).abs() < 1e-3);
    }
    assert!(column(&table, "inlet_x").iter().all(|v| *v == 3.0));
    assert!(column(&table, "is_surface").iter().all(|v| *v == 0.0));
}

#[test]
fn points_on_the_contour_are_found_and_have_normals() {
    let contour = circle(400);
    let points: Vec<[f64; 2]> = contour.points().iter().copied().step_by(7).collect();
    let table = PointInputs::new(&points, &contour, [1.0, 0.0])
        .table()
        .unwrap();
    assert!(column(&table, "is_surface").iter().all(|v| *v == 1.0));
    let (nx, ny) = (column(&table, "normal_x"), column(&table, "normal_y"));
    let vx = column(&table, "volume_normal_x");
    for (i, p) in points.iter().enumerate() {
        let radial = [2.0 * (p[0] - 0.5), 2.0 * p[1]];
        assert!((nx[i] - radial[0]).abs() < 1e-6 && (ny[i] - radial[1]).abs() < 1e-6);
        assert_eq!(vx[i], -nx[i], "into the body");
    }
}

#[test]
fn volume_normals_do_not_jump_at_the_wall() {
    let contour = circle(4000);
    let points = [[0.5, 0.5], [0.5, 0.5 + 1e-4], [0.5, 2.0]];
    let table = PointInputs::new(&points, &contour, [1.0, 0.0])
        .table()
        .unwrap();
    let vy = column(&table, "volume_normal_y");
    assert!(
        (vy[0] + 1.0).abs() < 1e-4 && (vy[0] - vy[1]).abs() < 1e-3,
        "{vy:?}"
    );
    assert_eq!(vy[2], 0.0, "faded out at the farthest point");
}

#[test]
fn a_sample_becomes_a_table() {
    let case = SyntheticCase::default();
    let sample = case.sample().unwrap();
    let made = CaseTable::from_sample(&sample).unwrap();
    let (info, table) = (&made.info, &made.table);
    assert_eq!((info.n_points, info.n_surface), (64 * 25, 64));
    assert_eq!((info.speed, info.aoa), (case.speed, case.aoa));
    assert!(info.notes.is_empty(), "{:?}", info.notes);
    let lift = info.coefficients.unwrap().cl_pressure;
    let exact = case.lift_coefficient();
    assert!((lift - exact).abs() < 0.02 * exact, "{lift} {exact}");
    assert!(info.digits.is_empty());
    assert_eq!(made.wall.nodes, (0..64).collect::<Vec<u32>>());
    let surface = column(table, "is_surface");
    assert_eq!(surface.iter().sum::<f64>(), 64.0);
    let (u_x, sdf) = (column(table, "u_x"), column(table, "sdf"));
    for i in 0..info.n_points {
        assert_eq!(surface[i] == 1.0, sdf[i] == 0.0);
        assert_eq!(surface[i] == 1.0, u_x[i] == 0.0);
    }
    let p = sample.scalar("p").unwrap();
    assert_eq!(column(table, "p"), p);
    let (nx, ny) = (column(table, "normal_x"), column(table, "normal_y"));
    for i in 0..64 {
        assert!((nx[i].hypot(ny[i]) - 1.0).abs() < 1e-6);
    }
    assert!(ny[16] > 0.5 && ny[48] < -0.5, "outward on both sides");
}

/// Off its made-up boundary layer, a synthetic case is the exact inviscid flow.
#[test]
fn inviscid_columns_are_the_flow_away_from_the_wall() {
    let case = SyntheticCase {
        n_around: 160,
        ..SyntheticCase::default()
    };
    let made = CaseTable::from_sample(&case.sample().unwrap()).unwrap();
    let (info, table) = (&made.info, &made.table);
    let exact = case.lift_coefficient();
    assert!((info.panel_cl / exact - 1.0).abs() < 5e-3, "{info:?}");
    assert!((-0.2..-0.02).contains(&info.panel_cm), "{info:?}");
    let sdf = column(table, "sdf");
    for (panel, target, scale) in [
        ("panel_u_x", "u_x", case.speed),
        ("panel_u_y", "u_y", case.speed),
        ("panel_p", "p", 0.5 * case.speed * case.speed),
    ] {
        let (a, b) = (column(table, panel), column(table, target));
        let off: Vec<usize> = (0..sdf.len()).filter(|&i| sdf[i] > 0.2).collect();
        assert!(off.len() > 500);
        for i in off {
            assert!(
                (a[i] - b[i]).abs() < 5e-3 * scale,
                "{panel} {i}: {} {}",
                a[i],
                b[i]
            );
        }
    }
}

/// What the file leaves out is computed, to the same values.
#[test]
fn distances_and_normals_are_computed_where_absent() {
    let sample = SyntheticCase::default().sample().unwrap();
    let full = CaseTable::from_sample(&sample).unwrap();
    let mut bare = sample;
    bare.fields.retain(|f| f.name() != "implicit_distance");
    bare.boundaries.get_mut("aerofoil").unwrap().fields.clear();
    let made = CaseTable::from_sample(&bare).unwrap();
    for name in ["sdf", "normal_x", "normal_y", "arc", "is_surface"] {
        let (a, b) = (column(&full.table, name), column(&made.table, name));
        let apart = a
            .iter()
            .zip(&b)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max);
        assert!(apart < 1e-6, "{name}: {apart}");
    }
}

#[test]
fn wrong_input_is_an_error() {
    let contour = circle(50);
    let points = [[2.0, 0.0], [3.0, 0.0]];
    let good = PointInputs::new(&points, &contour, [1.0, 0.0]);
    assert!(good.table().is_ok());
    let bad = [
        PointInputs {
            points: &[],
            ..good
        },
        PointInputs {
            points: &[[f64::NAN, 0.0]],
            ..good
        },
        PointInputs {
            sdf: Some(&[1.0]),
            ..good
        },
        PointInputs {
            sdf: Some(&[1.0, f64::NAN]),
            ..good
        },
        PointInputs {
            wall: Some((&[2], &[[1.0, 0.0]])),
            ..good
        },
        PointInputs {
            wall: Some((&[0, 1], &[[1.0, 0.0]])),
            ..good
        },
    ];
    for inputs in bad {
        assert!(inputs.table().is_err(), "{inputs:?}");
    }
}
