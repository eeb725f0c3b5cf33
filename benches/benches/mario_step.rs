//! One training step of MARIO: forward, squared error, backward, clipping, AdamW and the running
//! average of the weights, on four cases. `scripts/bench_mario.sh` runs it in turns with the same
//! step in PyTorch (`benches/peers/mario_torch.py`).

// `criterion_group!` makes a public function without documentation.
#![allow(missing_docs)]

use burn::{
    Tensor,
    tensor::{Device, Distribution},
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use karman_surrogates::{ModulatedFieldConfig, Optimiser, Precision, TrainingConfig};
use rand::SeedableRng;

/// As in the `karman` program: freed memory is kept.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CASES: usize = 4;
const INPUTS: usize = 6;
const CODE: usize = 22;

fn mario_step(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("mario_step");
    group.sample_size(20);
    let device = Device::flex().autodiff();
    for points in [16_384, 2_048] {
        let shape = |width: usize| [CASES, points / CASES, width];
        let uniform = Distribution::Uniform(-1.0, 1.0);
        let inputs = Tensor::<3>::random(shape(INPUTS), uniform, &device);
        let targets = Tensor::<3>::random(shape(4), uniform, &device);
        let code = Tensor::<2>::random([CASES, CODE], uniform, &device);
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(0);
        let mut network =
            Some(ModulatedFieldConfig::default().init((INPUTS, CODE, 4), &mut rng, &device));
        let mut optimiser = Optimiser::default();
        let config = TrainingConfig::default();
        group.throughput(Throughput::Elements(points as u64));
        group.bench_function(BenchmarkId::from_parameter(points), |bencher| {
            bencher.iter(|| {
                let Some(field) = network.take() else {
                    return;
                };
                let modulation = field.modulation(code.clone());
                let predicted = field.forward(inputs.clone(), modulation, Precision::F32);
                let grads = (predicted - targets.clone()).square().mean().backward();
                network = Some(optimiser.step(field, grads, 1e-3, &config));
            });
        });
    }
    group.finish();
}

criterion_group!(benches, mario_step);
criterion_main!(benches);
