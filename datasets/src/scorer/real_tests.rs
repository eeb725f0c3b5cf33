//! The scorer on real cases: OpenFOAM's own force coefficients, and those of the airfrans package.
//!
//! The tests read `../shared/data/airfoil-openfoam` and are skipped, saying so, where it is absent.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use karman_meshes::{Location, read_mesh};
use serde_json::Value;

use super::forces::{ForceOptions, Forces, Friction, NormalRule, forces_with};
use super::{FlowFields, Wall, WallLaw, spearman, wall_law_shear, wall_shear};
use crate::{AirfransDataset, Progress};

/// One case: AirfRANS's rule with the package's viscosity, the same and the segment rule with the
/// viscosity that OpenFOAM computed with, and the file's reference values.
struct Row {
    package_nu: Forces,
    mean: Forces,
    segment: Forces,
    /// AirfRANS's rule with the friction of a law of the wall: at the first node, off the wall.
    laws: [Forces; 2],
    reference: Value,
}

/// Viscosity of the OpenFOAM runs, m²/s.
const NU: f64 = 1.56e-5;

fn root() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/airfoil-openfoam");
    if root.join("coefficients.json").is_file() {
        return Some(root);
    }
    eprintln!("skipped: no {}", root.display());
    None
}

fn rows() -> Option<&'static [Row]> {
    static ROWS: OnceLock<Option<Vec<Row>>> = OnceLock::new();
    ROWS.get_or_init(|| root().map(|root| compute(&root)))
        .as_deref()
}

fn compute(root: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(root.join("coefficients.json")).unwrap();
    let reference: Value = serde_json::from_str(&text).unwrap();
    let dataset = AirfransDataset::open(root).unwrap();
    let names = dataset.all_cases();
    dataset
        .map_cases(&names, "forces", Progress::Hidden, |sample| {
            let mut wall = Wall::from_sample(&sample)?;
            let fields = FlowFields::from_sample(&sample)?;
            let with = |wall: &Wall, normals, friction| {
                let options = ForceOptions { normals, friction };
                forces_with(&sample, wall, &fields, options)
            };
            let forces = |wall: &Wall, normals| with(wall, normals, Friction::Resolved);
            let package_nu = forces(&wall, NormalRule::PointMean)?;
            wall.nu = NU;
            Ok(Row {
                package_nu,
                mean: forces(&wall, NormalRule::PointMean)?,
                segment: forces(&wall, NormalRule::Segment)?,
                laws: [
                    with(
                        &wall,
                        NormalRule::PointMean,
                        Friction::WallLaw(WallLaw::default()),
                    )?,
                    with(
                        &wall,
                        NormalRule::PointMean,
                        Friction::WallLaw(WallLaw::OFF_WALL),
                    )?,
                ],
                reference: reference["cases"][&sample.name].clone(),
            })
        })
        .unwrap()
}

fn number(value: &Value, path: &[&str]) -> f64 {
    path.iter()
        .fold(value, |v, key| &v[key])
        .as_f64()
        .expect("a number in coefficients.json")
}

/// Mean and largest magnitude of a list of errors, and its mean with sign.
fn spread(errors: impl Iterator<Item = f64>) -> (f64, f64, f64) {
    let errors: Vec<f64> = errors.collect();
    let n = errors.len() as f64;
    let largest = errors.iter().fold(0f64, |m, e| m.max(e.abs()));
    (
        errors.iter().map(|e| e.abs()).sum::<f64>() / n,
        largest,
        errors.iter().sum::<f64>() / n,
    )
}

/// The package computes the same integral from the same files: only the rounding of its single
/// precision arrays (lengths, averaged normals) is between us.
#[test]
fn the_airfrans_package_gives_the_same_coefficients() {
    let Some(rows) = rows() else { return };
    assert_eq!(rows.len(), 107);
    type Part = (&'static str, fn(&Forces) -> f64);
    let parts: [Part; 6] = [
        ("cd", |f| f.cd),
        ("cl", |f| f.cl),
        ("cdp", |f| f.cd_pressure),
        ("cdv", |f| f.cd_viscous),
        ("clp", |f| f.cl_pressure),
        ("clv", |f| f.cl_viscous),
    ];
    for (name, of) in parts {
        let relative = rows.iter().map(|row| {
            let expected = number(&row.reference, &["vtp", name]);
            (of(&row.package_nu) - expected) / expected
        });
        let (_, largest, _) = spread(relative);
        eprintln!("{name}: largest relative difference to airfrans {largest:.1e}");
        assert!(largest < 1e-6, "{name}: {largest}");
    }
}

/// What the data set's README states for AirfRANS's rule: C_L mean error .0006, largest .0017; C_D
/// -1.9 % on average, at most 5 %; ranks .99999 and .9991. (That used the package's viscosity, 0.6 %
/// low; with OpenFOAM's own the drag is closer.)
#[test]
fn openfoam_coefficients_are_reproduced_as_closely_as_the_data_allows() {
    let Some(rows) = rows() else { return };
    let reference = |key: &str| -> Vec<f64> {
        rows.iter()
            .map(|row| number(&row.reference, &[key]))
            .collect()
    };
    let (cl, cd, cd_v) = (reference("cl"), reference("cd"), reference("cd_v"));
    type Pick = fn(&Row) -> &Forces;
    let table: [(&str, Pick, [f64; 6]); 5] = [
        // Bounds: C_L mean and largest error, C_D bias from and to, C_D largest, friction bias.
        (
            "point mean, nu of package",
            |r| &r.package_nu,
            [6e-4, 1.7e-3, -0.02, -0.018, 0.0505, 0.01],
        ),
        (
            "point mean, nu of OpenFOAM",
            |r| &r.mean,
            [6e-4, 1.7e-3, -0.016, -0.014, 0.046, 0.002],
        ),
        (
            "segment, nu of OpenFOAM",
            |r| &r.segment,
            [7e-4, 1.9e-3, 0.014, 0.017, 0.057, 0.002],
        ),
        (
            "point mean, Spalding at the first node",
            |r| &r.laws[0],
            [6e-4, 1.7e-3, -0.016, -0.012, 0.046, 0.003],
        ),
        (
            "point mean, Reichardt at 0.3 mm",
            |r| &r.laws[1],
            [6e-4, 1.7e-3, -0.025, -0.015, 0.06, 0.01],
        ),
    ];
    for (name, of, bounds) in table {
        let all = |f: fn(&Forces) -> f64| rows.iter().map(|r| f(of(r))).collect::<Vec<f64>>();
        let (found_cl, found_cd) = (all(|f| f.cl), all(|f| f.cd));
        let lift = spread(found_cl.iter().zip(&cl).map(|(a, b)| a - b));
        let drag = spread(found_cd.iter().zip(&cd).map(|(a, b)| (a - b) / b));
        let friction = spread(
            all(|f| f.cd_viscous)
                .iter()
                .zip(&cd_v)
                .map(|(a, b)| (a - b) / b),
        );
        let (rank_l, rank_d) = (
            spearman(&found_cl, &cl).unwrap(),
            spearman(&found_cd, &cd).unwrap(),
        );
        eprintln!(
            "{name}: C_L mean {:.5} max {:.5} rank {rank_l:.5}; C_D bias {:+.2} % mean {:.2} % max \
             {:.2} % rank {rank_d:.5}; friction bias {:+.2} %",
            lift.0,
            lift.1,
            100.0 * drag.2,
            100.0 * drag.0,
            100.0 * drag.1,
            100.0 * friction.2
        );
        let [cl_mean, cl_max, from, to, cd_max, friction_max] = bounds;
        assert!(lift.0 < cl_mean && lift.1 < cl_max, "{name} {lift:?}");
        assert!(
            drag.2 > from && drag.2 < to && drag.1 < cd_max,
            "{name} {drag:?}"
        );
        assert!(friction.2.abs() < friction_max, "{name} {friction:?}");
        assert!(
            rank_l > 0.9999 && rank_d > 0.998,
            "{name} {rank_l} {rank_d}"
        );
    }
}

/// OpenFOAM's own wall shear stress (from the wall-normal gradient of its cell values, put on the
/// points by its writer) beside ours from point data, and beside the law of the wall. The first
/// cell's height is y+ 0.64 on average, so the law at the first node must reduce to `nu u / y`.
#[test]
fn wall_shear_agrees_with_openfoam() {
    let Some(root) = root() else { return };
    let walls = root.join("../airfoil-openfoam-wall");
    if !walls.is_dir() {
        eprintln!("skipped: no {}", walls.display());
        return;
    }
    let dataset = AirfransDataset::open(&root).unwrap();
    let errors = dataset
        .map_cases(
            &dataset.cases("full_test").unwrap(),
            "",
            Progress::Hidden,
            |sample| {
                let file = read_mesh(&walls.join(format!("{}_wall.vtp", sample.name))).unwrap();
                let field = file.field("wallShearStress", Location::Point).unwrap();
                let key = |x: f64, y: f64| [x.to_bits(), y.to_bits()];
                let at: HashMap<_, _> = file
                    .mesh
                    .points()
                    .iter()
                    .zip(0..)
                    .map(|(p, k)| (key(p[0], p[1]), k))
                    .collect();
                let mut wall = Wall::from_sample(&sample)?;
                wall.nu = NU;
                let fields = FlowFields::from_sample(&sample)?;
                let resolved = wall_shear(&sample, &wall, &fields)?;
                let law = wall_law_shear(&sample, &wall, &fields, WallLaw::default())?;
                let off_wall = wall_law_shear(&sample, &wall, &fields, WallLaw::OFF_WALL)?;
                let (mut scale, mut sums) = (0.0, [0.0; 3]);
                let lengths = wall.point_lengths();
                for (k, point) in wall.contour.points().iter().enumerate() {
                    let tuple = at[&key(point[0], point[1])];
                    // OpenFOAM's stress is that of the wall on the fluid's side: the opposite sign.
                    let exact = [0, 1].map(|c| -field.value(tuple, c));
                    scale += lengths[k] * (exact[0].powi(2) + exact[1].powi(2));
                    for (sum, shear) in sums.iter_mut().zip([&resolved, &law, &off_wall]) {
                        let [x, y] = shear[k];
                        *sum += lengths[k] * ((x - exact[0]).powi(2) + (y - exact[1]).powi(2));
                    }
                }
                Ok(sums.map(|sum| (sum / scale).sqrt()))
            },
        )
        .unwrap();
    let bounds = [
        ("resolved", 0.025, 0.08),
        ("law at first node", 0.025, 0.08),
        ("law off the wall", 0.16, 0.36),
    ];
    for (k, (name, mean_bound, bound)) in bounds.into_iter().enumerate() {
        let (mean, largest, _) = spread(errors.iter().map(|e| e[k]));
        eprintln!(
            "{name}: wall shear off OpenFOAM's by {mean:.4} on average, {largest:.4} at most"
        );
        assert!(
            mean < mean_bound && largest < bound,
            "{name} {mean} {largest}"
        );
    }
}
