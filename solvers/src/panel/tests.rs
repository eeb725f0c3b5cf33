use std::f64::consts::{PI, TAU};

use karman_meshes::{NacaTrailingEdge, naca4};

use super::*;

/// Exact flow by Joukowski's map `z = ζ + k²/ζ` of the circle around `centre`: circles, ellipses
/// and cusped airfoils.
struct Joukowski {
    centre: c64,
    radius: f64,
    k2: f64,
    /// Angle below the real axis at which the rear stagnation point lies on the circle.
    beta: f64,
}

impl Joukowski {
    fn circle() -> Self {
        Self::ellipse(0.5, 0.5)
    }

    fn ellipse(a: f64, b: f64) -> Self {
        Self {
            centre: c64::new(0.0, 0.0),
            radius: 0.5 * (a + b),
            k2: 0.25 * (a * a - b * b),
            beta: 0.0,
        }
    }

    /// About 10 % thick and 4 % cambered, chord about 1.
    fn airfoil() -> Self {
        let (k, centre) = (0.25, c64::new(-0.02, 0.02));
        let radius = (c64::new(k, 0.0) - centre).norm();
        Self {
            centre,
            radius,
            k2: k * k,
            beta: (centre.im / radius).asin(),
        }
    }

    fn zeta(&self, ring: f64, angle: f64) -> c64 {
        self.centre + c64::from_polar(ring * self.radius, angle - self.beta)
    }

    fn point(&self, ring: f64, angle: f64) -> [f64; 2] {
        let zeta = self.zeta(ring, angle);
        let z = zeta + self.k2 / zeta;
        [z.re, z.im]
    }

    fn velocity(&self, ring: f64, angle: f64, alpha: f64) -> [f64; 2] {
        let zeta = self.zeta(ring, angle);
        let (d, r) = (zeta - self.centre, self.radius);
        let on_circle = c64::from_polar(1.0, -alpha) - c64::from_polar(r * r, alpha) / (d * d)
            + c64::new(0.0, 2.0 * r * (alpha + self.beta).sin()) / d;
        let w = on_circle / (1.0 - self.k2 / (zeta * zeta));
        [w.re, -w.im]
    }

    fn circulation(&self, alpha: f64) -> f64 {
        -4.0 * PI * self.radius * (alpha + self.beta).sin()
    }

    fn contour(&self, n: usize) -> Contour {
        let points: Vec<_> = (0..n)
            .map(|i| self.point(1.0, TAU * i as f64 / n as f64))
            .collect();
        Contour::from_points(&points).unwrap()
    }

    /// Largest error of the velocity over rings of `n` points, the trailing edge left out.
    fn field_error(&self, flow: &PanelSolution, rings: &[f64], n: usize) -> f64 {
        let at = |i: usize| TAU * (i as f64 + 0.37) / n as f64;
        let mut worst = 0.0_f64;
        for &ring in rings {
            let points: Vec<_> = (0..n).map(|i| self.point(ring, at(i))).collect();
            for (i, v) in flow.velocity_at(&points).iter().enumerate() {
                let exact = self.velocity(ring, at(i), flow.alpha());
                worst = worst.max((v[0] - exact[0]).hypot(v[1] - exact[1]));
            }
        }
        worst
    }
}

/// On the wall, in the innermost part of a boundary layer, and far away.
const RINGS: [f64; 8] = [1.0, 1.0 + 1e-6, 1.0001, 1.01, 1.1, 1.5, 3.0, 20.0];

#[test]
fn circle_is_exact() {
    let circle = Joukowski::circle();
    for alpha in [0.0, 0.1, -0.4] {
        let flow = PanelSolution::solve(&circle.contour(600), alpha).unwrap();
        let error = circle.field_error(&flow, &RINGS, 361);
        assert!(error < 1e-3, "{alpha}: {error}");
        let (found, exact) = (flow.circulation(), circle.circulation(alpha));
        assert!((found - exact).abs() < 5e-4, "{found} {exact}");
    }
}

#[test]
fn ellipse_is_exact() {
    let ellipse = Joukowski::ellipse(0.5, 0.1);
    for alpha in [0.0, 0.2] {
        let flow = PanelSolution::solve(&ellipse.contour(900), alpha).unwrap();
        let error = ellipse.field_error(&flow, &RINGS, 361);
        assert!(error < 1.5e-2, "{alpha}: {error}");
    }
}

#[test]
fn joukowski_airfoil_is_exact() {
    let airfoil = Joukowski::airfoil();
    let contour = airfoil.contour(1200);
    let flows = PanelFlow::new(&contour).unwrap();
    for alpha in [-0.1, 0.0, 0.15] {
        let flow = flows.at(alpha);
        let exact = -2.0 * airfoil.circulation(alpha) / contour.chord().length();
        let lift = flow.lift_coefficient();
        assert!((lift - exact).abs() < 2e-3, "{alpha}: {lift} {exact}");
        let [by_pressure, drag, _] = flow.pressure_coefficients();
        assert!(
            (by_pressure - exact).abs() < 3e-3,
            "{alpha}: {by_pressure} {exact}"
        );
        assert!(drag.abs() < 1e-3, "{alpha}: {drag}");
        let error = airfoil.field_error(&flow, &RINGS, 361);
        assert!(error < 2e-2, "{alpha}: {error}");
    }
}

/// The pressure on the wall of the airfoil at its own nodes, against the exact one.
#[test]
fn joukowski_wall_pressure_is_exact() {
    let airfoil = Joukowski::airfoil();
    let flow = PanelSolution::solve(&airfoil.contour(1200), 0.1).unwrap();
    let angles: Vec<f64> = (2..299).map(|i| TAU * f64::from(i) / 300.0).collect();
    let points: Vec<_> = angles.iter().map(|&a| airfoil.point(1.0, a)).collect();
    let mut square = 0.0;
    for (&angle, cp) in angles.iter().zip(flow.cp_at(&points)) {
        let [u, v] = airfoil.velocity(1.0, angle, 0.1);
        square += (cp - (1.0 - u * u - v * v)).powi(2);
    }
    let rms = (square / angles.len() as f64).sqrt();
    assert!(rms < 8e-3, "{rms}");
}

/// Errors fall with the square of the panel size.
#[test]
fn second_order() {
    let airfoil = Joukowski::airfoil();
    let contour = airfoil.contour(3000);
    let (alpha, exact) = (0.1, airfoil.circulation(0.1));
    let errors: Vec<[f64; 3]> = [20, 40, 80, 160]
        .into_iter()
        .map(|n| {
            let flow = PanelFlow::with_panels(&contour, n).unwrap().at(alpha);
            [
                (flow.circulation() - exact).abs(),
                airfoil.field_error(&flow, &[1.0, 1.0001], 97),
                airfoil.field_error(&flow, &[1.3, 2.0], 97),
            ]
        })
        .collect();
    for k in 0..3 {
        let order = (errors[0][k] / errors[3][k]).log2() / 3.0;
        assert!(order > 1.6, "{k}: order {order} of {errors:?}");
    }
}

fn naca0012(edge: NacaTrailingEdge) -> Contour {
    naca4(0.0, 0.0, 12.0, 130, edge).unwrap()
}

/// Slope of the lift: thin airfoils have 2 pi, thickness adds 0.77 t to first order.
#[test]
fn lift_slope_of_naca_0012() {
    for edge in [NacaTrailingEdge::Closed, NacaTrailingEdge::Finite] {
        let flows = PanelFlow::new(&naca0012(edge)).unwrap();
        let step = 1e-3;
        let slope =
            (flows.at(step).lift_coefficient() - flows.at(-step).lift_coefficient()) / (2.0 * step);
        let theory = TAU * (1.0 + 0.77 * 0.12);
        assert!((slope / theory - 1.0).abs() < 0.015, "{slope} {theory}");
    }
}

/// A thin plate, where a column of the system is nearly that of the other side: `2 pi sin(alpha)`.
#[test]
fn thin_sections() {
    for thickness in [0.1, 1.0] {
        let contour = naca4(0.0, 0.0, thickness, 100, NacaTrailingEdge::Closed).unwrap();
        let lift = PanelSolution::solve(&contour, 0.05)
            .unwrap()
            .lift_coefficient();
        let theory = TAU * 0.05f64.sin() * (1.0 + 0.0077 * thickness);
        assert!((lift / theory - 1.0).abs() < 5e-3, "{lift} {theory}");
    }
}

/// Coarse and fine walls, as meshes have them, give the same flow.
#[test]
fn the_number_of_wall_points_matters_little() {
    let lifts = [50, 75, 200, 750].map(|per_side| {
        let contour = naca4(3.0, 4.0, 14.0, per_side, NacaTrailingEdge::Closed).unwrap();
        PanelSolution::solve(&contour, 0.1)
            .unwrap()
            .lift_coefficient()
    });
    for lift in lifts {
        assert!((lift / lifts[3] - 1.0).abs() < 1e-3, "{lifts:?}");
    }
}

#[test]
fn symmetry_gives_no_lift() {
    for edge in [NacaTrailingEdge::Closed, NacaTrailingEdge::Finite] {
        let flow = PanelSolution::solve(&naca0012(edge), 0.0).unwrap();
        let [lift, drag, moment] = flow.pressure_coefficients();
        assert!(flow.lift_coefficient().abs() < 1e-9 && lift.abs() < 1e-9);
        assert!(moment.abs() < 1e-9 && drag.abs() < 2e-3, "{moment} {drag}");
        let stagnation = flow.surface_cp().into_iter().fold(f64::MIN, f64::max);
        assert!((stagnation - 1.0).abs() < 1e-6, "{stagnation}");
    }
}

/// On the wall, between nodes and off them, sharp and blunt.
#[test]
fn nothing_passes_the_wall() {
    for edge in [NacaTrailingEdge::Closed, NacaTrailingEdge::Finite] {
        let contour = naca4(4.0, 4.0, 15.0, 300, edge).unwrap();
        let flow = PanelSolution::solve(&contour, 0.08).unwrap();
        let (points, normals) = (contour.points(), contour.node_normals());
        let mut worst = 0.0_f64;
        for (v, (p, n)) in flow
            .velocity_at(points)
            .iter()
            .zip(points.iter().zip(normals))
        {
            // The edge itself has no normal.
            if p[0] < 0.998 {
                worst = worst.max((v[0] * n[0] + v[1] * n[1]).abs());
            }
        }
        assert!(worst < 5e-3, "{edge:?}: {worst}");
    }
}

#[test]
fn far_field_is_the_free_stream_and_a_vortex() {
    let flow = PanelSolution::solve(
        &naca4(2.0, 4.0, 12.0, 100, NacaTrailingEdge::Closed).unwrap(),
        0.05,
    )
    .unwrap();
    let n = 400;
    for radius in [3.0, 100.0] {
        let angle = |i: i32| TAU * f64::from(i) / f64::from(n);
        let points: Vec<_> = (0..n)
            .map(|i| [0.5 + radius * angle(i).cos(), radius * angle(i).sin()])
            .collect();
        let (mut around, mut out, mut worst) = (0.0, 0.0, 0.0_f64);
        for (i, v) in flow.velocity_at(&points).iter().enumerate() {
            let (sin, cos) = angle(i as i32).sin_cos();
            around += (v[1] * cos - v[0] * sin) * TAU * radius / f64::from(n);
            out += (v[0] * cos + v[1] * sin) * TAU * radius / f64::from(n);
            worst = worst.max((v[0] - 0.05f64.cos()).hypot(v[1] - 0.05f64.sin()));
        }
        let circulation = flow.circulation();
        assert!(
            (around / circulation - 1.0).abs() < 2e-3,
            "{around} {circulation}"
        );
        assert!(out.abs() < 1e-3, "{out}");
        assert!(
            worst < 1.2 * circulation.abs() / (TAU * radius) + 0.05 / (radius * radius),
            "{worst}"
        );
    }
}

/// Place, size and orientation of the airfoil change nothing but what they must.
#[test]
fn moved_scaled_and_turned() {
    let contour = naca4(2.0, 4.0, 12.0, 100, NacaTrailingEdge::Finite).unwrap();
    let turn = c64::from_polar(3.0, -0.1);
    let moved = |p: [f64; 2]| {
        let z = turn * c64::new(p[0], p[1]) + c64::new(40.0, -7.0);
        [z.re, z.im]
    };
    let points: Vec<_> = contour.points().iter().map(|&p| moved(p)).collect();
    let other = PanelSolution::solve(&Contour::from_points(&points).unwrap(), 0.0).unwrap();
    let flow = PanelSolution::solve(&contour, 0.1).unwrap();
    assert!((flow.lift_coefficient() - other.lift_coefficient()).abs() < 1e-6);
    assert!((flow.moment_coefficient() - other.moment_coefficient()).abs() < 1e-6);
    let p = [0.3, 0.2];
    let (a, b) = (flow.velocity_at(&[p])[0], other.velocity_at(&[moved(p)])[0]);
    let turned = c64::from_polar(1.0, -0.1) * c64::new(a[0], a[1]);
    assert!((turned - c64::new(b[0], b[1])).norm() < 1e-6, "{a:?} {b:?}");
}

/// A node, a point of the wall, and points a rounding error off it: no jump, nothing infinite.
#[test]
fn no_jump_at_the_wall() {
    for edge in [NacaTrailingEdge::Closed, NacaTrailingEdge::Finite] {
        let flow = PanelSolution::solve(&naca0012(edge), 0.1).unwrap();
        let nodes = flow.nodes();
        let speeds = flow.surface_velocity();
        for i in 5..nodes.len() - 5 {
            let (p, q) = (nodes[i], nodes[i + 1]);
            let middle = [0, 1].map(|k| 0.5 * (p[k] + q[k]));
            let across = [q[1] - p[1], p[0] - q[0]];
            let around = [-1e-9, 0.0, 1e-9].map(|t| [0, 1].map(|k| middle[k] + t * across[k]));
            let v = flow.velocity_at(&[p, around[0], around[1], around[2]]);
            assert!(
                (v[0][0].hypot(v[0][1]) - speeds[i].abs()).abs() < 2e-2,
                "{i}: {:?} {}",
                v[0],
                speeds[i]
            );
            for w in &v[2..] {
                assert!((w[0] - v[1][0]).hypot(w[1] - v[1][1]) < 1e-5, "{i}: {v:?}");
            }
        }
    }
}

/// The rounding of points to single precision, as in files, and uneven spacing do no harm.
#[test]
fn single_precision_walls() {
    let contour = naca4(2.0, 4.0, 12.0, 74, NacaTrailingEdge::Closed).unwrap();
    let rounded: Vec<_> = contour
        .points()
        .iter()
        .enumerate()
        .filter(|(i, _)| i % 5 != 1)
        .map(|(_, p)| p.map(|c| f64::from(c as f32)))
        .collect();
    let rounded = Contour::from_points(&rounded).unwrap();
    let exact = PanelSolution::solve(&contour, 0.1)
        .unwrap()
        .lift_coefficient();
    let found = PanelSolution::solve(&rounded, 0.1)
        .unwrap()
        .lift_coefficient();
    assert!((found - exact).abs() < 3e-3, "{found} {exact}");
}

#[test]
fn wrong_input_is_an_error() {
    assert!(PanelFlow::with_panels(&naca0012(NacaTrailingEdge::Closed), 2).is_err());
}
