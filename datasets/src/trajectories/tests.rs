//! What is written comes back; damage is told; the bytes depend on the values only.

use std::path::Path;

use serde_json::json;

use super::*;
use crate::DatasetError;

fn field(name: &str, components: usize, unit: &str) -> TrajectoryField {
    TrajectoryField {
        name: name.into(),
        components,
        unit: unit.into(),
    }
}

/// A small header of `n_axes` axes.
fn header(n_axes: usize, precision: Precision, compression: u8) -> TrajectoryHeader {
    let shape = [3, 4, 5][3 - n_axes..].to_vec();
    let n_cells: usize = shape.iter().product();
    TrajectoryHeader {
        grid: TrajectoryGrid {
            spacing: vec![0.5; n_axes],
            origin: vec![0.25; n_axes],
            shape,
        },
        times: vec![0.0, 0.1, 0.30000000000000004],
        fields: vec![field("velocity", n_axes, "m/s"), field("smoke", 1, "1")],
        statics: vec![StaticField {
            field: field("solid", 1, "1"),
            values: (0..n_cells)
                .map(|i| f64::from(u8::from(i % 7 == 0)))
                .collect(),
        }],
        parameters: Attributes::from([
            ("reynolds".into(), json!(100.5)),
            ("modes".into(), json!(3)),
            ("shape".into(), json!("Kármán's disc")),
            ("centre".into(), json!([0.5, 1.0])),
        ]),
        precision,
        compression,
    }
}

/// Values that single precision holds exactly.
fn values(header: &TrajectoryHeader, time: usize) -> Vec<Vec<f64>> {
    let of = |(k, field): (usize, &TrajectoryField)| {
        let n = header.grid.n_cells() * field.components;
        let value = |i| ((i * 37 + 11 * time + 5 * k) % 64) as f64 / 8.0 - 3.0;
        (0..n).map(value).collect()
    };
    header.fields.iter().enumerate().map(of).collect()
}

fn write(path: &Path, header: &TrajectoryHeader) {
    let mut writer = TrajectoryWriter::create(path, header.clone()).unwrap();
    for time in 0..header.times.len() {
        writer.push(&values(header, time)).unwrap();
    }
    let provenance = Attributes::from([
        ("solver".into(), json!("none")),
        ("seed".into(), json!("18446744073709551615")),
    ]);
    writer.finish(&provenance).unwrap();
}

#[test]
fn what_is_written_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    for n_axes in 1..=3 {
        for (precision, compression) in [(Precision::Single, 4), (Precision::Double, 0)] {
            let header = header(n_axes, precision, compression);
            let path = folder.path().join(format!("{n_axes}-{compression}.h5"));
            write(&path, &header);
            let read = Trajectory::open(&path).unwrap();
            assert_eq!(read.grid(), &header.grid);
            assert_eq!(read.times(), header.times);
            assert_eq!(read.parameters(), &header.parameters);
            assert_eq!(read.provenance()["solver"], "none");
            assert_eq!(read.precision(), precision);
            assert_eq!(read.field("velocity").unwrap(), &header.fields[0]);
            assert_eq!(read.statics(), [header.statics[0].field.clone()]);
            read.verify().unwrap();
            let solid = read.read_static::<f64>("solid").unwrap();
            assert_eq!(solid.values, header.statics[0].values);
            let velocity = read.read::<f64>("velocity", 1..3).unwrap();
            let expected = [values(&header, 1), values(&header, 2)];
            assert_eq!(
                velocity.values,
                [&expected[0][0][..], &expected[1][0]].concat()
            );
            assert_eq!(velocity.shape[0], 2);
            assert_eq!(velocity.shape[1..=n_axes], header.grid.shape);
            assert_eq!(velocity.shape[n_axes + 1], n_axes);
            let single = read.read::<f32>("smoke", 0..1).unwrap();
            let smoke = &values(&header, 0)[1];
            assert!(
                single
                    .values
                    .iter()
                    .zip(smoke)
                    .all(|(a, b)| f64::from(*a) == *b)
            );
        }
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 6);
}

#[test]
fn the_same_values_give_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let header = header(2, Precision::Single, 4);
    let paths = ["a.h5", "b.h5"].map(|name| folder.path().join(name));
    write(&paths[0], &header);
    // Times of objects would have the resolution of a second.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    write(&paths[1], &header);
    let [a, b] = paths.map(|path| std::fs::read(path).unwrap());
    assert!(a == b);
}

/// A file with one byte changed, wherever it is, is told to be damaged, or gives exactly what was written.
#[test]
fn any_changed_byte_is_noticed_or_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let header = header(2, Precision::Single, 3);
    let path = folder.path().join("whole.h5");
    write(&path, &header);
    let whole = std::fs::read(&path).unwrap();
    let expected = everything(&path).unwrap();
    let damaged = folder.path().join("damaged.h5");
    let (mut noticed, mut harmless) = (0, 0);
    // One byte of each seven: all of them take half a minute.
    for at in (0..whole.len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= if at % 3 == 0 { 0xff } else { 1 << (at % 8) };
        std::fs::write(&damaged, bytes).unwrap();
        match everything(&damaged) {
            Ok(found) => {
                assert!(found == expected, "byte {at} changes what is read");
                harmless += 1;
            }
            Err(error) => {
                assert!(error.to_string().contains("damaged.h5"), "{error}");
                noticed += 1;
            }
        }
    }
    for length in [0, 7, 100, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&damaged, &whole[..length]).unwrap();
        assert!(everything(&damaged).is_err(), "cut to {length} bytes");
    }
    assert!(
        noticed > harmless / 4,
        "{noticed} noticed, {harmless} harmless"
    );
}

type Everything = (
    TrajectoryGrid,
    Vec<f64>,
    Attributes,
    Attributes,
    Vec<Vec<f64>>,
);

fn everything(path: &Path) -> Result<Everything, DatasetError> {
    let read = Trajectory::open(path)?;
    let n = read.times().len();
    let mut values = vec![read.read_static::<f64>("solid")?.values];
    for name in ["velocity", "smoke"] {
        values.push(read.read::<f64>(name, 0..n)?.values);
    }
    Ok((
        read.grid().clone(),
        read.times().to_vec(),
        read.parameters().clone(),
        read.provenance().clone(),
        values,
    ))
}

#[test]
fn mistakes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h5");
    let good = header(2, Precision::Single, 4);
    let told = |change: fn(&mut TrajectoryHeader), words: &str| {
        let mut header = good.clone();
        change(&mut header);
        let error = TrajectoryWriter::create(&path, header)
            .unwrap_err()
            .to_string();
        assert!(error.contains(words), "{words}: {error}");
    };
    told(|h| h.times = vec![0.0, 0.0], "ascend");
    told(|h| h.fields[1].name = "velocity".into(), "comes twice");
    told(|h| h.fields[0].name = "a/b".into(), "a/b");
    told(|h| h.grid.spacing[0] = 0.0, "cells of");
    told(|h| h.statics[0].values.truncate(3), "solid");
    let mut writer = TrajectoryWriter::create(&path, good.clone()).unwrap();
    let mut short = values(&good, 0);
    short[1].pop();
    assert!(
        writer
            .push(&short)
            .unwrap_err()
            .to_string()
            .contains("smoke")
    );
    assert!(
        writer.finish(&Attributes::new()).is_err(),
        "times are missing"
    );
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is left"
    );
    write(&path, &good);
    let read = Trajectory::open(&path).unwrap();
    let near = read.read::<f32>("velocty", 0..1).unwrap_err().to_string();
    assert!(near.contains("did you mean \"velocity\""), "{near}");
    assert!(read.read::<f32>("smoke", 2..4).is_err());
    assert!(read.read::<f32>("solid", 0..1).is_err());
    assert!(read.read_static::<f32>("smoke").is_err());
}

/// Every dataset that an XDMF file names is there, with the shape that it tells, and each hyperslab
/// lies inside.
#[test]
fn xdmf_points_at_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    for n_axes in 1..=3 {
        let header = header(n_axes, Precision::Double, 1);
        let path = folder.path().join("case.h5");
        write(&path, &header);
        xdmf::write(&path, &header).unwrap();
        let text = std::fs::read_to_string(path.with_extension("xdmf")).unwrap();
        let file = hdf5_reader::Hdf5File::open(&path).unwrap();
        let mut seen = 0;
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines
            .windows(2)
            .filter(|pair| pair[1].contains("Format=\"HDF\""))
        {
            let place = pair[1].split_once("case.h5:").unwrap().1;
            let set = file.dataset(place.split('<').next().unwrap()).unwrap();
            let shape = numbers(
                pair[1]
                    .split_once("Dimensions=\"")
                    .unwrap()
                    .1
                    .split('"')
                    .next(),
            );
            assert_eq!(set.shape(), shape);
            let slab = numbers(pair[0].split_once("\"XML\">").unwrap().1.split('<').next());
            for axis in 0..shape.len() {
                assert!(slab[axis] + slab[2 * shape.len() + axis] <= shape[axis]);
            }
            seen += 1;
        }
        let vectors = if n_axes == 3 { 1 } else { n_axes };
        assert_eq!(seen, 3 * (vectors + 2));
        assert_eq!(text.matches("<Time Value=").count(), 3);
        let opened = text.matches('<').count();
        assert_eq!(opened, text.matches('>').count());
    }
}

/// Cells lie where the file of the trajectory says, in the plane of x and y where there are two axes and
/// along x where there is one, and their values come back.
#[test]
fn xdmf_has_the_cells_of_the_trajectory() {
    let folder = tempfile::tempdir().unwrap();
    for n_axes in 1..=3 {
        let mut header = header(n_axes, Precision::Double, 1);
        header.grid.spacing = [0.5, 0.25, 2.0][3 - n_axes..].to_vec();
        header.grid.origin = [7.0, -1.0, 3.0][3 - n_axes..].to_vec();
        let path = folder.path().join("case.h5");
        write(&path, &header);
        xdmf::write(&path, &header).unwrap();
        let file = crate::XdmfFile::open(path.with_extension("xdmf")).unwrap();
        assert_eq!(file.times(), header.times);
        let axes = file.grid_axes(karman_meshes::Location::Point).unwrap();
        for (axis, name) in ["x", "y", "z"].iter().enumerate() {
            let along = &axes[2 - axis];
            let points = along.coordinates.as_ref().unwrap();
            assert_eq!(along.name, *name);
            let Some(place) = n_axes.checked_sub(axis + 1) else {
                assert_eq!(points.len(), 2);
                assert_eq!(points[0] + points[1], 0.0);
                continue;
            };
            let centres = points.windows(2).map(|pair| 0.5 * (pair[0] + pair[1]));
            assert_eq!(centres.collect::<Vec<_>>(), header.grid.centres(place));
        }
        for time in [0, 2] {
            let read = file.read(time, "smoke").unwrap();
            assert_eq!(read.values, values(&header, time)[1]);
        }
        let velocity = &values(&header, 1)[0];
        if n_axes == 2 {
            let read = file.read(1, "velocity_y").unwrap();
            let expected: Vec<f64> = velocity.iter().skip(1).step_by(2).copied().collect();
            assert_eq!(read.values, expected);
        }
        if n_axes == 3 {
            assert_eq!(&file.read(1, "velocity").unwrap().values, velocity);
        }
    }
}

fn numbers(text: Option<&str>) -> Vec<u64> {
    let words = text.unwrap_or_default().split_whitespace();
    words.map(|word| word.parse().unwrap()).collect()
}
