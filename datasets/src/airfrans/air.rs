//! Properties of the air that AirfRANS computes with.

/// Temperature that all of AirfRANS was computed at, K.
pub const AIRFRANS_TEMPERATURE: f64 = 298.15;

/// Kinematic viscosity of air at sea-level pressure, m²/s, from the temperature in K.
///
/// The cubic fit that AirfRANS uses (Bonnet et al., NeurIPS 2022, and its generator's code); about
/// 1.55e-5 m²/s at [`AIRFRANS_TEMPERATURE`].
pub fn air_kinematic_viscosity(temperature: f64) -> f64 {
    let t = temperature;
    -3.400747e-6 + t * (3.452139e-8 + t * (1.00881778e-10 - t * 1.363528e-14))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value that the airfrans package computes at 298.15 K.
    #[test]
    fn value_at_reference_temperature() {
        let nu = air_kinematic_viscosity(AIRFRANS_TEMPERATURE);
        assert!((nu - 1.5498e-5).abs() < 5e-10, "{nu}");
    }
}
