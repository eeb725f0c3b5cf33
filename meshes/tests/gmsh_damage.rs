//! Damaged and hostile Gmsh meshes: each fault gives an error that names file, section and line.

use karman_meshes::{MeshError, ReadOptions, read_gmsh};

mod gmsh_files;

use gmsh_files::{FORMS, Form, all_kinds, version2, version4};

const OLD: &str = "$MeshFormat
2.2 0 8
$EndMeshFormat
$PhysicalNames
1
2 1 \"flow\"
$EndPhysicalNames
$Nodes
4
1 0 0 0
2 1 0 0
3 0 1 0
4 1 1 0
$EndNodes
$Elements
2
1 2 2 1 1 1 2 3
2 2 2 1 1 2 4 3
$EndElements
$NodeData
1
\"T\"
1
0.5
3
0
1
2
1 20.5
4 21
$EndNodeData
";

const NEW: &str = "$MeshFormat
4.1 0 8
$EndMeshFormat
$Entities
0 0 1 0
1 0 0 0 1 1 0 1 8 0
$EndEntities
$Nodes
1 4 1 4
2 1 0 4
1
2
3
4
0 0 0
1 0 0
0 1 0
1 1 0
$EndNodes
$Elements
1 2 1 2
2 1 2 2
1 1 2 3
2 2 4 3
$EndElements
";

fn message(text: &str) -> String {
    match read_gmsh(text.as_bytes(), "a.msh", &ReadOptions::default()) {
        Ok(file) => panic!("read: {file:?}\n{text}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_files_are_sound() {
    for text in [OLD, NEW] {
        let file = read_gmsh(text.as_bytes(), "a.msh", &ReadOptions::default()).unwrap();
        assert_eq!((file.mesh.n_points(), file.mesh.n_cells()), (4, 2));
        assert_eq!(file.mesh.zones().len(), 1);
    }
}

/// What is changed, to what, and what the message must say beside the name of the file.
#[rustfmt::skip]
const FAULTS: &[(&str, &str, &str, &str)] = &[
    // The format.
    (OLD, "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n", "", "`$MeshFormat` is missing"),
    (OLD, "2.2 0 8", "1.0 0 8", "version 1; 2.2 and 4.1 are read"),
    (OLD, "2.2 0 8", "4 0 8", "version 4; 2.2 and 4.1 are read"),
    (OLD, "2.2 0 8", "nan 0 8", "version NaN"),
    (OLD, "2.2 0 8", "two 0 8", "$MeshFormat, line 2: the version is `two`"),
    (OLD, "2.2 0 8", "2.2 2 8", "kind 2 with numbers of 8 bytes"),
    (OLD, "2.2 0 8", "2.2 0 16", "numbers of 16 bytes"),
    (OLD, "2.2 0 8", "2.2 1 8", "no number one"),
    (OLD, "$EndMeshFormat", "$EndNodes", "`$EndMeshFormat` expected, found `$EndNodes`"),
    (OLD, "$MeshFormat", "$NOD", "version 1"),
    (OLD, "$MeshFormat", "MeshFormat", "line 1: the start of a section expected, found `MeshFormat`"),
    // Names.
    (OLD, "2 1 \"flow\"", "4 1 \"flow\"", "$PhysicalNames, line 6: a dimension (0 to 3)"),
    (OLD, "2 1 \"flow\"", "2 1 flow", "a name in quotes expected"),
    (OLD, "2 1 \"flow\"", "2 x \"flow\"", "a name in quotes expected"),
    (OLD, "1\n2 1 \"flow\"", "9\n2 1 \"flow\"", "$PhysicalNames, line 7"),
    (OLD, "1\n2 1 \"flow\"", "0\n2 1 \"flow\"", "`$EndPhysicalNames` expected, found `2`"),
    // Nodes.
    (OLD, "$Nodes\n4", "$Nodes\n5", "$Nodes, line 14: the tag of a node is `$EndNodes`"),
    (OLD, "$Nodes\n4", "$Nodes\n3", "`$EndNodes` expected, found `4`: the counts do not fit"),
    (OLD, "$Nodes\n4", "$Nodes\n18446744073709551615", "$Nodes, line 14"),
    (OLD, "$Nodes\n4", "$Nodes\n-4", "the number of nodes is `-4`"),
    (OLD, "$Nodes\n4", "$Nodes\n0", "`$EndNodes` expected"),
    (OLD, "2 1 0 0", "1 1 0 0", "$Nodes, line 11: node 1 is there twice"),
    (OLD, "2 1 0 0", "-2 1 0 0", "the tag of a node is -2"),
    (OLD, "2 1 0 0", "2 1 0 x", "$Nodes, line 11: a coordinate is `x`"),
    (OLD, "2 1 0 0", "2 1 0 nan", "point 1: coordinate z is NaN"),
    (OLD, "2 1 0 0", "2 1e999 0 0", "point 1: coordinate x is inf"),
    (OLD, "2 1 0 0", "2 1 0", "$Nodes, line 12: `0 1 0` is left over"),
    // Elements.
    (OLD, "1 1 1 2 3", "1 1 1 2 9", "$Elements, line 17: element 1, node 2: there is no node with the tag 9"),
    (OLD, "1 1 1 2 3", "1 1 1 2 0", "there is no node with the tag 0"),
    (OLD, "1 1 1 2 3", "1 1 1 2", "$Elements, line 18: `2 2 1 1 2 4 3` is left over"),
    (OLD, "1 2 2 1 1", "1 9 2 1 1", "of second order (6 nodes)"),
    (OLD, "1 2 2 1 1", "1 26 2 1 1", "third or higher order"),
    (OLD, "1 2 2 1 1", "1 35 2 1 1", "polygons or polyhedra"),
    (OLD, "1 2 2 1 1", "1 0 2 1 1", "0 is no type of elements"),
    (OLD, "1 2 2 1 1", "1 2 -1 1 1", "the number of tags is -1"),
    (OLD, "1 2 2 1 1", "1 2 999999999999 1 1", "$Elements, line 19"),
    (OLD, "$Elements\n2", "$Elements\n3", "$Elements, line 19: the tag of an element is `$EndElements`"),
    (OLD, "$Elements\n2", "$Elements\n1", "`$EndElements` expected, found `2`"),
    // Data.
    (OLD, "1\n\"T\"", "0\n1", "$NodeData"),
    (OLD, "3\n0\n1\n2\n", "2\n0\n1\n", "2 integer tags and 1 components"),
    (OLD, "3\n0\n1\n2\n", "3\n0\n0\n2\n", "0 components"),
    (OLD, "3\n0\n1\n2\n", "3\n0\n4000000000\n2\n", "4000000000 components"),
    (OLD, "3\n0\n1\n2\n", "3\n0\n1\n3\n", "$NodeData, line 31: the tag of a value is `$EndNodeData`"),
    (OLD, "4 21", "5 21", "`T`: there is no node with the tag 5"),
    (OLD, "4 21", "4 21 22", "`22` is left over"),
    (OLD, "$EndNodeData", "", "`$EndNodeData` expected, found ``"),
    (OLD, "$NodeData", "$Nonsense", "$Nonsense, line 20: `$EndNonsense` is missing"),
    // Version 4.1.
    (NEW, "0 0 1 0\n", "0 0 2 0\n", "$Entities, line 7: the tag of an entity is `$EndEntities`"),
    (NEW, "0 0 1 0\n", "0 0 0 0\n", "`$EndEntities` expected, found `1`"),
    (NEW, "1 1 0 1 8 0", "1 1 0 99999999999999 8 0", "$Entities, line 7: the tag of a physical group"),
    (NEW, "$Nodes\n1 4 1 4", "$Nodes\n1 5 1 4", "the blocks hold 4 nodes, the first line says 5"),
    (NEW, "$Nodes\n1 4 1 4", "$Nodes\n2 4 1 4", "the dimension of an entity is `$EndNodes`"),
    (NEW, "2 1 0 4", "7 1 0 4", "$Nodes, line 10: an entity of dimension 7"),
    (NEW, "2 1 0 4", "2 1 1 4", "$Nodes"),
    (NEW, "2 1 0 4", "2 1 0 18446744073709551615", "$Nodes"),
    (NEW, "$Elements\n1 2 1 2", "$Elements\n1 3 1 2", "the blocks hold 2 elements, the first line says 3"),
    (NEW, "2 1 2 2\n1", "2 1 11 2\n1", "of second order (10 nodes)"),
    (NEW, "2 2 4 3", "2 2 4 33", "element 2, node 2: there is no node with the tag 33"),
];

#[test]
fn faults_are_named() {
    for (text, from, to, wanted) in FAULTS {
        assert!(text.contains(from), "{from}");
        let message = message(&text.replacen(from, to, 1));
        assert!(message.starts_with("a.msh: "), "{message}");
        assert!(message.contains(wanted), "{message}\nwanted: {wanted}");
    }
}

#[test]
fn a_file_cut_anywhere_is_refused_or_whole() {
    let sample = all_kinds(|n| n);
    for form in FORMS {
        for bytes in [version2(&sample, form), version4(&sample, form)] {
            for end in 0..bytes.len() - 1 {
                // Behind the last `$End` only blanks are cut; between sections, elements are lost,
                // which no reader can see.
                if let Ok(file) = read_gmsh(&bytes[..end], "a.msh", &ReadOptions::default()) {
                    assert_eq!(file.mesh.n_points(), 12);
                    assert!([0, 10].contains(&file.mesh.n_cells()));
                }
            }
        }
    }
}

/// A block of many elements on an entity of many groups is short to write and long to hold.
#[test]
fn groups_are_limited() {
    let n = 30_000;
    let groups = "1 ".repeat(n);
    let elements: String = (0..n).map(|_| "1 1\n").collect();
    let text = format!(
        "$MeshFormat\n4.1 0 8\n$EndMeshFormat\n$Entities\n1 0 0 0\n1 0 0 0 {n} {groups}\n$EndEntities\n\
         $Nodes\n1 1 1 1\n0 1 0 1\n1\n0 0 0\n$EndNodes\n$Elements\n1 {n} 1 1\n0 1 15 {n}\n{elements}\
         $EndElements\n"
    );
    let error = read_gmsh(text.as_bytes(), "a.msh", &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, MeshError::TooLarge { .. }), "{error}");
}

/// Sections of data without values on a large mesh.
#[test]
fn fields_are_limited() {
    let n = 40_000;
    let nodes: String = (1..=n).map(|k| format!("{k} 0 0 0\n")).collect();
    let data: String = (0..2000)
        .map(|k| format!("$NodeData\n1\n\"f{k}\"\n0\n3\n0\n9\n0\n$EndNodeData\n"))
        .collect();
    let text =
        format!("$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$Nodes\n{n}\n{nodes}$EndNodes\n{data}");
    let error = read_gmsh(text.as_bytes(), "a.msh", &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, MeshError::TooLarge { .. }), "{error}");
}

/// Work that grows with the square of the number of sections would show here as minutes.
#[test]
fn many_sections_do_not_hang() {
    let start = "$MeshFormat\n2.2 0 8\n$EndMeshFormat\n$Nodes\n1\n1 0 0 0\n$EndNodes\n";
    let data: String = (0..100_000)
        .map(|k| format!("$NodeData\n1\n\"f{k}\"\n0\n3\n0\n1\n0\n$EndNodeData\n"))
        .collect();
    let other = "$Other\n$EndOther\n".repeat(200_000);
    let text = format!("{start}{data}{other}");
    let file = read_gmsh(text.as_bytes(), "a.msh", &ReadOptions::default()).unwrap();
    assert_eq!(file.fields.len(), 100_000);
}

#[test]
fn numbers_of_four_bytes_and_text_agree() {
    let sample = all_kinds(|n| 3 * n);
    let small = Form::Bytes {
        big_endian: true,
        size: 4,
    };
    let read = |bytes: &[u8]| read_gmsh(bytes, "a.msh", &ReadOptions::default()).unwrap();
    assert_eq!(
        read(&version4(&sample, small)),
        read(&version4(&sample, Form::Text))
    );
}
