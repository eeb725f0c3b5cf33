//! Potential flow about a Kármán-Trefftz airfoil.
//!
//! T. von Kármán, E. Trefftz, "Potentialströmung um gegebene Tragflächenquerschnitte", Zeitschrift
//! für Flugtechnik und Motorluftschiffahrt 9 (1918). The map
//! `z = n c (1 + q) / (1 - q)`, `q = ((ζ - c) / (ζ + c))^n`, takes a circle through ζ = c to an
//! airfoil with the trailing-edge angle (2 - n) π. The flow is that about the circle with the
//! circulation that makes the velocity finite at the trailing edge (Kutta), so the lift is known
//! exactly and the drag is zero.

use std::f64::consts::{PI, TAU};

use super::complex::{Complex, complex};

/// Half the distance of the map's singular points.
const C: f64 = 1.0;

/// An airfoil with its flow, scaled so that its extent in x is exactly [0, 1] m.
#[derive(Debug, Clone)]
pub(super) struct Airfoil {
    centre: Complex,
    radius: f64,
    exponent: f64,
    /// Angle on the circle, clockwise from the real axis, of the trailing edge.
    beta: f64,
    /// Metres per unit of the mapped plane, and what is subtracted before scaling.
    scale: f64,
    origin: Complex,
}

impl Airfoil {
    /// `thickness` and `camber` are the offsets of the circle's centre, over C; `edge_angle` is
    /// the trailing-edge angle in radians.
    pub(super) fn new(thickness: f64, camber: f64, edge_angle: f64) -> Self {
        let centre = complex(-thickness * C, camber * C);
        let radius = (complex(C, 0.0) - centre).abs();
        let mut airfoil = Self {
            centre,
            radius,
            exponent: 2.0 - edge_angle / PI,
            beta: (centre.im / radius).asin(),
            scale: 1.0,
            origin: complex(0.0, 0.0),
        };
        let edge = airfoil.point(0.0, 1.0);
        let left = (0..4000)
            .map(|i| airfoil.point(TAU * f64::from(i) / 4000.0, 1.0)[0])
            .fold(f64::INFINITY, f64::min);
        airfoil.scale = 1.0 / (edge[0] - left);
        airfoil.origin = complex(left, edge[1]);
        airfoil
    }

    /// The point at `angle` (counter-clockwise from the trailing edge) and `ring` circle radii from
    /// the circle's centre, m.
    pub(super) fn point(&self, angle: f64, ring: f64) -> [f64; 2] {
        let z = self.map(self.zeta(angle, ring));
        let z = (z - self.origin).scale(self.scale);
        [z.re, z.im]
    }

    /// Inviscid velocity there, m/s, for an inlet of `speed` (m/s) at `alpha` (radians).
    pub(super) fn velocity(&self, angle: f64, ring: f64, speed: f64, alpha: f64) -> [f64; 2] {
        let zeta = self.zeta(angle, ring);
        let from_centre = zeta - self.centre;
        let r2 = self.radius * self.radius;
        let vortex = complex(0.0, 2.0 * self.radius * (alpha + self.beta).sin()) / from_centre;
        let doublet = Complex::polar(r2, alpha) / (from_centre * from_centre);
        let on_circle = Complex::polar(1.0, -alpha) - doublet + vortex;
        let slope = self.slope(zeta);
        // Both vanish at the trailing edge, where an edge of finite angle is a stagnation point.
        if slope.abs() < 1e-9 {
            return [0.0; 2];
        }
        let w = (on_circle / slope).scale(speed);
        [w.re, -w.im]
    }

    /// Lift coefficient on a chord of 1 m: Kutta-Joukowski, `2 Γ / U`.
    pub(super) fn lift(&self, alpha: f64) -> f64 {
        8.0 * PI * self.radius * self.scale * (alpha + self.beta).sin()
    }

    fn zeta(&self, angle: f64, ring: f64) -> Complex {
        if angle == 0.0 && ring == 1.0 {
            return complex(C, 0.0);
        }
        self.centre + Complex::polar(ring * self.radius, angle - self.beta)
    }

    fn q(&self, zeta: Complex) -> Complex {
        ((zeta - complex(C, 0.0)) / (zeta + complex(C, 0.0))).power(self.exponent)
    }

    fn map(&self, zeta: Complex) -> Complex {
        let (one, q) = (complex(1.0, 0.0), self.q(zeta));
        ((one + q) / (one - q)).scale(self.exponent * C)
    }

    /// dz/dζ
    fn slope(&self, zeta: Complex) -> Complex {
        let q = self.q(zeta);
        let one_less = complex(1.0, 0.0) - q;
        let foci = zeta * zeta - complex(C * C, 0.0);
        if foci.abs() == 0.0 {
            return complex(0.0, 0.0);
        }
        (q / (foci * one_less * one_less)).scale(4.0 * (self.exponent * C).powi(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn airfoil() -> Airfoil {
        Airfoil::new(0.1, 0.08, 0.2)
    }

    #[test]
    fn extent_is_one_metre() {
        let points: Vec<[f64; 2]> = (0..500)
            .map(|i| airfoil().point(TAU * f64::from(i) / 500.0, 1.0))
            .collect();
        let x = |f: fn(f64, f64) -> f64, start| points.iter().map(|p| p[0]).fold(start, f);
        assert!(x(f64::min, 9.0).abs() < 1e-4 && (x(f64::max, -9.0) - 1.0).abs() < 1e-12);
        assert!((points[0][0] - 1.0).abs() < 1e-12 && points[0][1] == 0.0);
    }

    /// The flow does not pass through the wall, and is the inlet's far away.
    #[test]
    fn velocity_is_tangent_at_the_wall() {
        let airfoil = airfoil();
        for i in 1..100 {
            let angle = TAU * f64::from(i) / 100.0;
            let h = 1e-6;
            let (a, b) = (airfoil.point(angle - h, 1.0), airfoil.point(angle + h, 1.0));
            let tangent = [b[0] - a[0], b[1] - a[1]];
            let u = airfoil.velocity(angle, 1.0, 30.0, 0.1);
            let across = (u[0] * tangent[1] - u[1] * tangent[0]) / tangent[0].hypot(tangent[1]);
            assert!(
                across.abs() < 1e-4 * u[0].hypot(u[1]).max(1.0),
                "{i}: {across}"
            );
        }
        let far = airfoil.velocity(1.0, 1e5, 30.0, 0.1);
        assert!((far[0] - 30.0 * 0.1f64.cos()).abs() < 1e-3);
        assert!((far[1] - 30.0 * 0.1f64.sin()).abs() < 1e-3);
    }

    /// Pressure integrated over the wall gives the lift of Kutta and Joukowski, and no drag.
    #[test]
    fn pressure_forces_are_exact() {
        let (airfoil, alpha, n) = (airfoil(), 0.07f64, 4000);
        let at = |i: f64| TAU * i / f64::from(n);
        let mut force = [0.0; 2];
        for i in 0..n {
            let i = f64::from(i);
            let (a, b) = (airfoil.point(at(i), 1.0), airfoil.point(at(i + 1.0), 1.0));
            let u = airfoil.velocity(at(i + 0.5), 1.0, 1.0, alpha);
            let cp = 1.0 - u[0] * u[0] - u[1] * u[1];
            // Counter-clockwise, so (dy, -dx) points out of the body.
            force[0] -= cp * (b[1] - a[1]);
            force[1] += cp * (b[0] - a[0]);
        }
        let lift = force[1] * alpha.cos() - force[0] * alpha.sin();
        let drag = force[0] * alpha.cos() + force[1] * alpha.sin();
        assert!(
            (lift - airfoil.lift(alpha)).abs() < 1e-3 * lift,
            "{lift} {}",
            airfoil.lift(alpha)
        );
        assert!(drag.abs() < 1e-3, "{drag}");
    }
}
