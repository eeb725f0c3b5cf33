//! The Darcy data that come with neuraloperator, and the convention they were made with: see the page on Darcy flow in
//! the book.

use std::path::Path;

use super::signed_fields::{Draw, SignedFields, waves_at};
use super::*;
use crate::evolution::testing::relative_error;

/// Samples in a file for tests.
const SAMPLES: usize = 50;
/// Cells along an axis of the grid that the published points are centres of.
const FINE: usize = 512;
/// The permeability where the mask is false and true, for a source of 1.
const PERMEABILITY: [f64; 2] = [0.02, 0.36];

/// The masks and the pressures of the file for tests, `[sample][row][column]`; none where it is absent.
fn published(n: usize) -> Option<[Vec<Vec<f64>>; 2]> {
    read("test", n, SAMPLES)
}

fn read(set: &str, n: usize, samples: usize) -> Option<[Vec<Vec<f64>>; 2]> {
    let name = format!("../../shared/data/third_party/neuralop/darcy_{set}_{n}.pt");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    };
    // A zip archive without compression: the bytes of an entry follow its header.
    let entry = |name: &[u8]| {
        let at = bytes.windows(name.len()).position(|w| w == name);
        let at = at.expect("an entry of this name");
        let extra = u16::from_le_bytes([bytes[at - 2], bytes[at - 1]]);
        &bytes[at + name.len() + usize::from(extra)..]
    };
    let (masks, pressures) = (entry(b"archive/data/0"), entry(b"archive/data/1"));
    let pressure = |at: usize| {
        let word = pressures[4 * at..].first_chunk().expect("all values");
        f64::from(f32::from_le_bytes(*word))
    };
    // Strides (1, samples, samples n): the sample runs fastest.
    let all = |value: &dyn Fn(usize) -> f64| -> Vec<Vec<f64>> {
        let place = |s: usize, p: usize| s + samples * (p / n + n * (p % n));
        let sample = |s: usize| (0..n * n).map(|p| value(place(s, p))).collect();
        (0..samples).map(sample).collect()
    };
    Some([all(&|at| f64::from(masks[at])), all(&pressure)])
}

#[test]
fn the_coefficients_are_those_of_the_convention() {
    for n in [16, 32] {
        let Some([masks, pressures]) = published(n) else {
            return;
        };
        // Where the mask does not change, -a lap p = 1 to the error of the differences.
        for (kind, permeability) in PERMEABILITY.into_iter().enumerate() {
            let mut sources = Vec::new();
            for (mask, p) in masks.iter().zip(&pressures) {
                for at in (2..n - 2).flat_map(|y| (2..n - 2).map(move |x| y * n + x)) {
                    let around = (0..25).map(|i| at + (i / 5) * n + i % 5 - 2 * n - 2);
                    if around.clone().all(|q| mask[q] == kind as f64) {
                        let lap = p[at - 1] + p[at + 1] + p[at - n] + p[at + n] - 4.0 * p[at];
                        sources.push(-permeability * lap * (n * n) as f64);
                    }
                }
            }
            sources.sort_by(f64::total_cmp);
            let median = sources[sources.len() / 2];
            assert!((median - 1.0).abs() < 0.01, "{n}, {kind}: {median}");
        }
    }
}

#[test]
fn points_are_cell_centres_of_a_finer_grid() {
    let (Some([masks, pressures]), Some([_, coarse])) = (published(32), published(16)) else {
        return;
    };
    // Every second point of the finer file.
    for (fine, coarse) in pressures.iter().zip(&coarse) {
        let taken: Vec<f64> = (0..256).map(|p| fine[p / 16 * 64 + p % 16 * 2]).collect();
        assert_eq!(&taken, coarse);
    }
    // The pressure along a line from the first or the last row, extrapolated to zero: 1/32 of a spacing ahead of
    // the first row, 31/32 behind the last, which is (16 i + 1/2) / 512.
    for (reversed, expected) in [(false, 1.0 / 32.0), (true, 31.0 / 32.0)] {
        let mut found = Vec::new();
        for (mask, p) in masks.iter().zip(&pressures) {
            for x in 2..30 {
                let row = |y: usize| if reversed { 31 - y } else { y } * 32;
                let near = (0..8).flat_map(|y| (x - 2..x + 3).map(move |x| (y, x)));
                if near
                    .clone()
                    .all(|(y, c)| mask[row(y) + c] == mask[row(0) + x])
                {
                    let line: Vec<f64> = (0..6).map(|y| p[row(y) + x]).collect();
                    found.push(zero_ahead(&line));
                }
            }
        }
        found.sort_by(f64::total_cmp);
        let median = found[found.len() / 2];
        assert!((median - expected).abs() < 2e-3, "{median} {expected}");
    }
}

/// How far ahead of the first value the polynomial through all values is zero, by bisection over 1.5 spacings.
fn zero_ahead(values: &[f64]) -> f64 {
    let polynomial = |at: f64| -> f64 {
        let term = |i: usize| -> f64 {
            let others = (0..values.len()).filter(|j| *j != i);
            values[i]
                * others
                    .map(|j| (at - j as f64) / (i as f64 - j as f64))
                    .product::<f64>()
        };
        (0..values.len()).map(term).sum()
    };
    let (mut low, mut high) = (-1.5, 0.0);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if polynomial(middle) > 0.0 {
            high = middle
        } else {
            low = middle
        }
    }
    -high
}

/// Where the published points lie along an axis.
fn places(n: usize) -> Vec<f64> {
    (0..n)
        .map(|i| i as f64 / n as f64 + 0.5 / FINE as f64)
        .collect()
}

/// The fields whose signs the masks are.
fn fields(n: usize) -> SignedFields {
    SignedFields::new(3.0, 10.0, &places(n))
}

/// The masks alone tell the covariance: how often they change from one point to another.
#[test]
fn masks_are_signs_of_the_fields_of_the_convention() {
    let n = 16;
    let Some([masks, _]) = read("train", n, 1000) else {
        return;
    };
    let (fields, paper) = (fields(n), SignedFields::new(2.0, 3.0, &places(n)));
    for lag in [1, 2, 3, 4, 6, 8, 10, 12] {
        let line = |at: usize| (0..n - lag).map(move |i| [i * n + at, (i + lag) * n + at]);
        let pairs: Vec<[usize; 2]> = (0..n).flat_map(line).collect();
        let turned = |p: usize| p % n * n + p / n;
        let (mut found, mut expected, mut of_paper) = (0.0, 0.0, 0.0);
        for [a, b] in pairs.iter().flat_map(|&p| [p, p.map(turned)]) {
            found += masks.iter().filter(|m| m[a] != m[b]).count() as f64 / masks.len() as f64;
            expected += fields.flip(a, b);
            of_paper += paper.flip(a, b);
        }
        let count = 2.0 * pairs.len() as f64;
        let [found, expected, of_paper] = [found, expected, of_paper].map(|sum| sum / count);
        eprintln!(
            "changes over {lag}: {found:.4}, expected {expected:.4}, the paper's {of_paper:.4}"
        );
        assert!(
            (found - expected).abs() < 0.003,
            "{lag}: {found} {expected}"
        );
    }
}

/// The pressure at the published points, solved on nodes that have these waves.
fn solved(field: &Draw, waves: &[f64], n: usize, intervals: usize) -> Vec<f64> {
    let nodes = intervals + 1;
    let operator = DarcyOperator::new(DarcyGrid::Nodes, [nodes, nodes], [1.0; 2]).expect("valid");
    let levels = field.at(waves).into_iter();
    let permeability = levels
        .map(|v| PERMEABILITY[usize::from(v >= 0.0)])
        .collect();
    let mut darcy = Darcy::new(operator, permeability, vec![1.0; nodes * nodes]).expect("valid");
    assert!(darcy.solve().expect("finite").converged());
    let places = places(n);
    let value = |row: usize, column: usize| {
        let place = |i: usize| (places[i] * intervals as f64) as usize;
        let fraction = |i: usize| (places[i] * intervals as f64).fract();
        let ([y, x], [fy, fx]) = ([row, column].map(place), [row, column].map(fraction));
        let p = |y: usize, x: usize| darcy.pressure()[y * nodes + x];
        let along = |y: usize| (1.0 - fx) * p(y, x) + fx * p(y, x + 1);
        (1.0 - fy) * along(y) + fy * along(y + 1)
    };
    (0..n * n).map(|p| value(p / n, p % n)).collect()
}

/// The masks do not say where between two points a jump lies. Of all that has a mask for its signs the mean pressure
/// is the best guess, and their spread around it the error to be expected of an exact solver. So this is no test to the
/// last digit, but of the convention: another coefficient, boundary or place of the points makes the error several
/// times as large.
#[test]
fn published_pressures_are_found_to_what_the_masks_leave_open() {
    const DRAWS: usize = 8;
    let (n, intervals) = (32, 256);
    let Some([masks, pressures]) = published(n) else {
        return;
    };
    let nodes: Vec<f64> = (0..=intervals)
        .map(|i| i as f64 / intervals as f64)
        .collect();
    let (fields, waves) = (fields(n), waves_at(&nodes));
    let (mut error, mut expected) = (0.0, 0.0);
    for (seed, (mask, p)) in masks.iter().zip(&pressures).enumerate() {
        let signs: Vec<f64> = mask.iter().map(|m| 2.0 * m - 1.0).collect();
        let draws = fields.draws(&signs, [20, 3, DRAWS], seed as u64);
        let found: Vec<Vec<f64>> = draws
            .iter()
            .map(|d| solved(d, &waves, n, intervals))
            .collect();
        let mean_of = |skipped: usize| -> Vec<f64> {
            let kept = || (0..DRAWS).filter(|d| *d != skipped);
            let at = |i: usize| kept().map(|d| found[d][i]).sum::<f64>() / kept().count() as f64;
            (0..n * n).map(at).collect()
        };
        error += relative_error(&mean_of(DRAWS), p) / SAMPLES as f64;
        // Each draw in the place of the published one.
        let each = (0..DRAWS).map(|d| relative_error(&mean_of(d), &found[d]));
        expected += each.sum::<f64>() / (DRAWS * SAMPLES) as f64;
    }
    eprintln!("Darcy, 32²: {error:.4}, {expected:.4} if a draw were the published one");
    assert!(error < 0.025, "{error}");
    assert!((error / expected - 1.0).abs() < 0.15, "{error} {expected}");
}
