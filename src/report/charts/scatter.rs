//! A coefficient over the test cases: predicted against true, with intervals.

use plotters::prelude::DrawingBackend;

use super::super::axis::{Axis, finite_range};
use super::super::canvas::{Align, Canvas, Drawn};
use super::super::data::{CaseCoefficient, CaseRow};
use super::super::picture::Picture;
use super::super::plot::{Key, Mark, Plot, TICK, WIDTH, chart};
use super::super::style::{AXIS, BLUE, GREEN, PINK, pale};

/// Lift or drag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coefficient {
    /// C_L.
    Lift,
    /// C_D.
    Drag,
}

impl Coefficient {
    /// Symbol, with a subscript mark.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Lift => "C_L",
            Self::Drag => "C_D",
        }
    }

    fn of(self, case: &CaseRow) -> &CaseCoefficient {
        match self {
            Self::Lift => &case.cl,
            Self::Drag => &case.cd,
        }
    }
}

/// Predicted against true values of one coefficient.
pub struct ScatterChart<'a> {
    /// The test cases.
    pub cases: &'a [CaseRow],
    /// Which coefficient.
    pub coefficient: Coefficient,
}

const REPORTED: Mark = Mark::Disc(3.6);
const INTEGRATED: Mark = Mark::Ring(3.4);

impl ScatterChart<'_> {
    /// True when a case has both a true and a predicted value.
    pub fn is_useful(&self) -> bool {
        self.values()
            .any(|(_, c, _)| c.reported.or(c.integrated).is_some())
    }

    fn values(&self) -> impl Iterator<Item = (&CaseRow, &CaseCoefficient, f64)> {
        let row = |case| {
            let value = self.coefficient.of(case);
            Some((case, value, value.truth?))
        };
        self.cases.iter().filter_map(row)
    }

    /// True values and pairs of one kind.
    fn pairs(&self, pick: impl Fn(&CaseRow, &CaseCoefficient) -> Option<f64>) -> Vec<(f64, f64)> {
        self.values()
            .filter_map(|(case, c, truth)| Some((truth, pick(case, c)?)))
            .collect()
    }

    fn integrated(&self) -> Vec<(f64, f64)> {
        self.pairs(|_, c| c.integrated)
    }

    /// Both axes: all reported values and intervals, and integrated ones as
    /// long as they do not squeeze the others.
    fn range(&self) -> (f64, f64) {
        let reported = self.values().flat_map(|(_, c, truth)| {
            let ends = c.interval.unwrap_or([truth; 2]);
            [truth, c.reported.unwrap_or(truth), ends[0], ends[1]]
        });
        let (low, high) = finite_range(reported).unwrap_or((0.0, 1.0));
        let room = 0.45 * (high - low);
        let integrated = self.integrated();
        let bounded = integrated
            .iter()
            .map(|p| p.1.clamp(low - room, high + room));
        finite_range(bounded.chain([low, high])).unwrap_or((low, high))
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![Key::new("Reported, with interval", BLUE, REPORTED)];
        if self.cases.iter().any(outside) {
            keys.push(Key::new(
                "Reported, outside the training range",
                PINK,
                REPORTED,
            ));
        }
        if !self.integrated().is_empty() {
            keys.push(Key::new("Integrated from the fields", GREEN, INTEGRATED));
        }
        keys
    }

    fn draw_intervals<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, plot: &Plot) -> Drawn {
        for (case, value, truth) in self.values() {
            let Some([low, high]) = value.interval else {
                continue;
            };
            let color = if outside(case) { PINK } else { BLUE };
            plot.line(
                canvas,
                &[(truth, low), (truth, high)],
                pale(color, 0.45),
                2.0,
            )?;
        }
        Ok(())
    }

    /// Says how many integrated values lie beyond the axes.
    fn draw_missing<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, plot: &Plot) -> Drawn {
        let (low, high) = (plot.y.low, plot.y.high);
        let missing = self
            .integrated()
            .iter()
            .filter(|p| !(low..=high).contains(&p.1))
            .count();
        if missing == 0 {
            return Ok(());
        }
        let noun = if missing == 1 {
            "value lies"
        } else {
            "values lie"
        };
        let text = format!("{missing} integrated {noun} off the chart");
        let anchor = (plot.area.right() - 6.0, plot.area.bottom() - 8.0);
        canvas.plain(&text, anchor, Align::Right, TICK)
    }
}

fn outside(case: &CaseRow) -> bool {
    case.verdict.as_ref().is_some_and(|v| v.outside)
}

impl Picture for ScatterChart<'_> {
    fn name(&self) -> String {
        let which = if self.coefficient == Coefficient::Lift {
            "lift"
        } else {
            "drag"
        };
        format!("scatter-{which}")
    }

    fn alt(&self) -> String {
        let symbol = self.coefficient.symbol().replace('_', "");
        format!("{symbol} of the test cases, predicted against true, with intervals")
    }

    fn size(&self) -> (u32, u32) {
        (WIDTH as u32, 470)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Drawn {
        let (low, high) = self.range();
        let symbol = self.coefficient.symbol();
        let axis = |name: &str| Axis::linear([low, high].into_iter(), 0.05, name);
        let axes = (
            axis(&format!("{symbol} true")),
            axis(&format!("{symbol} predicted")),
        );
        let plot = chart(
            canvas,
            &self.keys(),
            (WIDTH, f64::from(self.size().1)),
            axes,
        )?;
        plot.line(
            canvas,
            &[(plot.x.low, plot.x.low), (plot.x.high, plot.x.high)],
            AXIS,
            1.2,
        )?;
        plot.marks(canvas, &self.integrated(), GREEN, INTEGRATED)?;
        self.draw_intervals(canvas, &plot)?;
        let inside = self.pairs(|case, c| c.reported.filter(|_| !outside(case)));
        plot.marks(canvas, &inside, BLUE, REPORTED)?;
        let beyond = self.pairs(|case, c| c.reported.filter(|_| outside(case)));
        plot.marks(canvas, &beyond, PINK, REPORTED)?;
        self.draw_missing(canvas, &plot)
    }
}
