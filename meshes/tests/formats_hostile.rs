//! Files made to cost time or memory: every cost stays linear in the size of the file, or is
//! limited.

use karman_meshes::{Location, ReadOptions, read_vtk_xml};

mod square;

use square::{SQUARE, entries, with, zlib};

/// A tag with very many attributes and very deep nesting cost time linear in their number.
#[test]
fn long_tags_and_deep_nesting_do_not_hang() {
    let many: String = (0..200_000).map(|i| format!(" a{i}=\"\"")).collect();
    assert!(with("Name=\"p\"", &format!("Name=\"p\"{many}")).is_ok());
    let deep = "<a>".repeat(300_000);
    assert!(with("<PointData>", &format!("{deep}<PointData>")).is_err());
}

/// Arrays may share bytes, but not to make a small file cost any amount of work or memory.
#[test]
fn overlapping_arrays_are_limited() {
    let n = 20_000;
    let data = vec![0u8; 4 * n];
    let block = zlib(&data);
    let header = entries(&[1, data.len() as u32, 0, block.len() as u32]);
    let array = |i: usize| {
        format!("<DataArray type=\"Float32\" Name=\"a{i}\" format=\"appended\" offset=\"0\"/>")
    };
    let text = |arrays: usize| {
        let fields: String = (0..arrays).map(array).collect();
        format!(
            "<VTKFile type=\"PolyData\" compressor=\"vtkZLibDataCompressor\"><PolyData>\
             <Piece NumberOfPoints=\"{}\"><Points><DataArray type=\"Float32\" Name=\"Points\" \
             NumberOfComponents=\"3\" format=\"ascii\">{}</DataArray></Points>\
             <PointData>{fields}</PointData></Piece></PolyData><AppendedData encoding=\"raw\">_",
            n,
            "0 0 0 ".repeat(n)
        )
    };
    let read = |arrays: usize| {
        let bytes = [text(arrays).into_bytes(), header.clone(), block.clone()].concat();
        read_vtk_xml(&bytes, "shared.vtp", &ReadOptions::default())
    };
    assert_eq!(read(20).unwrap().fields.len(), 20);
    // 10 000 arrays of 80 kB each would be 800 MB out of a file of 0.8 MB.
    let message = read(10_000).unwrap_err().to_string();
    assert!(message.starts_with("shared.vtp: array `a"), "{message}");
    assert!(message.contains("above the limit of"), "{message}");
}

/// The same with arrays whose blocks are many bytes that hold little.
#[test]
fn overlapping_work_is_limited() {
    let empty = zlib(&[]);
    let blocks = 20_000;
    let mut header = vec![blocks as u32 + 1, 0, 0];
    header.extend(vec![empty.len() as u32; blocks]);
    let fields: String = (0..1000)
        .map(|i| {
            format!("<DataArray type=\"Int8\" Name=\"a{i}\" format=\"appended\" offset=\"0\"/>")
        })
        .collect();
    let text = SQUARE
        .replace("version=\"0.1\"", "compressor=\"vtkZLibDataCompressor\"")
        .replace("NumberOfCells=\"2\"", "NumberOfCells=\"0\"")
        .replace("<CellData>", &format!("<CellData>{fields}"))
        .replace(">7 8<", "><")
        .replace("</VTKFile>\n", "<AppendedData encoding=\"raw\">_");
    header.push(empty.len() as u32);
    let bytes = [
        text.into_bytes(),
        entries(&header),
        empty.repeat(blocks + 1),
    ]
    .concat();
    let error = read_vtk_xml(&bytes, "shared.vtu", &ReadOptions::default()).unwrap_err();
    assert!(
        error.to_string().contains("the arrays share bytes"),
        "{error}"
    );
}

/// Work that grows with the square of the number of elements would show here as minutes.
#[test]
fn many_arrays_and_many_texts_do_not_hang() {
    let arrays: String = (0..100_000)
        .map(|_| "<DataArray type=\"Int8\">1 2 3 4</DataArray>")
        .collect();
    let file = with("<PointData>", &format!("<PointData>{arrays}")).unwrap();
    assert_eq!(file.fields.len(), 100_002);
    assert_eq!(file.fields[99_999].name(), "Array 99999");
    let comments = "<!---->\n".repeat(200_000);
    let blanks = " ".repeat(1_000_000);
    let file = with("7 8", &format!("{blanks}7{comments}{comments} 8")).unwrap();
    assert_eq!(
        file.field("n", Location::Cell).unwrap().to_f64(),
        [7.0, 8.0]
    );
}
