//! Lengths, areas, volumes and centroids of cells.
//!
//! Lines and polylines have a length, plane cells an area (Newell's formula: exact for plane
//! polygons, convex or not), solids the integral of their Jacobian (exact for the multilinear
//! cell, so neighbours that share a warped face neither overlap nor leave a gap). Vertices have
//! measure zero.

use super::topology::{area_vector, element_nodes, for_each_loop, solid_integrals};
use super::vector::{cross, dot, norm, subtract};
use crate::{Cell, Mesh};

/// Length, area or volume of every cell, by the cell's own dimension; never negative.
///
/// # Shapes
///
/// Result: `n_cells`, in m, m² or m³ for points in m.
pub fn cell_measures(mesh: &Mesh) -> Vec<f64> {
    (0..mesh.n_cells())
        .map(|i| integrals(mesh, &mesh.cell(i)).0.abs())
        .collect()
}

/// Centroid of every cell: the centre of its length, area or volume. Cells without extent
/// (vertices, collapsed cells) give the mean of their nodes.
///
/// # Shapes
///
/// Result: `n_cells` points.
pub fn cell_centroids(mesh: &Mesh) -> Vec<[f64; 3]> {
    (0..mesh.n_cells())
        .map(|i| {
            let cell = mesh.cell(i);
            let (measure, moment) = integrals(mesh, &cell);
            let centre = centroid(mesh, &cell, measure, moment);
            centre.unwrap_or_else(|| mean(mesh, cell.nodes))
        })
        .collect()
}

fn centroid(mesh: &Mesh, cell: &Cell<'_>, measure: f64, moment: [f64; 3]) -> Option<[f64; 3]> {
    let origin = mesh.points()[*cell.nodes.first()? as usize];
    let centre: [f64; 3] = std::array::from_fn(|a| origin[a] + moment[a] / measure);
    (measure != 0.0 && centre.iter().all(|c| c.is_finite())).then_some(centre)
}

fn mean(mesh: &Mesh, nodes: &[u32]) -> [f64; 3] {
    let n = nodes.len().max(1) as f64;
    std::array::from_fn(|a| {
        nodes
            .iter()
            .map(|&k| mesh.points()[k as usize][a])
            .sum::<f64>()
            / n
    })
}

/// Measure and first moment of a cell about its first node.
fn integrals(mesh: &Mesh, cell: &Cell<'_>) -> (f64, [f64; 3]) {
    let points = mesh.points();
    match cell.kind.dimension() {
        0 => (0.0, [0.0; 3]),
        1 => line_integrals(points, cell.nodes),
        2 => plane_integrals(points, cell),
        _ => match element_nodes(cell) {
            Some((element, nodes)) => {
                let x: Vec<[f64; 3]> = nodes.iter().map(|&n| points[n as usize]).collect();
                solid_integrals(element, &x)
            }
            None => (0.0, [0.0; 3]),
        },
    }
}

fn line_integrals(points: &[[f64; 3]], nodes: &[u32]) -> (f64, [f64; 3]) {
    let origin = points[nodes[0] as usize];
    let (mut length, mut moment) = (0.0, [0.0; 3]);
    for pair in nodes.windows(2) {
        let [a, b] = [0, 1].map(|k| subtract(&points[pair[k] as usize], &origin));
        let part = norm(&subtract(&b, &a));
        length += part;
        moment
            .iter_mut()
            .zip(a.iter().zip(b))
            .for_each(|(m, (a, b))| *m += part * 0.5 * (a + b));
    }
    (length, moment)
}

fn plane_integrals(points: &[[f64; 3]], cell: &Cell<'_>) -> (f64, [f64; 3]) {
    let origin = points[cell.nodes[0] as usize];
    let arm = |node: u32| subtract(&points[node as usize], &origin);
    let (mut area, mut moment) = (0.0, [0.0; 3]);
    for_each_loop(cell, |corners| {
        let vector = area_vector(points, corners);
        let whole = norm(&vector);
        if whole == 0.0 {
            return;
        }
        // Fan of triangles with signed areas, so that corners may also turn inwards.
        let first = arm(corners[0]);
        for pair in corners[1..].windows(2) {
            let [b, c] = [0, 1].map(|k| arm(pair[k]));
            let normal = cross(&subtract(&b, &first), &subtract(&c, &first));
            let part = 0.5 * dot(&normal, &vector) / whole;
            area += part;
            for a in 0..3 {
                moment[a] += part * (first[a] + b[a] + c[a]) / 3.0;
            }
        }
    });
    (area, moment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CellType;

    fn mesh(kind: CellType, points: &[[f64; 3]]) -> Mesh {
        let nodes: Vec<u32> = (0..points.len() as u32).collect();
        Mesh::builder()
            .points(points.to_vec())
            .cell(kind, &nodes)
            .build()
            .unwrap()
    }

    /// An affine map of determinant 2.3 with a shift; volumes scale by it and centroids follow.
    fn map(p: [f64; 3]) -> [f64; 3] {
        let [x, y, z] = p;
        [
            2.0 * x + 0.3 * y + 5.0,
            1.0 * y + 0.2 * z - 1.0,
            0.5 * x + 1.15 * z - 0.25 * 0.3 * y + 2.0,
        ]
    }
    fn determinant() -> f64 {
        let o = map([0.0; 3]);
        let e: Vec<[f64; 3]> = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
            .iter()
            .map(|&e| subtract(&map(e), &o))
            .collect();
        dot(&e[0], &cross(&e[1], &e[2]))
    }

    #[test]
    fn solids_under_an_affine_map() {
        use crate::operators::shape::Element;
        let cases = [
            (CellType::Tetra, Element::Tetra, 1.0 / 6.0, [0.25; 3]),
            (CellType::Hexahedron, Element::Hexahedron, 1.0, [0.5; 3]),
            (
                CellType::Wedge,
                Element::Wedge,
                0.5,
                [1.0 / 3.0, 1.0 / 3.0, 0.5],
            ),
            (
                CellType::Pyramid,
                Element::Pyramid,
                1.0 / 3.0,
                [0.5, 0.5, 0.25],
            ),
        ];
        for (kind, element, volume, centre) in cases {
            let points: Vec<_> = element.corners().iter().map(|&p| map(p)).collect();
            let mesh = mesh(kind, &points);
            let measure = cell_measures(&mesh)[0];
            assert!(
                (measure - volume * determinant()).abs() < 1e-14,
                "{kind:?} {measure}"
            );
            let (found, expected) = (cell_centroids(&mesh)[0], map(centre));
            for a in 0..3 {
                assert!(
                    (found[a] - expected[a]).abs() < 1e-13,
                    "{kind:?} {found:?} {expected:?}"
                );
            }
        }
    }

    #[test]
    fn a_truncated_pyramid_as_a_hexahedron() {
        // Base 2 x 2, top 1 x 1, height 3: volume 3 (4 + 2 + 1) / 3 = 7; height of the centroid
        // h (A + 2 sqrt(AB) + 3B) / (4 (A + sqrt(AB) + B)) = 3 (4 + 4 + 3) / 28.
        let mut points = Vec::new();
        for (z, half) in [(0.0, 1.0), (3.0, 0.5)] {
            for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
                points.push([x * half, y * half, z]);
            }
        }
        let mesh = mesh(CellType::Hexahedron, &points);
        assert!((cell_measures(&mesh)[0] - 7.0).abs() < 1e-14);
        let c = cell_centroids(&mesh)[0];
        assert!(c[0].abs() < 1e-15 && c[1].abs() < 1e-15 && (c[2] - 33.0 / 28.0).abs() < 1e-14);
    }

    #[test]
    fn plane_cells_and_lines() {
        // An L of three unit squares, as one polygon with a corner that turns inwards.
        let l = [[0., 0.], [2., 0.], [2., 1.], [1., 1.], [1., 2.], [0., 2.]];
        // Laid into a tilted plane: x' = x, y' = 0.6 y, z' = 0.8 y keeps areas.
        let tilted: Vec<[f64; 3]> = l.iter().map(|p| [p[0], 0.6 * p[1], 0.8 * p[1]]).collect();
        let polygon = mesh(CellType::Polygon, &tilted);
        assert!((cell_measures(&polygon)[0] - 3.0).abs() < 1e-15);
        let c = cell_centroids(&polygon)[0];
        let y = (1.0 * 0.5 + 1.0 * 0.5 + 1.0 * 1.5) / 3.0;
        for (found, expected) in c.iter().zip([y, 0.6 * y, 0.8 * y]) {
            assert!((found - expected).abs() < 1e-15, "{c:?}");
        }
        let strip = mesh(
            CellType::TriangleStrip,
            &[
                [0., 0., 0.],
                [0., 1., 0.],
                [1., 0., 0.],
                [1., 1., 0.],
                [2., 0., 0.],
            ],
        );
        assert!((cell_measures(&strip)[0] - 1.5).abs() < 1e-15);
        let pixel = mesh(
            CellType::Pixel,
            &[[0., 0., 0.], [2., 0., 0.], [0., 3., 0.], [2., 3., 0.]],
        );
        assert_eq!(cell_measures(&pixel), [6.0]);
        assert_eq!(cell_centroids(&pixel), [[1.0, 1.5, 0.0]]);
        let line = mesh(
            CellType::PolyLine,
            &[[0., 0., 0.], [3., 0., 0.], [3., 4., 0.]],
        );
        assert_eq!(cell_measures(&line), [7.0]);
        let c = cell_centroids(&line)[0];
        assert!((c[0] - (3.0 * 1.5 + 4.0 * 3.0) / 7.0).abs() < 1e-15 && c[1] == 8.0 / 7.0);
        let vertex = mesh(CellType::Vertex, &[[1., 2., 3.]]);
        assert_eq!(
            (cell_measures(&vertex), cell_centroids(&vertex)),
            (vec![0.0], vec![[1., 2., 3.]])
        );
    }
}
