//! The names of AirfRANS cases, which carry the conditions and the digits of the section.

use super::Naca;
use crate::MeshError;
use crate::geometry::error::fault;

/// What every name starts with.
const PREFIX: &str = "airFoil2D_SST_";

/// A case name of AirfRANS: `airFoil2D_SST_{speed}_{angle}_{digits}`.
///
/// Three digits are `M_P_XX` of the 4-digit family, four are `L_P_Q_XX` of the 5-digit family.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AirfransName {
    /// Inlet speed, m/s.
    pub speed: f64,
    /// Angle of attack, degrees. The section lies along x; the inlet velocity is turned.
    pub angle_of_attack: f64,
    /// The section.
    pub naca: Naca,
}

impl AirfransName {
    /// Reads a name.
    ///
    /// # Errors
    /// A name of another form (the message says which part), or digits outside their range. Such a
    /// case can still be used: its geometry is in its aerofoil file.
    pub fn parse(name: &str) -> Result<Self, MeshError> {
        let wrong = |problem: &str| fault(format!("case name `{name}`"), problem);
        let rest = name.strip_prefix(PREFIX).ok_or_else(|| {
            wrong("does not start with airFoil2D_SST_, so it carries no speed, angle and digits")
        })?;
        let numbers = rest
            .split('_')
            .map(|part| match part.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(number),
                _ => Err(wrong(&format!("`{part}` is not a finite number"))),
            })
            .collect::<Result<Vec<_>, _>>()?;
        match numbers.as_slice() {
            [speed, angle, digits @ ..] if matches!(digits.len(), 3 | 4) => Ok(Self {
                speed: *speed,
                angle_of_attack: *angle,
                naca: Naca::from_digits(digits).map_err(|error| wrong(&error.to_string()))?,
            }),
            _ => Err(wrong(
                "needs a speed, an angle and three or four NACA digits, joined by _",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::naca::Reflex;

    #[test]
    fn both_families() {
        let four = AirfransName::parse("airFoil2D_SST_31.46_2.639_3.313_1.593_11.69").unwrap();
        assert_eq!((four.speed, four.angle_of_attack), (31.46, 2.639));
        assert_eq!(four.naca.digits(), [3.313, 1.593, 11.69]);
        let five = AirfransName::parse("airFoil2D_SST_54.103_-0.379_2.97_4.951_1.0_8.657").unwrap();
        assert_eq!(five.angle_of_attack, -0.379);
        assert!(matches!(
            five.naca,
            Naca::FiveDigit {
                reflex: Reflex::Airfrans,
                ..
            }
        ));
    }

    #[test]
    fn other_names_are_refused_with_the_reason() {
        for (name, reason) in [
            ("case_7", "does not start"),
            ("airFoil2D_SST_1_2_3", "three or four"),
            ("airFoil2D_SST_1_2_3_4_x", "`x`"),
            ("airFoil2D_SST_1_2_3_4_inf", "`inf`"),
            ("airFoil2D_SST_1_2_3_4_5_6_7", "three or four"),
            ("airFoil2D_SST_1_2_3_4_0.5_12", "Q = 0.5"),
            ("airFoil2D_SST_1_2_3_4_-12", "XX = -12"),
        ] {
            let message = AirfransName::parse(name).unwrap_err().to_string();
            assert!(
                message.contains(reason) && message.contains(name),
                "{message}"
            );
        }
    }
}
