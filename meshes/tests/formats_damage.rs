//! Damaged and unusual files: each fault gives an error that names file, array and index; each
//! oddity that writers have is read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use karman_meshes::{Location, MeshFile, ReadOptions, Values, read_vtk_xml};

mod square;

use square::{SQUARE, entries, read, with, zlib};

#[test]
fn the_square_is_sound() {
    let file = read(SQUARE).unwrap();
    assert_eq!((file.mesh.n_points(), file.mesh.n_cells()), (4, 2));
    assert_eq!(file.mesh.cell(1).nodes, [1, 3, 2]);
    assert_eq!(
        file.field("p", Location::Point).unwrap().to_f64(),
        [1.5, 2.0, -300.0, 4.0]
    );
    assert_eq!(
        file.field("n", Location::Cell).unwrap().values(),
        &Values::I32(vec![7, 8])
    );
}

/// What is changed, to what, and what the message must say beside the name of the file.
#[rustfmt::skip]
const FAULTS: &[(&str, &str, &str)] = &[
    // Sizes.
    ("NumberOfPoints=\"4\"", "NumberOfPoints=\"1152921504606846976\"", "array `Points` of <Points> in piece 0: claims"),
    ("NumberOfCells=\"2\"", "NumberOfCells=\"18446744073709551615\"", "array `offsets` of <Cells> in piece 0: claims"),
    ("NumberOfPoints=\"4\"", "NumberOfPoints=\"5\"", "array `Points` of <Points> in piece 0: it holds 12 values, but 15 are needed"),
    ("NumberOfPoints=\"4\"", "NumberOfPoints=\"3\"", "it holds more than the 9 values needed"),
    ("NumberOfPoints=\"4\"", "NumberOfPoints=\"-4\"", "`NumberOfPoints` is `-4`, not a count"),
    ("NumberOfPoints=\"4\"", "", "`NumberOfPoints` is missing"),
    ("NumberOfCells=\"2\"", "", "`NumberOfCells` is missing"),
    ("NumberOfPoints=\"4\"", "NumberOfPoints=\"0\"", "the mesh has no points"),
    ("NumberOfComponents=\"3\"", "NumberOfComponents=\"2\"", "array `Points` of <Points> in piece 0: has 2 components per point, not 3"),
    ("Name=\"p\"", "Name=\"p\" NumberOfComponents=\"4611686018427387904\"", "array `p` of <PointData> in piece 0: claims"),
    ("Name=\"p\"", "Name=\"p\" NumberOfComponents=\"0\"", "array `p` of <PointData> in piece 0: it holds more than the 0 values"),
    // Numbers.
    ("0 1 0 1 1 0", "0 nan 0 1 1 0", "point 2: coordinate y is NaN"),
    ("0 1 0 1 1 0", "0 1 0 1 inf 0", "point 3: coordinate y is inf"),
    ("1.5 2 -3e2 4", "1.5 2 x 4", "array `p` of <PointData> in piece 0: value 2 is `x`"),
    ("1.5 2 -3e2 4", "1.5 2 &lt; 4", "stands among the numbers"),
    ("7 8", "7 8.5", "array `n` of <CellData> in piece 0: value 1 is `8.5`"),
    ("7 8", "7 3000000000", "value 1 is `3000000000`"),
    // Cells.
    ("0 1 2 1 3 2", "0 1 2 1 4 2", "array `connectivity` of <Cells> in piece 0: entry 4 refers to point 4, but the piece has 4 points"),
    ("0 1 2 1 3 2", "0 1 2 1 -1 2", "entry 4 refers to point -1"),
    ("0 1 2 1 3 2", "0 1 2", "array `connectivity` of <Cells> in piece 0: it holds 3 values, but 6 are needed"),
    (">3 6<", ">3 2<", "array `offsets` of <Cells> in piece 0: entry 1 is 2 after 3"),
    (">3 6<", ">-3 6<", "entry 0 is -3 after 0"),
    (">3 6<", ">3 9223372036854775807<", "array `connectivity` of <Cells> in piece 0: claims"),
    (">3 6<", ">3 3<", "entry 1 is 3 after 3: offsets must rise"),
    (">3 6<", ">0 6<", "entry 0 is 0 after 0: offsets must rise"),
    (">3 6<", ">2 6<", "cell 0: a Triangle has exactly 3 nodes, this one has 2"),
    (">5 5<", ">5 42<", "array `types` of <Cells> in piece 0: cell 1 has type 42 (polyhedron"),
    (">5 5<", ">5 22<", "cell 1 has type 22 (quadratic"),
    (">5 5<", ">0 5<", "cell 0 has type 0"),
    ("Name=\"types\"", "Name=\"typos\"", "<Cells> in piece 0: the array `types` is missing"),
    ("Name=\"offsets\"", "Name=\"ofsets\"", "the array `offsets` is missing"),
    ("<Points><DataArray", "<Point><DataArray", "ill-formed"),
    ("type=\"Int64\" Name=\"offsets\"", "type=\"Float64\" Name=\"offsets\"", "array `offsets` of <Cells> in piece 0: its type must be an integer"),
    // Arrays.
    ("type=\"Float64\"", "type=\"Float16\"", "array `p` has the unknown type `Float16`"),
    ("type=\"Float64\"", "", "array `p` has no attribute `type`"),
    ("Name=\"p\" format=\"ascii\"", "Name=\"p\" format=\"hex\"", "array `p` has the unknown format `hex`"),
    ("Name=\"p\" format=\"ascii\"", "Name=\"p\" format=\"appended\"", "array `p` has no attribute `offset`"),
    ("Name=\"p\" format=\"ascii\"", "Name=\"p\" format=\"appended\" offset=\"0\"", "array `p` of <PointData> in piece 0: it is appended, but the file has no AppendedData"),
    ("Name=\"p\" format=\"ascii\"", "Name=\"p\" format=\"binary\"", "array `p` of <PointData> in piece 0: header: character"),
    ("</PointData>", "<DataArray type=\"Int8\" Name=\"p\">1 2 3 4</DataArray></PointData>", "point field `p` is there twice"),
    // The file.
    ("<VTKFile type=\"UnstructuredGrid\"", "<VTKFile type=\"ImageData\"", "type `ImageData` is not supported"),
    ("<VTKFile type=\"UnstructuredGrid\"", "<VTKFile ", "attribute `type` is missing"),
    ("byte_order=\"LittleEndian\"", "byte_order=\"MiddleEndian\"", "unknown byte_order `MiddleEndian`"),
    ("byte_order=\"LittleEndian\"", "header_type=\"UInt16\"", "unknown header_type `UInt16`"),
    ("byte_order=\"LittleEndian\"", "compressor=\"vtkZstdDataCompressor\"", "compressor `vtkZstdDataCompressor` is not supported"),
    ("</Piece>", "</Pizza>", "(inside piece 0)"),
    ("</UnstructuredGrid>\n</VTKFile>", "", "the file ends inside <VTKFile>; it is cut off"),
    ("<UnstructuredGrid>\n", "<UnstructuredGrid/>\n", "ill-formed"),
];

#[test]
fn every_fault_is_named() {
    for (from, to, wanted) in FAULTS {
        let message = with(from, to).map(|_| ()).expect_err(to);
        assert!(message.starts_with("square.vtu: "), "{message}");
        assert!(message.contains(wanted), "{from} -> {to}: {message}");
    }
}

#[test]
fn other_files_are_refused() {
    for text in [
        "",
        "\n\n",
        "# vtk DataFile Version 3.0\nx\nASCII\n",
        "<html></html>",
        "\u{0}\u{1}",
    ] {
        let message = read(text).unwrap_err();
        assert!(message.starts_with("square.vtu: "), "{message}");
    }
    assert!(
        read("<html></html>")
            .unwrap_err()
            .contains("outermost element is <html>")
    );
    let mut latin = SQUARE.as_bytes().to_vec();
    let at = SQUARE.find("\"p\"").unwrap() + 1;
    latin[at] = 0xe9;
    let error = read_vtk_xml(&latin, "latin.vtu", &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("latin.vtu: byte"), "{error}");
}

/// A file cut anywhere before its last tag is complete is refused, never read in part.
#[test]
fn cut_files_are_refused_at_every_byte() {
    let complete = SQUARE.trim_end().len();
    for end in 0..complete {
        assert!(read(&SQUARE[..end]).is_err(), "cut at {end}");
    }
    assert!(read(&SQUARE[..complete]).is_ok());
    let bytes = std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/pieces.vtu"
    ));
    let bytes = bytes.unwrap();
    let tail = b"\n  </AppendedData>\n</VTKFile>\n".len();
    for end in (0..bytes.len() - tail).step_by(7) {
        assert!(
            read_vtk_xml(&bytes[..end], "cut", &ReadOptions::default()).is_err(),
            "{end}"
        );
    }
}

/// The square with `p` as base64 of these byte strings, encoded one by one.
fn with_base64(attributes: &str, parts: &[&[u8]]) -> Result<MeshFile, String> {
    let text: String = parts.iter().map(|part| STANDARD.encode(part)).collect();
    with_p(attributes, &text)
}

fn with_p(attributes: &str, text: &str) -> Result<MeshFile, String> {
    let text = SQUARE.replacen("version=\"0.1\"", attributes, 1).replacen(
        "Name=\"p\" format=\"ascii\">1.5 2 -3e2 4<",
        &format!("Name=\"p\" format=\"binary\">{text}<"),
        1,
    );
    read(&text)
}

fn pressure() -> Vec<u8> {
    [1.5, 2.0, -300.0, 4.0f64]
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect()
}

#[test]
fn odd_base64_is_read() {
    let sound = read(SQUARE).unwrap();
    let data = pressure();
    let together = [entries(&[32]), data.clone()].concat();
    assert_eq!(with_base64("", &[&together]).unwrap(), sound);
    // Header and data encoded apart, as some writers do.
    assert_eq!(with_base64("", &[&entries(&[32]), &data]).unwrap(), sound);
    // Lines of 10 characters.
    let text = STANDARD.encode(&together);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(10)
        .map(|l| str::from_utf8(l).unwrap())
        .collect();
    assert_eq!(with_p("", &lines.join("\n  ")).unwrap(), sound);
    // A comment between the characters.
    assert_eq!(
        with_p("", &format!("{}<!-- half -->{}", &text[..20], &text[20..])).unwrap(),
        sound
    );
}

#[test]
fn odd_blocks_are_read() {
    let sound = read(SQUARE).unwrap();
    let data = pressure();
    let zipped = "version=\"1.0\" compressor=\"vtkZLibDataCompressor\"";
    let (a, b) = (zlib(&data[..16]), zlib(&data[16..]));
    let both = [a.clone(), b.clone()].concat();
    let (na, nb) = (a.len() as u32, b.len() as u32);
    // The size of a last block that is full: 0 by VTK, the full size by others.
    for last in [0, 16] {
        let header = entries(&[2, 16, last, na, nb]);
        assert_eq!(with_base64(zipped, &[&header, &both]).unwrap(), sound);
    }
    // vtkio's superfluous empty block.
    let empty = zlib(&[]);
    let header = entries(&[3, 16, 0, na, nb, empty.len() as u32]);
    let blocks = [both.clone(), empty].concat();
    assert_eq!(with_base64(zipped, &[&header, &blocks]).unwrap(), sound);

    for (numbers, wanted) in [
        (vec![2, 16, 0, na, nb + 1], "past the end"),
        (vec![2, 16, 0, na - 1, nb], "block 0 of 2: zlib"),
        (vec![2, 16, 0, nb, na], "block 1 of 2: zlib"),
        (
            vec![2, 8, 0, na, nb],
            "its 2 blocks hold 16 bytes, but 32 are needed",
        ),
        (
            vec![2, 16, 17, na, nb],
            "the last block has 17 bytes, more than a full one of 16",
        ),
        (
            vec![1, 32, 0, na],
            "block 0 of 1: decompresses to 16 bytes, but 32 are needed",
        ),
        (vec![1, 32, 0, u32::MAX], "past the end of the data"),
        (vec![u32::MAX, 16, 0, na, nb], "claims 4294967295 blocks"),
        (vec![0, 16, 0], "it has no blocks, but 4 values are needed"),
    ] {
        let message = with_base64(zipped, &[&entries(&numbers), &both]).unwrap_err();
        let place = "square.vtu: array `p` of <PointData> in piece 0: ";
        assert!(
            message.starts_with(place) && message.contains(wanted),
            "{numbers:?}: {message}"
        );
    }
    // A flipped bit: zlib's checksum sees it.
    let mut flipped = both;
    let last = flipped.len() - 6;
    flipped[last] ^= 4;
    let header = entries(&[2, 16, 0, na, nb]);
    let message = with_base64(zipped, &[&header, &flipped]).unwrap_err();
    assert!(message.contains("block 1 of 2: zlib"), "{message}");
}

#[test]
fn wrong_lengths_of_plain_base64_are_named() {
    for (length, wanted) in [
        (24, "it holds 24 bytes, but 32 are needed (4 values)"),
        (40, "it claims 40 bytes"),
        (u32::MAX, "it claims 4294967295 bytes"),
    ] {
        let bytes = [entries(&[length]), pressure()].concat();
        let message = with_base64("", &[&bytes]).unwrap_err();
        assert!(message.contains(wanted), "{length}: {message}");
    }
    assert!(
        with_p("", "")
            .unwrap_err()
            .contains("its header is cut off")
    );
    assert!(
        with_p("", "AAA")
            .unwrap_err()
            .contains("its header is cut off")
    );
}

/// Arrays without values, in every form that writers give them.
#[test]
fn empty_arrays_are_read() {
    let cloud = SQUARE
        .replace("NumberOfCells=\"2\"", "NumberOfCells=\"0\"")
        .replace("0 1 2 1 3 2", "")
        .replace(">3 6<", "><")
        .replace(">5 5<", "><");
    for (attributes, array) in [
        ("", "format=\"ascii\"/>"),
        ("", "format=\"ascii\"> </DataArray>"),
        ("", "format=\"binary\"></DataArray>"),
        ("", "format=\"binary\">AAAAAA==</DataArray>"),
        (
            "compressor=\"vtkZLibDataCompressor\"",
            "format=\"binary\">AAAAAA==</DataArray>",
        ),
        (
            "compressor=\"vtkZLibDataCompressor\"",
            "format=\"binary\">AAAAAACAAAAAAAAA</DataArray>",
        ),
    ] {
        let text = cloud.replace("version=\"0.1\"", attributes).replace(
            "Name=\"n\" format=\"ascii\">7 8</DataArray>",
            &format!("Name=\"n\" {array}"),
        );
        let file = read(&text).unwrap_or_else(|message| panic!("{array}: {message}"));
        assert_eq!((file.mesh.n_points(), file.mesh.n_cells()), (4, 0));
        assert!(file.field("n", Location::Cell).unwrap().is_empty());
    }
}

#[test]
fn arrays_without_a_name_get_vtks() {
    let file = with("Name=\"p\" ", "").unwrap();
    assert_eq!(file.field("Array 0", Location::Point).unwrap().len(), 4);
}

#[test]
fn text_arrays_are_left_out_unless_asked_for() {
    use karman_meshes::FieldSelection;
    let array =
        "<Array type=\"String\" Name=\"label\" format=\"ascii\">97 0 98 0</Array></CellData>";
    let text = SQUARE.replace("</CellData>", array);
    assert_eq!(read(&text).unwrap(), read(SQUARE).unwrap());
    let options = ReadOptions {
        cell_fields: FieldSelection::named(["label"]),
        ..ReadOptions::default()
    };
    let message = read_vtk_xml(text.as_bytes(), "a.vtu", &options)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("cell array `label`: holds text"),
        "{message}"
    );
}

#[test]
fn names_and_units_may_hold_any_character() {
    let file = with("Name=\"p\"", "Name=\"p &lt;&quot;&#228;&gt;\"").unwrap();
    assert_eq!(file.fields[0].name(), "p <\"ä>");
    let unit = |text: &str| {
        let key = "<InformationKey name=\"UNITS_LABEL\" location=\"vtkDataArray\">";
        with(
            "-3e2 4<",
            &format!("-3e2 4{key}\n  {text}\n</InformationKey><"),
        )
    };
    let file = unit("&#181;m/s &lt;<!-- -->&amp;&gt;").unwrap();
    assert_eq!(file.fields[0].unit(), Some("µm/s <&>"));
    assert_eq!(unit("").unwrap(), read(SQUARE).unwrap());
    assert!(
        unit("&foo;")
            .unwrap_err()
            .contains("unknown entity `&foo;`")
    );
}

#[test]
fn pieces_must_agree() {
    let start = SQUARE.find("<Piece").unwrap();
    let end = SQUARE.find("</Piece>").unwrap() + "</Piece>".len();
    let piece = &SQUARE[start..end];
    let twice = |second: &str| read(&SQUARE.replacen(piece, &format!("{piece}{second}"), 1));
    let file = twice(piece).unwrap();
    assert_eq!((file.mesh.n_points(), file.mesh.n_cells()), (8, 4));
    assert_eq!(file.mesh.cell(3).nodes, [5, 7, 6]);
    assert_eq!(
        file.field("n", Location::Cell).unwrap().to_f64(),
        [7.0, 8.0, 7.0, 8.0]
    );
    assert_eq!(
        twice("<Piece NumberOfPoints=\"0\" NumberOfCells=\"0\"/>")
            .unwrap()
            .mesh
            .n_cells(),
        2
    );
    for (from, to, wanted) in [
        ("\"p\"", "\"q\"", "<PointData> in piece 1: holds `q`"),
        (
            "Float64",
            "Float32",
            "<PointData> in piece 1: holds `p` (Float32 x 1) where piece 0 holds `p` (Float64 x 1)",
        ),
        (
            "0 1 2 1 3 2",
            "0 1 2 1 4 2",
            "in piece 1: entry 4 refers to point 4",
        ),
    ] {
        let message = twice(&piece.replace(from, to)).unwrap_err();
        assert!(message.contains(wanted), "{message}");
    }
    let without = piece
        .replace("<CellData>", "<NoData>")
        .replace("</CellData>", "</NoData>");
    let message = twice(&without).unwrap_err();
    assert!(
        message.contains("<CellData> in piece 1: lacks the array `n`"),
        "{message}"
    );
}
