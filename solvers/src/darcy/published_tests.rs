//! The Darcy data that come with neuraloperator, and the convention they were made with: see the page on Darcy flow in
//! the book.

use std::path::Path;

use super::*;
use crate::evolution::testing::{dot, relative_error};

/// Samples in a file.
const SAMPLES: usize = 50;
/// Cells along an axis of the grid that the published points are centres of.
const FINE: usize = 512;
/// The permeability where the mask is false and true, for a source of 1.
const PERMEABILITY: [f64; 2] = [0.02, 0.36];

/// The masks and the pressures of a file, `[sample][row][column]`; none where it is absent.
fn published(n: usize) -> Option<[Vec<Vec<f64>>; 2]> {
    let name = format!("../../shared/data/third_party/neuralop/darcy_test_{n}.pt");
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
    // Strides (1, 50, 50 n): the sample runs fastest.
    let all = |value: &dyn Fn(usize) -> f64| -> Vec<Vec<f64>> {
        let place = |s: usize, p: usize| s + SAMPLES * (p / n) + SAMPLES * n * (p % n);
        let sample = |s: usize| (0..n * n).map(|p| value(place(s, p))).collect();
        (0..SAMPLES).map(sample).collect()
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

/// Whether the smoothed mask is above a half at a point of the unit square.
fn is_high(mask: &[f64], n: usize, [x, y]: [f64; 2]) -> bool {
    /// In spacings of the published points.
    const WIDTH: f64 = 0.5;
    const REACH: i64 = 2;
    let place = |v: f64| (v - 0.5 / FINE as f64) * n as f64;
    let weights = |v: f64| {
        let nearest = place(v).round() as i64;
        (nearest - REACH..=nearest + REACH).map(move |i| {
            let weight = (-(place(v) - i as f64).powi(2) / (2.0 * WIDTH * WIDTH)).exp();
            (i.clamp(0, n as i64 - 1) as usize, weight)
        })
    };
    let mut sum = 0.0;
    for (row, wy) in weights(y) {
        sum += wy
            * weights(x)
                .map(|(column, wx)| wx * (mask[row * n + column] - 0.5))
                .sum::<f64>();
    }
    sum > 0.0
}

/// The pressure at the published points, solved on `intervals`² with the mask that the published points leave to be
/// guessed in between.
fn solved(mask: &[f64], n: usize, intervals: usize) -> Vec<f64> {
    let nodes = intervals + 1;
    let operator = DarcyOperator::new(DarcyGrid::Nodes, [nodes, nodes], [1.0; 2]).expect("valid");
    let at = |i: usize| i as f64 / intervals as f64;
    let permeability = (0..nodes * nodes)
        .map(|p| PERMEABILITY[usize::from(is_high(mask, n, [at(p % nodes), at(p / nodes)]))])
        .collect();
    let mut darcy = Darcy::new(operator, permeability, vec![1.0; nodes * nodes]).expect("valid");
    assert!(darcy.solve().expect("finite").converged());
    let value = |row: usize, column: usize| {
        let place = |i: usize| {
            let v = (i as f64 / n as f64 + 0.5 / FINE as f64) * intervals as f64;
            (v as usize, v.fract())
        };
        let ((y, fy), (x, fx)) = (place(row), place(column));
        let p = |y: usize, x: usize| darcy.pressure()[y * nodes + x];
        let along = |y: usize| (1.0 - fx) * p(y, x) + fx * p(y, x + 1);
        (1.0 - fy) * along(y) + fy * along(y + 1)
    };
    (0..n * n).map(|p| value(p / n, p % n)).collect()
}

/// The stored masks do not say where between two points a jump lies; half a spacing either way moves the pressure by
/// some percent. So this is no test of the solver to the last digit, but of the convention: another
/// coefficient, boundary or place of the points makes the error several times as large.
#[test]
fn published_pressures_are_found_to_what_the_masks_leave_open() {
    let Some([masks, pressures]) = published(32) else {
        return;
    };
    let (mut sum, mut squares) = (0.0, [0.0; 2]);
    for (mask, p) in masks.iter().zip(&pressures) {
        let found = solved(mask, 32, 128);
        sum += relative_error(&found, p);
        let difference: Vec<f64> = found.iter().zip(p).map(|(a, b)| a - b).collect();
        squares[0] += dot(&difference, &difference);
        squares[1] += dot(p, p);
    }
    let (mean, all) = (sum / SAMPLES as f64, (squares[0] / squares[1]).sqrt());
    eprintln!("Darcy, 32²: {mean:.4} on average, {all:.4} of all samples together");
    assert!(mean < 0.025, "{mean}");
}
