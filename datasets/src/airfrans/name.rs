//! What the name of an AirfRANS case tells.

/// Speed, angle and airfoil digits read from a case name of AirfRANS's form,
/// `airFoil2D_SST_{speed}_{angle}_{digits..}`.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseName {
    /// Inlet speed, m/s; positive.
    pub speed: f64,
    /// Angle of attack, degrees.
    pub aoa: f64,
    /// Three numbers (NACA 4-digit: camber, its position, thickness) or four (NACA 5-digit:
    /// lift, position, reflex, thickness); empty when the name carries no such numbers.
    pub digits: Vec<f64>,
}

impl CaseName {
    /// Reads a name. `None` when it is not of AirfRANS's form, which is not an error: such a case
    /// takes its conditions from `conditions.json` or its freestream file.
    ///
    /// Whatever stands after speed and angle is kept only if it is three or four numbers.
    pub fn parse(name: &str) -> Option<Self> {
        let mut parts = name.split('_');
        if parts.next()? != "airFoil2D" {
            return None;
        }
        let _turbulence_model = parts.next()?;
        let number = |text: &str| text.parse::<f64>().ok().filter(|v| v.is_finite());
        let speed = number(parts.next()?).filter(|speed| *speed > 0.0)?;
        let aoa = number(parts.next()?)?;
        let digits: Option<Vec<f64>> = parts.map(number).collect();
        let digits = digits.filter(|d| d.len() == 3 || d.len() == 4);
        Some(Self {
            speed,
            aoa,
            digits: digits.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_and_five_digit_names() {
        let four = CaseName::parse("airFoil2D_SST_43.597_5.932_3.551_3.1_1.0_18.252").unwrap();
        assert_eq!((four.speed, four.aoa), (43.597, 5.932));
        assert_eq!(four.digits, [3.551, 3.1, 1.0, 18.252]);
        let three = CaseName::parse("airFoil2D_SST_31.46_-2.639_3.313_1.593_11.69").unwrap();
        assert_eq!((three.aoa, three.digits.len()), (-2.639, 3));
    }

    #[test]
    fn other_families_keep_the_conditions() {
        let name = CaseName::parse("airFoil2D_SST_50_4_rae2822").unwrap();
        assert_eq!((name.speed, name.aoa, name.digits.len()), (50.0, 4.0, 0));
    }

    #[test]
    fn other_schemes_are_not_read() {
        let names = ["wing_17", "", "airFoil2D_SST", "airFoil2D_SST_fast_4_1_2_3"];
        for name in names
            .into_iter()
            .chain(["airFoil2D_SST_-50_4_1_2_3", "airFoil2D_SST_nan_4"])
        {
            assert_eq!(CaseName::parse(name), None, "{name}");
        }
    }
}
