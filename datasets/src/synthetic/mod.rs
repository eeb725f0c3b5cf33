//! Made-up cases in AirfRANS's layout, with known lift, for tests, examples and benches.
//!
//! Each is the potential flow about a Kármán-Trefftz airfoil (see `airfoil.rs`) on an O-grid of
//! quads, with an invented boundary layer: the velocity is multiplied by `1 - exp(-d / δ)`, d being
//! the distance to the wall and δ = 0.02 m, so that it is zero on the wall as in a viscous flow;
//! the pressure stays that of the potential flow; and the eddy viscosity is the bump
//! `0.0164 m·U d exp(-d / 0.1 m)`. It is no solution of any viscous equations: nothing about real
//! drag can be learnt from it. Fields are smooth functions of shape, speed and angle, which is what
//! a test of a model needs.

mod airfoil;
mod complex;

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::path::Path;

use karman_meshes::{CellType, Contour, Field, Location, Mesh, Values, WriteOptions, write_mesh};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::airfrans::{Conditions, MANIFEST_NAME, Manifest, globals};
use crate::{Boundary, DatasetError, Provenance, Sample};
use airfoil::Airfoil;

/// Thickness of the invented boundary layer, m.
const LAYER: f64 = 0.02;
/// Distance over which the invented eddy viscosity fades, m.
const EDDY_FADE: f64 = 0.1;
/// Radius of the outermost ring, over that of the circle.
const FAR: f64 = 6.0;
/// Stretching of the rings: the first is about `S / e^S` of an even spacing.
const STRETCH: f64 = 4.5;

/// A made-up case: its shape, conditions and resolution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SyntheticCase {
    /// Inlet speed, m/s.
    pub speed: f64,
    /// Angle of attack, degrees.
    pub aoa: f64,
    /// Offset of the circle's centre that makes thickness; 0.1 gives about 14 %.
    pub thickness: f64,
    /// Offset of the circle's centre that makes camber; 0.1 gives about 5 %.
    pub camber: f64,
    /// Nodes around the airfoil, at least 8.
    pub n_around: usize,
    /// Cells from the wall to the outer boundary, at least 2.
    pub n_out: usize,
}

impl Default for SyntheticCase {
    /// 1600 nodes; 50 m/s at 4 degrees, 14 % thick, 4 % camber.
    fn default() -> Self {
        Self {
            speed: 50.0,
            aoa: 4.0,
            thickness: 0.1,
            camber: 0.08,
            n_around: 64,
            n_out: 24,
        }
    }
}

impl SyntheticCase {
    /// A case drawn at random: speed 30 to 95 m/s, angle -5 to 15 degrees, 7 to 20 % thick.
    pub fn random(rng: &mut impl Rng) -> Self {
        let rounded = |v: f64| (1000.0 * v).round() / 1000.0;
        Self {
            speed: rounded(rng.random_range(30.0..95.0)),
            aoa: rounded(rng.random_range(-5.0..15.0)),
            thickness: rounded(rng.random_range(0.05..0.15)),
            camber: rounded(rng.random_range(0.0..0.12)),
            ..Self::default()
        }
    }

    /// A name of AirfRANS's form, which tells speed and angle, but no NACA digits.
    pub fn name(&self) -> String {
        format!(
            "airFoil2D_SST_{}_{}_KT_{}_{}",
            self.speed, self.aoa, self.thickness, self.camber
        )
    }

    /// The exact lift coefficient of the pressure (Kutta-Joukowski); its drag is zero.
    pub fn lift_coefficient(&self) -> f64 {
        self.airfoil().lift(self.aoa.to_radians())
    }

    /// Makes the case in memory, as it would be loaded from its files.
    ///
    /// # Errors
    /// A resolution below 8 by 2, or conditions that are not usable.
    pub fn sample(&self) -> Result<Sample, DatasetError> {
        let conditions = Conditions::new(self.speed, self.aoa)?;
        if self.n_around < 8 || self.n_out < 2 {
            return Err(DatasetError::Argument {
                what: "resolution of a synthetic case",
                problem: format!("{} x {}; at least 8 x 2", self.n_around, self.n_out),
            });
        }
        let fault = |error| DatasetError::mesh(self.name())(error);
        let points = self.points();
        let contour = Contour::from_points(&points[..self.n_around]).map_err(fault)?;
        let distance: Vec<f64> = contour
            .nearest_many(&points)
            .iter()
            .map(|hit| hit.distance)
            .collect();
        let mesh = self.mesh(&points).map_err(fault)?;
        let flow = self.flow(&distance);
        let mut fields = flow.fields(0..points.len()).map_err(fault)?;
        let below_zero: Vec<f64> = distance.iter().map(|d| 0.0 - d).collect();
        fields.push(scalar("implicit_distance", below_zero).map_err(fault)?);
        let outer = self.n_out * self.n_around;
        let boundaries = BTreeMap::from([
            (
                "aerofoil".to_string(),
                self.aerofoil(&points, &contour, &flow).map_err(fault)?,
            ),
            (
                "freestream".to_string(),
                self.ring(&points, outer, &flow).map_err(fault)?,
            ),
        ]);
        Ok(Sample {
            name: self.name(),
            mesh,
            fields,
            boundaries,
            globals: globals(&conditions),
            provenance: Provenance {
                source: "synthetic Kármán-Trefftz airfoil".into(),
                ..Provenance::default()
            },
        })
    }

    /// Writes the three files of the case into `root/NAME/`, and returns its name.
    ///
    /// # Errors
    /// As [`SyntheticCase::sample`]; also what the file system says.
    pub fn write(&self, root: &Path) -> Result<String, DatasetError> {
        let sample = self.sample()?;
        write_case(&sample, root)?;
        Ok(sample.name)
    }

    fn airfoil(&self) -> Airfoil {
        Airfoil::new(self.thickness, self.camber, 0.2)
    }

    fn angle(&self, i: usize) -> f64 {
        TAU * i as f64 / self.n_around as f64
    }

    fn ring_radius(&self, ring: usize) -> f64 {
        let t = ring as f64 / self.n_out as f64;
        1.0 + (FAR - 1.0) * (STRETCH * t).exp_m1() / STRETCH.exp_m1()
    }

    /// Ring by ring from the wall outward; counter-clockwise from the trailing edge in each. The
    /// coordinates are rounded to single precision, which AirfRANS's files hold.
    fn points(&self) -> Vec<[f64; 2]> {
        let airfoil = self.airfoil();
        let nodes = self.nodes();
        nodes
            .map(|(ring, i)| airfoil.point(self.angle(i), self.ring_radius(ring)))
            .map(|p| p.map(|c| f64::from(c as f32)))
            .collect()
    }

    fn nodes(&self) -> impl Iterator<Item = (usize, usize)> {
        let around = self.n_around;
        (0..=self.n_out).flat_map(move |ring| (0..around).map(move |i| (ring, i)))
    }

    fn mesh(&self, points: &[[f64; 2]]) -> Result<Mesh, karman_meshes::MeshError> {
        let n = self.n_around;
        let mut builder = Mesh::builder().points(lifted(points));
        for ring in 0..self.n_out {
            for i in 0..n {
                let (a, b) = (ring * n + i, ring * n + (i + 1) % n);
                let quad = [a, a + n, b + n, b].map(|k| k as u32);
                builder = builder.cell(CellType::Quad, &quad);
            }
        }
        builder.build()
    }

    fn flow(&self, distance: &[f64]) -> Flow {
        let (airfoil, alpha) = (self.airfoil(), self.aoa.to_radians());
        let mut flow = Flow::default();
        for ((ring, i), &d) in self.nodes().zip(distance) {
            let inviscid =
                airfoil.velocity(self.angle(i), self.ring_radius(ring), self.speed, alpha);
            let damping = -(-d / LAYER).exp_m1();
            let squared = inviscid[0] * inviscid[0] + inviscid[1] * inviscid[1];
            let eddy = 0.0164 * self.speed * d * (-d / EDDY_FADE).exp();
            flow.velocity.push(inviscid.map(|c| (c * damping) as f32));
            flow.pressure
                .push((0.5 * (self.speed * self.speed - squared)) as f32);
            flow.eddy.push(eddy as f32);
        }
        flow
    }

    /// The wall with its inward normals.
    fn aerofoil(
        &self,
        points: &[[f64; 2]],
        contour: &Contour,
        flow: &Flow,
    ) -> Result<Boundary, karman_meshes::MeshError> {
        let mut boundary = self.ring(points, 0, flow)?;
        let mut normals = vec![0.0f32; 3 * self.n_around];
        for (place, &source) in contour.source_indices().iter().enumerate() {
            let outward = contour.node_normals()[place];
            normals[3 * source] = -outward[0] as f32;
            normals[3 * source + 1] = -outward[1] as f32;
        }
        boundary
            .fields
            .push(Field::new("Normals", Location::Point, 3, normals)?);
        Ok(boundary)
    }

    /// One ring of the grid as a closed polyline of lines.
    fn ring(
        &self,
        points: &[[f64; 2]],
        first: usize,
        flow: &Flow,
    ) -> Result<Boundary, karman_meshes::MeshError> {
        let n = self.n_around;
        let range = first..first + n;
        let mut builder = Mesh::builder().points(lifted(&points[range.clone()]));
        for i in 0..n {
            builder = builder.cell(CellType::Line, &[i as u32, ((i + 1) % n) as u32]);
        }
        Ok(Boundary {
            mesh: builder.build()?,
            fields: flow.fields(range)?,
        })
    }
}

#[derive(Default)]
struct Flow {
    velocity: Vec<[f32; 2]>,
    pressure: Vec<f32>,
    eddy: Vec<f32>,
}

impl Flow {
    fn fields(
        &self,
        range: std::ops::Range<usize>,
    ) -> Result<Vec<Field>, karman_meshes::MeshError> {
        let velocity = &self.velocity[range.clone()];
        let velocity: Vec<f32> = velocity.iter().flat_map(|u| [u[0], u[1], 0.0]).collect();
        Ok(vec![
            Field::new("U", Location::Point, 3, velocity)?.with_unit("m/s"),
            scalar("p", self.pressure[range.clone()].to_vec())?,
            scalar("nut", self.eddy[range].to_vec())?,
        ])
    }
}

fn scalar(name: &str, values: impl Into<Values>) -> Result<Field, karman_meshes::MeshError> {
    Field::new(name, Location::Point, 1, values)
}

/// AirfRANS's plane lies at z = 0.5.
fn lifted(points: &[[f64; 2]]) -> Vec<[f64; 3]> {
    points.iter().map(|&[x, y]| [x, y, 0.5]).collect()
}

/// Writes a sample into `root/NAME/` in AirfRANS's layout: the internal mesh and the boundaries
/// "aerofoil" and "freestream", as far as the sample has them.
///
/// # Errors
/// What the file system says.
pub fn write_case(sample: &Sample, root: &Path) -> Result<(), DatasetError> {
    let folder = root.join(&sample.name);
    std::fs::create_dir_all(&folder).map_err(DatasetError::io("create", &folder))?;
    let options = WriteOptions::default();
    let write = |suffix: &str, mesh: &Mesh, fields: &[Field]| {
        let path = folder.join(format!("{}_{suffix}", sample.name));
        write_mesh(&path, mesh, fields, &options).map_err(DatasetError::mesh(&sample.name))
    };
    write("internal.vtu", &sample.mesh, &sample.fields)?;
    for (name, boundary) in &sample.boundaries {
        write(&format!("{name}.vtp"), &boundary.mesh, &boundary.fields)?;
    }
    Ok(())
}

/// Writes a data set of `n_train` and `n_test` random cases with its manifest into `root`: the
/// tasks "full" and "scarce" (a quarter of the cases, at least one). The same seed gives the same
/// data set.
///
/// `resolution` is (nodes around, cells outward); (64, 24) is enough for most tests.
///
/// # Errors
/// No cases to train or test on, or what the file system says.
pub fn synthetic_dataset(
    root: &Path,
    n_train: usize,
    n_test: usize,
    resolution: (usize, usize),
    seed: u64,
) -> Result<Manifest, DatasetError> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut names = Vec::with_capacity(n_train + n_test);
    std::fs::create_dir_all(root).map_err(DatasetError::io("create", root))?;
    for _ in 0..n_train + n_test {
        let case = SyntheticCase {
            n_around: resolution.0,
            n_out: resolution.1,
            ..SyntheticCase::random(&mut rng)
        };
        names.push(case.write(root)?);
    }
    let test = names.split_off(n_train);
    let scarce = names[..n_train.div_ceil(4)].to_vec();
    let parts = BTreeMap::from([
        ("full_train".to_string(), names),
        ("full_test".to_string(), test),
        ("scarce_train".to_string(), scarce),
    ]);
    let manifest = Manifest::from_parts(root.join(MANIFEST_NAME), parts)?;
    manifest.write()?;
    Ok(manifest)
}
