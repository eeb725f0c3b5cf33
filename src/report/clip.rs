//! Cutting lines and polygons to a rectangle.

use super::canvas::Rect;

/// The parts of a line inside a rectangle. Points that are not finite break the line.
pub fn line(points: &[(f64, f64)], to: Rect) -> Vec<Vec<(f64, f64)>> {
    let mut parts: Vec<Vec<(f64, f64)>> = Vec::new();
    let mut open = false;
    for pair in points.windows(2) {
        let Some((a, b)) = segment(pair[0], pair[1], to) else {
            open = false;
            continue;
        };
        match parts.last_mut() {
            Some(part) if open && part.last() == Some(&a) => part.push(b),
            _ => parts.push(vec![a, b]),
        }
        open = b == pair[1];
    }
    parts
}

/// The part of a segment inside a rectangle (Liang and Barsky, 1984).
fn segment(a: (f64, f64), b: (f64, f64), to: Rect) -> Option<((f64, f64), (f64, f64))> {
    if ![a.0, a.1, b.0, b.1].into_iter().all(f64::is_finite) {
        return None;
    }
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let edges = [
        (-dx, a.0 - to.x),
        (dx, to.right() - a.0),
        (-dy, a.1 - to.y),
        (dy, to.bottom() - a.1),
    ];
    let (mut from, mut until) = (0.0f64, 1.0f64);
    for (step, room) in edges {
        if step == 0.0 {
            if room < 0.0 {
                return None;
            }
        } else if step < 0.0 {
            from = from.max(room / step);
        } else {
            until = until.min(room / step);
        }
    }
    let at = |t: f64| (a.0 + t * dx, a.1 + t * dy);
    let start = if from > 0.0 { at(from) } else { a };
    let end = if until < 1.0 { at(until) } else { b };
    (from <= until).then_some((start, end))
}

/// The part of a polygon inside a rectangle (Sutherland and Hodgman, 1974).
pub fn polygon(points: &[(f64, f64)], to: Rect) -> Vec<(f64, f64)> {
    let finite = points
        .iter()
        .copied()
        .filter(|p| p.0.is_finite() && p.1.is_finite());
    let mut kept: Vec<(f64, f64)> = finite.collect();
    kept = cut(&kept, |p| p.0 - to.x);
    kept = cut(&kept, |p| to.right() - p.0);
    kept = cut(&kept, |p| p.1 - to.y);
    cut(&kept, |p| to.bottom() - p.1)
}

/// Keeps the part of a polygon where `inside` is not negative.
fn cut(points: &[(f64, f64)], inside: impl Fn((f64, f64)) -> f64) -> Vec<(f64, f64)> {
    let mut kept = Vec::with_capacity(points.len() + 4);
    for (i, &b) in points.iter().enumerate() {
        let a = points[(i + points.len() - 1) % points.len()];
        let (da, db) = (inside(a), inside(b));
        if (da >= 0.0) != (db >= 0.0) {
            let t = da / (da - db);
            kept.push((a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1)));
        }
        if db >= 0.0 {
            kept.push(b);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: Rect = Rect {
        x: 0.0,
        y: 0.0,
        w: 10.0,
        h: 5.0,
    };

    #[test]
    fn a_line_is_cut_and_broken() {
        let points = [
            (-5.0, 2.0),
            (5.0, 2.0),
            (5.0, 9.0),
            (7.0, 4.0),
            (f64::NAN, 1.0),
            (1.0, 1.0),
            (2.0, 1.0),
        ];
        let parts = line(&points, BOX);
        assert_eq!(parts.len(), 3);
        assert_eq!(parts[0], [(0.0, 2.0), (5.0, 2.0), (5.0, 5.0)]);
        assert!((parts[1][0].0 - 6.6).abs() < 1e-12 && parts[1][1] == (7.0, 4.0));
        assert_eq!(parts[2], [(1.0, 1.0), (2.0, 1.0)]);
    }

    #[test]
    fn a_line_outside_vanishes() {
        assert!(line(&[(-1.0, -1.0), (20.0, -1.0)], BOX).is_empty());
        assert!(line(&[(-3.0, 4.0), (1.0, 9.0)], BOX).is_empty());
    }

    #[test]
    fn a_polygon_around_the_box_becomes_the_box() {
        let around = [(-9.0, -9.0), (99.0, -9.0), (99.0, 99.0), (-9.0, 99.0)];
        let kept = polygon(&around, BOX);
        let area = kept
            .iter()
            .zip(kept.iter().cycle().skip(1))
            .map(|(a, b)| a.0 * b.1 - b.0 * a.1);
        assert!((0.5 * area.sum::<f64>() - 50.0).abs() < 1e-9);
        assert!(polygon(&[(-9.0, 0.0), (-8.0, 0.0), (-8.0, 3.0)], BOX).is_empty());
    }
}
