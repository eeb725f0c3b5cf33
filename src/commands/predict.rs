//! `karman predict`: the flow around an airfoil that has no solution yet.

mod files;
mod geometry;
mod summary;
mod wall;

use std::path::PathBuf;
use std::time::Instant;

use karman_datasets::{Conditions, FlowFields, PredictionCase, PredictionRequest};
use karman_surrogates::{Device, Pretrained, SavedRun, flow_fields};

use super::error::CommandError;
use super::{Context, Run};
use files::OutputFiles;
use geometry::{Geometry, GeometryOptions};
use summary::Summary;
use wall::WallResult;

/// Predict the flow around an airfoil: fields, C_L and C_D with intervals, and how far to trust them
///
/// FILE is a mesh of the flow around one airfoil (.vtu or .vtp: plane cells, x downstream, y up, in
/// metres; arrays in it are not looked at) or airfoil coordinates (.dat, Selig or Lednicer), around
/// which a C-grid is built.
///
/// Models are trained on airfoils of 1 m chord with the leading edge at the origin. Another size,
/// place, pitch or viscosity is brought there at the same Reynolds number and angle of attack, which
/// is exact for incompressible flow, and the prediction is brought back.
///
/// OUT.vtu gets the point arrays U, p, nut and implicit_distance (negative in the fluid, as in
/// AirfRANS), U_std, p_std and nut_std from an ensemble, and out_of_distribution (1: the model does
/// not know such cases); OUT_aerofoil.vtp gets p, Cp, wall_shear_stress and Cf along the airfoil.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Predict {
    /// Run folder of `karman train`
    #[arg(required_unless_present = "pretrained")]
    run: Option<PathBuf>,
    /// Use a model that comes with the program instead: airfoil
    #[arg(long, value_name = "NAME", conflicts_with = "run")]
    pretrained: Option<String>,
    /// A mesh (.vtu, .vtp) or airfoil coordinates (.dat)
    #[arg(long, value_name = "FILE")]
    mesh: PathBuf,
    /// Speed of the inflow, m/s
    #[arg(long, value_name = "M/S", value_parser = positive, allow_negative_numbers = true)]
    speed: f64,
    /// Angle of the inflow to the x axis, degrees: the angle of attack of an airfoil along the x axis
    #[arg(long, value_name = "DEG", value_parser = finite, allow_negative_numbers = true)]
    aoa: f64,
    /// Kinematic viscosity, m²/s [default: 1.55e-5, that of air at 298.15 K]
    #[arg(long, value_name = "M2/S", value_parser = positive)]
    nu: Option<f64>,
    /// The file to write [default: NAME_prediction.vtu in the working directory]
    #[arg(long, short, value_name = "OUT.vtu")]
    output: Option<PathBuf>,
    /// Where to compute: cpu, cuda:0 or auto (the first CUDA device, else the CPU)
    #[arg(long, default_value = "auto")]
    device: String,
    #[command(flatten)]
    geometry: GeometryOptions,
}

const EXAMPLES: &str = "\
Examples:
  karman predict --pretrained airfoil --mesh naca2412.dat --speed 60 --aoa 4
  karman predict runs/quickstart --mesh naca2412.dat --speed 60 --aoa 4
  karman predict runs/quickstart --mesh my_mesh.vtu --speed 45 --aoa -2 -o my_flow.vtu
  karman predict runs/quickstart --mesh wing.dat --chord 0.3 --speed 120 --aoa 2 --json wing.json";

impl Run for Predict {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let conditions = self.conditions()?;
        let outputs = OutputFiles::new(self.output.as_deref(), &self.mesh)?;
        let device = context.device(&self.device)?;
        let run = self.model(&device)?;
        let reach = run.members().first();
        let reach = reach.and_then(|member| member.encoder().training_reach());
        let geometry = Geometry::read(&self.mesh, &self.geometry, reach)?;
        let request = PredictionRequest {
            name: &geometry.name,
            conditions,
            reach,
        };
        let case = PredictionCase::new(&geometry.mesh, &request)?;
        let begun = Instant::now();
        let prediction = run.predict(&case.info, &case.table)?;
        let seconds = begun.elapsed().as_secs_f64();
        let fields = flow_fields(&prediction.fields);
        check_finite(&fields)?;
        let wall = WallResult::new(&case, &fields)?;
        let outside = prediction.verdict.is_outside();
        files::write_fields(&outputs.fields, &geometry.mesh, &case, &prediction, outside)?;
        wall.write(&outputs.wall, &geometry.mesh, &case)?;
        let summary = Summary {
            run: &run,
            geometry: &geometry,
            conditions: &conditions,
            case: &case,
            prediction: &prediction,
            wall: &wall,
            outputs: &outputs,
            seconds,
        };
        for note in summary.notes() {
            context.note(note);
        }
        context.output.show(&summary.data(), || summary.text())
    }
}

impl Predict {
    /// The run folder, or the model that comes with the program.
    fn model(&self, device: &Device) -> Result<SavedRun, CommandError> {
        match (&self.run, &self.pretrained) {
            (Some(folder), _) => Ok(SavedRun::open(folder, device)?),
            (None, Some(name)) => Ok(Pretrained::named(name)?.open(device)?),
            (None, None) => Err(CommandError::input(
                "give a run folder or --pretrained airfoil",
            )),
        }
    }

    fn conditions(&self) -> Result<Conditions, CommandError> {
        let air = Conditions::new(self.speed, self.aoa)?;
        Ok(Conditions {
            nu: self.nu.unwrap_or(air.nu),
            ..air
        })
    }
}

fn finite(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err("not a finite number".to_owned()),
        Err(_) => Err("not a number".to_owned()),
    }
}

fn positive(text: &str) -> Result<f64, String> {
    let value = finite(text)?;
    if value > 0.0 {
        return Ok(value);
    }
    Err("must be above 0".to_owned())
}

/// A network whose training diverged gives NaN; nothing of that is written.
fn check_finite(fields: &FlowFields) -> Result<(), CommandError> {
    let finite = |k: usize| {
        let [u, v] = fields.velocity[k];
        [u, v, fields.pressure[k], fields.nut[k]]
            .iter()
            .all(|value| value.is_finite())
    };
    match (0..fields.len()).find(|&k| !finite(k)) {
        None => Ok(()),
        Some(k) => Err(CommandError::input(format!(
            "the prediction is not a finite number at point {k}: the run's training diverged"
        ))
        .help("train again with a smaller training.learning_rate")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_checked() {
        assert_eq!(positive("6e1"), Ok(60.0));
        assert_eq!(finite("-4.5"), Ok(-4.5));
        for wrong in ["NaN", "inf", "0", "-3", "fast", ""] {
            assert!(positive(wrong).is_err(), "{wrong}");
        }
        assert!(finite("nan").is_err());
    }
}
