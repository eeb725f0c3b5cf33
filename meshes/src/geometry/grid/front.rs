//! The front from which a C-grid starts: along the wake to the lower side, round the section, and
//! along the wake again.

use crate::MeshError;
use crate::geometry::contour::{Contour, TrailingEdge};
use crate::geometry::error::fault;
use crate::geometry::vector::{distance, minus, unit};

/// Longest cells of the wake and of the layers, in chords, if there are enough of them.
pub(super) const LONGEST: f64 = 0.1;
/// Distance in chords over which the wake bends into the direction of x.
const BEND: f64 = 0.5;
/// By how much the wake of a blunt trailing edge opens, per length.
const OPENING: f64 = 0.02;
/// Cells across a blunt trailing edge, at most.
const MOST_BASE_CELLS: usize = 12;

/// The front, in chords: x from the leading edge, y from the trailing edge.
pub(super) struct Front {
    /// Points from the outlet along the lower wake, the lower side, the upper side and the upper
    /// wake to the outlet.
    pub(super) points: Vec<[f64; 2]>,
    /// Cells of each wake line: the trailing edge is at this place from either end.
    pub(super) wake: usize,
    /// Points inside a blunt base and its wake: for each station from the base to the outlet, from
    /// the lower to the upper line. Empty for a sharp edge, where the two wake lines are one.
    pub(super) inside: Vec<Vec<[f64; 2]>>,
}

impl Front {
    /// With a wake of `cells` cells, `length` chords long; `spaced` gives their lengths from that of the
    /// last cell on the section.
    pub(super) fn new(
        section: &Contour,
        cells: usize,
        length: f64,
        spaced: impl FnOnce(f64) -> Option<Vec<f64>>,
    ) -> Result<Self, MeshError> {
        let te = section.chord().trailing_edge;
        let le = section.chord().leading_edge;
        let chord = te[0] - le[0];
        let local = |[x, y]: [f64; 2]| [(x - le[0]) / chord, (y - te[1]) / chord];
        let upper: Vec<_> = section.upper().into_iter().map(local).collect();
        let lower: Vec<_> = section.lower().into_iter().map(local).collect();
        let (upper_end, lower_end) = (last_two(&upper), last_two(&lower));
        let first = distance(upper_end[0], upper_end[1]).max(distance(lower_end[0], lower_end[1]));
        let steps = spaced(first).ok_or_else(|| {
            fault(
                "wake_cells",
                format!(
                    "{cells} cells cannot span the wake from {first:.1e} at the trailing edge: use others"
                ),
            )
        })?;
        let centre = centre_line(upper_end, lower_end, &steps);
        let wake_line = |corner: [f64; 2], side: f64| -> Vec<[f64; 2]> {
            let height = (upper_end[1][1] - lower_end[1][1]).max(0.0);
            let end = if height > 0.0 {
                0.5 * side * (height + OPENING * length)
            } else {
                0.0
            };
            let offset = minus(corner, [1.0, 0.0]);
            let points = centre.iter().map(|&[x, y]| {
                let w = (x - 1.0) / length;
                [
                    x + (1.0 - w) * offset[0],
                    y + (1.0 - w) * offset[1] + w * end,
                ]
            });
            points.collect()
        };
        let lower_wake = wake_line(lower_end[1], -1.0);
        let upper_wake = wake_line(upper_end[1], 1.0);
        let mut points: Vec<_> = lower_wake.iter().skip(1).rev().copied().collect();
        points.extend(lower.iter().rev());
        points.extend(&upper[1..]);
        points.extend(&upper_wake[1..]);
        let inside = match section.trailing_edge() {
            TrailingEdge::Sharp => Vec::new(),
            TrailingEdge::Blunt { height } => {
                let across = (0.5 * height / (chord * first)).ceil() as usize;
                let across = across.clamp(2, MOST_BASE_CELLS);
                let between = lower_wake.iter().zip(&upper_wake);
                between
                    .map(|(l, u)| between_points(*l, *u, across))
                    .collect()
            }
        };
        Ok(Self {
            points,
            wake: cells,
            inside,
        })
    }
}

/// The longest of `count` cells on a length of `total`.
pub(super) fn longest(total: f64, count: usize) -> f64 {
    LONGEST.max(2.0 * total / count as f64)
}

/// The last two points of a side.
fn last_two(side: &[[f64; 2]]) -> [[f64; 2]; 2] {
    let n = side.len();
    [side[n - 2], side[n - 1]]
}

/// The middle of the wake, from (1, 0): it leaves along the bisector of the trailing edge and bends
/// into the direction of x.
fn centre_line(upper: [[f64; 2]; 2], lower: [[f64; 2]; 2], steps: &[f64]) -> Vec<[f64; 2]> {
    let (a, b) = (
        unit(minus(upper[1], upper[0])),
        unit(minus(lower[1], lower[0])),
    );
    let slope = ((a[1] + b[1]) / (a[0] + b[0]).max(0.1)).clamp(-1.0, 1.0);
    let mut x = 0.0;
    let mut line = vec![[1.0, 0.0]];
    for step in steps {
        x += step;
        line.push([1.0 + x, slope * BEND * (1.0 - (-x / BEND).exp())]);
    }
    line
}

/// The points that divide a line into `cells` equal parts, its ends left out.
fn between_points(a: [f64; 2], b: [f64; 2], cells: usize) -> Vec<[f64; 2]> {
    (1..cells)
        .map(|k| k as f64 / cells as f64)
        .map(|w| [0, 1].map(|axis| (1.0 - w) * a[axis] + w * b[axis]))
        .collect()
}
