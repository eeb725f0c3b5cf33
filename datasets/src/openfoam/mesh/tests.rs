use karman_meshes::{CellType, Location, Mesh, Zone};

use super::measure::{Measures, dot, minus};
use super::*;
use crate::openfoam::testing::{sheared, small_case};

/// What OpenFOAM demands of every mesh.
fn check(mesh: &FoamMesh) {
    let measures = Measures::new(mesh);
    let pairs: Vec<_> = mesh.owner.iter().zip(&mesh.neighbour).collect();
    assert!(pairs.is_sorted(), "the upper triangular order");
    assert!(pairs.iter().all(|(own, other)| own < other));
    let mut closed = vec![[0.0; 3]; mesh.n_cells];
    for (face, &own) in mesh.owner.iter().enumerate() {
        let area = measures.face_areas[face];
        let from = measures.cell_centres[own as usize];
        assert!(
            dot(area, minus(measures.face_centres[face], from)) > 0.0,
            "face {face} turns inward"
        );
        for (k, part) in area.into_iter().enumerate() {
            closed[own as usize][k] += part;
            if let Some(&other) = mesh.neighbour.get(face) {
                closed[other as usize][k] -= part;
            }
        }
    }
    let size = |face: usize| {
        measures.face_areas[face]
            .iter()
            .map(|c| c.abs())
            .sum::<f64>()
    };
    let largest = (0..mesh.n_faces()).map(size).fold(0.0, f64::max);
    assert!(
        closed.iter().flatten().all(|c| c.abs() < 1e-12 * largest),
        "cells are closed"
    );
    let mut next = mesh.n_internal_faces();
    for patch in mesh.patches() {
        assert_eq!(patch.start, next);
        next += patch.count;
    }
    assert_eq!(next, mesh.n_faces());
}

#[test]
fn squares_become_cubes() {
    let mesh = FoamMesh::extrude(&sheared(3, 2, 0.0), 0.5).unwrap();
    check(&mesh);
    assert_eq!(
        (mesh.n_cells(), mesh.points().len(), mesh.n_internal_faces()),
        (6, 24, 7)
    );
    let patches: Vec<_> = mesh
        .patches()
        .iter()
        .map(|p| (p.name.as_str(), p.kind.as_str(), p.count))
        .collect();
    assert_eq!(
        patches,
        [
            ("aerofoil", "wall", 3),
            ("freestream", "patch", 7),
            ("frontAndBack", "empty", 12)
        ]
    );
    let quality = MeshQuality::new(&mesh);
    assert!((quality.min_volume - 0.5).abs() < 1e-14);
    assert!(quality.max_non_orthogonality < 1e-5 && quality.max_skewness < 1e-12);
    assert_eq!(quality.fault(&QualityLimits::default()), None);
}

/// Parallelograms: neighbours side by side lie along the shear-free direction, so the faces between them
/// are off by the angle of the shear, as are those between cells above each other.
#[test]
fn shear_is_measured_as_non_orthogonality() {
    for shear in [0.3f64, 1.0, 8.0] {
        let mesh = FoamMesh::extrude(&sheared(4, 3, shear), 1.0).unwrap();
        check(&mesh);
        let quality = MeshQuality::new(&mesh);
        let angle = shear.atan().to_degrees();
        assert!(
            (quality.max_non_orthogonality - angle).abs() < 1e-6,
            "{quality:?}"
        );
        assert!(
            (quality.mean_non_orthogonality - angle).abs() < 1e-6,
            "{quality:?}"
        );
        assert!((quality.min_volume - 1.0).abs() < 1e-12);
        let fault = quality.fault(&QualityLimits::default());
        assert_eq!(fault.is_some(), angle > 80.0, "{fault:?}");
    }
}

/// Two unit squares whose common edge is moved along itself in the second: `skewness = offset / half width`.
#[test]
fn skewness_of_a_face_off_the_line_between_centres() {
    // A wide cell below, a narrow one above at its right end: the line between the centres meets the
    // common edge's line left of the edge's middle.
    let points = vec![
        [0.0, 0.0, 0.0],
        [1.0, 0.0, 0.0],
        [3.0, 0.0, 0.0],
        [3.0, 2.0, 0.0],
        [1.0, 2.0, 0.0],
        [0.0, 2.0, 0.0],
        [3.0, 4.0, 0.0],
        [1.0, 4.0, 0.0],
    ];
    let zone = Zone {
        name: "aerofoil".into(),
        location: Location::Point,
        indices: vec![0, 1, 2],
    };
    let mesh = Mesh::builder()
        .points(points)
        .cell(CellType::Polygon, &[0, 1, 2, 3, 4, 5])
        .cell(CellType::Quad, &[4, 3, 6, 7])
        .zone(zone)
        .build()
        .unwrap();
    let mesh = FoamMesh::extrude(&mesh, 1.0).unwrap();
    check(&mesh);
    // Centres (1.5, 1) and (2, 3): the line is at x = 1.75 on the edge, whose middle is 2, half width 1.
    // The boundary edge from x = 0 to 1 lies 1 off the foot of its centre's normal: its middle is (0.5, 2)
    // and the cell's centre at x = 1.5, its half width 0.5, 0.4 of the depth 1 being less: 1 / 0.5 = 2.
    let quality = MeshQuality::new(&mesh);
    assert!((quality.max_skewness - 2.0).abs() < 1e-9, "{quality:?}");
    let angle = (0.25f64).atan().to_degrees();
    assert!(
        (quality.max_non_orthogonality - angle).abs() < 1e-9,
        "{quality:?}"
    );
}

#[test]
fn airfoil_grids_are_sound() {
    let grid = small_case().plane_grid().unwrap();
    let mesh = FoamMesh::extrude(&grid.mesh, 1.0).unwrap();
    check(&mesh);
    assert_eq!(mesh.n_cells(), 144 * 48);
    assert_eq!(mesh.patch("aerofoil").unwrap().count, 80);
    assert_eq!(mesh.patch("freestream").unwrap().count, 144 + 2 * 48);
    assert_eq!(
        MeshQuality::new(&mesh).fault(&QualityLimits::default()),
        None
    );
}

#[test]
fn unfit_meshes_are_refused() {
    let message = |mesh: &Mesh, span| FoamMesh::extrude(mesh, span).unwrap_err().to_string();
    let good = sheared(2, 2, 0.0);
    assert!(message(&good, 0.0).contains("span of 0 m"));
    let rebuilt = |cells: &[&[u32]], zone: bool| {
        let mut builder = Mesh::builder().points(good.points().to_vec());
        for cell in cells {
            builder = builder.cell(CellType::Polygon, cell);
        }
        if zone {
            builder = builder.zone(good.zones()[0].clone());
        }
        builder.build().unwrap()
    };
    let square: &[u32] = &[0, 1, 4, 3];
    assert!(message(&rebuilt(&[square], false), 1.0).contains("no point zone \"aerofoil\""));
    assert!(message(&rebuilt(&[&[0, 3, 4, 1]], true), 1.0).contains("cell 0 does not turn"));
    let three: [&[u32]; 3] = [square, &[4, 1, 5], &[4, 1, 2]];
    assert!(message(&rebuilt(&three, true), 1.0).contains("an edge with two others"));
    assert!(message(&rebuilt(&[&[4, 5, 8, 7]], true), 1.0).contains("\"aerofoil\""));
}
