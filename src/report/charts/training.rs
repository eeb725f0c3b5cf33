//! Losses and learning rate over the epochs; members of an ensemble together.

use plotters::prelude::DrawingBackend;

use super::super::axis::Axis;
use super::super::canvas::{Canvas, Drawn, Rect};
use super::super::data::{TrainingCurve, TrainingRow};
use super::super::picture::Picture;
use super::super::plot::{FOOT, HEAD, Key, MARGIN, Mark, Plot, WIDTH, legend};
use super::super::style::{BLUE, GREEN, ORANGE, PURPLE};

/// Training curves.
pub struct TrainingChart<'a> {
    /// One curve for each member.
    pub curves: &'a [TrainingCurve],
    /// Name of the horizontal axis; `Epoch` when empty.
    pub axis: &'a str,
}

/// More points than this are thinned: the eye cannot tell, the file can.
const MOST_POINTS: usize = 500;

type Column = fn(&TrainingRow) -> Option<f64>;

const TRAIN: Column = |row| Some(row.train_loss);
const VALIDATION: Column = |row| row.validation_loss;
const RATE: Column = |row| row.learning_rate;

/// Values of one column over the epochs, thinned.
fn series(curve: &TrainingCurve, column: Column) -> Vec<(f64, f64)> {
    let all: Vec<(f64, f64)> = curve
        .rows
        .iter()
        .filter_map(|row| Some((row.epoch, column(row)?)))
        .collect();
    let every = all.len().div_ceil(MOST_POINTS).max(1);
    let last = all.len().saturating_sub(1);
    let keep = |(i, point): (usize, (f64, f64))| (i % every == 0 || i == last).then_some(point);
    all.into_iter().enumerate().filter_map(keep).collect()
}

impl TrainingChart<'_> {
    /// True when something was recorded.
    pub fn is_useful(&self) -> bool {
        self.has(TRAIN)
    }

    fn has(&self, column: Column) -> bool {
        self.curves
            .iter()
            .flat_map(|c| &c.rows)
            .any(|row| column(row).is_some())
    }

    fn axis(&self, columns: &[Column], label: &str) -> Axis {
        let rows = || self.curves.iter().flat_map(|c| &c.rows);
        let values = columns.iter().flat_map(|column| rows().filter_map(column));
        Axis::logarithmic(values, label)
    }

    fn epochs(&self) -> Axis {
        let epochs = self
            .curves
            .iter()
            .flat_map(|c| &c.rows)
            .map(|row| row.epoch);
        Axis::linear(
            epochs,
            0.0,
            if self.axis.is_empty() {
                "Epoch"
            } else {
                self.axis
            },
        )
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![Key::new("Training loss", BLUE, Mark::Line(2.0))];
        if self.has(VALIDATION) {
            keys.push(Key::new("Validation loss", ORANGE, Mark::Line(2.0)));
        }
        if self.curves.iter().any(|c| c.best_epoch.is_some()) {
            keys.push(Key::new("Weights kept", PURPLE, Mark::Disc(3.5)));
        }
        keys
    }

    fn draw_losses<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, plot: &Plot) -> Drawn {
        let width = if self.curves.len() > 1 { 1.1 } else { 1.7 };
        for curve in self.curves {
            plot.line(canvas, &series(curve, TRAIN), BLUE, width)?;
            plot.line(canvas, &series(curve, VALIDATION), ORANGE, width)?;
        }
        for curve in self.curves {
            plot.marks(canvas, &kept(curve), PURPLE, Mark::Disc(3.5))?;
        }
        Ok(())
    }
}

/// The point whose weights were kept: on the validation curve, nearest in epoch.
fn kept(curve: &TrainingCurve) -> Vec<(f64, f64)> {
    let Some(best) = curve.best_epoch else {
        return Vec::new();
    };
    let points = curve
        .rows
        .iter()
        .map(|r| (r.epoch, r.validation_loss.unwrap_or(r.train_loss)));
    let with_validation = points
        .zip(&curve.rows)
        .filter(|(_, r)| r.validation_loss.is_some());
    let apart = |p: &(f64, f64)| (p.0 - best).abs();
    let nearest = with_validation
        .map(|(p, _)| p)
        .min_by(|a, b| apart(a).total_cmp(&apart(b)));
    nearest.into_iter().collect()
}

impl Picture for TrainingChart<'_> {
    fn name(&self) -> String {
        "training".to_owned()
    }

    fn alt(&self) -> String {
        "Training and validation loss and learning rate over the epochs, logarithmic".to_owned()
    }

    fn size(&self) -> (u32, u32) {
        (WIDTH as u32, if self.has(RATE) { 430 } else { 340 })
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        let height = f64::from(self.size().1);
        let top = 4.0 + legend(canvas, &self.keys(), (MARGIN, 4.0), WIDTH - 2.0 * MARGIN)?;
        let with_rate = self.has(RATE);
        let rate_height = if with_rate { 74.0 + HEAD + 6.0 } else { 0.0 };
        let loss = Plot {
            area: Rect {
                x: 0.0,
                y: top + HEAD,
                w: WIDTH,
                h: height - top - HEAD - FOOT - rate_height,
            },
            x: self.epochs(),
            y: self.axis(&[TRAIN, VALIDATION], "Loss"),
        }
        .beside_tick_labels(WIDTH);
        loss.draw_y(canvas)?;
        loss.draw_x(canvas, !with_rate)?;
        self.draw_losses(canvas, &loss)?;
        if !with_rate {
            return Ok(());
        }
        let area = Rect {
            y: height - FOOT - 74.0,
            h: 74.0,
            ..loss.area
        };
        let rate = Plot {
            area,
            x: loss.x,
            y: self.axis(&[RATE], "Learning rate"),
        };
        rate.draw_frame(canvas)?;
        self.curves
            .iter()
            .try_for_each(|c| rate.line(canvas, &series(c, RATE), GREEN, 1.6))
    }
}
