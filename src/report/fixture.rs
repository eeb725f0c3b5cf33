//! A report for tests: an elliptic airfoil in a made-up flow, everything filled in.

use super::*;

/// Points around the ellipse and away from it.
const AROUND: usize = 60;
const LAYERS: usize = 24;

/// Point `i` of layer `j` around an ellipse of chord 1; layer 0 is the wall.
fn point(i: usize, j: usize) -> [f64; 2] {
    let angle = std::f64::consts::TAU * i as f64 / AROUND as f64;
    let away = 2.5 * (j as f64 / (LAYERS - 1) as f64).powi(2);
    [
        0.5 + (0.5 + away) * angle.cos(),
        (0.06 + away) * angle.sin(),
    ]
}

/// Fields of a made-up flow; `shift` makes a prediction of the truth.
fn flow([x, y]: [f64; 2], shift: f64) -> [f32; 4] {
    let decay = (-(x - 0.5).powi(2) - y * y).exp();
    [
        (40.0 * (1.0 + 0.3 * decay) + shift) as f32,
        (10.0 * decay * x + shift) as f32,
        (-500.0 * decay * (y + 0.1) + 20.0 * shift) as f32,
        (1e-3 * decay + 1e-5 * shift) as f32,
    ]
}

fn columns(points: &[[f64; 2]], shift: f64) -> [Vec<f32>; 4] {
    let rows: Vec<[f32; 4]> = points.iter().map(|p| flow(*p, shift)).collect();
    std::array::from_fn(|k| rows.iter().map(|row| row[k]).collect())
}

/// A case with its mesh; `shift` is the size of the error.
pub fn picture(role: CaseRole, shift: f64) -> CasePicture {
    let points: Vec<[f64; 2]> = (0..LAYERS)
        .flat_map(|j| (0..AROUND).map(move |i| point(i, j)))
        .collect();
    let node = |i: usize, j: usize| (j * AROUND + i % AROUND) as u32;
    let quad = |i: usize, j: usize| {
        let (a, b, c, d) = (
            node(i, j),
            node(i + 1, j),
            node(i + 1, j + 1),
            node(i, j + 1),
        );
        [[a, b, c], [a, c, d]]
    };
    let triangles = (0..LAYERS - 1)
        .flat_map(|j| (0..AROUND).flat_map(move |i| quad(i, j)))
        .collect();
    let wall: Vec<[f64; 2]> = (0..AROUND).map(|i| point(i, 0)).collect();
    let pressure = |shift: f64| {
        columns(&wall, shift)[2]
            .iter()
            .map(|p| f64::from(*p))
            .collect()
    };
    CasePicture {
        role,
        name: format!("airFoil2D_SST_{role:?}"),
        score: Some(shift * 1e-3),
        truth: columns(&points, 0.0),
        prediction: columns(&points, shift),
        points: points.iter().map(|p| p.map(|v| v as f32)).collect(),
        triangles,
        wall: WallCurve {
            p_truth: pressure(0.0),
            p_prediction: pressure(shift),
            points: wall,
            speed: 40.0,
            aoa: 3.0,
        },
        layer: layer(shift),
    }
}

/// Profiles at two stations and friction, off by `shift`.
fn layer(shift: f64) -> WallLayer {
    let curve = |at: Vec<f64>, value: fn(f64) -> f64| LayerCurve {
        truth: at.iter().map(|x| value(*x)).collect(),
        prediction: at.iter().map(|x| value(*x) * (1.0 + 0.1 * shift)).collect(),
        at,
    };
    let out: Vec<f64> = (0..20)
        .map(|k| 0.1 * (f64::from(k) / 19.0).powi(3))
        .collect();
    let along: Vec<f64> = (0..20).map(|k| f64::from(k) / 19.0).collect();
    let profile = |station| LayerProfile {
        station,
        sides: [
            curve(out.clone(), |d| 1.3 - 1.3 * (-d / 0.004).exp()),
            curve(out.clone(), |d| 1.1 - 1.1 * (-d / 0.003).exp()),
        ],
    };
    WallLayer {
        profiles: [0.2, 0.4, 0.6, 0.8].map(profile).into(),
        friction: [
            curve(along.clone(), |x| 0.006 * (1.0 - 1.2 * x)),
            curve(along, |x| 0.004 * (1.0 - 0.5 * x)),
        ],
    }
}

fn method(name: &str, kind: MethodKind, size: f64) -> MethodRow {
    let accuracy = Accuracy {
        relative_error: Some(size * 20.0),
        rank: Some(1.0 - size * 10.0),
    };
    MethodRow {
        name: name.to_owned(),
        kind,
        volume_mse: [size, 2.0 * size, 3.0 * size, 4.0 * size].map(Some),
        surface_p_mse: Some(5.0 * size),
        cl: accuracy,
        cd: accuracy,
        train_seconds: Some(60.0),
        case_seconds: Some(0.1),
    }
}

fn coefficient(truth: f64, off: f64) -> CaseCoefficient {
    CaseCoefficient {
        truth: Some(truth),
        reported: Some(truth + off),
        interval: Some([truth + off - 0.02, truth + off + 0.02]),
        integrated: Some(truth + 3.0 * off),
    }
}

fn case(i: usize) -> CaseRow {
    let t = i as f64 / 10.0;
    CaseRow {
        name: format!("airFoil2D_SST_{i}"),
        speed: 40.0 + t,
        aoa: t,
        volume_mse: [1e-3, 2e-3, 3e-3, 4e-3].map(Some),
        surface_p_mse: Some(5e-3),
        cl: coefficient(0.1 * t, 0.01),
        cd: coefficient(0.01 + 0.002 * t, -0.001),
        verdict: Some(Verdict {
            outside: i == 3,
            score: t,
            threshold: 0.25,
            reason: String::new(),
        }),
    }
}

/// Everything filled in.
pub fn report() -> ReportData {
    let pictures: Vec<CasePicture> = [
        (CaseRole::Best, 0.1),
        (CaseRole::Median, 0.5),
        (CaseRole::Worst, 2.0),
    ]
    .map(|(role, shift)| picture(role, shift))
    .into();
    let (mut by_chord, mut by_distance) = (ErrorByChord::new(), ErrorByDistance::new());
    pictures.iter().for_each(|p| by_chord.add_case(&p.wall));
    by_distance.add_case(&[1e-4, 1e-2, 0.3], &[[1e-2; 4], [2e-2; 4], [1e-3; 4]]);
    let row = |i: u32| TrainingRow {
        epoch: f64::from(i),
        train_loss: (-0.1 * f64::from(i)).exp(),
        validation_loss: Some((-0.09 * f64::from(i)).exp()),
        learning_rate: Some(1e-3),
    };
    ReportData {
        title: "MARIO on a made-up set".to_owned(),
        lead: "What was trained on what.".to_owned(),
        run: RunFacts {
            config: "seed = 7\n".to_owned(),
            seed: 7,
            members: 2,
            ..RunFacts::default()
        },
        methods: vec![
            method("MARIO", MethodKind::Surrogate, 1e-3),
            method("MLP", MethodKind::Baseline, 2e-3),
            method("Published", MethodKind::Reference, 1e-4),
        ],
        coefficients: vec![CoefficientRow {
            source: "head".to_owned(),
            reported: true,
            nominal_coverage: Some(0.9),
            ..CoefficientRow::default()
        }],
        curves: vec![TrainingCurve {
            label: "member 1".to_owned(),
            rows: (1..50).map(row).collect(),
            best_epoch: Some(40.0),
        }],
        epoch_label: "Step".to_owned(),
        cases: (0..12).map(case).collect(),
        pictures,
        by_distance: Some(by_distance),
        by_chord: Some(by_chord),
        notes: vec!["A note.".to_owned()],
    }
}
