//! Recording a training step once and replaying it, on devices that can (CUDA graphs).
//!
//! A step of a small network is a few hundred short kernels, and starting them one by one takes
//! longer than running them. Recorded, a step is one command. The recording holds addresses: it
//! reads its inputs from buffers that are refilled before each replay, and updates weights and
//! moments where they lie. Whatever stands in the way (a device without recording, weights that
//! somebody else holds) ends the recording, not the training: steps are then taken one by one.

#![allow(unsafe_code)]

use burn::{
    Tensor,
    backend::{Backend, BackendGraph, Dispatch},
    tensor::{Device, kind::Basic, s},
};

use super::{
    state::RunState,
    step::{BatchRows, StepContext, StepInputs},
};
use crate::{models::Network, parameters::NamedArrays, training::Optimiser};

/// Steps before the recording: kernels are tuned in the first, and moments are given memory.
const SETTLE: usize = 2;
/// Steps after the device was told that a recording comes, which give every buffer its place.
const WARM_UP: usize = 3;

/// Takes steps: one by one at first, then by replay.
pub(super) struct Replay {
    device: Device,
    phase: Phase,
}

enum Phase {
    /// Every step is taken by itself.
    OneByOne,
    /// So many steps were taken by themselves, and recording comes.
    Settling(usize),
    /// Steps are replayed.
    Recorded(Box<Recording>),
}

struct Recording {
    graph: BackendGraph<Dispatch>,
    /// Where the recorded step reads its inputs.
    inputs: StepInputs,
    /// Where it writes its loss.
    loss: Tensor<1>,
}

impl Replay {
    /// For steps on `device`; `wanted` is whether recording is to be tried.
    pub(super) fn new(device: &Device, wanted: bool) -> Self {
        let phase = if wanted && !is_cpu(device) {
            Phase::Settling(0)
        } else {
            Phase::OneByOne
        };
        Self {
            device: device.clone(),
            phase,
        }
    }

    /// Whether steps are replayed by now.
    pub(super) fn is_recorded(&self) -> bool {
        matches!(self.phase, Phase::Recorded(_))
    }

    /// Takes one step of `state`; the loss stays on the device.
    pub(super) fn step(
        &mut self,
        context: &StepContext<'_>,
        state: &mut RunState,
        inputs: StepInputs,
    ) -> Tensor<1> {
        match &mut self.phase {
            Phase::OneByOne => take(context, state, inputs),
            Phase::Settling(steps) if *steps < SETTLE + WARM_UP => {
                if *steps == SETTLE && Dispatch::graph_prepare(self.device.as_dispatch()).is_err() {
                    self.phase = Phase::OneByOne;
                    return take(context, state, inputs);
                }
                *steps += 1;
                let loss = take(context, state, inputs);
                // Memory of a step is free again before the next one asks for it.
                let _ = self.device.sync();
                loss
            }
            Phase::Settling(_) => self.record(context, state, inputs),
            Phase::Recorded(recording) => match recording.replay(&self.device, &inputs) {
                Some(loss) => loss,
                None => {
                    self.phase = Phase::OneByOne;
                    take(context, state, inputs)
                }
            },
        }
    }

    /// Records a step, and replays it for the first time. Recording executes nothing.
    fn record(
        &mut self,
        context: &StepContext<'_>,
        state: &mut RunState,
        inputs: StepInputs,
    ) -> Tensor<1> {
        self.phase = Phase::OneByOne;
        let device = self.device.as_dispatch();
        let before = Snapshot::of(state);
        let _ = self.device.sync();
        if Dispatch::graph_start_capture(device).is_err() {
            return take(context, state, inputs);
        }
        let loss = take(context, state, inputs.clone());
        let graph = Dispatch::graph_stop_capture(device);
        let Some(graph) = graph.ok().filter(|_| !state.optimiser.copied()) else {
            before.restore(state, &self.device);
            return take(context, state, inputs);
        };
        let recording = Recording {
            graph,
            inputs,
            loss,
        };
        match recording.launch(&self.device) {
            Some(loss) => {
                self.phase = Phase::Recorded(Box::new(recording));
                loss
            }
            None => {
                before.restore(state, &self.device);
                take(context, state, recording.inputs)
            }
        }
    }
}

impl Recording {
    /// Refills the inputs and replays; `None` where an input could not be refilled in place.
    fn replay(&mut self, device: &Device, inputs: &StepInputs) -> Option<Tensor<1>> {
        refill(&mut self.inputs.cases, &inputs.cases)?;
        refill(&mut self.inputs.numbers, &inputs.numbers)?;
        match (&mut self.inputs.rows, &inputs.rows) {
            (BatchRows::Table(to), BatchRows::Table(from)) => refill(to, from)?,
            _ => return None,
        }
        self.launch(device)
    }

    fn launch(&self, device: &Device) -> Option<Tensor<1>> {
        // SAFETY: every buffer of the recording exists: inputs and loss are held here; weights,
        // moments and averages by the run's state, which steps replace in place only (that the
        // recorded step did so was checked, `Optimiser::copied`); the training set by the run,
        // which outlives this; and buffers between them by the graph. The run is one thread, so
        // nothing else uses them during a replay, and refills and reads come from that thread's
        // stream.
        let launched = unsafe { Dispatch::graph_replay(device.as_dispatch(), &self.graph) };
        // A copy, because the next replay overwrites the loss.
        launched.ok().map(|()| self.loss.clone().add_scalar(0.0))
    }
}

/// Writes `from` into the memory of `to`.
fn refill<K: Basic>(to: &mut Tensor<1, K>, from: &Tensor<1, K>) -> Option<()> {
    let n = to.dims()[0];
    if from.dims()[0] != n || !to.can_mut() {
        return None;
    }
    to.inplace(|to| to.slice_assign(s![0..n], from.clone()));
    Some(())
}

/// Takes a step by itself.
fn take(context: &StepContext<'_>, state: &mut RunState, inputs: StepInputs) -> Tensor<1> {
    // Taken rather than cloned, so that the optimiser can update the weights in place.
    let network = state
        .network
        .take()
        .expect("only a step takes the network, and it puts it back");
    let (network, loss) = context.take(network, &mut state.optimiser, inputs);
    state.network = Some(network);
    loss
}

/// Weights and optimiser before a recording, in case it fails.
struct Snapshot {
    network: NamedArrays,
    optimiser: NamedArrays,
    steps: u64,
}

impl Snapshot {
    fn of(state: &RunState) -> Self {
        let network = state.network.as_ref();
        Self {
            network: network.map(NamedArrays::of).unwrap_or_default(),
            optimiser: state.optimiser.export(),
            steps: state.optimiser.steps(),
        }
    }

    fn restore(self, state: &mut RunState, device: &Device) {
        let fill = |network: Network| {
            let same = network.clone();
            self.network
                .load_into(network, std::path::Path::new("memory"))
                .unwrap_or(same)
        };
        state.network = state.network.take().map(fill);
        state.optimiser = Optimiser::import(self.steps, &self.optimiser, device);
    }
}

fn is_cpu(device: &Device) -> bool {
    device.clone().inner() == Device::flex()
}
