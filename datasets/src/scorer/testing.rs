//! Cases with fields given by formulas, for the tests of the scorer.

use std::collections::BTreeMap;

use karman_meshes::{CellType, Field, Location, Mesh};

use crate::{Boundary, Provenance, Sample};

/// Velocity, pressure and turbulent viscosity at a point.
pub(crate) type Flow = ([f64; 2], f64, f64);

/// A body in a ring of quads, fields by formula.
pub(crate) struct Case {
    pub outline: Vec<[f64; 2]>,
    pub heights: Vec<f64>,
    pub speed: f64,
    pub aoa: f64,
    pub nu: f64,
    /// Factor on the normals of the aerofoil file; 0 leaves them out.
    pub normals: f64,
}

impl Case {
    /// A body of unit speed along x in a fluid of viscosity 1.
    pub(crate) fn new(outline: Vec<[f64; 2]>) -> Self {
        let heights = vec![0.0, 0.1, 0.25, 0.6];
        Self {
            outline,
            heights,
            speed: 1.0,
            aoa: 0.0,
            nu: 1.0,
            normals: 1.0,
        }
    }

    pub(crate) fn sample(&self, flow: impl Fn([f64; 2]) -> Flow) -> Sample {
        let n = self.outline.len();
        let outward: Vec<[f64; 2]> = (0..n).map(|k| self.outward(k)).collect();
        // The body's points come last and backwards, so that no test hangs on their order.
        let mut points = Vec::new();
        for height in self.heights.iter().rev() {
            for k in (0..n).rev() {
                let [x, y] = [0, 1].map(|a| self.outline[k][a] + height * outward[k][a]);
                points.push([x, y, 0.5]);
            }
        }
        let mut builder = Mesh::builder().points(points.clone());
        for layer in 0..self.heights.len() - 1 {
            for k in 0..n {
                let (a, b) = (layer * n + k, layer * n + (k + 1) % n);
                builder = builder.cell(
                    CellType::Quad,
                    &[a, b, b + n, a + n].map(|node| node as u32),
                );
            }
        }
        let flows: Vec<Flow> = points.iter().map(|p| flow([p[0], p[1]])).collect();
        let velocity: Vec<f64> = flows.iter().flat_map(|f| [f.0[0], f.0[1], 0.0]).collect();
        let field = |name, components, values| {
            Field::new(name, Location::Point, components, values).unwrap()
        };
        let scalars = |of: fn(&Flow) -> f64| flows.iter().map(of).collect::<Vec<f64>>();
        Sample {
            name: "made".into(),
            mesh: builder.build().unwrap(),
            fields: vec![
                field("U", 3, velocity),
                field("p", 1, scalars(|f| f.1)),
                field("nut", 1, scalars(|f| f.2)),
            ],
            boundaries: BTreeMap::from([("aerofoil".to_string(), self.boundary(&outward))]),
            globals: BTreeMap::from([
                ("speed".to_string(), self.speed),
                ("aoa".to_string(), self.aoa),
                ("nu".to_string(), self.nu),
            ]),
            provenance: Provenance::default(),
        }
    }

    /// The outline's points in a scrambled order, segments in mixed directions.
    fn boundary(&self, outward: &[[f64; 2]]) -> Boundary {
        let n = self.outline.len();
        let stride = (2..n).find(|s| gcd(*s, n) == 1).unwrap_or(1);
        let place: Vec<usize> = (0..n).map(|k| k * stride % n).collect();
        let mut points = vec![[0.0; 3]; n];
        let mut normals = vec![0.0; 3 * n];
        let mut builder = Mesh::builder();
        for k in 0..n {
            points[place[k]] = [self.outline[k][0], self.outline[k][1], 0.5];
            for a in 0..2 {
                normals[3 * place[k] + a] = -self.normals * outward[k][a];
            }
            let ends = [place[k] as u32, place[(k + 1) % n] as u32];
            let ends = if k % 3 == 0 { [ends[1], ends[0]] } else { ends };
            builder = builder.cell(CellType::Line, &ends);
        }
        let fields = if self.normals == 0.0 {
            vec![]
        } else {
            vec![Field::new("Normals", Location::Point, 3, normals).unwrap()]
        };
        Boundary {
            mesh: builder.points(points).build().unwrap(),
            fields,
        }
    }

    /// Unit bisector of the outward normals of the two segments at a point.
    fn outward(&self, k: usize) -> [f64; 2] {
        let n = self.outline.len();
        let normal = |a: usize, b: usize| {
            let (p, q) = (self.outline[a % n], self.outline[b % n]);
            let [x, y] = [q[1] - p[1], p[0] - q[0]];
            [x / x.hypot(y), y / x.hypot(y)]
        };
        let (a, b) = (normal(k + n - 1, k), normal(k, k + 1));
        let [x, y] = [a[0] + b[0], a[1] + b[1]];
        [x / x.hypot(y), y / x.hypot(y)]
    }
}

fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// A regular polygon of radius one, anticlockwise, with a corner at (1, 0).
pub(crate) fn polygon(n: usize) -> Vec<[f64; 2]> {
    (0..n)
        .map(|k| {
            let angle = k as f64 / n as f64 * std::f64::consts::TAU;
            [angle.cos(), angle.sin()]
        })
        .collect()
}

/// A cambered, 12 % thick section of chord one with a sharp trailing edge, `2 m` points.
pub(crate) fn section(m: usize) -> Vec<[f64; 2]> {
    let x = |k: usize| 0.5 * (1.0 + (k as f64 / m as f64 * std::f64::consts::PI).cos());
    let camber = |x: f64| 0.2 * x * (1.0 - x);
    let thickness = |x: f64| 0.18 * x.sqrt() * (1.0 - x);
    (0..2 * m)
        .map(|k| {
            let at = x(k);
            let side = if k < m { 1.0 } else { -1.0 };
            [at, camber(at) + side * thickness(at)]
        })
        .collect()
}

/// The rectangle [0, 2] x [0, 1] with points every 0.125 along its sides, anticlockwise.
pub(crate) fn block() -> Vec<[f64; 2]> {
    let step = 0.125;
    let mut points = Vec::new();
    points.extend((0..8).map(|k| [2.0, step * f64::from(k)]));
    points.extend((0..16).map(|k| [2.0 - step * f64::from(k), 1.0]));
    points.extend((0..8).map(|k| [0.0, 1.0 - step * f64::from(k)]));
    points.extend((0..16).map(|k| [step * f64::from(k), 0.0]));
    points
}
