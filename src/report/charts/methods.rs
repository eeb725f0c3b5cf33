//! All methods at a glance: each error divided by the best baseline's, so that
//! a mark left of 1 is a measure on which the baselines are beaten.

use plotters::prelude::DrawingBackend;
use plotters::style::RGBColor;

use super::super::axis::Axis;
use super::super::canvas::{Align, Canvas, Drawn, Rect};
use super::super::data::{MethodKind, MethodRow};
use super::super::picture::Picture;
use super::super::plot::{
    FOOT, Key, LABEL, LEGEND_ROW, MARGIN, Mark, Plot, WIDTH, legend, legend_rows,
};
use super::super::style::{AXIS, GRID, INK, PINK, SERIES};

/// Errors of all methods against the best baseline.
pub struct MethodsChart<'a>(pub &'a [MethodRow]);

/// How a measure is read from a row of the table.
type Read = fn(&MethodRow) -> Option<f64>;

/// The error measures: name and value of a method, smaller is better.
const MEASURES: [(&str, Read); 7] = [
    ("u_x, volume", |m| m.volume_mse[0]),
    ("u_y, volume", |m| m.volume_mse[1]),
    ("p, volume", |m| m.volume_mse[2]),
    ("ν_t, volume", |m| m.volume_mse[3]),
    ("p, surface", |m| m.surface_p_mse),
    ("C_L", |m| m.cl.relative_error),
    ("C_D", |m| m.cd.relative_error),
];

const ROW: f64 = 27.0;
const LEFT: f64 = 92.0;

impl MethodsChart<'_> {
    /// True when there is a baseline to divide by.
    pub fn is_useful(&self) -> bool {
        !self.points().is_empty()
    }

    /// Row, ratio to the best baseline and index of the method.
    fn points(&self) -> Vec<(usize, f64, usize)> {
        let mut points = Vec::new();
        for (row, (_, measure)) in MEASURES.iter().enumerate() {
            let usable = |m: &MethodRow| measure(m).filter(|v| v.is_finite() && *v > 0.0);
            let baselines = self.0.iter().filter(|m| m.kind == MethodKind::Baseline);
            let Some(best) = baselines.filter_map(usable).min_by(f64::total_cmp) else {
                continue;
            };
            let ratios = self
                .0
                .iter()
                .enumerate()
                .filter(|(_, m)| m.kind != MethodKind::Reference);
            points.extend(ratios.filter_map(|(i, m)| Some((row, usable(m)? / best, i))));
        }
        points
    }

    /// Surrogates are filled and strong, baselines are rings.
    fn look(&self, method: usize) -> (RGBColor, Mark) {
        let same = |m: &&MethodRow| m.kind == self.0[method].kind;
        let place = self.0[..method].iter().filter(same).count();
        match self.0[method].kind {
            MethodKind::Surrogate if place == 0 => (INK, Mark::Disc(5.0)),
            MethodKind::Surrogate => (PINK, Mark::Disc(4.2)),
            _ => (SERIES[place % SERIES.len()], Mark::Ring(4.6)),
        }
    }

    fn keys(&self) -> Vec<Key> {
        let shown = |i: &usize| self.0[*i].kind != MethodKind::Reference;
        let key = |i: usize| {
            let (color, mark) = self.look(i);
            Key::new(&plain_label(&self.0[i].name), color, mark)
        };
        (0..self.0.len()).filter(shown).map(key).collect()
    }

    fn draw_rows<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, plot: &Plot) -> Drawn {
        for (row, (name, _)) in MEASURES.iter().enumerate() {
            let y = plot.area.y + (row as f64 + 0.5) * ROW;
            canvas.line(&[(plot.area.x, y), (plot.area.right(), y)], GRID, 1.0)?;
            canvas.label(name, (plot.area.x - 10.0, y + 4.5), Align::Right, LABEL)?;
        }
        Ok(())
    }
}

/// A method's name, not too long, with the marks of sub- and superscripts taken out of effect.
fn plain_label(name: &str) -> String {
    let mut short: String = name.chars().take(40).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short.replace(['_', '^'], " ")
}

impl Picture for MethodsChart<'_> {
    fn name(&self) -> String {
        "methods".to_owned()
    }

    fn alt(&self) -> String {
        "Error of every method on every measure, divided by the best baseline's".to_owned()
    }

    fn size(&self) -> (u32, u32) {
        (
            WIDTH as u32,
            (18.0 + FOOT + MEASURES.len() as f64 * ROW) as u32
                + legend_rows(&self.keys(), WIDTH - 2.0 * MARGIN) * LEGEND_ROW as u32,
        )
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        let top = 4.0 + legend(canvas, &self.keys(), (MARGIN, 4.0), WIDTH - 2.0 * MARGIN)?;
        let points = self.points();
        let ratios = points.iter().map(|p| p.1).chain([0.8, 1.25]);
        let plot = Plot {
            area: Rect {
                x: LEFT,
                y: top + 10.0,
                w: WIDTH - LEFT - 18.0,
                h: MEASURES.len() as f64 * ROW,
            },
            x: Axis::logarithmic(
                ratios,
                "Error divided by the best baseline’s (less is better)",
            ),
            y: Axis::fixed(MEASURES.len() as f64, 0.0, ""),
        };
        plot.draw_x(canvas, true)?;
        self.draw_rows(canvas, &plot)?;
        let rows = MEASURES.len() as f64;
        plot.line(canvas, &[(1.0, 0.0), (1.0, rows)], AXIS, 1.4)?;
        // The surrogates, first in the list, are drawn last: on top.
        for (row, ratio, method) in points.iter().rev() {
            let (color, mark) = self.look(*method);
            plot.marks(canvas, &[(*ratio, *row as f64 + 0.5)], color, mark)?;
        }
        Ok(())
    }
}
