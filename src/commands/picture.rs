//! `karman picture`: a trajectory as a picture or an animation.

use std::path::{Path, PathBuf};

use karman_datasets::{Trajectory, TrajectoryField};
use karman_meshes::write_file_atomically;
use serde::Serialize;

use super::error::CommandError;
use super::number::{bytes, number};
use super::{Context, Run};
use crate::report::Frames;

/// Draw a trajectory: an animated GIF, or a PNG of one time
///
/// FILE is a case that `karman generate` wrote (DIR/cases/NAME.h5). A vector is drawn by its length; in three
/// dimensions the plane in the middle of z is shown; in one dimension x runs to the right and time down. Solid cells
/// are grey. Colours reach from the 1st to the 99th percentile of all values drawn, unless --range says
/// otherwise, and around zero where there are both signs.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Picture {
    /// The trajectory, .h5
    file: PathBuf,
    /// The field [default: vorticity, or else the first]
    #[arg(long, value_name = "NAME")]
    field: Option<String>,
    /// The picture, .gif or .png [default: FILE with the ending .gif, in one dimension .png]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// In a .png: the stored time nearest to this, in seconds [default: the last]
    #[arg(long, value_name = "S")]
    time: Option<f64>,
    /// In a .gif: only times from here on, in seconds
    #[arg(long, value_name = "S", default_value_t = f64::NEG_INFINITY, hide_default_value = true)]
    from: f64,
    /// In a .gif: only times up to here, in seconds
    #[arg(long, value_name = "S", default_value_t = f64::INFINITY, hide_default_value = true)]
    until: f64,
    /// In a .gif: every so many stored times
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    every: u32,
    /// In a .gif: frames shown in a second
    #[arg(long, value_name = "N", default_value_t = 15.0)]
    frames_per_second: f64,
    /// Values of the first and of the last colour, separated by a comma
    #[arg(
        long,
        value_name = "LOW,HIGH",
        value_delimiter = ',',
        num_args = 1,
        allow_hyphen_values = true
    )]
    range: Vec<f32>,
    /// Pixels along a cell [default: as many as give about 480 pixels]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    zoom: Option<u16>,
}

const EXAMPLES: &str = "\
Examples:
  karman picture runs/cylinder-wakes/cases/case_00000.h5
  karman picture runs/smoke/cases/case_00003.h5 --field scalar --every 2 -o smoke.gif
  karman picture runs/burgers/cases/case_00000.h5 -o burgers.png";

/// Pixels that a picture is to have along its longer side, at least half of them and at most one and a half
/// times as many.
const PIXELS: usize = 480;
/// Share of the values beyond either end of the colours.
const BEYOND: f64 = 0.01;

/// The result.
#[derive(Serialize)]
struct Drawn {
    file: PathBuf,
    field: String,
    unit: String,
    frames: usize,
    pixels: [usize; 2],
    range: [f32; 2],
    bytes: u64,
}

impl Run for Picture {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let trajectory = Trajectory::open(&self.file)?;
        let field = self.field(&trajectory)?.clone();
        let line = trajectory.grid().shape.len() == 1;
        let output = self
            .output
            .clone()
            .unwrap_or_else(|| self.file.with_extension(if line { "png" } else { "gif" }));
        let moving = is_gif(&output)?;
        if moving && line {
            return Err(CommandError::input(
                "a trajectory in one dimension is one picture, time running down: give a .png to --output",
            ));
        }
        let mut values = Vec::new();
        for time in self.times(&trajectory, moving || line) {
            values.push(plane(&trajectory, &field, time)?);
        }
        if line {
            values = vec![values.concat()];
        }
        if values.is_empty() {
            return Err(CommandError::input(format!(
                "no time is stored from {} to {} s",
                self.from, self.until
            )));
        }
        let frames = self.frames(&trajectory, values)?;
        let picture = match moving {
            true => frames.gif(1.0 / self.frames_per_second.clamp(0.1, 50.0))?,
            false => frames.png(0)?,
        };
        write_file_atomically(&output, &picture)?;
        let drawn = Drawn {
            file: output,
            frames: frames.values.len(),
            pixels: [frames.width, frames.height].map(|cells| cells * frames.zoom),
            range: frames.range,
            bytes: picture.len() as u64,
            field: field.name,
            unit: field.unit,
        };
        context.output.show(&drawn, || text(&drawn))
    }
}

fn text(drawn: &Drawn) -> String {
    let [low, high] = drawn.range.map(|value| number(f64::from(value), 3));
    format!(
        "{}: {}, colours from {low} to {high} {}; {} x {} pixels, {} frames, {}",
        drawn.file.display(),
        drawn.field,
        drawn.unit,
        drawn.pixels[0],
        drawn.pixels[1],
        drawn.frames,
        bytes(drawn.bytes)
    )
}

fn is_gif(path: &Path) -> Result<bool, CommandError> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("gif") => Ok(true),
        Some("png") => Ok(false),
        _ => Err(CommandError::input(format!(
            "--output {}: the ending must be .gif or .png",
            path.display()
        ))),
    }
}

impl Picture {
    fn field<'a>(&self, trajectory: &'a Trajectory) -> Result<&'a TrajectoryField, CommandError> {
        let fields = trajectory.fields();
        let usual = fields.iter().find(|field| field.name == "vorticity");
        match (&self.field, usual.or(fields.first())) {
            (Some(name), _) => Ok(trajectory.field(name)?),
            (None, Some(field)) => Ok(field),
            (None, None) => Err(CommandError::input("the file holds no field")),
        }
    }

    /// Numbers of the stored times to draw.
    fn times(&self, trajectory: &Trajectory, many: bool) -> Vec<usize> {
        let times = trajectory.times();
        if many {
            let shown = |i: &usize| (self.from..=self.until).contains(&times[*i]);
            return (0..times.len())
                .filter(shown)
                .step_by(self.every as usize)
                .collect();
        }
        let wanted = self.time.unwrap_or(f64::INFINITY);
        let distance = |i: &usize| (times[*i] - wanted).abs();
        let nearest = (0..times.len()).min_by(|a, b| distance(a).total_cmp(&distance(b)));
        match self.time {
            Some(_) => nearest.into_iter().collect(),
            None => times.len().checked_sub(1).into_iter().collect(),
        }
    }

    fn frames(
        &self,
        trajectory: &Trajectory,
        values: Vec<Vec<f32>>,
    ) -> Result<Frames, CommandError> {
        let shape = &trajectory.grid().shape;
        let width = shape[shape.len() - 1];
        let height = values.first().map_or(0, |frame| frame.len() / width.max(1));
        let range = match self.range[..] {
            [] => percentiles(&values),
            [low, high] if low < high => [low, high],
            _ => {
                return Err(CommandError::input(
                    "--range takes two numbers that ascend, for example --range=-2,2",
                ));
            }
        };
        let zoom = (PIXELS as f64 / width.max(height).max(1) as f64).round();
        Ok(Frames {
            width,
            height,
            signed: range[0] < 0.0 && range[1] > 0.0,
            range,
            values,
            zoom: self.zoom.map_or(zoom.max(1.0) as usize, usize::from),
        })
    }
}

/// One time of a field as rows from the top, solid cells as NaN. In one dimension a single row.
fn plane(
    trajectory: &Trajectory,
    field: &TrajectoryField,
    time: usize,
) -> Result<Vec<f32>, CommandError> {
    let shape = &trajectory.grid().shape;
    let width = shape[shape.len() - 1];
    let moving = trajectory.fields().contains(field);
    let cells = match moving {
        true => trajectory.read::<f32>(&field.name, time..time + 1)?.values,
        false => trajectory.read_static::<f32>(&field.name)?.values,
    };
    let mut cells: Vec<f32> = match field.components {
        1 => cells,
        n => (cells.chunks(n))
            .map(|vector| vector.iter().map(|v| v * v).sum::<f32>().sqrt())
            .collect(),
    };
    if trajectory
        .statics()
        .iter()
        .any(|field| field.name == "solid")
    {
        let solid = trajectory.read_static::<f32>("solid")?.values;
        for (cell, _) in cells
            .iter_mut()
            .zip(solid)
            .filter(|(_, solid)| *solid > 0.5)
        {
            *cell = f32::NAN;
        }
    }
    if let [nz, ny, nx] = shape[..] {
        cells = cells[nz / 2 * ny * nx..][..ny * nx].to_vec();
    }
    // y runs up, rows of a picture run down.
    Ok(cells
        .chunks(width.max(1))
        .rev()
        .flatten()
        .copied()
        .collect())
}

/// The range of all but the most extreme values; symmetric where there are both signs.
fn percentiles(values: &[Vec<f32>]) -> [f32; 2] {
    let mut all: Vec<f32> = (values.iter().flatten().copied())
        .filter(|value| value.is_finite())
        .collect();
    if all.is_empty() {
        return [0.0, 1.0];
    }
    all.sort_unstable_by(f32::total_cmp);
    let place = |share: f64| all[((all.len() - 1) as f64 * share).round() as usize];
    let (low, high) = (place(BEYOND), place(1.0 - BEYOND));
    let end = high.max(-low);
    match low < -0.05 * end && high > 0.05 * end {
        true => [-end, end],
        false if low < high => [low, high],
        false => [low, low + 1.0],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_symmetric_where_there_are_both_signs() {
        let line: Vec<f32> = (0..=1000).map(|i| i as f32).collect();
        let both = line.iter().map(|v| v - 300.0).collect();
        assert_eq!(percentiles(&[line]), [10.0, 990.0]);
        assert_eq!(percentiles(&[both]), [-690.0, 690.0]);
        assert_eq!(percentiles(&[vec![2.0; 9], vec![f32::NAN]]), [2.0, 3.0]);
        assert_eq!(percentiles(&[]), [0.0, 1.0]);
    }
}
