use std::io::Write;
use std::path::PathBuf;

use super::*;
use crate::openfoam::FoamMesh;
use crate::openfoam::testing::small_case;

fn head(format: &str, class: &str) -> Vec<u8> {
    format!(
        "/* a comment */\nFoamFile\n{{\n    version 2.0; // another\n    format {format};\n    class {class};\n    \
         arch \"LSB;label=32;scalar=64\";\n    object x;\n}}\n\n"
    )
    .into_bytes()
}

/// A vector field on two cells and two patches, whose binary lists hold bytes that look like syntax.
pub(super) fn binary_field() -> Vec<u8> {
    let syntax = f64::from_le_bytes(*b");};({\"/");
    let mut bytes = head("binary", "volVectorField");
    bytes.extend(b"dimensions [0 1 -1 0 0 0 0];\n\ninternalField nonuniform List<vector> \n2\n(");
    for value in [1.0, 2.0, 3.0, 4.0, 5.0, syntax] {
        bytes.extend(f64::to_le_bytes(value));
    }
    bytes.extend(
        b")\n;\nboundaryField\n{\n    aerofoil { type noSlip; }\n    freestream\n    {\n        \
        type inletOutlet;\n        inletValue nonuniform List<vector> \n1\n(",
    );
    for value in [syntax, 0.0, 0.0] {
        bytes.extend(f64::to_le_bytes(value));
    }
    bytes.extend(b");\n        phi phi;\n        other { deep (1 2) ; }\n        value nonuniform List<vector> \n1\n(");
    for value in [7.0, 8.0, 9.0] {
        bytes.extend(f64::to_le_bytes(value));
    }
    bytes.extend(
        b");\n    }\n    none { type empty; value nonuniform List<vector> 0(); }\n    \
        bare { type empty; value nonuniform 0; }\n}\n// ** //\n",
    );
    bytes
}

const TEXT_FIELD: &str = "dimensions [0 2 -2 0 0];\ninternalField nonuniform List<scalar> 3(1 -2.5e-3 3);\n\
    boundaryField { \"a b\" { type zeroGradient; } fixed { type fixedValue; value uniform 4; }\n\
    same { type calculated; value nonuniform List<scalar> 2{6}; } wave { type codedFixedValue; code #{ x #}; } }\n";

fn text_field() -> Vec<u8> {
    [
        head("ascii", "volScalarField"),
        TEXT_FIELD.replace("code #{ x #};", "code \"{\";").into(),
    ]
    .concat()
}

struct Case {
    folder: tempfile::TempDir,
}

impl Case {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn fails(&self, bytes: &[u8], expected: &[&str]) {
        let path = self.write("bad", bytes);
        let message = FoamField::read(&path).unwrap_err().to_string();
        for part in expected.iter().chain(&["/bad"]) {
            assert!(message.contains(part), "{message:?} lacks {part:?}");
        }
    }
}

#[test]
fn binary_fields() {
    let case = Case::new();
    let field = FoamField::read(&case.write("U", &binary_field())).unwrap();
    assert_eq!(
        (field.components, field.dimensions[..3].to_vec()),
        (3, vec![0.0, 1.0, -1.0])
    );
    assert_eq!(field.internal[..5], [1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_eq!(field.internal[5].to_le_bytes(), *b");};({\"/");
    assert_eq!(
        field.patches["freestream"].values.as_deref(),
        Some(&[7.0, 8.0, 9.0][..])
    );
    assert_eq!(field.patches["none"].values.as_deref(), Some(&[][..]));
    assert_eq!(field.patches["bare"].values.as_deref(), Some(&[][..]));
    let cells = field.cell_values(2).unwrap();
    assert_eq!(
        field.patch_values("aerofoil", &[0, 1], &cells).unwrap(),
        [0.0; 6]
    );
    let single: Vec<u8> = String::from_utf8_lossy(&head("binary", "volScalarField"))
        .replace("scalar=64", "scalar=32")
        .into_bytes();
    let numbers = [1.5f32, -2.0].map(f32::to_le_bytes).concat();
    let body = [
        b"internalField nonuniform List<scalar> 2(",
        &numbers[..],
        b");",
    ]
    .concat();
    let field = FoamField::read(&case.write("p", &[single, body].concat())).unwrap();
    assert_eq!(field.internal, [1.5, -2.0]);
}

#[test]
fn text_fields() {
    let case = Case::new();
    let field = FoamField::read(&case.write("p", &text_field())).unwrap();
    assert_eq!(field.internal, [1.0, -2.5e-3, 3.0]);
    let cells = field.cell_values(3).unwrap();
    assert_eq!(
        field.patch_values("a b", &[2, 0], &cells).unwrap(),
        [3.0, 1.0],
        "those of the cells"
    );
    assert_eq!(
        field.patch_values("fixed", &[0, 1], &cells).unwrap(),
        [4.0, 4.0]
    );
    assert_eq!(
        field.patch_values("same", &[0, 1], &cells).unwrap(),
        [6.0, 6.0]
    );
    let message = field
        .patch_values("wave", &[0], &cells)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("codedFixedValue") && message.contains("no values"),
        "{message}"
    );
    let message = field
        .patch_values("wall", &[0], &cells)
        .unwrap_err()
        .to_string();
    assert!(message.contains("a b, fixed, same, wave"), "{message}");
    let message = field
        .patch_values("same", &[0], &cells)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("patch same has 2 values, the mesh has 1 faces"),
        "{message}"
    );
    let message = field.cell_values(4).unwrap_err().to_string();
    assert!(
        message.contains("3 values, the mesh has 4 cells"),
        "{message}"
    );
}

#[test]
fn gzipped_files() {
    let case = Case::new();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&text_field()).unwrap();
    let packed = packer.finish().unwrap();
    case.write("p.gz", &packed);
    let field = FoamField::read(&case.folder.path().join("p")).unwrap();
    assert_eq!(field.internal.len(), 3);
    case.write("q.gz", &packed[..packed.len() / 2]);
    let message = FoamField::read(&case.folder.path().join("q"))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("cannot unpack") && message.contains("q.gz"),
        "{message}"
    );
}

#[test]
fn bad_fields_name_file_and_fault() {
    let case = Case::new();
    let text = |body: &str| [head("ascii", "volScalarField"), body.as_bytes().to_vec()].concat();
    case.fails(b"", &["not an OpenFOAM file"]);
    case.fails(b"x,y,z\n1,2,3\n", &["not an OpenFOAM file"]);
    case.fails(
        &head("ascii", "volTensorField"),
        &["volTensorField", "volScalarField"],
    );
    case.fails(&head("xml", "volScalarField"), &["unknown format `xml`"]);
    case.fails(&text(""), &["no internalField"]);
    case.fails(
        &text("internalField uniform abc;"),
        &["line 11", "`abc` is not a number"],
    );
    case.fails(
        &text("internalField uniform 1"),
        &["expected `;`", "the end of the file"],
    );
    case.fails(
        &text("internalField nonuniform List<vector> 1((1 2 3));"),
        &["List<scalar> is needed"],
    );
    case.fails(
        &text("internalField nonuniform List<scalar> 2(1 2 3);"),
        &["expected `)`, found `3`"],
    );
    case.fails(
        &text("internalField nonuniform List<scalar> 99999999999(1);"),
        &["does not fit"],
    );
    case.fails(
        &text("internalField nonuniform List<scalar> 99999999999{1};"),
        &["too long"],
    );
    case.fails(&text("internalField $other;"), &["`$other`"]);
    case.fails(&text("internalField uniform 1; x { y { "), &["no end"]);
    case.fails(
        &text(&format!("x {};", "(".repeat(999))),
        &["nested too deeply"],
    );
    let big_endian = String::from_utf8_lossy(&binary_field())
        .replace("LSB", "MSB")
        .into_bytes();
    case.fails(&big_endian, &["MSB", "foamFormatConvert"]);
    let whole = binary_field();
    let place = whole.windows(3).position(|w| w == b"\n2\n").unwrap();
    case.fails(&whole[..place + 20], &["truncated"]);
    let path = case.write(
        "p",
        &text("internalField nonuniform List<scalar> 3(1 nan 2);"),
    );
    let message = FoamField::read(&path)
        .unwrap()
        .cell_values(3)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("NaN at index 1, component 0: the solution has diverged"),
        "{message}"
    );
    let message = FoamField::read(&case.folder.path().join("absent"))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("cannot read") && message.contains("absent"),
        "{message}"
    );
}

/// The mesh of a small case, its faces in the compact binary form besides.
#[test]
fn meshes_in_both_forms() {
    let folder = tempfile::tempdir().unwrap();
    small_case().write(folder.path()).unwrap();
    let mesh = FoamMesh::read(folder.path()).unwrap();
    let place = folder.path().join("constant/polyMesh");
    let list = |items: &[u32]| {
        let mut bytes = format!("{}\n(", items.len()).into_bytes();
        bytes.extend(items.iter().flat_map(|&i| (i as i32).to_le_bytes()));
        bytes.extend(b")\n");
        bytes
    };
    let mut starts = vec![0u32];
    starts.extend(mesh.faces.iter().scan(0, |end, face| {
        *end += face.len() as u32;
        Some(*end)
    }));
    let compact = [
        head("binary", "faceCompactList"),
        list(&starts),
        list(&mesh.faces.concat()),
    ];
    std::fs::write(place.join("faces"), compact.concat()).unwrap();
    std::fs::write(
        place.join("owner"),
        [head("binary", "labelList"), list(&mesh.owner)].concat(),
    )
    .unwrap();
    let mut points = head("binary", "vectorField");
    points.extend(format!("{}\n(", mesh.points.len()).into_bytes());
    points.extend(mesh.points.iter().flatten().flat_map(|c| c.to_le_bytes()));
    points.extend(b")");
    std::fs::write(place.join("points"), points).unwrap();
    assert_eq!(FoamMesh::read(folder.path()).unwrap(), mesh);
}

#[test]
fn bad_meshes_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    small_case().write(folder.path()).unwrap();
    let place = folder.path().join("constant/polyMesh");
    let fails = |name: &str, from: &str, to: &str, expected: &[&str]| {
        let path = place.join(name);
        let good = std::fs::read_to_string(&path).unwrap();
        assert!(good.contains(from), "{name} lacks {from}");
        std::fs::write(&path, good.replacen(from, to, 1)).unwrap();
        let message = FoamMesh::read(folder.path()).unwrap_err().to_string();
        std::fs::write(&path, good).unwrap();
        for part in expected
            .iter()
            .chain(&[&format!("polyMesh/{name}") as &str])
        {
            assert!(message.contains(part), "{message:?} lacks {part:?}");
        }
    };
    let mesh = FoamMesh::read(folder.path()).unwrap();
    let n = mesh.n_faces();
    fails("points", "\n(\n(", "\n(\n(nan", &["is not a number"]);
    fails("faces", "\n4(", "\n2(", &["expected `)`"]);
    fails("faces", "\n4(", "\n4(99999", &["face 0 is [99999"]);
    fails(
        "owner",
        &format!("\n{n}\n"),
        &format!("\n{}\n", n + 1),
        &["a word is missing"],
    );
    fails(
        "owner",
        "\n(\n0\n",
        "\n(\n4000000000\n",
        &["names cell 4000000000"],
    );
    fails("owner", "\n(\n0\n", "\n(\n-1\n", &["`-1` is not a number"]);
    fails(
        "neighbour",
        "\n(\n1\n",
        "\n(\n0\n",
        &["face 0 has the owner 0 and the neighbour 0"],
    );
    fails(
        "boundary",
        "startFace       ",
        "startFace       1",
        &["patch \"aerofoil\" must begin"],
    );
    fails(
        "boundary",
        "polyBoundaryMesh",
        "dictionary",
        &["class dictionary"],
    );
    std::fs::remove_file(place.join("owner")).unwrap();
    let message = FoamMesh::read(folder.path()).unwrap_err().to_string();
    assert!(
        message.contains("cannot read") && message.contains("owner"),
        "{message}"
    );
}
