//! Time of the panel method on one thread: `cargo run --release -p karman-solvers --example panel_speed`.

use std::time::Instant;

use karman_meshes::{NacaTrailingEdge, naca4};
use karman_solvers::PanelFlow;

/// Best of several runs, in milliseconds.
fn milliseconds<R>(work: impl Fn() -> R) -> f64 {
    (0..7)
        .map(|_| {
            let begun = Instant::now();
            std::hint::black_box(work());
            1e3 * begun.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build_global()?;
    let contour = naca4(2.0, 4.0, 12.0, 500, NacaTrailingEdge::Closed)?;
    for per_side in [60, 120, 240] {
        let solve = milliseconds(|| PanelFlow::with_panels(&contour, per_side));
        let flow = PanelFlow::with_panels(&contour, per_side)?.at(0.1);
        let points = |n: usize| -> Vec<[f64; 2]> {
            (0..n)
                .map(|i| (i as f64 / n as f64, (i as f64 * 0.618).fract()))
                .map(|(a, b)| [6.0 * a - 2.0, 3.0 * b - 1.5])
                .collect()
        };
        let [few, many] = [11_000, 180_000].map(points);
        println!(
            "{per_side} panels a side: solve {solve:.2} ms, 11 k points {:.1} ms, 180 k points {:.0} ms",
            milliseconds(|| flow.velocity_at(&few)),
            milliseconds(|| flow.velocity_at(&many)),
        );
    }
    Ok(())
}
