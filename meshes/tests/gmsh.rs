//! Gmsh meshes in every version and encoding, and a real one.

use std::path::Path;

use karman_meshes::{
    CellType, FieldSelection, Location, Mesh, MeshError, MeshFile, ReadOptions, boundary_edges,
    cell_measures, read_gmsh, read_mesh,
};

mod gmsh_files;

use gmsh_files::{Block, FORMS, Form, Sample, all_kinds, version2, version4};

fn read(bytes: &[u8]) -> Result<MeshFile, MeshError> {
    read_gmsh(bytes, "a.msh", &ReadOptions::default())
}

/// Both versions in all encodings.
fn files(sample: &Sample) -> Vec<(String, Vec<u8>)> {
    FORMS
        .iter()
        .flat_map(|&form| {
            [
                (format!("2.2 {form:?}"), version2(sample, form)),
                (format!("4.1 {form:?}"), version4(sample, form)),
            ]
        })
        .collect()
}

fn zones(mesh: &Mesh) -> Vec<(&str, &[u32])> {
    mesh.zones()
        .iter()
        .map(|zone| (&zone.name[..], &zone.indices[..]))
        .collect()
}

#[test]
fn all_kinds_in_all_versions_and_encodings() {
    // Tags that rise by one, and tags with gaps, far apart and falling.
    for sample in [all_kinds(|n| n), all_kinds(|n| 5000 - 7 * n)] {
        for (name, bytes) in files(&sample) {
            let file = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            let mesh = file.mesh;
            let points: Vec<_> = sample.nodes.iter().map(|(_, point)| *point).collect();
            assert_eq!(mesh.points(), points, "{name}");
            use CellType::*;
            let kinds = [
                Vertex, Line, Line, Quad, Triangle, Triangle, Hexahedron, Pyramid, Wedge, Tetra,
            ];
            assert_eq!(mesh.cell_types(), kinds, "{name}");
            assert_eq!(mesh.cell(6).nodes, [0, 1, 2, 3, 4, 5, 6, 7]);
            assert_eq!(mesh.cell(8).nodes, [1, 9, 2, 5, 10, 6]);
            // Box, pyramid and wedge: 1, 1/3, 1/2; the tetrahedron 1/6.
            let volumes = cell_measures(&mesh);
            for (cell, volume) in [(6, 1.0), (7, 1.0 / 3.0), (8, 0.5), (9, 1.0 / 6.0)] {
                assert!(
                    (volumes[cell] - volume).abs() < 1e-14,
                    "{name}: {volumes:?}"
                );
            }
            assert_eq!(
                zones(&mesh),
                [
                    ("physical 0 7", &[0][..]),
                    ("wall (2D)", &[3, 4, 5]),
                    ("floor of it", &[3]),
                    ("wall (3D)", &[6, 7]),
                    ("physical 3 5", &[8, 9]),
                ],
                "{name}"
            );
        }
    }
}

#[test]
fn data_become_fields() {
    let mut sample = all_kinds(|n| n);
    let temperature = |step, factor: f64| {
        let values = (1..=12).map(|tag| (tag, vec![factor * f64::from(tag)]));
        ("NodeData", "T", step, 1, values.collect())
    };
    sample.data = vec![
        temperature(0, 1.0),
        temperature(3, -0.1),
        (
            "ElementData",
            "U",
            0,
            3,
            vec![(7, vec![1.0, 2.0, 3.0]), (10, vec![4.0, 5.0, 6.0])],
        ),
        (
            "ElementData",
            "T",
            0,
            1,
            (1..=10).map(|tag| (tag, vec![0.0])).collect(),
        ),
        // Partitions write their parts one after the other.
        ("NodeData", "p", 0, 1, vec![(1, vec![8.0])]),
        ("NodeData", "p", 0, 1, vec![(12, vec![9.0])]),
    ];
    for (name, bytes) in files(&sample) {
        let file = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let late = file.field("T (step 3)", Location::Point).unwrap().to_f64();
        assert!(
            late.iter()
                .zip(1..)
                .all(|(&value, tag)| value == -0.1 * f64::from(tag))
        );
        assert!(file.field("T (step 0)", Location::Point).is_ok());
        assert!(file.field("T", Location::Cell).is_ok());
        let velocity = file.field("U", Location::Cell).unwrap();
        assert_eq!((velocity.components(), velocity.len()), (3, 10));
        assert_eq!(velocity.value(9, 1), 5.0);
        assert!(velocity.value(0, 0).is_nan());
        let pressure = file.field("p", Location::Point).unwrap().to_f64();
        assert_eq!((pressure[0], pressure[11]), (8.0, 9.0));
        assert!(pressure[1..11].iter().all(|value| value.is_nan()));
        let only = ReadOptions {
            point_fields: FieldSelection::named(["p"]),
            cell_fields: FieldSelection::None,
            ..ReadOptions::default()
        };
        let names = |file: MeshFile| {
            file.fields
                .iter()
                .map(|f| f.name().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(read_gmsh(&bytes, "a.msh", &only).unwrap()), ["p"]);
        let absent = ReadOptions {
            point_fields: FieldSelection::named(["q"]),
            ..ReadOptions::default()
        };
        let message = read_gmsh(&bytes, "a.msh", &absent).unwrap_err().to_string();
        assert!(
            message.starts_with("a.msh: no point field `q`"),
            "{message}"
        );
    }
}

/// A curved triangle and its curved edge.
fn second_order() -> Sample {
    let nodes = [
        (1, [0.0, 0.0, 0.0]),
        (2, [0.6, -0.1, 0.0]),
        (3, [1.0, 0.0, 0.0]),
        (4, [0.5, 0.5, 0.0]),
        (5, [0.0, 1.0, 0.0]),
        (6, [0.0, 0.5, 0.0]),
    ];
    let block = |dimension, kind, element| Block {
        dimension,
        entity: 1,
        groups: vec![1],
        kind,
        elements: vec![element],
    };
    Sample {
        nodes: nodes.to_vec(),
        blocks: vec![
            block(1, 8, (1, vec![1, 3, 2])),
            block(2, 9, (2, vec![1, 3, 5, 2, 4, 6])),
        ],
        names: vec![(1, 1, "edge")],
        data: vec![(
            "NodeData",
            "x",
            0,
            1,
            (1..=6).map(|t| (t, vec![f64::from(t)])).collect(),
        )],
    }
}

#[test]
fn second_order_is_refused_or_made_linear() {
    let options = ReadOptions {
        linearise: true,
        ..ReadOptions::default()
    };
    for (name, bytes) in files(&second_order()) {
        let message = read(&bytes).unwrap_err().to_string();
        assert!(
            message.contains("type 8 are of second order (3 nodes)"),
            "{name}: {message}"
        );
        let file = read_gmsh(&bytes, "a.msh", &options).unwrap();
        assert_eq!(
            file.mesh.points(),
            [[0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
        );
        assert_eq!(file.mesh.cell(1).nodes, [0, 1, 2]);
        assert_eq!(
            file.field("x", Location::Point).unwrap().to_f64(),
            [1.0, 3.0, 5.0]
        );
    }
    let mut cubic = second_order();
    cubic.blocks[0].kind = 26;
    let message = read_gmsh(&version4(&cubic, Form::Text), "a.msh", &options).unwrap_err();
    assert!(
        message.to_string().contains("third or higher order"),
        "{message}"
    );
}

/// As the manual's example: no entities, thus no groups.
#[test]
fn a_file_without_entities() {
    let text = "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n$Nodes\n1 6 1 6\n2 1 0 6\n1\n2\n3\n4\n5\n6\n\
                0. 0. 0.\n1. 0. 0.\n1. 1. 0.\n0. 1. 0.\n2. 0. 0.\n2. 1. 0.\n$EndNodes\n$Elements\n\
                1 2 1 2\n2 1 3 2\n1 1 2 3 4\n2 2 5 6 3\n$EndElements\n$NodeData\n1\n\
                \"A scalar view\"\n1\n0.0\n3\n0\n1\n6\n1 0.0\n2 0.1\n3 0.2\n4 0.0\n5 0.2\n6 0.4\n\
                $EndNodeData\n";
    for text in [
        text.to_owned(),
        text.replace('\n', "\r\n"),
        format!("$Comments\n1 2\n$EndComments\n{text}"),
    ] {
        let file = read(text.as_bytes()).unwrap();
        assert_eq!(file.mesh.cell(1).nodes, [1, 4, 5, 2]);
        assert!(file.mesh.zones().is_empty());
        let values = file
            .field("A scalar view", Location::Point)
            .unwrap()
            .to_f64();
        assert_eq!(values, [0.0, 0.1, 0.2, 0.0, 0.2, 0.4]);
    }
}

/// Two partitions of one surface: elements lie on the pieces, which know the groups.
#[test]
fn partitions_are_joined() {
    let text = "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n$PhysicalNames\n1\n2 8 \"flow\"\n$EndPhysicalNames\n\
                $Entities\n0 0 1 0\n1 0 0 0 2 1 0 1 8 0\n$EndEntities\n\
                $PartitionedEntities\n2\n1\n4 2\n0 1 2 0\n\
                9 2 1 2 1 2 0 0 0 1 1 0 0 0\n\
                2 2 1 1 1 0 0 0 1 1 0 1 8 0\n3 2 1 1 2 1 0 0 2 1 0 1 -8 1 9\n$EndPartitionedEntities\n\
                $Nodes\n2 4 1 4\n2 2 0 3\n1\n2\n3\n0 0 0\n1 0 0\n0 1 0\n2 3 0 1\n4\n1 1 0\n$EndNodes\n\
                $Elements\n2 2 1 2\n2 2 2 1\n1 1 2 3\n2 3 2 1\n2 2 4 3\n$EndElements\n\
                $GhostElements\n1\n2 2 1 1\n$EndGhostElements\n";
    let file = read(text.as_bytes()).unwrap();
    assert_eq!(zones(&file.mesh), [("flow", &[0, 1][..])]);
    assert_eq!(file.mesh.cell(1).nodes, [1, 3, 2]);
}

/// The extrusion die of releso: its boundary is what its six groups of lines say.
#[test]
fn the_extrusion_die() {
    let path = Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../shared/data/third_party/releso/2DChannelTria.msh"
    ));
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return;
    }
    let file = read_mesh(path).unwrap();
    let mesh = &file.mesh;
    assert_eq!((mesh.n_points(), mesh.n_cells()), (2040, 4078));
    assert!(file.fields.is_empty());
    let names = [
        "Inflow",
        "Outflow1",
        "Outflow2",
        "Outflow3",
        "LowerWall",
        "UpperWall",
        "FlowField",
    ];
    assert_eq!(
        mesh.zones()
            .iter()
            .map(|zone| &zone.name[..])
            .collect::<Vec<_>>(),
        names
    );
    let sides = |cell: &u32| {
        let mut nodes = mesh.cell(*cell as usize).nodes.to_vec();
        nodes.sort_unstable();
        nodes
    };
    let mut lines: Vec<_> = mesh.zones()[..6]
        .iter()
        .flat_map(|z| z.indices.iter().map(sides))
        .collect();
    lines.sort_unstable();
    let mut edges: Vec<_> = boundary_edges(mesh)
        .into_iter()
        .map(|edge| edge.nodes)
        .collect();
    edges.iter_mut().for_each(|edge| edge.sort_unstable());
    edges.sort_unstable();
    assert_eq!(lines, edges);
    // The inflow is the side x = 0, with y from 0 to 0.4.
    let inflow = mesh.zone("Inflow").unwrap();
    let points = inflow
        .indices
        .iter()
        .flat_map(|&cell| mesh.cell(cell as usize).nodes);
    let points: Vec<[f64; 3]> = points.map(|&point| mesh.points()[point as usize]).collect();
    assert!(
        points
            .iter()
            .all(|[x, y, _]| *x == 0.0 && (0.0..=0.4).contains(y)),
        "{points:?}"
    );
    let flow = mesh.zone("FlowField").unwrap();
    assert_eq!(flow.indices.len() + lines.len(), mesh.n_cells());
}
