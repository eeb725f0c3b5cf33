//! A vector with its own optimiser.

/// A vector optimised by Adam (Kingma, Ba, ICLR 2015).
#[derive(Clone)]
pub(super) struct AdamVector {
    pub(super) value: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
    steps: i32,
}

impl AdamVector {
    /// Zeros.
    pub(super) fn new(size: usize) -> Self {
        Self {
            value: vec![0.0; size],
            first: vec![0.0; size],
            second: vec![0.0; size],
            steps: 0,
        }
    }

    /// One step against the gradient.
    pub(super) fn step(&mut self, grad: &[f32], rate: f32) {
        self.steps += 1;
        let corrections = (
            1.0 - 0.9f32.powi(self.steps),
            1.0 - 0.999f32.powi(self.steps),
        );
        for (i, g) in grad.iter().enumerate() {
            self.first[i] = 0.9 * self.first[i] + 0.1 * g;
            self.second[i] = 0.999 * self.second[i] + 0.001 * g * g;
            let root = (self.second[i] / corrections.1).sqrt();
            self.value[i] -= rate * self.first[i] / corrections.0 / (root + 1e-8);
        }
    }
}
