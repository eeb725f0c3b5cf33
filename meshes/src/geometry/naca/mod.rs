//! NACA 4- and 5-digit airfoils, with fractional digits.
//!
//! References: Jacobs, Ward, Pinkerton, "The characteristics of 78 related airfoil sections from
//! tests in the variable-density wind tunnel", NACA report 460, 1933 (4 digits); Jacobs, Pinkerton,
//! "Tests in the variable-density wind tunnel of related airfoils having the maximum camber
//! unusually far forward", NACA report 537, 1935 (5 digits). Chord 1 from (0, 0) to (1, 0); the
//! thickness is laid off at right angles to the mean line.
//!
//! Departures:
//! 1. Digits are real numbers, as in the names of AirfRANS cases.
//! 2. A closed trailing edge changes the last thickness coefficient from 0.1015 to 0.1036.
//! 3. A 4-digit section with camber and P = 0 (undefined in the report) is what AirfRANS's generator
//!    makes of it: no camber, but a thickness laid off along the slope -2 M x (P = 10: 2 M (1 - x)).
//! 4. The constants of the 5-digit mean lines are computed instead of tabulated (`mean_line`).

mod mean_line;
mod name;

use super::contour::Contour;
use super::error::fault;
use crate::MeshError;
use mean_line::FiveDigitLine;

pub use name::AirfransName;

/// How the trailing edge of a NACA section ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NacaTrailingEdge {
    /// In one point, as in AirfRANS.
    #[default]
    Closed,
    /// With the finite thickness of the reports: 0.21 % of the chord for each 10 % of thickness.
    Finite,
}

/// Whether (and by which rule) the mean line of a 5-digit section bends up at the trailing edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reflex {
    /// Third digit 0: a straight line behind the front part.
    #[default]
    None,
    /// Third digit 1 as AirfRANS builds it: the front part ends where it does without reflex, so
    /// the moment is not zero.
    Airfrans,
    /// Third digit 1 as in NACA report 537: no moment about the quarter chord.
    ZeroMoment,
}

/// A section of the NACA 4- or 5-digit family. The digits may be fractional.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Naca {
    /// `M P XX`.
    FourDigit {
        /// M: largest camber, per cent of the chord.
        max_camber: f64,
        /// P: its position, tenths of the chord.
        position: f64,
        /// XX: largest thickness, per cent of the chord.
        thickness: f64,
    },
    /// `L P Q XX`.
    FiveDigit {
        /// L: design lift coefficient in units of 0.15.
        lift: f64,
        /// P: position of the largest camber, twentieths of the chord.
        position: f64,
        /// Q: the reflex.
        reflex: Reflex,
        /// XX: largest thickness, per cent of the chord.
        thickness: f64,
    },
}

impl Naca {
    /// A section from its digits as numbers: three are `M, P, XX` of the 4-digit family, four are
    /// `L, P, Q, XX` of the 5-digit family, with AirfRANS's reflex when Q = 1.
    ///
    /// # Errors
    /// Another count, Q neither 0 nor 1, or a digit outside its range (see
    /// [`contour`](Self::contour)).
    pub fn from_digits(digits: &[f64]) -> Result<Self, MeshError> {
        let naca = match *digits {
            [max_camber, position, thickness] => Self::FourDigit {
                max_camber,
                position,
                thickness,
            },
            [lift, position, q, thickness] if q == 0.0 || q == 1.0 => Self::FiveDigit {
                lift,
                position,
                reflex: if q == 0.0 {
                    Reflex::None
                } else {
                    Reflex::Airfrans
                },
                thickness,
            },
            [_, _, q, _] => {
                let problem = "must be 0 (no reflex) or 1 (reflex)";
                return Err(fault(format!("NACA digit Q = {q}"), problem));
            }
            _ => {
                return Err(fault(
                    format!("NACA digits {digits:?}"),
                    "are neither M, P, XX of the 4-digit family nor L, P, Q, XX of the 5-digit one",
                ));
            }
        };
        naca.check()?;
        Ok(naca)
    }

    /// A section from its usual designation, such as `0012`, `NACA 2412`, `naca23012` or `23112`
    /// (reflex with zero moment, as in the reports).
    ///
    /// # Errors
    /// Anything but four or five digits after an optional `NACA`, or digits without a meaning.
    pub fn from_designation(designation: &str) -> Result<Self, MeshError> {
        let bare = designation.trim();
        let bare = match bare.get(..4) {
            Some(word) if word.eq_ignore_ascii_case("naca") => {
                bare[4..].trim_start_matches([' ', '-', '_'])
            }
            _ => bare,
        };
        let digits: Option<Vec<u32>> = bare.chars().map(|c| c.to_digit(10)).collect();
        let naca = match digits.as_deref() {
            Some(&[m, p, t1, t2]) => Self::FourDigit {
                max_camber: f64::from(m),
                position: f64::from(p),
                thickness: f64::from(10 * t1 + t2),
            },
            Some(&[l, p, q @ 0..=1, t1, t2]) => Self::FiveDigit {
                lift: f64::from(l),
                position: f64::from(p),
                reflex: if q == 0 {
                    Reflex::None
                } else {
                    Reflex::ZeroMoment
                },
                thickness: f64::from(10 * t1 + t2),
            },
            _ => {
                return Err(fault(
                    format!("NACA designation `{designation}`"),
                    "is not of the form 2412 (four digits) or 23012 (five, the third 0 or 1)",
                ));
            }
        };
        naca.check()?;
        Ok(naca)
    }

    /// The digits as numbers, in the order of [`from_digits`](Self::from_digits).
    #[must_use]
    pub fn digits(&self) -> Vec<f64> {
        match *self {
            Self::FourDigit {
                max_camber,
                position,
                thickness,
            } => vec![max_camber, position, thickness],
            Self::FiveDigit {
                lift,
                position,
                reflex,
                thickness,
            } => {
                let q = if reflex == Reflex::None { 0.0 } else { 1.0 };
                vec![lift, position, q, thickness]
            }
        }
    }

    /// Half the thickness at `x` in [0, 1], in chords, at right angles to the mean line.
    #[must_use]
    pub fn half_thickness(&self, x: f64, edge: NacaTrailingEdge) -> f64 {
        let (Self::FourDigit { thickness, .. } | Self::FiveDigit { thickness, .. }) = *self;
        let last = match edge {
            NacaTrailingEdge::Closed => 0.1036,
            NacaTrailingEdge::Finite => 0.1015,
        };
        let polynomial = x * (-0.1260 + x * (-0.3516 + x * (0.2843 - last * x)));
        0.05 * thickness * (0.2969 * x.sqrt() + polynomial)
    }

    /// Height and slope of the mean line at `x` in [0, 1], in chords. (For a 5-digit section each
    /// call computes the constants of the line: [`contour`](Self::contour) does so once.)
    #[must_use]
    pub fn mean_line(&self, x: f64) -> (f64, f64) {
        match *self {
            Self::FourDigit {
                max_camber,
                position,
                ..
            } => mean_line::four_digit(0.01 * max_camber, 0.1 * position, x),
            Self::FiveDigit {
                lift,
                position,
                reflex,
                ..
            } => FiveDigitLine::new(0.15 * lift, 0.05 * position, reflex).at(x),
        }
    }

    /// The contour with `per_side` segments on each side, cosine-spaced in x.
    ///
    /// # Errors
    /// `per_side` below 2, or a digit outside its range: M from 0 to 10, P from 0 to 10 (4 digits)
    /// or above 0 to 8.4 (5 digits), L from 0 to 10, XX above 0 to 60.
    pub fn contour(&self, per_side: usize, edge: NacaTrailingEdge) -> Result<Contour, MeshError> {
        self.check()?;
        if per_side < 2 {
            return Err(fault(
                "per_side",
                format!("is {per_side}: at least 2 segments a side are needed"),
            ));
        }
        let line: Box<dyn Fn(f64) -> (f64, f64)> = match *self {
            Self::FourDigit { .. } => Box::new(|x| self.mean_line(x)),
            Self::FiveDigit {
                lift,
                position,
                reflex,
                ..
            } => {
                let line = FiveDigitLine::new(0.15 * lift, 0.05 * position, reflex);
                Box::new(move |x| line.at(x))
            }
        };
        let point = |k: usize, side: f64| {
            let x = 0.5 * (1.0 - (std::f64::consts::PI * k as f64 / per_side as f64).cos());
            let ((height, slope), half) = (line(x), side * self.half_thickness(x, edge));
            let length = slope.hypot(1.0);
            [x - half * slope / length, height + half / length]
        };
        let upper = (0..=per_side).rev().map(|k| point(k, 1.0));
        let points: Vec<_> = upper
            .chain((1..=per_side).map(|k| point(k, -1.0)))
            .collect();
        Contour::from_points(&points)
    }

    fn check(&self) -> Result<(), MeshError> {
        let (name, top_position, lowest) = match self {
            Self::FourDigit { .. } => ("M", 10.0, 0.0),
            Self::FiveDigit { .. } => ("L", 8.4, 1e-3),
        };
        let digits = self.digits();
        let ranges = [
            (name, digits[0], 0.0, 10.0),
            ("P", digits[1], lowest, top_position),
            ("XX", digits[digits.len() - 1], 1e-3, 60.0),
        ];
        for (digit, value, low, high) in ranges {
            if !(low..=high).contains(&value) {
                return Err(fault(
                    format!("NACA digit {digit} = {value}"),
                    format!("must lie between {low} and {high}"),
                ));
            }
        }
        Ok(())
    }
}

/// The contour of a 4-digit section: `max_camber` (M) and `thickness` (XX) in per cent, `position`
/// (P) in tenths of the chord; `per_side` segments a side.
///
/// # Errors
/// See [`Naca::contour`].
pub fn naca4(
    max_camber: f64,
    position: f64,
    thickness: f64,
    per_side: usize,
    edge: NacaTrailingEdge,
) -> Result<Contour, MeshError> {
    Naca::FourDigit {
        max_camber,
        position,
        thickness,
    }
    .contour(per_side, edge)
}

/// The contour of a 5-digit section: `lift` (L) in units of 0.15, `position` (P) in twentieths of
/// the chord, `thickness` (XX) in per cent; `per_side` segments a side.
///
/// # Errors
/// See [`Naca::contour`].
pub fn naca5(
    lift: f64,
    position: f64,
    reflex: Reflex,
    thickness: f64,
    per_side: usize,
    edge: NacaTrailingEdge,
) -> Result<Contour, MeshError> {
    Naca::FiveDigit {
        lift,
        position,
        reflex,
        thickness,
    }
    .contour(per_side, edge)
}

#[cfg(test)]
mod tests;
