//! Cases for tests: made up, and those of mini-AirfRANS where they are present.

use std::sync::OnceLock;

use karman_datasets::{AirfransDataset, CaseInfo, CaseTable, Forces, MANIFEST_NAME};
use rayon::prelude::*;

use crate::data::MemorySource;

/// A section with parabolic camber and elliptic thickness (chords); no coefficients.
pub(crate) fn parabolic_case(
    name: &str,
    speed: f64,
    aoa: f64,
    camber: f64,
    thickness: f64,
) -> CaseInfo {
    let mut measures = [0.0; 20];
    (measures[0], measures[1]) = (camber, thickness);
    for (k, x) in [0.05_f64, 0.1, 0.15, 0.25, 0.4, 0.5, 0.7, 0.8, 0.9]
        .into_iter()
        .enumerate()
    {
        let parabola = 4.0 * x * (1.0 - x);
        measures[2 + k] = camber * parabola;
        measures[11 + k] = thickness * parabola.sqrt();
    }
    let angle = aoa.to_radians();
    CaseInfo {
        name: name.into(),
        speed,
        aoa,
        inlet: [speed * angle.cos(), speed * angle.sin()],
        nu: 1.56e-5,
        measures,
        digits: vec![],
        sdf_max: 4.0,
        n_points: 0,
        n_surface: 0,
        coefficients: None,
        panel_cl: std::f64::consts::TAU * (angle + 2.0 * camber).sin(),
        panel_cm: 0.0,
        notes: vec![],
    }
}

/// Lift and drag that grow as they do for real sections: thin-airfoil lift with a loss at high
/// angles, friction with the Reynolds number, pressure drag with the square of the lift.
pub(crate) fn with_forces(mut info: CaseInfo) -> CaseInfo {
    let alpha = info.aoa.to_radians() + 2.0 * info.measures[0];
    let cl = std::f64::consts::TAU * alpha * (1.0 - 0.8 * alpha * alpha);
    let cd_viscous = 0.006 * (info.speed / 50.0).powf(-0.2) * (1.0 + 0.5 * info.measures[1]);
    let cd_pressure = 0.001 + 0.03 * info.measures[1].powi(2) + 0.004 * cl * cl;
    info.coefficients = Some(Forces {
        cd: cd_viscous + cd_pressure,
        cl,
        cd_pressure,
        cd_viscous,
        cl_pressure: cl,
        cl_viscous: 0.0,
    });
    info
}

/// The data set of `../shared/data/airfoil-openfoam`, with all rows.
pub(crate) struct MiniAirfrans {
    dataset: AirfransDataset,
    pub(crate) infos: Vec<CaseInfo>,
    pub(crate) source: MemorySource,
}

impl MiniAirfrans {
    /// Positions of the cases of a part.
    pub(crate) fn part(&self, name: &str) -> Vec<usize> {
        let names = self.dataset.cases(name).unwrap();
        let at = |name: &String| self.infos.iter().position(|i| i.name == *name).unwrap();
        names.iter().map(at).collect()
    }

    fn load() -> Option<Self> {
        let root = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/data/airfoil-openfoam"
        );
        if !std::path::Path::new(root).join(MANIFEST_NAME).is_file() {
            eprintln!("skipped: {root} is absent");
            return None;
        }
        let dataset = AirfransDataset::open(root).unwrap();
        let names = dataset.all_cases();
        let tables = names.par_iter().map(|name| {
            let made = CaseTable::from_sample(&dataset.load(name).unwrap()).unwrap();
            (made.info, made.table)
        });
        let tables: Vec<_> = tables.collect();
        Some(Self {
            infos: tables.iter().map(|(info, _)| info.clone()).collect(),
            source: MemorySource::new(tables),
            dataset,
        })
    }
}

/// Read once for all tests; `None`, said so, where it is absent.
pub(crate) fn mini_airfrans() -> Option<&'static MiniAirfrans> {
    static DATA: OnceLock<Option<MiniAirfrans>> = OnceLock::new();
    DATA.get_or_init(MiniAirfrans::load).as_ref()
}
