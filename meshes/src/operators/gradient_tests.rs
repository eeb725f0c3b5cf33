//! Linear exactness on every kind of cell, bilinear fields, VTK's own numbers.

use super::*;
use crate::CellType;
use crate::operators::shape::Element;

const SLOPE: [f64; 3] = [1.5, -2.0, 0.75];

fn linear(p: &[f64; 3]) -> f64 {
    3.0 + p.iter().zip(SLOPE).map(|(x, s)| x * s).sum::<f64>()
}

fn one_cell(kind: CellType, points: Vec<[f64; 3]>) -> Mesh {
    let nodes: Vec<u32> = (0..points.len() as u32).collect();
    Mesh::builder()
        .points(points)
        .cell(kind, &nodes)
        .build()
        .unwrap()
}

/// Corners of a reference element, bent out of shape by a smooth map.
fn bent(element: Element) -> Vec<[f64; 3]> {
    let bend = |[x, y, z]: [f64; 3]| {
        [
            x + 0.2 * y + 0.1 * y * z,
            y - 0.1 * x + 0.15 * x * z,
            z + 0.3 * x + 0.2 * x * y,
        ]
    };
    element.corners().iter().map(|&p| bend(p)).collect()
}

fn assert_close(found: &[f64; 3], expected: &[f64; 3], tolerance: f64, what: &str) {
    for (f, e) in found.iter().zip(expected) {
        assert!(
            (f - e).abs() <= tolerance,
            "{what}: {found:?}, expected {expected:?}"
        );
    }
}

#[test]
fn linear_fields_are_exact_in_bent_solids() {
    for (kind, element) in [
        (CellType::Tetra, Element::Tetra),
        (CellType::Hexahedron, Element::Hexahedron),
        (CellType::Wedge, Element::Wedge),
        (CellType::Pyramid, Element::Pyramid),
    ] {
        let mesh = one_cell(kind, bent(element));
        let values: Vec<f64> = mesh.points().iter().map(linear).collect();
        for gradient in nodal_gradient(&mesh, &values, 1, None).unwrap() {
            assert_close(&gradient, &SLOPE, 1e-12, &format!("{kind:?}"));
        }
    }
}

#[test]
fn axis_numbered_cells_follow_their_own_order() {
    for (kind, dim) in [(CellType::Pixel, 2), (CellType::Voxel, 3)] {
        let points: Vec<[f64; 3]> = (0..1usize << dim)
            .map(|k| {
                [
                    (k & 1) as f64 * 2.0,
                    (k >> 1 & 1) as f64 * 3.0,
                    (k >> 2) as f64 * 5.0,
                ]
            })
            .collect();
        let values: Vec<f64> = points.iter().map(linear).collect();
        let mesh = one_cell(kind, points);
        let expected = [SLOPE[0], SLOPE[1], if dim == 3 { SLOPE[2] } else { 0.0 }];
        for gradient in nodal_gradient(&mesh, &values, 1, None).unwrap() {
            assert_close(&gradient, &expected, 1e-14, &format!("{kind:?}"));
        }
    }
}

#[test]
fn surfaces_and_lines_give_the_tangential_part() {
    // The plane with unit normal (0, 0.6, 0.8): the gradient is SLOPE less its normal part.
    let plane = |x: f64, y: f64| [x, 0.8 * y, -0.6 * y];
    let normal = [0.0, 0.6, 0.8];
    let along: f64 = SLOPE.iter().zip(normal).map(|(s, n)| s * n).sum();
    let expected: [f64; 3] = std::array::from_fn(|a| SLOPE[a] - along * normal[a]);
    let outlines: [(CellType, &[[f64; 2]]); 4] = [
        (CellType::Triangle, &[[0.0, 0.0], [2.0, 0.3], [0.5, 1.0]]),
        (
            CellType::Quad,
            &[[0.0, 0.0], [2.0, 0.3], [2.5, 2.0], [-0.5, 1.0]],
        ),
        // The first three corners are collinear.
        (
            CellType::Quad,
            &[[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [0.0, 2.0]],
        ),
        (
            CellType::Polygon,
            &[[0.0, 0.0], [2.0, 0.0], [3.0, 1.0], [1.0, 2.5], [-0.5, 1.0]],
        ),
    ];
    for (kind, outline) in outlines {
        let mesh = one_cell(kind, outline.iter().map(|p| plane(p[0], p[1])).collect());
        let values: Vec<f64> = mesh.points().iter().map(linear).collect();
        for (k, gradient) in nodal_gradient(&mesh, &values, 1, None)
            .unwrap()
            .iter()
            .enumerate()
        {
            // Only the corner of 180 degrees has no derivative.
            let exact = if k == 1 && outline[2] == [2.0, 0.0] {
                [0.0; 3]
            } else {
                expected
            };
            assert_close(gradient, &exact, 1e-13, &format!("{kind:?} node {k}"));
        }
    }
    let line = one_cell(CellType::Line, vec![[0.0; 3], [0.0, 3.0, 4.0]]);
    let values: Vec<f64> = line.points().iter().map(linear).collect();
    let slope = 0.6 * SLOPE[1] + 0.8 * SLOPE[2];
    for gradient in nodal_gradient(&line, &values, 1, None).unwrap() {
        assert_close(&gradient, &[0.0, 0.6 * slope, 0.8 * slope], 1e-14, "line");
    }
}

#[test]
fn bilinear_fields_are_exact_on_rectangles() {
    // f = x y on rectangles of different sizes: each cell is exact at its corners, so the average is.
    let (xs, ys) = ([0.0, 0.1, 0.7, 2.0], [-1.0, -0.99, 0.5]);
    let points: Vec<[f64; 3]> = ys
        .iter()
        .flat_map(|&y| xs.iter().map(move |&x| [x, y, 0.5]))
        .collect();
    let mut builder = Mesh::builder().points(points);
    for j in 0..2u32 {
        for i in 0..3u32 {
            let a = 4 * j + i;
            builder = builder.cell(CellType::Quad, &[a, a + 1, a + 5, a + 4]);
        }
    }
    let mesh = builder.build().unwrap();
    let values: Vec<f64> = mesh.points().iter().map(|p| p[0] * p[1]).collect();
    let gradient = nodal_gradient(&mesh, &values, 1, None).unwrap();
    for (p, g) in mesh.points().iter().zip(&gradient) {
        assert_close(g, &[p[1], p[0], 0.0], 1e-13, "bilinear");
    }
}

/// In a thin cell VTK evaluates at the first corner nearby, `GradientRule::Corner` at the node.
#[test]
fn thin_cells_by_both_rules() {
    let (thin, long) = (1e-4, 0.1);
    let mesh = one_cell(
        CellType::Quad,
        vec![
            [0.0; 3],
            [thin, 0.0, 0.0],
            [thin, long, 0.0],
            [0.0, long, 0.0],
        ],
    );
    // f = 1 x/thin + 2 (x/thin)(y/long)
    let values = [0.0, 1.0, 3.0, 0.0];
    let corner = nodal_gradient_with(&mesh, &values, 1, None, GradientRule::Corner).unwrap();
    let exact = [[1.0, 0.0], [1.0, 2.0], [3.0, 2.0], [3.0, 0.0]];
    for (found, exact) in corner.iter().zip(exact) {
        assert_close(
            found,
            &[exact[0] / thin, exact[1] / long, 0.0],
            1e-8,
            "corner",
        );
    }
    let vtk = nodal_gradient(&mesh, &values, 1, None).unwrap();
    assert_eq!(vtk, [corner[0], corner[0], corner[2], corner[2]]);
}

#[test]
fn subsets_components_and_averages() {
    // A fan of two triangles: node 0 sees slopes 1 and 3 in x, the average is 2.
    let mesh = Mesh::builder()
        .points(vec![
            [0., 0., 0.],
            [1., 0., 0.],
            [0., 1., 0.],
            [-1., 0., 0.],
            [9., 9., 9.],
        ])
        .cell(CellType::Triangle, &[0, 1, 2])
        .cell(CellType::Triangle, &[0, 2, 3])
        // A line and a node that is listed twice take no part.
        .cell(CellType::Line, &[0, 1])
        .cell(CellType::Quad, &[0, 0, 1, 2])
        .build()
        .unwrap();
    let values = [0.0, 7.0, 1.0, 7.0, 0.0, 7.0, -3.0, 7.0, 5.0, 7.0];
    let gradient = nodal_gradient(&mesh, &values, 2, Some(&[4, 0])).unwrap();
    assert_eq!(gradient, [[0.0; 3], [0.0; 3], [2.0, 0.0, 0.0], [0.0; 3]]);
}

#[test]
fn wrong_input_is_named() {
    let mesh = one_cell(
        CellType::TriangleStrip,
        vec![[0.; 3], [1., 0., 0.], [0., 1., 0.], [1., 1., 0.]],
    );
    let message = |values: &[f64], c, nodes| {
        nodal_gradient(&mesh, values, c, nodes)
            .unwrap_err()
            .to_string()
    };
    assert!(message(&[0.0; 3], 1, None).contains("3 values for 4 points of 1 components"));
    assert!(message(&[0.0; 4], 0, None).contains("of 0 components"));
    assert!(message(&[0.0; 4], 1, Some(&[0, 4])).contains("node 4 (entry 1 of the list)"));
    assert!(message(&[0.0; 4], 1, None).contains("cell 0 of type TriangleStrip"));
}

/// VTK's own results, written by `scripts/vtk_gradient_reference.py`.
const VTK: &str = include_str!("gradient_vtk.txt");

fn numbers(line: &str) -> Vec<f64> {
    line.split_whitespace()
        .skip(1)
        .map(|word| word.parse().unwrap())
        .collect()
}

/// Blocks of the reference file that begin with a line `word ..`: the rest of that line and the
/// lines that follow.
fn blocks<'a>(word: &str) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in VTK.lines().skip(1) {
        let (first, rest) = line.split_once(' ').unwrap();
        if first == "mesh" || first == "case" {
            found.push((if first == word { rest } else { "" }, Vec::new()));
        } else {
            found.last_mut().unwrap().1.push(line);
        }
    }
    found
        .into_iter()
        .filter(|(name, _)| !name.is_empty())
        .collect()
}

#[test]
fn small_meshes_agree_with_vtk() {
    let meshes = blocks("mesh");
    assert_eq!(meshes.len(), 11);
    for (name, lines) in meshes {
        let rows = |word: &str| -> Vec<Vec<f64>> {
            lines
                .iter()
                .filter(|l| l.starts_with(word))
                .map(|l| numbers(l))
                .collect()
        };
        let points = rows("point");
        let mut builder =
            Mesh::builder().points(points.iter().map(|p| [p[0], p[1], p[2]]).collect());
        for cell in rows("cell") {
            let nodes: Vec<u32> = cell[1..].iter().map(|&n| n as u32).collect();
            builder = builder.cell(CellType::from_vtk(cell[0] as u8).unwrap(), &nodes);
        }
        let mesh = builder.build().unwrap();
        let values: Vec<f64> = points.iter().map(|p| p[3]).collect();
        let gradient = nodal_gradient(&mesh, &values, 1, None).unwrap();
        for (k, (found, expected)) in gradient.iter().zip(rows("gradient")).enumerate() {
            let expected = [expected[0], expected[1], expected[2]];
            let scale = expected.iter().fold(1.0f64, |m, v| m.max(v.abs()));
            assert_close(found, &expected, 1e-12 * scale, &format!("{name} node {k}"));
        }
    }
}

#[test]
fn a_real_case_agrees_with_vtk() {
    let root = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/data/airfoil-openfoam"
    );
    for (name, lines) in blocks("case") {
        let path = format!("{root}/{name}/{name}_internal.vtu");
        if !std::path::Path::new(&path).exists() {
            eprintln!("skipped: no {path}");
            continue;
        }
        let file = crate::read_mesh(path.as_ref()).unwrap();
        let velocity = file.field("U", crate::Location::Point).unwrap().to_f64();
        let rows: Vec<Vec<f64>> = lines.iter().map(|l| numbers(l)).collect();
        let nodes: Vec<u32> = rows.iter().map(|row| row[0] as u32).collect();
        let gradient = nodal_gradient(&file.mesh, &velocity, 3, Some(&nodes)).unwrap();
        assert!(nodes.len() >= 10);
        for (row, j) in rows.iter().zip(gradient.chunks(3)) {
            let found = [j[0][0], j[0][1], j[1][0], j[1][1]];
            let largest = found.iter().fold(0f64, |m, v| m.max(v.abs()));
            for (f, e) in found.iter().zip(&row[1..]) {
                assert!(
                    (f - e).abs() <= 1e-9 * largest,
                    "node {}: {found:?} {row:?}",
                    row[0]
                );
            }
        }
    }
}
