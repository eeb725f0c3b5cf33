//! Tests of the flow solver against exact solutions, balances and central differences.

mod balances;
mod exact;
mod gradients;
mod scalar;
mod solver;

use super::*;

/// Numbers in [-1, 1] that look random.
fn noise(count: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678_9abc_def1;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

fn noise_field(cells: [usize; 3], seed: u64) -> FaceField {
    let zeros = FaceField::zeros(cells);
    FaceField {
        x: noise(zeros.x.len(), seed),
        y: noise(zeros.y.len(), seed + 1),
        z: noise(zeros.z.len(), seed + 2),
    }
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |m, v| m.max(v.abs()))
}
