//! Airfoils by the class-shape transformation (CST).
//!
//! Reference: Kulfan, "Universal parametric geometry representation method", Journal of Aircraft
//! 45(1), 2008, DOI 10.2514/1.29958. Each side is sqrt(x) (1 - x) times a Bernstein polynomial with
//! the weights as coefficients, plus half the thickness of the trailing edge times x.
//!
//! Departures:
//! 1. The optional leading-edge term of Kulfan, "Modification of CST airfoil representation
//!    methodology", 2009: w x (1 - x)^(n + 1/2) on both sides, n the number of weights of a side.
//! 2. Shapes are fitted in the frame of the chord ([`Contour::chord`]): the class function needs the
//!    leading edge where the tangent is upright.

use super::contour::{Contour, TrailingEdge};
use super::error::fault;
use super::least_squares::least_squares;
use crate::MeshError;

/// Weights of a side, at most: the Bernstein basis of higher degree is useless in f64.
const MOST_WEIGHTS: usize = 20;
/// Points of a side (cosine-spaced) to which a shape is fitted.
const FIT_POINTS: usize = 120;
/// Segments of a side of the contour from which the error of a fit is measured.
const CHECK_SEGMENTS: usize = 600;

/// A CST shape on the unit chord, from (0, 0) to (1, 0).
#[derive(Debug, Clone, PartialEq)]
pub struct Cst {
    upper: Vec<f64>,
    lower: Vec<f64>,
    leading_edge: f64,
    trailing_edge: f64,
}

/// What to fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CstOptions {
    /// Weights of each side, from 1 to 20.
    pub weights: usize,
    /// Whether to use the leading-edge term.
    pub leading_edge: bool,
}

impl Default for CstOptions {
    /// 8 + 8 weights with the leading-edge term.
    fn default() -> Self {
        Self {
            weights: 8,
            leading_edge: true,
        }
    }
}

/// A fitted shape and how well it fits.
#[derive(Debug, Clone, PartialEq)]
pub struct CstFit {
    /// The shape.
    pub shape: Cst,
    /// Root mean square of the distances of the contour's points from the shape, in chords.
    pub rms: f64,
    /// Largest of these distances, in chords.
    pub max: f64,
}

impl Cst {
    /// A shape from the weights of its sides (from the leading to the trailing edge; those of the
    /// lower side are negative on usual airfoils), the weight of the leading-edge term and the
    /// thickness of the trailing edge in chords.
    ///
    /// # Errors
    /// No weights or more than 20 on a side, a value that is not finite, or a negative trailing edge.
    pub fn new(
        upper: Vec<f64>,
        lower: Vec<f64>,
        leading_edge: f64,
        trailing_edge: f64,
    ) -> Result<Self, MeshError> {
        for (side, weights) in [("upper", &upper), ("lower", &lower)] {
            if !(1..=MOST_WEIGHTS).contains(&weights.len()) {
                let problem = format!(
                    "{} given, from 1 to {MOST_WEIGHTS} are possible",
                    weights.len()
                );
                return Err(fault(format!("CST weights of the {side} side"), problem));
            }
            if let Some(index) = weights.iter().position(|w| !w.is_finite()) {
                let problem = format!("weight {index} is {}", weights[index]);
                return Err(fault(format!("CST weights of the {side} side"), problem));
            }
        }
        if !leading_edge.is_finite() {
            return Err(fault(
                "CST leading-edge weight",
                format!("is {leading_edge}"),
            ));
        }
        if !(trailing_edge.is_finite() && trailing_edge >= 0.0) {
            let problem = format!("is {trailing_edge}, it must be 0 or more");
            return Err(fault("CST trailing-edge thickness", problem));
        }
        Ok(Self {
            upper,
            lower,
            leading_edge,
            trailing_edge,
        })
    }

    /// Weights of the upper side.
    #[must_use]
    pub fn upper_weights(&self) -> &[f64] {
        &self.upper
    }

    /// Weights of the lower side.
    #[must_use]
    pub fn lower_weights(&self) -> &[f64] {
        &self.lower
    }

    /// Weight of the leading-edge term.
    #[must_use]
    pub fn leading_edge_weight(&self) -> f64 {
        self.leading_edge
    }

    /// Thickness of the trailing edge, in chords.
    #[must_use]
    pub fn trailing_edge_thickness(&self) -> f64 {
        self.trailing_edge
    }

    /// All parameters in a row: upper weights, lower weights, leading edge, trailing edge.
    #[must_use]
    pub fn parameters(&self) -> Vec<f64> {
        let edges = [self.leading_edge, self.trailing_edge];
        [&self.upper[..], &self.lower, &edges].concat()
    }

    /// Height of the upper side at `x` in [0, 1], in chords.
    #[must_use]
    pub fn upper(&self, x: f64) -> f64 {
        self.side(&self.upper, x) + 0.5 * self.trailing_edge * x
    }

    /// Height of the lower side at `x` in [0, 1], in chords.
    #[must_use]
    pub fn lower(&self, x: f64) -> f64 {
        self.side(&self.lower, x) - 0.5 * self.trailing_edge * x
    }

    fn side(&self, weights: &[f64], x: f64) -> f64 {
        let (terms, edge) = terms(weights.len(), x);
        let shape: f64 = weights.iter().zip(terms).map(|(w, t)| w * t).sum();
        shape + self.leading_edge * edge
    }

    /// The contour with `per_side` segments on each side, cosine-spaced in x.
    ///
    /// # Errors
    /// `per_side` below 2, or weights that enclose no area.
    pub fn contour(&self, per_side: usize) -> Result<Contour, MeshError> {
        if per_side < 2 {
            return Err(fault(
                "per_side",
                format!("is {per_side}: at least 2 segments a side are needed"),
            ));
        }
        let x = |k: usize| 0.5 * (1.0 - (std::f64::consts::PI * k as f64 / per_side as f64).cos());
        let upper = (0..=per_side).rev().map(|k| [x(k), self.upper(x(k))]);
        let lower = (1..=per_side).map(|k| [x(k), self.lower(x(k))]);
        Contour::from_points(&upper.chain(lower).collect::<Vec<_>>())
    }

    /// The shape nearest to a contour in the least-squares sense, in the frame of its chord. The
    /// thickness of the trailing edge is that of the contour.
    ///
    /// # Errors
    /// A number of weights outside 1..=20, or a contour that no shape can be fitted to (a side that
    /// folds back over itself).
    pub fn fit(contour: &Contour, options: &CstOptions) -> Result<CstFit, MeshError> {
        let n = options.weights;
        if !(1..=MOST_WEIGHTS).contains(&n) {
            let problem = format!("is {n}, from 1 to {MOST_WEIGHTS} are possible");
            return Err(fault("number of CST weights", problem));
        }
        let trailing_edge = match contour.trailing_edge() {
            TrailingEdge::Sharp => 0.0,
            TrailingEdge::Blunt { height } => height / contour.chord().length(),
        };
        let mut rows = Vec::with_capacity(2 * FIT_POINTS);
        let mut heights = Vec::with_capacity(2 * FIT_POINTS);
        for (offset, sign, points) in contour.sides_of_chord().cosine_points(FIT_POINTS) {
            for [x, y] in points {
                let x = x.clamp(0.0, 1.0);
                let (terms, edge) = terms(n, x);
                let mut row = vec![0.0; 2 * n];
                row[offset * n..(offset + 1) * n].copy_from_slice(&terms);
                row.extend(options.leading_edge.then_some(edge));
                rows.push(row);
                heights.push(y - 0.5 * sign * trailing_edge * x);
            }
        }
        let solution = least_squares(&rows, &heights).ok_or_else(|| {
            fault(
                "CST fit",
                "the contour does not determine the weights: use fewer",
            )
        })?;
        let shape = Self::new(
            solution[..n].to_vec(),
            solution[n..2 * n].to_vec(),
            solution.get(2 * n).copied().unwrap_or(0.0),
            trailing_edge,
        )?;
        let fitted = shape.contour(CHECK_SEGMENTS)?;
        let local: Vec<_> = contour
            .points()
            .iter()
            .map(|&p| contour.chord().to_local(p))
            .collect();
        let errors = fitted
            .nearest_many(&local)
            .into_iter()
            .map(|hit| hit.distance);
        let (sum, max) = errors.fold((0.0, 0.0_f64), |(sum, max), e| (sum + e * e, max.max(e)));
        Ok(CstFit {
            shape,
            rms: (sum / local.len() as f64).sqrt(),
            max,
        })
    }
}

/// The terms of a side with `n` weights at `x`, and the leading-edge term.
fn terms(n: usize, x: f64) -> (Vec<f64>, f64) {
    let class = x.sqrt() * (1.0 - x);
    let degree = n as i32 - 1;
    let mut binomial = 1.0;
    let terms = (0..=degree)
        .map(|i| {
            let term = binomial * x.powi(i) * (1.0 - x).powi(degree - i);
            binomial *= f64::from(degree - i) / f64::from(i + 1);
            class * term
        })
        .collect();
    (terms, x * (1.0 - x).powf(n as f64 + 0.5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Naca, NacaTrailingEdge, read_dat};

    #[test]
    fn terms_are_a_partition_of_the_class_function() {
        for (n, x) in [(1, 0.3), (4, 0.0), (8, 0.7), (20, 0.05)] {
            let sum: f64 = terms(n, x).0.iter().sum();
            assert!((sum - x.sqrt() * (1.0 - x)).abs() < 1e-15);
        }
    }

    #[test]
    fn nose_radius_and_trailing_edge_angle() {
        // Kulfan: radius = w_0^2 / 2, slope at the sharp trailing edge = -w_n.
        let shape = Cst::new(vec![0.17, 0.15, 0.2], vec![-0.17, -0.1, -0.05], 0.0, 0.0).unwrap();
        let x = 1e-8;
        assert!((shape.upper(x).powi(2) / (2.0 * x) - 0.5 * 0.17 * 0.17).abs() < 1e-8);
        assert!((shape.upper(1.0 - x) / x - 0.2).abs() < 1e-6);
        assert!((shape.lower(1.0 - x) / x + 0.05).abs() < 1e-6);
        let blunt = Cst::new(vec![0.1], vec![-0.1], 0.0, 0.004).unwrap();
        assert_eq!((blunt.upper(1.0), blunt.lower(1.0)), (0.002, -0.002));
    }

    #[test]
    fn a_shape_is_found_again() {
        let upper = vec![0.18, 0.22, 0.16, 0.24, 0.15, 0.2, 0.19, 0.21];
        let lower = upper.iter().map(|w| -w).collect::<Vec<_>>();
        // Symmetric, so that the chord of the contour is the axis of the shape.
        for (edge, options) in [
            (
                0.0,
                CstOptions {
                    leading_edge: false,
                    ..Default::default()
                },
            ),
            (0.003, CstOptions::default()),
        ] {
            let shape = Cst::new(upper.clone(), lower.clone(), 0.0, edge).unwrap();
            let fit = Cst::fit(&shape.contour(400).unwrap(), &options).unwrap();
            assert!(fit.max < 2e-6, "{}", fit.max);
            for (found, given) in fit.shape.parameters().iter().zip(shape.parameters()) {
                assert!((found - given).abs() < 2e-3, "{found} {given}");
            }
        }
    }

    #[test]
    fn naca_sections_fit_closely() {
        // The mean line of a cambered section has a jump in curvature, which no polynomial follows.
        for (digits, most) in [
            ([0.0, 0.0, 12.0], 1e-4),
            ([4.0, 4.0, 15.0], 3e-4),
            ([2.0, 3.0, 9.0], 3e-4),
        ] {
            let naca = Naca::from_digits(&digits).unwrap();
            let contour = naca.contour(100, NacaTrailingEdge::Finite).unwrap();
            let fit = Cst::fit(&contour, &CstOptions::default()).unwrap();
            println!("{digits:?}: rms {:.1e}, max {:.1e}", fit.rms, fit.max);
            assert!(
                fit.rms <= fit.max && fit.max < most,
                "{digits:?}: {}",
                fit.max
            );
        }
    }

    #[test]
    fn bad_parameters_are_refused() {
        assert!(Cst::new(vec![], vec![0.1], 0.0, 0.0).is_err());
        assert!(Cst::new(vec![0.1; 21], vec![0.1], 0.0, 0.0).is_err());
        assert!(Cst::new(vec![f64::NAN], vec![0.1], 0.0, 0.0).is_err());
        assert!(Cst::new(vec![0.1], vec![0.1], f64::INFINITY, 0.0).is_err());
        assert!(Cst::new(vec![0.1], vec![0.1], 0.0, -1e-3).is_err());
        assert!(
            Cst::new(vec![0.1], vec![0.1], 0.0, 0.0)
                .unwrap()
                .contour(30)
                .is_err()
        );
        let contour = Naca::from_digits(&[0.0, 0.0, 12.0])
            .unwrap()
            .contour(30, NacaTrailingEdge::Closed)
            .unwrap();
        assert!(
            Cst::fit(
                &contour,
                &CstOptions {
                    weights: 0,
                    leading_edge: true
                }
            )
            .is_err()
        );
    }

    #[test]
    fn the_uiuc_collection_fits() {
        let folder = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../shared/data/third_party/uiuc"
        );
        let Ok(entries) = std::fs::read_dir(folder) else {
            eprintln!("skipped: {folder} is not there");
            return;
        };
        let mut errors = Vec::new();
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let Ok(contour) = read_dat(&path) else {
                continue;
            };
            let fit = Cst::fit(&contour, &CstOptions::default());
            let fit = fit.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            errors.push((fit.max, path.file_name().unwrap_or_default().to_owned()));
        }
        errors.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (median, worst) = (&errors[errors.len() / 2], &errors[errors.len() - 1]);
        println!(
            "{} fits: median {:.1e}, worst {:.1e} ({:?})",
            errors.len(),
            median.0,
            worst.0,
            worst.1
        );
        assert!(median.0 < 1e-3 && worst.0 < 2e-2);
    }
}
