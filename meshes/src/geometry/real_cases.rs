//! The geometry functions on all cases of `../shared/data/airfoil-openfoam`.
//!
//! What these files hold: the section lies along x with its mean line from (0, 0) to (1, 0), both of
//! them wall points, and a closed trailing edge; the flow is turned by the angle of attack.

use std::path::{Path, PathBuf};

use super::vector::{distance, dot};
use super::*;
use crate::{Location, MeshFile, read_mesh};

/// The case folders, or nothing (and a word about it) where the data is absent.
fn cases() -> Vec<PathBuf> {
    let root = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/data/airfoil-openfoam"
    ));
    let Ok(entries) = std::fs::read_dir(root) else {
        eprintln!("skipped: {} is not there", root.display());
        return Vec::new();
    };
    let mut cases: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    assert!(cases.len() > 100);
    cases
}

fn name(case: &Path) -> String {
    case.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn read(case: &Path, part: &str) -> MeshFile {
    read_mesh(&case.join(format!("{}_{part}", name(case)))).unwrap()
}

fn flat(file: &MeshFile) -> Vec<[f64; 2]> {
    file.mesh.points().iter().map(|&[x, y, _]| [x, y]).collect()
}

fn wall(aerofoil: &MeshFile) -> Contour {
    let segments: Vec<[u32; 2]> = aerofoil
        .mesh
        .cells()
        .map(|cell| [cell.nodes[0], cell.nodes[1]])
        .collect();
    Contour::from_segments(&flat(aerofoil), &segments).unwrap()
}

#[test]
fn walls_are_ordered_and_agree_with_the_names() {
    let (mut deviation, mut tilt) = (0.0_f64, 0.0_f64);
    for case in cases() {
        let aerofoil = read(&case, "aerofoil.vtp");
        let contour = wall(&aerofoil);
        let name = name(&case);
        assert_eq!(contour.len(), aerofoil.mesh.n_points(), "{name}");
        assert_eq!(
            (contour.points()[0], contour.trailing_edge()),
            ([1.0, 0.0], TrailingEdge::Sharp)
        );
        assert!(contour.points().contains(&[0.0, 0.0]), "{name}");
        contour.check_simple().unwrap();
        // Sides: 74 segments each, give or take the ones between the mean line's start and the nose.
        assert!(
            contour.leading_edge_index().abs_diff(74) <= 6,
            "{name}: {}",
            contour.leading_edge_index()
        );

        let parsed = AirfransName::parse(&name).unwrap();
        let exact = parsed.naca.contour(4000, NacaTrailingEdge::Closed).unwrap();
        let hits = exact.nearest_many(contour.points());
        let worst = hits
            .iter()
            .fold(0.0_f64, |worst, hit| worst.max(hit.distance));
        // The points are rounded to f32.
        assert!(worst < 6e-8, "{name}: {worst}");
        deviation = deviation.max(worst);

        // The file's normals point into the body; both are approximations at a node.
        let normals = aerofoil.field("Normals", Location::Point).unwrap();
        for (place, &source) in contour.source_indices().iter().enumerate() {
            assert_eq!(contour.points()[place], flat(&aerofoil)[source]);
            let given = [0, 1].map(|k| -normals.value(source, k));
            let cosine = dot(contour.node_normals()[place], given) / given[0].hypot(given[1]);
            if place > 0 {
                tilt = tilt.max(cosine.clamp(-1.0, 1.0).acos().to_degrees());
            }
        }
    }
    println!(
        "walls against the names: {deviation:.1e} chords; normals against the files': {tilt:.2} degrees"
    );
    assert!(tilt < 0.5);
}

#[test]
fn flow_is_turned_by_the_angle_of_the_name() {
    for case in cases() {
        let inlet = read(&case, "freestream.vtp");
        let velocity = inlet.field("U", Location::Point).unwrap();
        let n = inlet.mesh.n_points();
        let mean = [0, 1].map(|k| (0..n).map(|i| velocity.value(i, k)).sum::<f64>() / n as f64);
        let AirfransName {
            speed,
            angle_of_attack,
            ..
        } = AirfransName::parse(&name(&case)).unwrap();
        let (sine, cosine) = angle_of_attack.to_radians().sin_cos();
        let off = distance(mean, [speed * cosine, speed * sine]) / speed;
        assert!(off < 0.02, "{}: {off}", name(&case));
    }
}

#[test]
fn signed_distances_agree_with_the_files() {
    let mut worst = 0.0_f64;
    for case in cases().iter().step_by(6) {
        let internal = read(case, "internal.vtu");
        let given = internal
            .field("implicit_distance", Location::Point)
            .unwrap()
            .to_f64();
        let contour = wall(&read(case, "aerofoil.vtp"));
        let found = contour.signed_distance_many(&flat(&internal));
        let on_wall = found.iter().filter(|&&d| d == 0.0).count();
        assert_eq!(on_wall, contour.len());
        for (a, b) in found.iter().zip(given) {
            assert!(*a >= 0.0);
            worst = worst.max((a + b).abs());
        }
    }
    println!("signed distances against the files: {worst:.1e}");
    assert!(worst < 1e-14);
}

#[test]
fn measures_of_the_walls_are_those_of_the_sections() {
    let mut worst = [0.0_f64; 2];
    for case in cases() {
        let found = AirfoilMeasures::new(&wall(&read(&case, "aerofoil.vtp")));
        let naca = AirfransName::parse(&name(&case)).unwrap().naca;
        let exact = AirfoilMeasures::new(&naca.contour(2000, NacaTrailingEdge::Closed).unwrap());
        for (k, (a, b)) in found.values().iter().zip(exact.values()).enumerate() {
            let kind = usize::from(AirfoilMeasures::names()[k].contains("thickness"));
            worst[kind] = worst[kind].max((a - b).abs());
        }
    }
    println!(
        "measures of 148 points against 4000: camber {:.1e}, thickness {:.1e}",
        worst[0], worst[1]
    );
    assert!(worst.iter().all(|&w| w < 2e-4));
}
