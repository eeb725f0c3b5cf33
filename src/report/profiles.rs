//! Where the error sits, pooled over test cases: against the distance to the
//! wall, and along the chord on the wall. Both are fed case by case, so that no
//! case has to stay in memory.

use serde::{Deserialize, Serialize};

use super::wall::{Side, WallCurve};

/// Squared error of z-scored fields, binned by distance to the wall.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ErrorByDistance {
    /// Bin edges in chords, increasing; bin i lies between edges i and i + 1.
    pub edges: Vec<f64>,
    /// Nodes in each bin.
    pub counts: Vec<u64>,
    /// Sum of squared errors of u_x, u_y, p, nu_t in each bin.
    pub sums: Vec<[f64; 4]>,
}

impl Default for ErrorByDistance {
    fn default() -> Self {
        Self::new()
    }
}

impl ErrorByDistance {
    /// Three bins a decade from 1e-6 to 10 chords.
    pub fn new() -> Self {
        let edges: Vec<f64> = (0..=21)
            .map(|i| 10f64.powf(-6.0 + f64::from(i) / 3.0))
            .collect();
        let bins = edges.len() - 1;
        Self {
            edges,
            counts: vec![0; bins],
            sums: vec![[0.0; 4]; bins],
        }
    }

    /// Adds a case: distance of each volume node to the wall (chords) and the
    /// error of its z-scored u_x, u_y, p, nu_t. Nodes outside all bins and
    /// errors that are not finite are left out.
    pub fn add_case(&mut self, distance: &[f64], error: &[[f64; 4]]) {
        for (&d, e) in distance.iter().zip(error) {
            let bin = self
                .edges
                .partition_point(|&edge| edge <= d)
                .wrapping_sub(1);
            if bin >= self.counts.len() || e.iter().any(|v| !v.is_finite()) {
                continue;
            }
            self.counts[bin] += 1;
            for (sum, v) in self.sums[bin].iter_mut().zip(e) {
                *sum += v * v;
            }
        }
    }

    /// Mean squared error of one field (0 u_x, 1 u_y, 2 p, 3 nu_t) in each
    /// filled bin, at the geometric middle of the bin.
    pub fn curve(&self, field: usize) -> Vec<(f64, f64)> {
        let filled = |i: &usize| self.counts[*i] > 0;
        let point = |i: usize| {
            let middle = (self.edges[i] * self.edges[i + 1]).sqrt();
            (middle, self.sums[i][field] / self.counts[i] as f64)
        };
        (0..self.counts.len()).filter(filled).map(point).collect()
    }
}

/// Error of C_p along the chord and its effect on drag, for the two sides.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ErrorByChord {
    /// Cases added.
    pub cases: u64,
    /// Upper side.
    pub upper: Vec<ChordBin>,
    /// Lower side.
    pub lower: Vec<ChordBin>,
}

/// One stretch of the chord.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct ChordBin {
    /// Wall points in the bin, over all cases.
    pub count: u64,
    /// Sum of squared C_p errors.
    pub cp_squared: f64,
    /// Sum over cases of the bin's signed contribution to the C_D error.
    pub drag: f64,
    /// Sum over cases of the size of the bin's contribution to the C_D error.
    pub drag_size: f64,
}

/// Bins along the chord; narrower at both edges, where pressure changes fast.
const CHORD_BINS: usize = 24;

impl Default for ErrorByChord {
    fn default() -> Self {
        Self::new()
    }
}

impl ErrorByChord {
    /// Empty profile.
    pub fn new() -> Self {
        let bins = vec![ChordBin::default(); CHORD_BINS];
        Self {
            cases: 0,
            upper: bins.clone(),
            lower: bins,
        }
    }

    /// Edges of the bins in x/c, 0 to 1, spaced by a cosine.
    pub fn edges() -> Vec<f64> {
        let angle = |i: usize| std::f64::consts::PI * i as f64 / CHORD_BINS as f64;
        (0..=CHORD_BINS)
            .map(|i| 0.5 * (1.0 - angle(i).cos()))
            .collect()
    }

    /// Adds a case. A wall whose lists do not fit together, or whose pressures
    /// are not finite, is left out.
    pub fn add_case(&mut self, wall: &WallCurve) {
        let pressures = wall.p_truth.iter().chain(&wall.p_prediction);
        let usable = wall.validate("").is_ok() && wall.dynamic_pressure() > 0.0;
        if !usable || !pressures.into_iter().all(|p| p.is_finite()) {
            return;
        }
        self.cases += 1;
        let edges = Self::edges();
        let bin_of = |x: f64| edges.partition_point(|&e| e <= x).clamp(1, CHORD_BINS) - 1;
        for side in [Side::Upper, Side::Lower] {
            let truth = wall.pressure_coefficient(side, &wall.p_truth);
            let prediction = wall.pressure_coefficient(side, &wall.p_prediction);
            for (t, p) in truth.iter().zip(&prediction) {
                let bin = &mut self.side_mut(side)[bin_of(t.0)];
                bin.count += 1;
                bin.cp_squared += (p.1 - t.1).powi(2);
            }
        }
        self.add_drag(wall, bin_of);
    }

    /// Adds the case's drag errors: first summed within a bin, then by size.
    fn add_drag(&mut self, wall: &WallCurve, bin_of: impl Fn(f64) -> usize) {
        let mut of_case = [[0.0; CHORD_BINS]; 2];
        for part in wall.drag_parts() {
            of_case[usize::from(part.side == Side::Lower)][bin_of(part.chord)] += part.error;
        }
        for (side, sums) in [Side::Upper, Side::Lower].into_iter().zip(of_case) {
            for (bin, sum) in self.side_mut(side).iter_mut().zip(sums) {
                bin.drag += sum;
                bin.drag_size += sum.abs();
            }
        }
    }

    /// Bins of one side.
    pub fn side(&self, side: Side) -> &[ChordBin] {
        match side {
            Side::Upper => &self.upper,
            Side::Lower => &self.lower,
        }
    }

    fn side_mut(&mut self, side: Side) -> &mut [ChordBin] {
        match side {
            Side::Upper => &mut self.upper,
            Side::Lower => &mut self.lower,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_bins_hold_the_mean_square() {
        let mut profile = ErrorByDistance::new();
        let error = [
            [1.0, 2.0, 0.0, -3.0],
            [3.0, 0.0, 0.0, 3.0],
            [f64::NAN; 4],
            [9.0; 4],
        ];
        profile.add_case(&[1.1e-3, 1.2e-3, 1.3e-3, 50.0], &error);
        let filled: u64 = profile.counts.iter().sum();
        assert_eq!(filled, 2, "NaN and far nodes are left out");
        for (field, mean) in [5.0, 2.0, 0.0, 9.0].into_iter().enumerate() {
            let curve = profile.curve(field);
            assert_eq!(curve.len(), 1);
            assert!(curve[0].0 > 1e-3 && curve[0].0 < 2.2e-3);
            assert!((curve[0].1 - mean).abs() < 1e-12);
        }
    }

    #[test]
    fn chord_profile_keeps_the_total_drag_error() {
        let n = 400;
        let angle = |i: usize| std::f64::consts::TAU * i as f64 / n as f64;
        let points: Vec<[f64; 2]> = (0..n)
            .map(|i| [0.5 + 0.5 * angle(i).cos(), 0.06 * angle(i).sin()])
            .collect();
        let wall = WallCurve {
            p_truth: vec![1.0; n],
            p_prediction: points.iter().map(|p| 1.0 + p[0] * p[0]).collect(),
            points,
            speed: 10.0,
            aoa: 3.0,
        };
        let mut profile = ErrorByChord::new();
        profile.add_case(&wall);
        let total: f64 = wall.drag_parts().iter().map(|d| d.error).sum();
        let binned: f64 = profile
            .upper
            .iter()
            .chain(&profile.lower)
            .map(|b| b.drag)
            .sum();
        assert!((total - binned).abs() < 1e-12);
        // Cp error x^2 / 50 grows along the chord.
        let last = profile.upper[CHORD_BINS - 1];
        let rms = (last.cp_squared / last.count as f64).sqrt();
        assert!((rms - 1.0 / 50.0).abs() < 5e-4, "{rms}");
    }

    #[test]
    fn a_wall_with_nan_is_left_out() {
        let mut profile = ErrorByChord::new();
        profile.add_case(&WallCurve {
            points: vec![[1.0, 0.0], [0.0, 0.1], [0.0, -0.1]],
            p_truth: vec![0.0; 3],
            p_prediction: vec![0.0, f64::NAN, 0.0],
            speed: 1.0,
            aoa: 0.0,
        });
        assert_eq!(profile.cases, 0);
    }
}
