//! Transforms against the series written out, and products against fields.

use std::f64::consts::PI;

use super::*;

/// sum over k, l of c e^{i ..} by hand at a point.
fn series(plane: &Plane, spectrum: &[Complex64], [i, j]: [usize; 2]) -> f64 {
    let [nx, ny] = plane.dims();
    let terms = plane.wave_numbers().zip(spectrum).map(|([k, l], c)| {
        let x = 2.0 * PI * k as f64 * i as f64 / nx as f64;
        let y = 2.0 * PI * l as f64 * j as f64 / ny as f64;
        let both = if k == 0 { 1.0 } else { 2.0 };
        both * (c * Complex64::from_polar(1.0, x + y)).re
    });
    terms.sum()
}

fn spectrum(plane: &Plane, seed: u64) -> Vec<Complex64> {
    // Of a real field: c_{0,-l} is the conjugate of c_{0,l}.
    let noise = crate::evolution::testing::noise(2 * plane.modes(), seed);
    let mut spectrum: Vec<Complex64> = noise
        .chunks(2)
        .map(|pair| Complex64::new(pair[0], pair[1]))
        .collect();
    let height = plane.height();
    spectrum[0].im = 0.0;
    for l in 1..=plane.cut[1] {
        spectrum[height - l] = spectrum[l].conj();
    }
    spectrum
}

#[test]
fn transforms_are_the_series_and_invert_each_other() {
    for (dims, cut) in [
        ([12, 8], [3, 2]),
        ([9, 15], [4, 7]),
        ([16, 33], [5, 10]),
        ([5, 1], [2, 0]),
        // By several tasks.
        ([72, 65], [5, 6]),
    ] {
        let mut plane = Plane::new(dims, cut);
        let (a, b) = (spectrum(&plane, 1), spectrum(&plane, 2));
        let n = plane.points();
        let (mut fa, mut fb) = (vec![0.0; n], vec![0.0; n]);
        plane.inverse([&a, &b], [&mut fa, &mut fb]);
        for j in 0..dims[1] {
            for i in 0..dims[0] {
                let found = [fa[j * dims[0] + i], fb[j * dims[0] + i]];
                let expected = [&a, &b].map(|s| series(&plane, s, [i, j]));
                assert!((found[0] - expected[0]).abs() < 1e-12, "{dims:?}");
                assert!((found[1] - expected[1]).abs() < 1e-12, "{dims:?}");
            }
        }
        let (mut back_a, mut back_b) = (a.clone(), b.clone());
        back_a.fill(ZERO);
        plane.forward([&fa, &fb], [&mut back_a, &mut back_b]);
        let pairs = back_a.iter().zip(&a).chain(back_b.iter().zip(&b));
        for (found, expected) in pairs {
            assert!((found - expected).norm() < 1e-13, "{dims:?}");
        }
    }
}

#[test]
fn products_are_those_of_the_fields() {
    let mut plane = Plane::new([20, 18], [6, 5]);
    let spectra = [1, 2, 3, 4].map(|seed| spectrum(&plane, seed));
    let [u, v, a, b] = &spectra;
    let n = plane.points();
    let [mut fu, mut fv, mut fa, mut fb] = [(); 4].map(|()| vec![0.0; n]);
    plane.inverse([u, v], [&mut fu, &mut fv]);
    plane.inverse([a, b], [&mut fa, &mut fb]);
    let product: Vec<f64> = (0..n).map(|i| fu[i] * fv[i]).collect();
    let other: Vec<f64> = (0..n).map(|i| fu[i] * fa[i] - fb[i]).collect();
    let [mut p, mut q, mut p2, mut q2] = [(); 4].map(|()| u.clone());
    plane.forward([&product, &other], [&mut p, &mut q]);
    plane.product(
        [u, v],
        |z| Complex64::new(z.re * z.im, 0.0),
        [&mut p2, &mut q2],
    );
    assert!(p.iter().zip(&p2).all(|(a, b)| (a - b).norm() < 1e-13));
    assert!(q2.iter().all(|q| q.norm() < 1e-13));
    let f = |z: Complex64, c: Complex64| Complex64::new(z.re * z.im, z.re * c.re - c.im);
    plane.product_of_four([[u, v], [a, b]], f, [&mut p2, &mut q2]);
    assert!(p.iter().zip(&p2).all(|(a, b)| (a - b).norm() < 1e-13));
    assert!(q.iter().zip(&q2).all(|(a, b)| (a - b).norm() < 1e-13));
}
