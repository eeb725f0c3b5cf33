use karman_datasets::{Normaliser, point_columns};

use super::*;
use crate::coefficients::testing::{MiniAirfrans, mini_airfrans, parabolic_case};
use crate::data::MemorySource;

/// Points around a flat plate from (0, 0) to (1, 0) of which both sides are wall, with a made-up
/// flow: over each of 40 places at twelve distances.
fn plate(info: &CaseInfo, stretch: f32, value: impl Fn(f32, f32) -> [f32; 4]) -> PointTable {
    let names: Vec<String> = point_columns().map(|c| c.name.to_string()).collect();
    let mut data = Vec::new();
    for (i, j) in (0..40).flat_map(|i| (0..12).map(move |j| (i, j))) {
        let arc = stretch * (i as f32 - 19.5) / 19.5;
        let sdf = if j == 0 { 0.0 } else { 1e-4 * 2.0_f32.powi(j) };
        let fields = value(arc / stretch, sdf);
        data.extend(names.iter().map(|name| {
            match name.as_str() {
                "x" | "wall_x" => arc.abs(),
                "y" => arc.signum() * sdf,
                "inlet_x" => info.inlet[0] as f32,
                "inlet_y" => info.inlet[1] as f32,
                "sdf" => sdf,
                "arc" => arc,
                "is_surface" => f32::from(u8::from(j == 0)),
                name => FIELDS
                    .iter()
                    .position(|f| *f == name)
                    .map_or(0.0, |k| fields[k]),
            }
        }));
    }
    PointTable::new(names, data).unwrap()
}

fn flow(speed: f32) -> impl Fn(f32, f32) -> [f32; 4] {
    move |place, sdf| {
        let ramp = sdf / (sdf + 1e-3);
        [
            speed * ramp,
            speed * place * ramp,
            speed * speed * place,
            speed * ramp * 1e-3,
        ]
    }
}

/// Two cases; the second is at 8 degrees.
fn source() -> MemorySource {
    let near = parabolic_case("near", 40.0, 2.0, 0.02, 0.12);
    let far = parabolic_case("far", 40.0, 8.0, 0.02, 0.12);
    let tables = [
        plate(&near, 1.0, flow(40.0)),
        plate(&far, 1.0, |_, _| [9.0; 4]),
    ];
    MemorySource::new([near, far].into_iter().zip(tables))
}

/// The same points on a section of 1.1 times the length, at another speed: the flow follows the
/// contour and scales with U and U².
#[test]
fn follows_the_contour_and_scales_with_the_speed() {
    let source = source();
    let baseline = NearestCase::fit(&source, &[0, 1]).unwrap();
    let info = parabolic_case("new", 60.0, 2.5, 0.02, 0.12);
    assert_eq!(baseline.nearest(&info).unwrap(), "near");
    let table = plate(&info, 1.1, flow(60.0));
    let predicted = baseline.predict(&source, &info, &table).unwrap();
    let truth = table.select(&FIELDS).unwrap();
    let largest = [60.0, 60.0, 3600.0, 0.06];
    for (k, (p, t)) in predicted.iter().zip(truth.data()).enumerate() {
        assert!((p - t).abs() < 0.01 * largest[k % 4], "{k}: {p} {t}");
    }
}

#[test]
fn a_train_case_is_reproduced() {
    let source = source();
    let baseline = NearestCase::fit(&source, &[0, 1]).unwrap();
    for case in [0, 1] {
        let table = source.table(case).unwrap();
        let predicted = baseline
            .predict(&source, &source.infos()[case], &table)
            .unwrap();
        let names = [&FIELDS[..], &["is_surface"]].concat();
        for (p, t) in predicted
            .chunks_exact(4)
            .zip(table.select(&names).unwrap().rows())
        {
            let expected = if t[4] == 0.0 {
                [t[0], t[1], t[2], t[3]]
            } else {
                [0.0, 0.0, t[2], 0.0]
            };
            let pairs = p.iter().zip(expected);
            pairs.for_each(|(p, t)| assert!((p - t).abs() <= 1e-4 * (1.0 + t.abs()), "{p} {t}"));
        }
    }
}

#[test]
fn wrong_input_is_an_error() {
    let source = source();
    let message = |train: &[usize]| NearestCase::fit(&source, train).unwrap_err().to_string();
    assert!(message(&[]).contains("no train cases"));
    assert!(message(&[2]).contains("case 2 of 2"));
    let baseline = NearestCase::fit(&source, &[0]).unwrap();
    let info = parabolic_case("new", 60.0, 2.0, 0.02, 0.12);
    let table = source.table(0).unwrap();
    let error = |source: &MemorySource, table: &PointTable| {
        baseline
            .predict(source, &info, table)
            .unwrap_err()
            .to_string()
    };
    assert!(error(&MemorySource::default(), &table).contains("near is not at place 0"));
    assert!(error(&source, &table.select(&["x", "y"]).unwrap()).contains("is_surface"));
    let mut data = table.data().to_vec();
    let arc = table.columns().iter().position(|c| c == "arc").unwrap();
    data[arc + 2 * table.width()] = f32::NAN;
    let broken = PointTable::new(table.columns().to_vec(), data).unwrap();
    assert!(error(&source, &broken).contains("arc of point 2"));
}

/// Mean squared errors of z-scored fields off the wall and of the pressure on it, averaged over
/// cases.
fn errors(data: &MiniAirfrans, train: &[usize], test: &[usize]) -> [f64; 5] {
    let mut statistics = Normaliser::new(&FIELDS);
    for &case in train {
        let table = data.source.table(case).unwrap().select(&FIELDS).unwrap();
        statistics.push_rows(table.data()).unwrap();
    }
    let std: Vec<f64> = statistics.columns().iter().map(|c| c.std()).collect();
    let baseline = NearestCase::fit(&data.source, train).unwrap();
    let mut mean = [0.0; 5];
    for &case in test {
        let table = data.source.table(case).unwrap();
        let predicted = baseline
            .predict(&data.source, &data.infos[case], &table)
            .unwrap();
        let names = [&FIELDS[..], &["is_surface"]].concat();
        let truth = table.select(&names).unwrap();
        let (mut sums, mut counts) = ([0.0; 5], [0.0; 2]);
        for (p, t) in predicted.chunks_exact(4).zip(truth.rows()) {
            let square = |k: usize| (f64::from(p[k] - t[k]) / std[k]).powi(2);
            let on_wall = t[4] != 0.0;
            counts[usize::from(on_wall)] += 1.0;
            match on_wall {
                true => sums[4] += square(2),
                false => (0..4).for_each(|k| sums[k] += square(k)),
            }
        }
        for (k, m) in mean.iter_mut().enumerate() {
            *m += sums[k] / counts[k / 4] / test.len() as f64;
        }
    }
    mean
}

/// Must hold: the reference nearest case has 2.2e-2, 5.0e-2, 6.2e-2, 2.2e-1.
#[test]
fn mini_airfrans_fields() {
    let Some(data) = mini_airfrans() else { return };
    let found = errors(data, &data.part("full_train"), &data.part("full_test"));
    println!("nearest case, full_test: u_x, u_y, p, nu_t, surface p: {found:.4?}");
    for (found, reference) in found.iter().zip([2.2e-2, 5.0e-2, 6.2e-2, 2.2e-1]) {
        assert!(*found <= reference, "{found} {reference}");
    }
}
