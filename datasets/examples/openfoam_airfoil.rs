//! One NACA section at several angles with OpenFOAM: C_L and C_D, and files in AirfRANS's layout.
//!
//!     cargo run --release -p karman-datasets --example openfoam_airfoil -- FOLDER 0012 6e6 0,10,15 [FINENESS]
//!
//! FINENESS multiplies the number of cells in each direction.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use karman_datasets::{
    AIRFRANS_BOX, AIRFRANS_TEMPERATURE, Conditions, FlowFields, FoamCase, FoamRun, FoamSolution,
    FoamSolver, air_kinematic_viscosity, forces_of, write_case,
};
use karman_meshes::{Naca, NacaTrailingEdge};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, digits, reynolds, angles, ..] = &arguments[..] else {
        return Err("usage: openfoam_airfoil FOLDER DIGITS REYNOLDS ANGLES [FINENESS]".into());
    };
    let fineness: f64 = arguments.get(4).map_or(Ok(1.0), |text| text.parse())?;
    let solver = FoamSolver::find()?;
    let naca = Naca::from_designation(digits)?;
    let speed = reynolds.parse::<f64>()? * air_kinematic_viscosity(AIRFRANS_TEMPERATURE);
    println!(
        "angle     C_L      C_D   C_L and C_D of the files   y+ mean  iterations  seconds  outcome"
    );
    for angle in angles.split(',') {
        let conditions = Conditions::new(speed, angle.parse()?)?;
        let mut case = FoamCase::new(naca.contour(400, NacaTrailingEdge::Closed)?, conditions);
        let finer = |cells: &mut usize| *cells = (*cells as f64 * fineness).round() as usize;
        finer(&mut case.grid.surface_cells);
        finer(&mut case.grid.wake_cells);
        finer(&mut case.grid.normal_cells);
        let name = format!("airFoil2D_SST_{speed:.3}_{angle}_NACA{digits}");
        let place = Path::new(folder).join(format!("foam_{angle}"));
        let quality = case.write(&place)?;
        let report = FoamRun::new(solver.clone()).run(&place, &AtomicBool::new(false), |_| {})?;
        let forces = report.forces.unwrap_or_default();
        let sample =
            FoamSolution::read(&place)?.airfrans_sample(&name, &conditions, Some(AIRFRANS_BOX))?;
        let of_files = forces_of(&sample, &FlowFields::from_sample(&sample)?)?;
        write_case(&sample, Path::new(folder))?;
        println!(
            "{angle:>5} {:8.4} {:8.5}        {:8.4} {:8.5}            {:.2} {:11} {:8.1}  {:?}",
            forces.cl,
            forces.cd,
            of_files.cl,
            of_files.cd,
            report.y_plus.map_or(f64::NAN, |[_, _, mean]| mean),
            report.iterations,
            report.seconds,
            report.outcome
        );
        println!("      {quality:?}");
    }
    Ok(())
}
