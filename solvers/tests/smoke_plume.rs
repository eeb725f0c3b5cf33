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
    let smoke_where = |inside: &dyn Fn(f64, f64) -> bool| -> f64 {
        let centre = |c: usize| ((c % nx) as f64, (c / nx) as f64);
        let cells = (0..nx * ny).filter(|&c| inside(centre(c).0, centre(c).1));
        cells.map(|c| plume.smoke[c]).sum()
    };
    let (width, height) = (nx as f64, ny as f64);
    let above = smoke_where(&|_, y| y > 0.25 * height);
    let inside =
        smoke_where(&|x, y| f64::hypot(x - 0.52 * width, y - 0.45 * height) < 0.08 * width);
    assert!(
        above > 50.0 && inside < 0.01 * above,
        "{above} above, {inside} inside the disc"
    );
    let picture = plume.picture().expect("a picture");
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 1000);
    // What the example promises, in the book too.
    let lines = include_str!("../examples/smoke_plume.rs").lines().count();
    assert!(lines <= 150, "{lines} lines");
}
