//! How much of the true flow the inviscid columns explain:
//! `cargo run --release -p karman-datasets --example panel_prior -- FOLDER [PART]`.
//!
//! FOLDER holds AirfRANS-style cases; PART is a part of its manifest (all cases where absent). Lift
//! is against that of the true pressure. Squares are in units of the
//! variance of each variable over the same nodes: a prediction of the mean has 1.

use std::time::Instant;

use karman_datasets::{AirfransDataset, CaseTable, DatasetError, Progress};

const PAIRS: [(&str, &str); 3] = [("u_x", "panel_u_x"), ("u_y", "panel_u_y"), ("p", "panel_p")];

/// Groups of nodes by their distance to the airfoil, m: from this one on.
const FROM: [f64; 3] = [0.0, 0.01, 0.1];

/// Sums of one variable over nodes: count, values, squares, squares of the errors.
type Sums = [f64; 4];

struct Case {
    /// For each group and variable.
    sums: [[Sums; 3]; FROM.len()],
    lift: [f64; 2],
    angle: f64,
    seconds: f64,
}

fn look_at(sample: &karman_datasets::Sample) -> Result<Case, DatasetError> {
    let begun = Instant::now();
    let made = CaseTable::from_sample(sample)?;
    let seconds = begun.elapsed().as_secs_f64();
    let surface = made.table.column("is_surface")?;
    let sdf = made.table.column("sdf")?;
    let mut sums = [[[0.0; 4]; 3]; FROM.len()];
    for (k, (target, panel)) in PAIRS.into_iter().enumerate() {
        let (truth, panel) = (made.table.column(target)?, made.table.column(panel)?);
        for i in (0..truth.len()).filter(|&i| surface[i] == 0.0) {
            let (t, e) = (f64::from(truth[i]), f64::from(truth[i] - panel[i]));
            let groups = sums.iter_mut().zip(FROM);
            for (sums, _) in groups.filter(|(_, from)| f64::from(sdf[i]) >= *from) {
                add(&mut sums[k], [1.0, t, t * t, e * e]);
            }
        }
    }
    let forces = made.info.coefficients;
    Ok(Case {
        sums,
        lift: [forces.map_or(f64::NAN, |f| f.cl), made.info.panel_cl],
        angle: made.info.aoa,
        seconds,
    })
}

fn add(sums: &mut Sums, terms: Sums) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum += term;
    }
}

fn correlation(pairs: &[[f64; 2]]) -> f64 {
    let n = pairs.len() as f64;
    let mean = [0, 1].map(|k| pairs.iter().map(|p| p[k]).sum::<f64>() / n);
    let moment = |j: usize, k: usize| -> f64 {
        pairs
            .iter()
            .map(|p| (p[j] - mean[j]) * (p[k] - mean[k]))
            .sum()
    };
    moment(0, 1) / (moment(0, 0) * moment(1, 1)).sqrt()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: panel_prior FOLDER [PART]")?;
    let set = AirfransDataset::open(folder)?;
    let names = match arguments.next() {
        Some(part) => set.cases(&part)?,
        None => set.all_cases(),
    };
    let cases = set.map_cases(&names, "cases", Progress::Hidden, |s| look_at(&s))?;
    for (group, from) in FROM.into_iter().enumerate() {
        println!("nodes off the wall, {from} m or more from it:");
        for (k, (target, _)) in PAIRS.iter().enumerate() {
            let mut total = [0.0; 4];
            for case in &cases {
                add(&mut total, case.sums[group][k]);
            }
            let [n, sum, square, error] = total;
            let variance = square / n - (sum / n).powi(2);
            println!(
                "{target:>5}: std {:.3}, mean square of (truth - panel) / std = {:.5}",
                variance.sqrt(),
                error / n / variance
            );
        }
    }
    for (what, limit) in [("all angles", f64::INFINITY), ("below 8 degrees", 8.0)] {
        let lift: Vec<[f64; 2]> = cases
            .iter()
            .filter(|c| c.angle.abs() < limit)
            .map(|c| c.lift)
            .collect();
        let n = lift.len() as f64;
        let bias = lift.iter().map(|l| l[1] - l[0]).sum::<f64>() / n;
        let error = lift.iter().map(|l| (l[1] - l[0]).abs()).sum::<f64>() / n;
        println!(
            "C_L, {what} ({n} cases): correlation {:.5}, mean |panel - truth| {error:.4}, mean difference {bias:+.4}",
            correlation(&lift)
        );
    }
    let seconds = cases.iter().map(|c| c.seconds).sum::<f64>() / cases.len() as f64;
    println!("model rows of a case: {:.1} ms", 1e3 * seconds);
    Ok(())
}
