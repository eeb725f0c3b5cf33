//! Draws airfoils and conditions, as AirfRANS's generator does.

use karman_meshes::{Contour, Naca, NacaTrailingEdge};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::config::{AirfoilSweep, NacaFamily};
use crate::{AIRFRANS_TEMPERATURE, Conditions, DatasetError, air_kinematic_viscosity};

/// P of the 4-digit family below which it becomes 0, as in AirfRANS.
const SMALLEST_POSITION: f64 = 1.5;
/// Segments on each side of the section that grids are laid round.
const SEGMENTS: usize = 400;

/// One airfoil in one flow.
#[derive(Debug, Clone, PartialEq)]
pub struct AirfoilSample {
    /// Its place in the sweep.
    pub index: usize,
    /// The digits, in the order of the name.
    pub digits: Vec<f64>,
    /// Speed, angle and viscosity.
    pub conditions: Conditions,
}

impl AirfoilSample {
    /// Draws sample `index`, which depends on the seed and the ranges alone. Speed, angle and digits are
    /// rounded to three decimals, which the name carries.
    pub fn draw(sweep: &AirfoilSweep, index: usize) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(sweep.sampling.seed);
        rng.set_stream(index as u64);
        let mut draw = |[low, high]: [f64; 2]| low + (high - low) * rng.random::<f64>();
        let ranges = &sweep.ranges;
        let nu = air_kinematic_viscosity(AIRFRANS_TEMPERATURE);
        let conditions = Conditions {
            speed: rounded(draw(ranges.reynolds) * nu),
            aoa: rounded(draw(ranges.angle)),
            nu,
        };
        let digits = match ranges.families[index % ranges.families.len()] {
            NacaFamily::Naca4 => {
                let camber = draw(ranges.max_camber);
                let position = draw(ranges.camber_position);
                let position = if position < SMALLEST_POSITION {
                    0.0
                } else {
                    position
                };
                vec![camber, position, draw(ranges.thickness)]
            }
            NacaFamily::Naca5 => {
                let (lift, position) = (draw(ranges.lift), draw(ranges.lift_position));
                let reflex = f64::from(draw([0.0, 1.0]) >= 0.5);
                vec![lift, position, reflex, draw(ranges.thickness)]
            }
        };
        Self {
            index,
            digits: digits.into_iter().map(rounded).collect(),
            conditions,
        }
    }

    /// The name of AirfRANS's form.
    pub fn name(&self) -> String {
        let Conditions { speed, aoa, .. } = self.conditions;
        let digits: Vec<String> = self.digits.iter().map(|d| format!("{d:?}")).collect();
        format!("airFoil2D_SST_{speed:?}_{aoa:?}_{}", digits.join("_"))
    }

    /// The section, with a sharp trailing edge as in AirfRANS.
    ///
    /// # Errors
    /// Digits outside the family's range.
    pub fn contour(&self) -> Result<Contour, DatasetError> {
        Naca::from_digits(&self.digits)
            .and_then(|naca| naca.contour(SEGMENTS, NacaTrailingEdge::Closed))
            .map_err(DatasetError::mesh(self.name()))
    }

    /// XX, per cent of the chord.
    pub fn thickness(&self) -> f64 {
        self.digits.last().copied().unwrap_or_default()
    }
}

/// To three decimals; never minus zero.
fn rounded(value: f64) -> f64 {
    (1e3 * value).round() / 1e3 + 0.0
}
