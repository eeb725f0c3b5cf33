//! One training step on the device: batch, loss, gradients, update. Nothing in it waits for the
//! device or sends anything to it, so it can be recorded and replayed.

use burn::{
    Tensor,
    tensor::{DType, Device, Int, TensorData},
};

use super::{Optimiser, TrainingConfig};
use crate::{
    data::Draw,
    models::{FieldOutput, Network},
    ops::{AdamwStep, StepNumbers},
};

/// What changes from step to step.
#[derive(Clone)]
pub(super) struct StepInputs {
    /// Index within the training set of each case of the batch.
    pub(super) cases: Tensor<1, Int>,
    /// Which rows of the device's table, or the rows themselves.
    pub(super) rows: BatchRows,
    /// Learning rate and the like.
    pub(super) numbers: Tensor<1>,
}

/// The rows of a batch, `cases x points` of them, case after case.
#[derive(Clone)]
pub(super) enum BatchRows {
    /// Numbers of rows of the training set's table.
    Table(Tensor<1, Int>),
    /// The rows, `[cases points, inputs + 8]`.
    Rows(Tensor<2>),
}

impl StepInputs {
    /// Sends what is new in a step to the device.
    pub(super) fn new(cases: &[usize], draw: Draw, numbers: AdamwStep, device: &Device) -> Self {
        let integers = |values: Vec<i32>| {
            let n = values.len();
            Tensor::<1, Int>::from_data(TensorData::new(values, [n]), (device, DType::I32))
        };
        let rows = match draw {
            Draw::Table(numbers) => BatchRows::Table(integers(numbers)),
            Draw::Rows { values, width } => {
                let shape = [values.len() / width.max(1), width];
                BatchRows::Rows(Tensor::from_data(TensorData::new(values, shape), device))
            }
        };
        Self {
            cases: integers(cases.iter().map(|&case| case as i32).collect()),
            rows,
            numbers: StepNumbers::new(numbers, device).into_tensor(),
        }
    }
}

/// What stays the same over a run.
pub(super) struct StepContext<'a> {
    pub(super) config: &'a TrainingConfig,
    /// All rows, `[rows, inputs + 8]`, where they lie on the device.
    pub(super) table: Option<&'a Tensor<2>>,
    /// Number of inputs of a row; 4 targets and 4 weights follow them.
    pub(super) n_inputs: usize,
    /// Codes of the cases, `[cases, code]`.
    pub(super) codes: &'a Tensor<2>,
    /// Scaled coefficients of the cases, `[cases, 2]`, where the network has a head for them.
    pub(super) coefficients: Option<&'a Tensor<2>>,
}

impl StepContext<'_> {
    /// Takes the step; returns the network with new weights, and the loss.
    pub(super) fn take(
        &self,
        network: Network,
        optimiser: &mut Optimiser,
        inputs: StepInputs,
    ) -> (Network, Tensor<1>) {
        let numbers = StepNumbers::from_tensor(inputs.numbers.clone());
        let loss = self.loss(&network, inputs);
        let grads = loss.backward();
        let network = optimiser.apply(network, grads, numbers, self.config);
        (network, loss.inner())
    }

    fn loss(&self, network: &Network, inputs: StepInputs) -> Tensor<1> {
        let n_inputs = self.n_inputs;
        let rows = match inputs.rows {
            BatchRows::Rows(rows) => rows,
            BatchRows::Table(numbers) => match self.table {
                Some(table) => table.clone().select(0, numbers),
                None => unreachable!("rows are drawn by number only from a table"),
            },
        };
        let cases = inputs.cases.dims()[0];
        let [n, width] = rows.dims();
        let rows = rows.reshape([cases, n / cases, width]);
        let columns =
            |from: usize, to: usize| rows.clone().slice([0..cases, 0..n / cases, from..to]);
        let code = self.codes.clone().select(0, inputs.cases.clone());
        let FieldOutput {
            fields,
            coefficients,
        } = network.forward(columns(0, n_inputs), code, self.config.precision);
        let error = fields - columns(n_inputs, n_inputs + 4);
        let loss = (error.square() * columns(n_inputs + 4, width)).mean();
        match (coefficients, self.coefficients) {
            (Some(predicted), Some(targets)) => {
                let targets = targets.clone().select(0, inputs.cases);
                let error = (predicted - targets).square().mean();
                loss + error.mul_scalar(self.config.coefficient_weight)
            }
            _ => loss,
        }
    }
}
