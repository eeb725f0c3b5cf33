//! Fields on triangles as pixels: Gouraud interpolation, sampled at pixel
//! centres. plotters has no such chart.

/// The part of the plane that a picture shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Left and right end.
    pub x: [f64; 2],
    /// Lower and upper end.
    pub y: [f64; 2],
}

/// A picture of numbers: row 0 is the top, NaN where there is no cell.
#[derive(Clone, Debug)]
pub struct Raster {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Values, row by row.
    pub values: Vec<f32>,
}

/// Samples a field, linear on each triangle, at the pixel centres of a view.
///
/// `triangles` index `points` and `values`; those that name a missing point, are
/// degenerate or hold a value that is not finite leave their pixels empty.
pub fn rasterise(
    points: &[[f32; 2]],
    triangles: &[[u32; 3]],
    values: &[f32],
    view: &View,
    (width, height): (usize, usize),
) -> Raster {
    let mut raster = Raster {
        width,
        height,
        values: vec![f32::NAN; width * height],
    };
    let (sx, sy) = (
        width as f64 / (view.x[1] - view.x[0]),
        height as f64 / (view.y[1] - view.y[0]),
    );
    let corner = |i: u32| {
        let point = points.get(i as usize)?;
        let value = f64::from(*values.get(i as usize)?);
        let x = (f64::from(point[0]) - view.x[0]) * sx;
        let y = (view.y[1] - f64::from(point[1])) * sy;
        (x.is_finite() && y.is_finite() && value.is_finite()).then_some([x, y, value])
    };
    for [a, b, c] in triangles {
        if let (Some(a), Some(b), Some(c)) = (corner(*a), corner(*b), corner(*c)) {
            raster.fill([a, b, c]);
        }
    }
    raster
}

impl Raster {
    /// Fills the pixels whose centres lie in one triangle of (x, y, value), in pixels.
    fn fill(&mut self, [a, b, c]: [[f64; 3]; 3]) {
        let area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
        if area == 0.0 {
            return;
        }
        let rows = span(a[1], b[1], c[1], self.height);
        let columns = span(a[0], b[0], c[0], self.width);
        // A hair of slack: a centre on a shared edge must not fall between two triangles.
        let slack = -1e-9;
        for row in rows {
            let y = row as f64 + 0.5;
            for column in columns.clone() {
                let x = column as f64 + 0.5;
                let wb = ((x - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (y - a[1])) / area;
                let wc = ((b[0] - a[0]) * (y - a[1]) - (x - a[0]) * (b[1] - a[1])) / area;
                if wb >= slack && wc >= slack && wb + wc <= 1.0 - slack {
                    let value = a[2] + wb * (b[2] - a[2]) + wc * (c[2] - a[2]);
                    self.values[row * self.width + column] = value as f32;
                }
            }
        }
    }

    /// Value below which the part `q` (0 to 1) of the filled pixels lies; `None` if all are empty.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let mut filled: Vec<f32> = self
            .values
            .iter()
            .copied()
            .filter(|v| v.is_finite())
            .collect();
        let place = (q * filled.len().checked_sub(1)? as f64).round() as usize;
        let (_, value, _) = filled.select_nth_unstable_by(place, f32::total_cmp);
        Some(f64::from(*value))
    }

    /// Pixel by pixel difference `self - other` of two pictures of equal size.
    pub fn minus(&self, other: &Self) -> Self {
        let values = self
            .values
            .iter()
            .zip(&other.values)
            .map(|(a, b)| a - b)
            .collect();
        Self {
            width: self.width,
            height: self.height,
            values,
        }
    }
}

/// Pixels whose centres can lie between the least and the greatest of three coordinates.
fn span(a: f64, b: f64, c: f64, n: usize) -> std::ops::Range<usize> {
    let low = (a.min(b).min(c) - 0.5).ceil().clamp(0.0, n as f64) as usize;
    let high = (a.max(b).max(c) - 0.5).floor().clamp(-1.0, n as f64 - 1.0) + 1.0;
    low..(high as usize).max(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A grid of n x n bent quads over the unit square, each cut in two.
    fn bent_square(n: usize) -> (Vec<[f32; 2]>, Vec<[u32; 3]>) {
        let at = |i: usize| i as f64 / n as f64;
        let bend = |s: f64, t: f64| {
            let bump = (std::f64::consts::PI * s).sin() * (std::f64::consts::PI * t).sin();
            [(s + 0.09 * bump) as f32, (t - 0.07 * bump) as f32]
        };
        let points = (0..=n)
            .flat_map(|j| (0..=n).map(move |i| bend(at(i), at(j))))
            .collect();
        let quad = |i: usize, j: usize| {
            let a = (j * (n + 1) + i) as u32;
            let c = a + n as u32 + 2;
            [[a, a + 1, c], [a, c, c - 1]]
        };
        let triangles = (0..n)
            .flat_map(|j| (0..n).flat_map(move |i| quad(i, j)))
            .collect();
        (points, triangles)
    }

    const UNIT: View = View {
        x: [0.0, 1.0],
        y: [0.0, 1.0],
    };

    #[test]
    fn a_linear_field_is_reproduced_and_no_pixel_is_missed() {
        let (points, triangles) = bent_square(13);
        let plane = |x: f64, y: f64| 2.0 - 3.0 * x + 0.5 * y;
        let values: Vec<f32> = points
            .iter()
            .map(|p| plane(p[0].into(), p[1].into()) as f32)
            .collect();
        let raster = rasterise(&points, &triangles, &values, &UNIT, (90, 60));
        for (i, v) in raster.values.iter().enumerate() {
            let x = (f64::from((i % 90) as u32) + 0.5) / 90.0;
            let y = 1.0 - (f64::from((i / 90) as u32) + 0.5) / 60.0;
            assert!(
                (f64::from(*v) - plane(x, y)).abs() < 2e-6,
                "pixel {i}: {v} {}",
                plane(x, y)
            );
        }
    }

    #[test]
    fn covered_pixels_count_the_area() {
        let points = [[0.1, 0.2], [0.9, 0.3], [0.4, 0.8]];
        let raster = rasterise(&points, &[[0, 1, 2]], &[1.0; 3], &UNIT, (1000, 1000));
        let covered = raster.values.iter().filter(|v| v.is_finite()).count() as f64 / 1e6;
        // 0.5 * |(0.8, 0.1) x (0.3, 0.6)|
        assert!((covered - 0.225).abs() < 1e-3, "{covered}");
    }

    #[test]
    fn orientation_does_not_matter_and_outside_is_cut_off() {
        let points = [[-5.0, -5.0], [9.0, -5.0], [-5.0, 9.0]];
        for triangle in [[0, 1, 2], [2, 1, 0]] {
            let raster = rasterise(&points, &[triangle], &[1.0; 3], &UNIT, (20, 30));
            assert!(raster.values.iter().all(|v| (v - 1.0).abs() < 1e-6));
        }
    }

    #[test]
    fn bad_triangles_leave_holes_only() {
        let points = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [f32::NAN, 0.0]];
        let values = [1.0, f32::INFINITY, 1.0, 1.0];
        let triangles = [[0, 1, 2], [0, 2, 3], [0, 0, 2], [0, 2, 99]];
        let raster = rasterise(&points, &triangles, &values, &UNIT, (10, 10));
        assert!(raster.values.iter().all(|v| v.is_nan()));
        assert_eq!(raster.quantile(0.5), None);
    }

    #[test]
    fn quantiles_skip_empty_pixels() {
        let values = vec![f32::NAN, 3.0, 1.0, 2.0, 5.0, 4.0];
        let raster = Raster {
            width: 3,
            height: 2,
            values,
        };
        assert_eq!(raster.quantile(0.0), Some(1.0));
        assert_eq!(raster.quantile(0.5), Some(3.0));
        assert_eq!(raster.quantile(1.0), Some(5.0));
    }
}
