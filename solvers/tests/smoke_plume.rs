//! The example, shortened.

#[path = "../examples/smoke_plume.rs"]
mod smoke_plume;

use smoke_plume::Plume;

#[test]
fn smoke_rises_around_the_disc_without_divergence() {
    let (nx, ny) = (64, 96);
    let mut plume = Plume::new(nx, ny).expect("a grid");
    let steps = 120;
    for _ in 0..steps {
        plume.step().expect("finite velocities");
    }
    // The solver's tolerance times the divergence that there was before.
    let largest = plume
        .divergence()
        .into_iter()
        .fold(0.0, |m: f64, d| m.max(d.abs()));
    assert!(largest < 1e-4, "{largest}");
    assert!(
        plume.iterations >= steps && plume.iterations <= 15 * steps,
        "{}",
        plume.iterations
    );
    let above = plume.smoke_where(|_, y| y > ny / 4);
    let inside = plume.smoke_where(|x, y| {
        let (x, y) = (
            x as f64 + 0.5 - 0.52 * nx as f64,
            y as f64 + 0.5 - 0.45 * ny as f64,
        );
        x.hypot(y) < 0.08 * nx as f64
    });
    assert!(
        above > 50.0 && inside < 0.01 * above,
        "{above} above, {inside} inside the disc"
    );
    let picture = plume.picture().expect("a picture");
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 1000);
}
