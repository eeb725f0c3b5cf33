//! Many NACA sections with OpenFOAM, as a configuration file says.
//!
//!     cargo run --release -p karman-datasets --example openfoam_sweep -- examples/generate/airfoils.toml FOLDER [COUNT]

use std::path::Path;
use std::sync::atomic::AtomicBool;

use karman_datasets::{AirfoilSweep, FoamSolver, Progress, generate_airfoils};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [config, folder, ..] = &arguments[..] else {
        return Err("usage: openfoam_sweep CONFIG.toml FOLDER [COUNT]".into());
    };
    let mut sweep: AirfoilSweep = toml::from_str(&std::fs::read_to_string(config)?)?;
    if let Some(count) = arguments.get(2) {
        sweep.sampling.count = count.parse()?;
    }
    let never = AtomicBool::new(false);
    let solver = FoamSolver::find()?;
    let report = generate_airfoils(&sweep, Path::new(folder), &solver, Progress::Auto, &never)?;
    for record in &report.records {
        println!("{}", record.name);
        match (&record.rejected, record.forces, record.file_forces) {
            (None, Some(solver), Some(files)) => println!(
                "  {} iterations, C_L {:.4}, C_D {:.5}; from the files {:.4}, {:.5}",
                record.iterations, solver.cl, solver.cd, files.cl, files.cd
            ),
            (reason, ..) => println!("  rejected: {}", reason.as_deref().unwrap_or_default()),
        }
    }
    for (part, cases) in &report.parts {
        println!("{part}: {cases}");
    }
    Ok(())
}
