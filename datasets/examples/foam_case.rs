//! Writes an OpenFOAM case: `cargo run --release --example foam_case -- FOLDER 0012 6e6 10`
use karman_datasets::*;
use karman_meshes::*;
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let a: Vec<String> = std::env::args().collect();
    let naca = Naca::from_designation(&a[2])?;
    let nu = air_kinematic_viscosity(AIRFRANS_TEMPERATURE);
    let c = Conditions::new(a[3].parse::<f64>()? * nu, a[4].parse()?)?;
    let mut case = FoamCase::new(naca.contour(400, NacaTrailingEdge::Closed)?, c);
    if let Some(f) = a.get(5) {
        let f: f64 = f.parse()?;
        case.grid.surface_cells = (case.grid.surface_cells as f64 * f) as usize;
        case.grid.wake_cells = (case.grid.wake_cells as f64 * f) as usize;
        case.grid.normal_cells = (case.grid.normal_cells as f64 * f) as usize;
    }
    println!("{:#?}", case.write(a[1].as_ref())?);
    Ok(())
}
