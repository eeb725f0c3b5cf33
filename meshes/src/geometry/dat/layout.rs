//! From the numbered lines of an airfoil file to one loop of points.

use super::DatLayout;
use super::lines::{Line, classify};
use crate::geometry::vector::distance;

/// A point and the line it stands on.
pub(super) type Entry = (usize, [f64; 2]);

/// A line (counted from one) and what is wrong with it.
pub(super) type Problem = (usize, String);

/// Values from here on separate the elements of a multi-element airfoil (the MSES convention).
const SEPARATOR: f64 = 999.0;
/// Points that one side of an airfoil has at least.
const SIDE: usize = 3;
/// A step between neighbours this long, over the extent, starts another side.
const JUMP: f64 = 0.5;
/// The distance of the first from the last point of a loop, over the extent, that needs a reason.
const GAP: f64 = 0.05;

/// The title and the points in order along the loop.
#[derive(Debug)]
pub(super) struct Loop {
    pub(super) title: Option<String>,
    pub(super) layout: DatLayout,
    pub(super) points: Vec<Entry>,
}

/// Reads the lines.
pub(super) fn arrange(lines: &[String]) -> Result<Loop, Problem> {
    let (title, mut groups) = groups(lines)?;
    let last_line = lines.len().max(1);
    if groups.is_empty() {
        return Err((
            last_line,
            "the file ends without any line of two coordinates".into(),
        ));
    }
    let counts = take_counts(&mut groups)?;
    let points: Vec<Entry> = groups.concat();
    check_values(&points)?;
    let second = match (counts, groups.len()) {
        (Some(upper), _) => Some(upper),
        (None, 0 | 1) => lone_jump(&points),
        (None, 2) => Some(groups[0].len()),
        (None, _) => {
            let line = groups[2][0].0;
            return Err((
                line,
                "a third list of coordinates starts here: split the file".into(),
            ));
        }
    };
    let sides = match second {
        Some(start) if counts.is_some() || are_sides(&points, start)? => {
            Some(points.split_at(start))
        }
        _ => None,
    };
    let (layout, points) = match sides {
        Some((first, second)) => (DatLayout::Lednicer, join_sides(first, second)),
        None => (DatLayout::Selig, points),
    };
    check_closed(&points)?;
    Ok(Loop {
        title,
        layout,
        points,
    })
}

/// The title, and the coordinates in groups separated by lines of text. Remarks behind the last
/// coordinates are left out, even if they look like one or two points.
fn groups(lines: &[String]) -> Result<(Option<String>, Vec<Vec<Entry>>), Problem> {
    let mut title = None;
    let mut groups: Vec<Vec<Entry>> = Vec::new();
    // Whether the last coordinates stand on the line before, and whether text came after them.
    let (mut adjacent, mut text) = (false, true);
    // A line that is an error if more coordinates follow, and a remark if none do.
    let mut suspect: Option<Problem> = None;
    for (number, line) in (1..).zip(lines) {
        let coordinates = match classify(line) {
            Line::Numbers(n) if n.len() == 2 || (n.len() == 3 && n[2] == 0.0) => Some([n[0], n[1]]),
            Line::Blank => {
                adjacent = false;
                continue;
            }
            Line::Numbers(_) | Line::Broken if !groups.is_empty() => {
                let problem = format!("`{}` is not a pair of coordinates", shown(line));
                if adjacent {
                    return Err((number, problem));
                }
                suspect.get_or_insert((number, problem));
                None
            }
            Line::Numbers(_) | Line::Broken | Line::Text => None,
        };
        (adjacent, text) = match coordinates {
            Some(point) => {
                if let Some(problem) = suspect.take() {
                    return Err(problem);
                }
                if text {
                    groups.push(Vec::new());
                }
                groups
                    .last_mut()
                    .into_iter()
                    .for_each(|group| group.push((number, point)));
                (true, false)
            }
            None => {
                if groups.is_empty() {
                    title.get_or_insert_with(|| line.trim().to_owned());
                }
                (false, true)
            }
        };
    }
    if groups.first().is_some_and(|group| group.len() >= SIDE) {
        groups.retain(|group| group.len() >= SIDE);
    }
    Ok((title, groups))
}

fn check_values(points: &[Entry]) -> Result<(), Problem> {
    for &(line, [x, y]) in points {
        if !x.is_finite() || !y.is_finite() {
            return Err((line, format!("({x}, {y}) is not a finite point")));
        }
        if x.abs() >= SEPARATOR && y.abs() >= SEPARATOR {
            let problem = "separates the elements of a multi-element airfoil: split the file";
            return Err((line, problem.into()));
        }
    }
    Ok(())
}

/// The beginning of a line, for a message.
fn shown(line: &str) -> String {
    line.trim().chars().take(40).collect()
}

/// Takes the line that announces the number of points of the two sides (Lednicer's format) off the
/// coordinates and returns the first number.
fn take_counts(groups: &mut [Vec<Entry>]) -> Result<Option<usize>, Problem> {
    let (line, [a, b]) = groups[0][0];
    let total = groups.iter().map(Vec::len).sum::<usize>() - 1;
    let whole = |c: f64| c.fract() == 0.0 && (2.0..1e6).contains(&c);
    let others = groups.iter().flatten().skip(1);
    let extent = others.fold(0.0_f64, |e, (_, [x, y])| e.max(x.abs()).max(y.abs()));
    let right = a + b == total as f64;
    if !whole(a) || !whole(b) || (a.min(b) < 1.5 * extent && !right) {
        return Ok(None);
    }
    groups[0].remove(0);
    if right {
        Ok(Some(a as usize))
    } else {
        Err((
            line,
            format!("announces {a} + {b} points, but {total} follow"),
        ))
    }
}

/// Where the only long step between neighbours ends, if there is one.
fn lone_jump(points: &[Entry]) -> Option<usize> {
    let extent = extent(points);
    let jump = |i: &usize| distance(points[i - 1].1, points[*i].1) > JUMP * extent;
    let mut jumps = (1..points.len()).filter(jump);
    let start = jumps.next()?;
    jumps.next().is_none().then_some(start)
}

/// Whether the points before and from `start` are two sides listed in the same direction, rather
/// than parts of one loop.
fn are_sides(points: &[Entry], start: usize) -> Result<bool, Problem> {
    let (first, second) = points.split_at(start);
    if first.len() < SIDE || second.len() < SIDE {
        return Ok(false);
    }
    let closed = |part: &[Entry]| distance(part[0].1, part[part.len() - 1].1) < GAP * extent(part);
    if closed(first) && closed(second) {
        let problem = "a second closed list of coordinates starts here: split the file";
        return Err((second[0].0, problem.into()));
    }
    let direction = |side: &[Entry]| side[side.len() - 1].1[0] - side[0].1[0];
    Ok(direction(first) * direction(second) > 0.0)
}

/// Largest distance from the first point.
fn extent(points: &[Entry]) -> f64 {
    points
        .iter()
        .fold(0.0, |e, (_, p)| e.max(distance(*p, points[0].1)))
}

/// One loop from two sides, each turned to run from the leading edge to the trailing edge.
fn join_sides(first: &[Entry], second: &[Entry]) -> Vec<Entry> {
    let ahead = |side: &[Entry]| {
        let mut side = side.to_vec();
        if side
            .first()
            .zip(side.last())
            .is_some_and(|(a, b)| a.1[0] > b.1[0])
        {
            side.reverse();
        }
        side
    };
    let mut points = ahead(first);
    points.reverse();
    points.extend(ahead(second));
    points
}

/// A loop ends where it starts, but for the base of a blunt trailing edge or a step like the others.
fn check_closed(points: &[Entry]) -> Result<(), Problem> {
    let [(_, first), _, .., (line, last)] = *points else {
        return Ok(());
    };
    let gap = distance(first, last);
    let flat = (first[0] - last[0]).abs() > (first[1] - last[1]).abs();
    let n = points.len();
    let steps = [(0, 1), (n - 2, n - 1)].map(|(i, j)| distance(points[i].1, points[j].1));
    if flat && gap > GAP * extent(points) && gap > 1.5 * steps[0].max(steps[1]) {
        let at = |[x, y]: [f64; 2]| format!("({x}, {y})");
        return Err((
            line,
            format!(
                "the last point {} is far from the first one {}: the file is cut off, or the points \
                 are not in order",
                at(last),
                at(first)
            ),
        ));
    }
    Ok(())
}
