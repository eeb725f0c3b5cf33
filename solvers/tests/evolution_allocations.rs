//! A time step allocates nothing: counted by the allocator, over all threads.

mod counting;

use karman_solvers::{
    DiffusionSorption, Evolution, FiniteVolumeLine, LineFlux, PeriodicEquation, SolverError,
    SorptionParameters, SpectralLine, VorticityEquation,
};

/// Allocations of a step, seen from within the thread pool, whose queue for those outside grows now and then.
fn allocations(equation: impl Evolution + Send) -> Result<usize, SolverError> {
    rayon::scope(|_| allocations_here(equation))
}

fn allocations_here(mut equation: impl Evolution) -> Result<usize, SolverError> {
    let n = equation.unknowns();
    let mut state: Vec<f64> = (0..n)
        .map(|i| 0.5 + 0.4 * (std::f64::consts::TAU * i as f64 / n as f64).sin())
        .collect();
    // Weights and the threads' own queues are made once.
    for _ in 0..5 {
        equation.step(&mut state, 1e-4)?;
    }
    let (stepped, count) = counting::allocations(|| equation.step(&mut state, 1e-4));
    stepped.map(|()| count)
}

#[test]
fn stepping_allocates_nothing() -> Result<(), SolverError> {
    // With one task and with several.
    for n in [32, 160] {
        let equation = VorticityEquation::new([n, n], [1.0; 2], 1e-3)?;
        assert_eq!(allocations(equation)?, 0, "vorticity on {n}²");
    }
    for equation in [
        PeriodicEquation::Burgers { viscosity: 0.01 },
        PeriodicEquation::AllenCahn {
            diffusivity: 1e-4,
            reaction: 5.0,
        },
    ] {
        let line = SpectralLine::new(equation, 128, 0.0, 1.0)?;
        assert_eq!(allocations(line)?, 0, "{equation:?}");
    }
    let line = FiniteVolumeLine::new(LineFlux::Burgers, 0.0, 128, 0.0, 1.0)?;
    assert_eq!(allocations(line)?, 0, "finite volumes");
    let soil = DiffusionSorption::new(SorptionParameters::default(), 128)?;
    assert_eq!(allocations(soil)?, 0, "diffusion-sorption");
    Ok(())
}
