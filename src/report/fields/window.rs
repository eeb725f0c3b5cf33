//! Which part of the flow a field picture shows.

use super::super::axis::finite_range;
use super::super::case_picture::CasePicture;
use super::super::raster::View;

/// Height over width of every field picture.
pub const ASPECT: f64 = 0.65;

/// Which part of the flow is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The airfoil and its neighbourhood.
    Near,
    /// The nose, or the trailing edge where turbulence is.
    Close,
}

impl Window {
    /// Both, in the order of the page.
    pub const ALL: [Self; 2] = [Self::Near, Self::Close];

    /// Word for file names.
    pub fn word(self) -> &'static str {
        match self {
            Self::Near => "near",
            Self::Close => "close",
        }
    }

    /// The part of the plane for a field (0 u_x, 1 u_y, 2 p, 3 nu_t) of a case.
    pub fn view(self, picture: &CasePicture, field: usize) -> View {
        let (le, te) = edges(picture);
        let chord = (te[0] - le[0]).hypot(te[1] - le[1]).max(1e-6);
        let middle = 0.5 * (le[1] + te[1]);
        let (from, width, y) = match (self, field) {
            (Self::Near, _) => (le[0] - 0.35 * chord, 1.8 * chord, middle),
            (Self::Close, 3) => (le[0] + 0.72 * chord, 0.5 * chord, te[1]),
            (Self::Close, _) => (le[0] - 0.06 * chord, 0.36 * chord, le[1]),
        };
        let half = 0.5 * width * ASPECT;
        View {
            x: [from, from + width],
            y: [y - half, y + half],
        }
    }
}

/// Leading and trailing edge; without a wall, the middle of the mesh's sides.
fn edges(picture: &CasePicture) -> ([f64; 2], [f64; 2]) {
    let wall = &picture.wall;
    if let (Some(te), Some(le)) = (wall.points.first(), wall.points.get(wall.leading_edge())) {
        return (*le, *te);
    }
    let range = |k: usize| {
        let values = picture.points.iter().map(|p| f64::from(p[k]));
        finite_range(values).unwrap_or((0.0, 1.0))
    };
    let ((x0, x1), (y0, y1)) = (range(0), range(1));
    let middle = 0.5 * (y0 + y1);
    let third = (x1 - x0) / 3.0;
    ([x0 + third, middle], [x1 - third, middle])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_follow_the_airfoil() {
        let mut picture = CasePicture::default();
        picture.wall.points = vec![[3.0, 0.5], [1.0, 0.6], [1.0, 0.4]];
        let view = Window::Near.view(&picture, 0);
        assert!(view.x[0] < 1.0 && view.x[1] > 3.0);
        assert!(((view.y[1] - view.y[0]) / (view.x[1] - view.x[0]) - ASPECT).abs() < 1e-12);
        let close = Window::Close.view(&picture, 3);
        assert!(close.x[0] > 2.0 && close.x[1] > 3.0);
    }
}
