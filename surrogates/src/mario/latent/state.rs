//! Scales of the latent geometry code, and rows in them.

use serde::{Deserialize, Serialize};

use super::SdfLatentConfig;

/// Scales of inputs and outputs, and what was learned beside the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct SdfLatentState {
    pub(super) config: SdfLatentConfig,
    /// Centre and half extent of x and y over the train points.
    extent: [[f64; 2]; 2],
    /// Mean and standard deviation of the distance.
    sdf: [f64; 2],
    /// Learned inner step size.
    pub(super) rate: f64,
    /// Mean and standard deviation of each latent entry over the train cases.
    pub(super) latent: Vec<[f64; 2]>,
}

/// Scaled points and distances of one case, row-major `[n, 3]`.
pub(super) struct SdfRows(Vec<f32>);

impl SdfRows {
    /// Number of points.
    pub(super) fn len(&self) -> usize {
        self.0.len() / 3
    }

    /// Scaled x and y, and the scaled distance, of one point.
    pub(super) fn at(&self, row: usize) -> ([f32; 2], f32) {
        let row = &self.0[3 * row..3 * row + 3];
        ([row[0], row[1]], row[2])
    }
}

impl SdfLatentState {
    /// Scales of the rows x, y, sdf of the train cases; nothing is learned yet.
    pub(super) fn fit(config: &SdfLatentConfig, tables: &[Vec<f32>]) -> Self {
        let mut low = [f64::INFINITY; 2];
        let mut high = [f64::NEG_INFINITY; 2];
        let (mut n, mut sum, mut square) = (0.0f64, 0.0, 0.0);
        for row in tables.iter().flat_map(|table| table.chunks_exact(3)) {
            for axis in 0..2 {
                low[axis] = low[axis].min(f64::from(row[axis]));
                high[axis] = high[axis].max(f64::from(row[axis]));
            }
            let d = f64::from(row[2]);
            n += 1.0;
            sum += d;
            square += d * d;
        }
        let mean = sum / n.max(1.0);
        let std = (square / n.max(1.0) - mean * mean).max(1e-12).sqrt();
        let extent = [0, 1].map(|i| {
            [
                0.5 * (low[i] + high[i]),
                (0.5 * (high[i] - low[i])).max(1e-12),
            ]
        });
        Self {
            config: config.clone(),
            extent,
            sdf: [mean, std],
            rate: config.inner_rate,
            latent: vec![[0.0, 1.0]; config.size],
        }
    }

    /// Scaled rows.
    pub(super) fn scale(&self, table: &[f32]) -> SdfRows {
        let scaled =
            |value: f32, [shift, scale]: [f64; 2]| ((f64::from(value) - shift) / scale) as f32;
        let rows = table.chunks_exact(3).flat_map(|row| {
            [
                scaled(row[0], self.extent[0]),
                scaled(row[1], self.extent[1]),
                scaled(row[2], self.sdf),
            ]
        });
        SdfRows(rows.collect())
    }
}

/// Mean and standard deviation of each column; a column that does not vary is left as it is.
pub(super) fn column_statistics(rows: &[Vec<f32>]) -> Vec<[f64; 2]> {
    let width = rows.first().map_or(0, Vec::len);
    let n = rows.len().max(1) as f64;
    (0..width)
        .map(|i| {
            let mean = rows.iter().map(|r| f64::from(r[i])).sum::<f64>() / n;
            let square = rows.iter().map(|r| (f64::from(r[i]) - mean).powi(2));
            let std = (square.sum::<f64>() / n).sqrt();
            [mean, if std > 1e-12 { std } else { 1.0 }]
        })
        .collect()
}
