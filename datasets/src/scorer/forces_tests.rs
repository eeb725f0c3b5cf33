//! Forces in closed form: linear pressure, a cylinder with circulation, uniform shear.

use std::f64::consts::{PI, TAU};

use super::*;
use crate::scorer::testing::{Case, block, polygon, section};

fn with_rule(sample: &Sample, normals: NormalRule) -> Forces {
    let fields = FlowFields::from_sample(sample).unwrap();
    let wall = Wall::from_sample(sample).unwrap();
    let options = ForceOptions {
        normals,
        ..ForceOptions::default()
    };
    forces_with(sample, &wall, &fields, options).unwrap()
}

fn close(found: f64, expected: f64, scale: f64) {
    assert!(
        (found - expected).abs() <= 1e-13 * scale,
        "{found}, expected {expected}"
    );
}

fn shoelace(outline: &[[f64; 2]]) -> f64 {
    let n = outline.len();
    let cross = |k: usize| {
        let (a, b) = (outline[k], outline[(k + 1) % n]);
        a[0] * b[1] - a[1] * b[0]
    };
    0.5 * (0..n).map(cross).sum::<f64>()
}

/// Divergence theorem on the polygon: the force of `p = p0 + g . x` is `-g` times the area, exactly
/// (each segment's mean of a linear pressure is its value in the middle).
#[test]
fn linear_pressure_gives_gradient_times_area() {
    let gradient = [3.0, -7.0];
    for outline in [section(20), block(), polygon(7)] {
        let case = Case::new(outline);
        let sample =
            case.sample(|[x, y]| ([0.0; 2], 100.0 + gradient[0] * x + gradient[1] * y, 0.0));
        let forces = with_rule(&sample, NormalRule::Segment);
        let area = shoelace(&case.outline);
        close(forces.cd_pressure, -gradient[0] * area / 0.5, 400.0);
        close(forces.cl_pressure, -gradient[1] * area / 0.5, 400.0);
        assert_eq!((forces.cd_viscous, forces.cl_viscous), (0.0, 0.0));
        assert_eq!(forces.cd, forces.cd_pressure + forces.cd_viscous);
    }
}

/// On a regular polygon the mean of two neighbouring radial normals is `cos(pi/n)` times the
/// segment's normal, so AirfRANS's rule gives that fraction of the exact force.
#[test]
fn mean_normals_shorten_the_force_of_a_regular_polygon() {
    for n in [5, 12, 64] {
        let case = Case::new(polygon(n));
        let sample = case.sample(|[x, y]| ([0.0; 2], 2.0 * x - y, 0.0));
        let exact = with_rule(&sample, NormalRule::Segment);
        let mean = forces_of(&sample, &FlowFields::from_sample(&sample).unwrap()).unwrap();
        let shortened = (PI / n as f64).cos();
        close(mean.cd, shortened * exact.cd, 10.0);
        close(mean.cl, shortened * exact.cl, 10.0);
    }
}

/// Potential flow about a cylinder of radius one with circulation G (clockwise): on it
/// `p = U^2/2 - (2 U sin t + G/2pi)^2 / 2`. Of its Fourier series only the `sin t` term, of
/// amplitude `-U G/pi`, has a sum with the normals over n > 3 segments: segment means multiply it by
/// `cos(pi/n)`, the segments' length is `2 sin(pi/n)` and `sum sin^2 = n/2`, so
/// `F_y = U G / pi cos(pi/n) 2 sin(pi/n) n/2`, which goes to Kutta and Joukowski's `U G`.
#[test]
fn a_cylinder_with_circulation_has_its_discrete_lift() {
    let (speed, circulation) = (3.0, 5.0);
    let pressure = |[x, y]: [f64; 2]| {
        let swirl = 2.0 * speed * y / x.hypot(y) + circulation / TAU;
        0.5 * speed * speed - 0.5 * swirl * swirl
    };
    for n in [4usize, 9, 50, 2000] {
        let mut case = Case::new(polygon(n));
        case.speed = speed;
        let sample = case.sample(|at| ([0.0; 2], pressure(at), 0.0));
        let angle = PI / n as f64;
        let lift = speed * circulation / PI * angle.cos() * 2.0 * angle.sin() * n as f64 / 2.0;
        let dynamic = 0.5 * speed * speed;
        let forces = with_rule(&sample, NormalRule::Segment);
        close(forces.cl, lift / dynamic, 10.0);
        close(forces.cd, 0.0, 10.0);
        let mean = with_rule(&sample, NormalRule::PointMean);
        close(mean.cl, lift / dynamic * angle.cos(), 10.0);
        if n == 2000 {
            assert!((forces.cl / (speed * circulation / dynamic) - 1.0).abs() < 2e-6);
        }
    }
}

/// `u = (g (y - 1), 0)` above the block's top: every node on it that only has cells above sees the
/// exact gradient, and `tau_w = (nu g, 0)`. The flow elsewhere does not count there.
#[test]
fn uniform_shear_gives_the_exact_wall_shear() {
    let (rate, nu) = (250.0, 1.5e-5);
    let mut case = Case::new(block());
    case.nu = nu;
    let sample = case.sample(|[_, y]| {
        let u = if y > 1.0 { rate * (y - 1.0) } else { 0.0 };
        ([u, 0.0], 0.0, 0.0)
    });
    let wall = Wall::from_sample(&sample).unwrap();
    let fields = FlowFields::from_sample(&sample).unwrap();
    let shear = wall_shear(&sample, &wall, &fields).unwrap();
    let mut checked = 0;
    for (point, tau) in wall.contour.points().iter().zip(&shear) {
        if point[1] == 1.0 && point[0] > 0.2 && point[0] < 1.8 {
            close(tau[0], nu * rate, nu * rate);
            close(tau[1], 0.0, nu * rate);
            checked += 1;
        }
    }
    assert_eq!(checked, 13);
}

/// Any linear velocity is differentiated exactly, so `tau_w = -2 nu S n` to rounding at every wall
/// node, the trace taken out.
#[test]
fn linear_velocity_gives_its_strain_rate_everywhere() {
    let j = [[1.5, -2.0], [0.5, 0.25]];
    let mut case = Case::new(section(16));
    case.nu = 0.3;
    let at = |[x, y]: [f64; 2]| [j[0][0] * x + j[0][1] * y, j[1][0] * x + j[1][1] * y];
    let sample = case.sample(|p| (at(p), 0.0, 0.0));
    let wall = Wall::from_sample(&sample).unwrap();
    let fields = FlowFields::from_sample(&sample).unwrap();
    let shear = wall_shear(&sample, &wall, &fields).unwrap();
    let third = (j[0][0] + j[1][1]) / 3.0;
    let s = [[j[0][0] - third, -0.75], [-0.75, j[1][1] - third]];
    for (tau, n) in shear.iter().zip(&wall.inward) {
        for a in 0..2 {
            let exact = -2.0 * 0.3 * (s[a][0] * n[0] + s[a][1] * n[1]);
            assert!((tau[a] - exact).abs() < 1e-11, "{tau:?}");
        }
    }
}

/// Predicted wall velocity is set to zero before the friction is taken.
#[test]
fn velocity_on_the_wall_does_not_count() {
    let case = Case::new(section(16));
    let sample = case.sample(|[x, y]| ([x * y, y * y], x, 0.0));
    let mut fields = FlowFields::from_sample(&sample).unwrap();
    let forces = forces_of(&sample, &fields).unwrap();
    assert!(forces.cd_viscous.abs() > 1e-3);
    for node in Wall::from_sample(&sample).unwrap().all_nodes {
        fields.velocity[node as usize] = [1e3, -1e3];
    }
    assert_eq!(forces_of(&sample, &fields).unwrap(), forces);
}

/// Turning body, flow and inlet together changes neither drag nor lift.
#[test]
fn coefficients_do_not_depend_on_the_frame() {
    let flow = |[x, y]: [f64; 2]| ([x + y * y, x * y], x * x - y, 0.1);
    let still = Case::new(section(24));
    let expected = with_rule(&still.sample(flow), NormalRule::PointMean);
    let (sin, cos) = 20f64.to_radians().sin_cos();
    let turn = |[x, y]: [f64; 2]| [cos * x - sin * y, sin * x + cos * y];
    let back = |[x, y]: [f64; 2]| [cos * x + sin * y, cos * y - sin * x];
    let mut turned = Case::new(still.outline.iter().map(|&p| turn(p)).collect());
    turned.aoa = 20.0;
    let sample = turned.sample(|p| {
        let (u, p, nut) = flow(back(p));
        (turn(u), p, nut)
    });
    let found = with_rule(&sample, NormalRule::PointMean);
    for (a, b) in [
        (found.cd_pressure, expected.cd_pressure),
        (found.cl_pressure, expected.cl_pressure),
        (found.cd_viscous, expected.cd_viscous),
        (found.cl_viscous, expected.cl_viscous),
    ] {
        assert!((a - b).abs() < 1e-12 * (1.0 + b.abs()), "{a} {b}");
    }
}

/// Files whose normals point out of the body give the same forces; without normals the contour's
/// own are used.
#[test]
fn normals_of_either_sign_or_none() {
    let flow = |[x, y]: [f64; 2]| ([x + y * y, x * y], x * x - y, 0.1);
    let mut case = Case::new(polygon(40));
    let expected = with_rule(&case.sample(flow), NormalRule::PointMean);
    case.normals = -1.0;
    assert_eq!(
        with_rule(&case.sample(flow), NormalRule::PointMean),
        expected
    );
    case.normals = 0.0;
    let own = with_rule(&case.sample(flow), NormalRule::PointMean);
    assert!((own.cd - expected.cd).abs() < 1e-12 && (own.cl - expected.cl).abs() < 1e-12);
}

#[test]
fn an_aerofoil_of_another_mesh_is_refused() {
    let case = Case::new(section(16));
    let mut sample = case.sample(|_| ([0.0; 2], 0.0, 0.0));
    let fields = FlowFields::from_sample(&sample).unwrap();
    let mut other = Case::new(section(16));
    other.outline[3][1] += 1e-3;
    let other = other.sample(|_| ([0.0; 2], 0.0, 0.0));
    sample.boundaries = other.boundaries;
    let error = forces_of(&sample, &fields).unwrap_err().to_string();
    assert!(
        error.contains("1 of 32 airfoil points are no nodes"),
        "{error}"
    );
    let mut short = fields;
    short.pressure.pop();
    let error = forces_of(&case.sample(|_| ([0.0; 2], 0.0, 0.0)), &short)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("array \"p\"") && error.contains("made"),
        "{error}"
    );
}
