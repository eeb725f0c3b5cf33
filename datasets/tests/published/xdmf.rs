//! XDMF files with their data.

use std::path::Path;

use karman_datasets::{XdmfField, XdmfFile};
use karman_meshes::{CellType, Location};

use super::files::{BOX, SERIES, series_files};

/// Opens a file of this text and reads all that is in it.
fn read(folder: &Path, text: &str) -> Result<XdmfFile, String> {
    let path = folder.join("series.xdmf");
    std::fs::write(&path, text).unwrap();
    let all = || {
        let file = XdmfFile::open(&path)?;
        for step in 0..file.times().len() {
            if file.grid_axes(Location::Point).is_none() {
                file.mesh(step)?;
            }
            for field in file.fields() {
                file.read(step, &field.name)?;
            }
        }
        Ok(file)
    };
    all().map_err(|error: karman_datasets::DatasetError| error.to_string())
}

#[test]
fn a_series_on_a_mesh() {
    let folder = tempfile::tempdir().unwrap();
    series_files(folder.path());
    let file = read(folder.path(), SERIES).unwrap();
    assert_eq!(file.times(), [0.25, 0.5]);
    let field = |name: &str, location, components| XdmfField {
        name: name.into(),
        location,
        components,
    };
    assert_eq!(
        file.fields(),
        [
            field("u", Location::Point, 2),
            field("q", Location::Cell, 1)
        ]
    );
    let mesh = file.mesh(1).unwrap();
    assert_eq!(mesh.points()[3], [1.0, 1.0, 0.0]);
    assert_eq!(mesh.cell(1).nodes, [1, 3, 2]);
    let u = file.read(1, "u").unwrap();
    assert_eq!(
        (&u.shape[..], &u.values[..3]),
        (&[4, 2][..], &[13.0, 14.0, 16.0][..])
    );
    assert_eq!(file.read(1, "q").unwrap().values, [7.0, 8.0]);
    for (message, words) in [
        (
            file.read(2, "u").unwrap_err().to_string(),
            "has 2 steps; step 2 was asked for",
        ),
        (
            file.read(0, "v").unwrap_err().to_string(),
            "has no field \"v\"; there are: u, q",
        ),
    ] {
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn times_of_the_collection_and_numbers_instead() {
    let folder = tempfile::tempdir().unwrap();
    series_files(folder.path());
    let bare = SERIES
        .replace("<Time Value=\"0.25\"/>", "")
        .replace("<Time Value=\"0.5\"/>", "");
    assert_eq!(read(folder.path(), &bare).unwrap().times(), [0.0, 1.0]);
    let collection = "CollectionType=\"Temporal\">";
    for (kind, numbers, times) in [
        ("List", "3 5", [3.0, 5.0]),
        ("HyperSlab", "1 0.5 2", [1.0, 1.5]),
    ] {
        let time =
            format!("{collection}<Time TimeType=\"{kind}\"><DataItem>{numbers}</DataItem></Time>");
        assert_eq!(
            read(folder.path(), &bare.replace(collection, &time))
                .unwrap()
                .times(),
            times
        );
    }
    // A collection for each field, as some writers have it.
    let start = SERIES.find("<Grid Name=\"u\"").unwrap();
    let end = SERIES.find("</Domain>").unwrap();
    let second = SERIES[start..end]
        .replace("Name=\"u\"", "Name=\"v\"")
        .replace("Name=\"q\"", "Name=\"r\"");
    let both = SERIES.replace("</Domain>", &format!("{second}</Domain>"));
    let file = read(folder.path(), &both).unwrap();
    assert_eq!(file.fields().len(), 4);
    let message = read(
        folder.path(),
        &both.replacen("Value=\"0.5\"", "Value=\"0.6\"", 1),
    )
    .unwrap_err();
    assert!(
        message.contains("two collections of different times"),
        "{message}"
    );
}

#[test]
fn grids_along_axes() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = vec![9, 9];
    bytes.extend((0..24i16).flat_map(|k| (-k).to_be_bytes()));
    std::fs::write(folder.path().join("box.bin"), &bytes).unwrap();
    let file = read(folder.path(), BOX).unwrap();
    let axes = file.grid_axes(Location::Point).unwrap();
    let names: Vec<_> = axes
        .iter()
        .map(|axis| (&axis.name[..], axis.length))
        .collect();
    assert_eq!(names, [("z", 2), ("y", 3), ("x", 4)]);
    assert_eq!(axes[2].coordinates, Some(vec![2.0, 2.25, 2.5, 2.75]));
    let cells = file.grid_axes(Location::Cell).unwrap();
    assert_eq!(cells[1].coordinates, Some(vec![1.25, 1.75]));
    let p = file.read(0, "p").unwrap();
    assert_eq!((&p.shape[..], p.values[23]), (&[2, 3, 4, 1][..], -23.0));
    assert_eq!(file.read(0, "flag").unwrap().shape, [1, 2, 3, 1]);
    assert_eq!(
        file.fields().len(),
        2,
        "what belongs to the grid as a whole is left out"
    );
    let vectors = "<Geometry GeometryType=\"VXVYVZ\"><DataItem>0 1 3 4</DataItem>\
                   <DataItem>0 1 5</DataItem><DataItem>2 3</DataItem></Geometry>";
    let start = BOX.find("<Geometry").unwrap();
    let end = BOX.find("</Geometry>").unwrap() + "</Geometry>".len();
    let text = BOX
        .replace(&BOX[start..end], vectors)
        .replace("3DCoRectMesh", "3DRectMesh");
    let file = read(folder.path(), &text).unwrap();
    assert_eq!(
        file.grid_axes(Location::Point).unwrap()[1].coordinates,
        Some(vec![0.0, 1.0, 5.0])
    );
    assert!(
        file.mesh(0)
            .unwrap_err()
            .to_string()
            .contains("a grid along axes")
    );
    std::fs::write(folder.path().join("box.bin"), &bytes[..49]).unwrap();
    let message = read(folder.path(), BOX).unwrap_err();
    assert!(
        message.contains("box.bin has 49 bytes, where 48 from byte 2 are needed"),
        "{message}"
    );
}

const MIXED: &str = "<Xdmf><Domain><Grid><Topology TopologyType=\"Mixed\" NumberOfElements=\"6\">\
    <DataItem>1 1 0  2 2 0 1  4 0 1 2  5 0 1 3 2  3 3 0 1 2  6 0 1 2 4</DataItem></Topology>\
    <Geometry GeometryType=\"X_Y_Z\"><DataItem>0 1 0 1 0</DataItem><DataItem>0 0 1 1 0</DataItem>\
    <DataItem>0 0 0 0 1</DataItem></Geometry></Grid></Domain></Xdmf>";

#[test]
fn cells_of_several_kinds() {
    let folder = tempfile::tempdir().unwrap();
    let mesh = read(folder.path(), MIXED).unwrap().mesh(0).unwrap();
    use CellType::{Line, Quad, Tetra, Triangle, Vertex};
    assert_eq!(
        mesh.cell_types(),
        [Vertex, Line, Triangle, Quad, Triangle, Tetra]
    );
    assert_eq!(mesh.points()[4], [0.0, 0.0, 1.0]);
    for (from, to, words) in [
        ("6 0 1 2 4", "6 0 1 2", "a mixed Topology that is cut off"),
        (
            "6 0 1 2 4",
            "38 0 1 2 4",
            "cells of type 38 in a mixed Topology",
        ),
        ("6 0 1 2 4", "6 0 1 2 9", "refers to point 9"),
        ("6 0 1 2 4", "6 0 1 2 -1", "-1 as the number of a point"),
        ("6 0 1 2 4", "6 0 1 2 0.5", "0.5 as the number of a point"),
        ("6 0 1 2 4", "3 1e300 0 1", "cut off"),
        (
            "NumberOfElements=\"6\"",
            "NumberOfElements=\"7\"",
            "6 cells, where 7 are announced",
        ),
        (
            "0 0 0 0 1<",
            "0 0 0 0<",
            "coordinates that do not fit each other",
        ),
        ("0 0 0 0 1<", "0 0 0 0 nan<", "coordinate z is NaN"),
    ] {
        let message = read(folder.path(), &MIXED.replace(from, to)).unwrap_err();
        assert!(
            message.contains("series.xdmf") && message.contains(words),
            "{message}"
        );
    }
}

/// What is changed, to what, and what the message must say.
#[rustfmt::skip]
const FAULTS: &[(&str, &str, &str)] = &[
    ("<Xdmf ", "<VTKFile ", "no sound XDMF file"),
    ("</Xdmf>", "", "cut off within an element"),
    ("<Domain>", "<Domains>", "no sound XDMF file"),
    ("GridType=\"Collection\" CollectionType=\"Temporal\"", "GridType=\"Collection\" CollectionType=\"Spatial\"", "a grid of type Collection"),
    ("GridType=\"Collection\"", "GridType=\"Tree\"", "a grid of type Tree"),
    ("Value=\"0.25\"", "Value=\"nan\"", "grid `0`: the time is `nan`"),
    ("Value=\"0.25\"", "Value=\"soon\"", "the time is `soon`"),
    ("\"Triangle\"", "\"Triangle_6\"", "cells of type `triangle_6`; linear ones are read"),
    ("\"Triangle\"", "\"3DSMesh\"", "cells of type `3dsmesh`"),
    ("NumberOfElements=\"2\"", "NumberOfElements=\"3\"", "for 3 cells"),
    ("NumberOfElements=\"2\"", "NumberOfElements=\"two\"", "`two` is no whole number"),
    ("GeometryType=\"XY\"", "GeometryType=\"XYZ\"", "8 numbers for points of 3 coordinates"),
    ("GeometryType=\"XY\"", "GeometryType=\"Polar\"", "a Geometry of type `Polar` with 1 DataItems"),
    ("Dimensions=\"2 3\"", "Dimensions=\"2 4\"", "\"/mesh/cells\" as [2, 3], the XDMF file says [2, 4]"),
    ("Dimensions=\"2 3\"", "", "a DataItem without Dimensions"),
    ("Dimensions=\"2 3\"", "Dimensions=\"9999999999 9999999999\"", "too large for any memory"),
    ("Format=\"HDF\"", "Format=\"TIFF\"", "a DataItem of format TIFF"),
    ("series.h5:/mesh/cells", "series.h5", "`series.h5` is no FILE:DATASET"),
    ("series.h5:/mesh/cells", "absent.h5:/mesh/cells", "absent.h5"),
    ("series.h5:/mesh/cells", ".:/mesh/cells", "is no file"),
    ("series.h5:/mesh/cells", "series.h5:/mesh/dells", "/mesh/dells"),
    ("ItemType=\"HyperSlab\" Dimensions=\"1 4 2\"", "ItemType=\"Function\" Dimensions=\"1 4 2\"", "a DataItem of type Function"),
    ("0 0 1  1 1 1  1 4 2", "0 0 0  1 1 1  1 4 3", "holds 8 values of \"u\" at step 1 instead of 12"),
    ("1 0 1  1 1 1  1 4 2", "1 0 0  1 1 1  1 4 3", "holds 12 values of \"u\" at step 1 instead of 8"),
    ("0 0 1  1 1 1  1 4 2", "0 0 0  1 1 1  1 4", "a HyperSlab with 8 numbers for an array of 3 axes"),
    ("0 0 1  1 1 1  1 4 2", "0 0 0  2 1 1  2 4 2", "does not fit into [2, 4, 3]"),
    ("0 0 1  1 1 1  1 4 2", "2 0 0  1 1 1  1 4 2", "does not fit into"),
    ("0 0 1  1 1 1  1 4 2", "0 0 0  1 1 1  1 4 18446744073709551615", "does not fit into"),
    ("\"2 4 3\"", "\"4 2 3\"", "does not fit into"),
    (">5 6<", ">5 six<", "holds `six` among numbers"),
    (">5 6<", ">5 6 7<", "3 numbers in a DataItem of [2]"),
    (">5 6<", ">5 &lt; 6<", "a reference among the text"),
    (">7 8<", "><", "0 numbers in a DataItem of [2]"),
    ("Name=\"q\"", "Name=\"u\"", "holds the attribute \"u\" twice"),
];

#[test]
fn faults_are_named() {
    let folder = tempfile::tempdir().unwrap();
    series_files(folder.path());
    let place = folder.path().display().to_string();
    for (from, to, words) in FAULTS {
        assert!(SERIES.contains(from), "{from}");
        let message = read(folder.path(), &SERIES.replacen(from, to, 1)).unwrap_err();
        assert!(message.contains(&place), "{message}");
        assert!(message.contains(words), "{message}\nwanted: {words}");
    }
    let later = SERIES.rfind("Name=\"q\"").unwrap();
    let lacking = format!("{}Name=\"r\"{}", &SERIES[..later], &SERIES[later + 8..]);
    let message = read(folder.path(), &lacking).unwrap_err();
    assert!(
        message.contains("lacks the attribute \"q\" at step 1"),
        "{message}"
    );
    let deep = "<Grid>".repeat(100_000);
    let message = read(folder.path(), &format!("<Xdmf><Domain>{deep}")).unwrap_err();
    assert!(message.contains("in each other"), "{message}");
    let huge = BOX.replace("2 3 4\"/>", "2 3 99999999999\"/>");
    let message = read(folder.path(), &huge).unwrap_err();
    assert!(
        message.contains("up to 1048576 along each axis"),
        "{message}"
    );
}
