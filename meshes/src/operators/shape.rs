//! Shape functions of the linear and multilinear cells, in VTK's node order.
//!
//! Reference: Zienkiewicz and Taylor, "The Finite Element Method", vol. 1, ch. 8 (isoparametric
//! elements); node order as in the VTK file formats document. A cell of `n` nodes carries the
//! interpolant `f(r) = sum_i N_i(r) f_i` on its parametric domain: the unit segment, triangle,
//! square, tetrahedron, cube, prism or the unit square collapsed to an apex (pyramid).

use crate::CellType;

/// The largest node count of a cell with shape functions (hexahedron).
pub(crate) const MAX_NODES: usize = 8;

/// Corners of the unit cube in VTK's hexahedron order; its first four are the quad's.
const CUBE: [[f64; 3]; 8] = [
    [0.0, 0.0, 0.0],
    [1.0, 0.0, 0.0],
    [1.0, 1.0, 0.0],
    [0.0, 1.0, 0.0],
    [0.0, 0.0, 1.0],
    [1.0, 0.0, 1.0],
    [1.0, 1.0, 1.0],
    [0.0, 1.0, 1.0],
];

/// Corners of the unit prism: a triangle at `t = 0`, then its copy at `t = 1`.
const PRISM: [[f64; 3]; 6] = [
    [0.0, 0.0, 0.0],
    [1.0, 0.0, 0.0],
    [0.0, 1.0, 0.0],
    [0.0, 0.0, 1.0],
    [1.0, 0.0, 1.0],
    [0.0, 1.0, 1.0],
];

/// Corners of the unit tetrahedron; the first three are the triangle's, the first two the line's.
const SIMPLEX: [[f64; 3]; 4] = [
    [0.0, 0.0, 0.0],
    [1.0, 0.0, 0.0],
    [0.0, 1.0, 0.0],
    [0.0, 0.0, 1.0],
];

/// A reference element: the shapes that the operators know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    /// Two nodes on a line.
    Line,
    /// Three nodes.
    Triangle,
    /// Four nodes, bilinear.
    Quad,
    /// Four nodes in space.
    Tetra,
    /// Eight nodes, trilinear.
    Hexahedron,
    /// Six nodes: triangle times segment.
    Wedge,
    /// Five nodes: bilinear base and an apex.
    Pyramid,
}

impl Element {
    /// The element of a cell with `nodes` nodes, and the permutation that brings the cell's nodes
    /// into the element's order (pixels and voxels are numbered along the axes). `None` for cells
    /// without shape functions: vertices, polylines, strips and polygons of five or more corners.
    pub(crate) fn of(kind: CellType, nodes: usize) -> Option<(Self, &'static [usize])> {
        const ORDER: [usize; 8] = [0, 1, 2, 3, 4, 5, 6, 7];
        const AXES: [usize; 8] = [0, 1, 3, 2, 4, 5, 7, 6];
        let (element, order) = match (kind, nodes) {
            (CellType::Line, 2) => (Self::Line, &ORDER),
            (CellType::Triangle | CellType::Polygon, 3) => (Self::Triangle, &ORDER),
            (CellType::Quad | CellType::Polygon, 4) => (Self::Quad, &ORDER),
            (CellType::Pixel, 4) => (Self::Quad, &AXES),
            (CellType::Tetra, 4) => (Self::Tetra, &ORDER),
            (CellType::Hexahedron, 8) => (Self::Hexahedron, &ORDER),
            (CellType::Voxel, 8) => (Self::Hexahedron, &AXES),
            (CellType::Wedge, 6) => (Self::Wedge, &ORDER),
            (CellType::Pyramid, 5) => (Self::Pyramid, &ORDER),
            _ => return None,
        };
        Some((element, &order[..nodes]))
    }

    /// Topological dimension: 1, 2 or 3.
    pub(crate) fn dimension(self) -> usize {
        match self {
            Self::Line => 1,
            Self::Triangle | Self::Quad => 2,
            _ => 3,
        }
    }

    /// Parametric coordinates of the nodes.
    pub(crate) fn corners(self) -> &'static [[f64; 3]] {
        const PYRAMID: [[f64; 3]; 5] = [CUBE[0], CUBE[1], CUBE[2], CUBE[3], [0.5, 0.5, 1.0]];
        match self {
            Self::Line => &SIMPLEX[..2],
            Self::Triangle => &SIMPLEX[..3],
            Self::Tetra => &SIMPLEX,
            Self::Quad => &CUBE[..4],
            Self::Hexahedron => &CUBE,
            Self::Wedge => &PRISM,
            Self::Pyramid => &PYRAMID,
        }
    }

    /// Shape functions at the parametric point `r`; entries past the node count are zero.
    pub(crate) fn weights(self, r: [f64; 3]) -> [f64; MAX_NODES] {
        let mut n = [0.0; MAX_NODES];
        for (i, corner) in self.corners().iter().enumerate() {
            n[i] = self.node_function(i, corner, r).0;
        }
        n
    }

    /// Parametric derivatives `dN_i / dr_j` at `r`.
    pub(crate) fn derivatives(self, r: [f64; 3]) -> [[f64; 3]; MAX_NODES] {
        let mut d = [[0.0; 3]; MAX_NODES];
        for (i, corner) in self.corners().iter().enumerate() {
            d[i] = self.node_function(i, corner, r).1;
        }
        d
    }

    /// Value and parametric gradient of the shape function of node `i`.
    fn node_function(self, i: usize, corner: &[f64; 3], r: [f64; 3]) -> (f64, [f64; 3]) {
        // One-dimensional hat on [0, 1] that is one at `c`, with its slope.
        let hat = |c: f64, x: f64| if c == 0.0 { (1.0 - x, -1.0) } else { (x, 1.0) };
        // Barycentric function of corner `i` in `dim` variables, with its constant gradient.
        let simplex = |i: usize, dim: usize| {
            let mut g = [0.0; 3];
            if i == 0 {
                g[..dim].fill(-1.0);
                (1.0 - r[..dim].iter().sum::<f64>(), g)
            } else {
                g[i - 1] = 1.0;
                (r[i - 1], g)
            }
        };
        match self {
            Self::Line | Self::Triangle | Self::Tetra => simplex(i, self.dimension()),
            Self::Quad => {
                let ((a, da), (b, db)) = (hat(corner[0], r[0]), hat(corner[1], r[1]));
                (a * b, [da * b, a * db, 0.0])
            }
            Self::Wedge => {
                let (a, da) = simplex(i % 3, 2);
                let (c, dc) = hat(corner[2], r[2]);
                (a * c, [da[0] * c, da[1] * c, a * dc])
            }
            Self::Pyramid if i == 4 => (r[2], [0.0, 0.0, 1.0]),
            Self::Hexahedron | Self::Pyramid => {
                let ((a, da), (b, db)) = (hat(corner[0], r[0]), hat(corner[1], r[1]));
                let (c, dc) = hat(corner[2], r[2]);
                (a * b * c, [da * b * c, a * db * c, a * b * dc])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Element; 7] = [
        Element::Line,
        Element::Triangle,
        Element::Quad,
        Element::Tetra,
        Element::Hexahedron,
        Element::Wedge,
        Element::Pyramid,
    ];

    #[test]
    fn each_function_is_one_at_its_own_node_and_zero_at_the_others() {
        for element in ALL {
            for (j, &r) in element.corners().iter().enumerate() {
                let n = element.weights(r);
                for (i, value) in n.iter().enumerate() {
                    // The pyramid's base functions vanish at the apex through 1 - t.
                    assert_eq!(*value, f64::from(u8::from(i == j)), "{element:?} {i} {j}");
                }
            }
        }
    }

    #[test]
    fn functions_sum_to_one_and_derivatives_agree_with_differences() {
        let r = [0.21, 0.34, 0.17];
        let h = 1e-6;
        for element in ALL {
            let n = element.corners().len();
            assert!((element.weights(r).iter().sum::<f64>() - 1.0).abs() < 1e-15);
            let d = element.derivatives(r);
            for j in 0..element.dimension() {
                let (mut up, mut down) = (r, r);
                up[j] += h;
                down[j] -= h;
                let (up, down) = (element.weights(up), element.weights(down));
                for i in 0..n {
                    let difference = (up[i] - down[i]) / (2.0 * h);
                    assert!((d[i][j] - difference).abs() < 1e-9, "{element:?} {i} {j}");
                }
            }
        }
    }
}
