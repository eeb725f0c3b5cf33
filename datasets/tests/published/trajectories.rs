//! Layouts of trajectories that are recognised, and those that are described.

use karman_datasets::ArrayAxis::{Component, Sample, Space, Time};
use karman_datasets::{PublishedFile, PublishedLayout, write_array};

use super::files::{
    BOX, f32s, hdf5_file, matlab_file, rising, series_files, torch_file, whole_tensor,
};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn hdf5(&self, datasets: &[(&str, &[usize], &[f32])]) -> Result<PublishedFile, String> {
        let path = self.0.path().join("a.h5");
        hdf5_file(&path, datasets);
        PublishedFile::open(&path).map_err(|error| {
            let message = error.to_string();
            assert!(message.contains("a.h5"), "{message}");
            message
        })
    }
}

pub fn fields(file: &PublishedFile) -> Vec<(&str, usize, usize)> {
    file.fields()
        .iter()
        .map(|f| (&f.name[..], f.n_times, f.components))
        .collect()
}

pub fn axes(file: &PublishedFile) -> Vec<(&str, usize)> {
    file.axes()
        .iter()
        .map(|axis| (&axis.name[..], axis.length))
        .collect()
}

#[test]
fn arrays_of_all_samples() {
    let folder = Folder::new();
    // One dimension: one instant more than steps.
    let file = folder
        .hdf5(&[
            ("tensor", &[4, 3, 5], &rising(60)),
            ("x-coordinate", &[5], &[0.1, 0.3, 0.5, 0.7, 0.9]),
            ("t-coordinate", &[4], &[0.0, 0.5, 1.0, 1.5]),
        ])
        .unwrap();
    assert_eq!(
        (file.layout(), file.n_samples()),
        ("PDEBench, arrays of all samples", 4)
    );
    assert_eq!(file.times(), Some(&[0.0, 0.5, 1.0][..]));
    assert_eq!(
        (fields(&file), axes(&file)),
        (vec![("tensor", 3, 1)], vec![("x", 5)])
    );
    assert_eq!(
        file.axes()[0].coordinates.as_ref().unwrap()[1],
        f64::from(0.3f32)
    );
    let middle = file.read("tensor", 1..3).unwrap();
    assert_eq!(middle.shape, [2, 3, 5, 1]);
    assert!(
        middle
            .values
            .iter()
            .zip(15..)
            .all(|(value, k)| *value == f64::from(k))
    );
    // Darcy: coefficient and solution.
    let file = folder
        .hdf5(&[
            ("nu", &[2, 3, 3], &rising(18)),
            ("tensor", &[2, 1, 3, 3], &rising(18)),
            ("x-coordinate", &[3], &rising(3)),
            ("y-coordinate", &[3], &rising(3)),
        ])
        .unwrap();
    assert_eq!((file.n_samples(), file.times()), (2, None));
    assert_eq!(fields(&file), [("nu", 1, 1), ("tensor", 1, 1)]);
    assert_eq!(file.read("nu", 1..2).unwrap().shape, [1, 1, 3, 3, 1]);
    // Compressible flow in three dimensions: several arrays.
    let shape = [2, 3, 4, 5, 6];
    let file = folder
        .hdf5(&[
            ("Vx", &shape, &rising(720)),
            ("density", &shape, &rising(720)),
            ("t-coordinate", &[4], &rising(4)),
            ("x-coordinate", &[4], &rising(4)),
            ("y-coordinate", &[5], &rising(5)),
            ("z-coordinate", &[6], &rising(6)),
        ])
        .unwrap();
    assert_eq!(fields(&file), [("Vx", 3, 1), ("density", 3, 1)]);
    assert_eq!(axes(&file), [("x", 4), ("y", 5), ("z", 6)]);
}

#[test]
fn incompressible_flow() {
    let folder = Folder::new();
    let file = folder
        .hdf5(&[
            ("force", &[2, 4, 4, 2], &rising(64)),
            ("particles", &[2, 3, 4, 4, 1], &rising(96)),
            ("t", &[2, 3], &[0.0, 0.005, 0.01, 0.0, 0.005, 0.01]),
            ("velocity", &[2, 3, 4, 4, 2], &rising(192)),
        ])
        .unwrap();
    assert_eq!(file.layout(), "PDEBench, incompressible flow");
    assert_eq!(
        fields(&file),
        [("force", 1, 2), ("particles", 3, 1), ("velocity", 3, 2)]
    );
    assert_eq!(file.times().unwrap()[2], f64::from(0.01f32));
    let velocity = file.read("velocity", 1..2).unwrap();
    assert_eq!(
        (velocity.shape, velocity.values[0]),
        (vec![1, 3, 4, 4, 2], 96.0)
    );
    assert_eq!(file.read("force", 0..2).unwrap().shape, [2, 1, 4, 4, 2]);
}

#[test]
fn a_group_for_each_sample() {
    let folder = Folder::new();
    let sample = |start: f32| -> Vec<f32> { (0..36).map(|k| start + k as f32).collect() };
    let (first, second) = (sample(0.0), sample(100.0));
    let all = [
        ("0000/data", &[3, 2, 3, 2][..], &first[..]),
        ("0000/grid/t", &[3], &[0.0, 0.5, 1.0]),
        ("0000/grid/x", &[2], &[-0.5, 0.5]),
        ("0000/grid/y", &[3], &[-1.0, 0.0, 1.0]),
        ("0001/data", &[3, 2, 3, 2], &second),
    ];
    let file = folder.hdf5(&all).unwrap();
    assert_eq!(
        (file.layout(), file.n_samples()),
        ("PDEBench, a group for each sample", 2)
    );
    assert_eq!(fields(&file), [("data", 3, 2)]);
    assert_eq!(axes(&file), [("x", 2), ("y", 3)]);
    let data = file.read("data", 1..2).unwrap();
    assert_eq!(
        (&data.shape[..], data.values[35]),
        (&[1, 3, 2, 3, 2][..], 135.0)
    );
    assert_eq!(file.read("data", 0..2).unwrap().values[36], 100.0);
    assert_eq!(file.read("data", 2..2).unwrap().shape, [0, 3, 2, 3, 2]);
    // Diffusion-sorption: one dimension.
    let file = folder
        .hdf5(&[
            ("0000/data", &[3, 12, 1], &first),
            ("0000/grid/t", &[3], &[0.0, 0.5, 1.0]),
            ("0000/grid/x", &[12], &rising(12)),
        ])
        .unwrap();
    assert_eq!(file.read("data", 0..1).unwrap().shape, [1, 3, 12, 1]);
    // The second sample is of another shape, or is not there.
    let mut other = all;
    other[4] = ("0001/data", &[2, 3, 3, 2], &second);
    let message = folder
        .hdf5(&other)
        .unwrap()
        .read("data", 0..2)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("\"0001/data\" as [1, 2, 3, 3, 2] instead of [1, 3, 2, 3, 2]"),
        "{message}"
    );
    other[4] = ("0001/dada", &[36], &second);
    let message = folder
        .hdf5(&other)
        .unwrap()
        .read("data", 1..2)
        .unwrap_err()
        .to_string();
    assert!(message.contains("0001/data"), "{message}");
}

#[test]
fn arrays_that_do_not_fit_are_refused() {
    let folder = Folder::new();
    let with = |tensor: &[usize], x: &[f32], t: &[f32]| {
        let n = tensor.iter().product();
        folder.hdf5(&[
            ("tensor", tensor, &rising(n)),
            ("x-coordinate", &[x.len()], x),
            ("t-coordinate", &[t.len()], t),
        ])
    };
    let x = [0.0, 1.0, 2.0, 3.0, 4.0];
    assert!(with(&[2, 3, 5], &x, &[0.0, 1.0, 2.0]).is_ok());
    for (tensor, t, words) in [
        (
            &[2, 3, 5][..],
            &[0.0, 1.0][..],
            "holds coordinates \"t-coordinate\" of shape [2] for 3 values",
        ),
        (
            &[2, 3, 5],
            &[0.0, f32::NAN, 2.0],
            "\"t-coordinate\" that is NaN at index 1",
        ),
        (
            &[2, 3, 6],
            &[0.0, 1.0, 2.0],
            "not recognised; say with a PublishedLayout",
        ),
        (&[30], &[0.0], "\"tensor\" [30]"),
    ] {
        let message = with(tensor, &x, t).unwrap_err();
        assert!(message.contains(words), "{message}");
    }
    let file = with(&[2, 3, 5], &x, &[0.0, 1.0, 2.0]).unwrap();
    for (message, words) in [
        (
            file.read("u", 0..1).unwrap_err().to_string(),
            "has no field \"u\"; there are: tensor",
        ),
        (
            file.read("tensor", 1..3).unwrap_err().to_string(),
            "has 2 samples; 1 to 3 were asked for",
        ),
    ] {
        assert!(message.contains(words), "{message}");
    }
    let path = folder.0.path().join("a.npy");
    write_array(&path, "", &[2, 3], &[0.0; 6]).unwrap();
    let message = PublishedFile::open(&path).unwrap_err().to_string();
    assert!(
        message.contains("what its arrays are: one array [2, 3]"),
        "{message}"
    );
    let message = folder.hdf5(&[("0/other", &[1], &[0.0])]).unwrap_err();
    assert!(message.contains("none at the top"), "{message}");
}

#[test]
fn inputs_and_outputs() {
    let folder = Folder::new();
    let path = folder.0.path().join("a.pt");
    let entry = |name: &str, key, shape: &[i32]| {
        [
            super::files::text(name),
            whole_tensor(key, "FloatStorage", shape),
        ]
        .concat()
    };
    let write = |y: &[i32]| {
        let n: i32 = y.iter().product();
        let object = [
            b"}(".to_vec(),
            entry("x", "0", &[3, 4]),
            entry("y", "1", y),
            b"u".to_vec(),
        ]
        .concat();
        let (x, y) = (f32s(rising(12)), f32s(rising(n as usize)));
        torch_file(&path, &object, &[("data/0", &x), ("data/1", &y)], false);
        PublishedFile::open(&path)
    };
    let file = write(&[3, 2, 4]).unwrap();
    assert_eq!(file.layout(), "neuraloperator, inputs x and outputs y");
    assert_eq!(fields(&file), [("x", 1, 1), ("y", 2, 1)]);
    let y = file.read("y", 2..3).unwrap();
    assert_eq!((y.shape, y.values[0]), (vec![1, 2, 4, 1], 16.0));
    assert_eq!(fields(&write(&[3, 4]).unwrap()), [("x", 1, 1), ("y", 1, 1)]);
    for wrong in [&[2, 4][..], &[3, 5], &[3, 2, 5], &[3, 2, 2, 4]] {
        let message = write(wrong).unwrap_err().to_string();
        assert!(message.contains("\"x\" [3, 4], \"y\""), "{message}");
    }
}

#[test]
fn arrays_over_named_vectors() {
    let folder = Folder::new();
    let path = folder.0.path().join("a.mat");
    // u(x, t) = 10 t + x, the first axis running fastest.
    let u = [0.0, 1.0, 2.0, 10.0, 11.0, 12.0];
    let (x, t) = ([0.0, 1.0, 2.0], [0.0, 1.0]);
    matlab_file(
        &path,
        &[("x", &[1, 3], &x), ("tt", &[2, 1], &t), ("uu", &[3, 2], &u)],
        true,
    );
    let file = PublishedFile::open(&path).unwrap();
    assert_eq!(
        (file.layout(), file.n_samples()),
        ("arrays over named axes", 1)
    );
    assert_eq!(
        (file.times(), fields(&file)),
        (Some(&t[..]), vec![("uu", 2, 1)])
    );
    let all = file.read("uu", 0..1).unwrap();
    assert_eq!(
        (&all.shape[..], &all.values[..]),
        (&[1, 2, 3, 1][..], &u[..])
    );
    assert!(file.read("uu", 0..0).unwrap().values.is_empty());
    // As many instants as places: only the user can tell which axis is which.
    let square = [0.0; 4];
    matlab_file(
        &path,
        &[
            ("x", &[1, 2], &t),
            ("t", &[2, 1], &t),
            ("u", &[2, 2], &square),
        ],
        false,
    );
    let message = PublishedFile::open(&path).unwrap_err().to_string();
    assert!(message.contains("\"u\" [2, 2]"), "{message}");
    let layout = PublishedLayout {
        fields: vec![("u".into(), "u".into(), vec![Space, Time])],
        times: Some("t".into()),
        axes: vec![("x".into(), Some("x".into()))],
        groups: Vec::new(),
    };
    assert_eq!(
        PublishedFile::open_with(&path, layout.clone())
            .unwrap()
            .times(),
        Some(&t[..])
    );
    for (roles, words) in [
        (vec![Space], "cannot be [Space]"),
        (vec![Space, Space], "over 2 axes of space, but 1 are named"),
        (vec![Time, Time], "names Time twice"),
    ] {
        let mut wrong = layout.clone();
        wrong.fields[0].2 = roles;
        let message = PublishedFile::open_with(&path, wrong)
            .unwrap_err()
            .to_string();
        assert!(message.contains(words), "{message}");
    }
    let message = PublishedFile::open_with(&path, PublishedLayout::default()).unwrap_err();
    assert!(message.to_string().contains("has no fields"), "{message}");
}

#[test]
fn any_array_as_it_is_described() {
    let folder = Folder::new();
    let path = folder.0.path().join("a.h5");
    // Components first, samples last.
    hdf5_file(
        &path,
        &[("a", &[2, 3, 4], &rising(24)), ("b", &[3, 5], &rising(15))],
    );
    let layout = |fields: &[(&str, &[_])]| PublishedLayout {
        fields: fields
            .iter()
            .map(|(a, roles)| ((*a).into(), (*a).into(), roles.to_vec()))
            .collect(),
        axes: vec![("s".into(), None)],
        ..PublishedLayout::default()
    };
    let file =
        PublishedFile::open_with(&path, layout(&[("a", &[Component, Space, Sample])])).unwrap();
    let second = file.read("a", 1..3).unwrap();
    assert_eq!(
        (file.n_samples(), &second.shape[..]),
        (4, &[2, 1, 3, 2][..])
    );
    assert_eq!(
        second.values,
        [
            1.0, 13.0, 5.0, 17.0, 9.0, 21.0, 2.0, 14.0, 6.0, 18.0, 10.0, 22.0
        ]
    );
    let message = PublishedFile::open_with(
        &path,
        layout(&[("a", &[Component, Space, Sample]), ("b", &[Space, Sample])]),
    );
    let message = message.unwrap_err().to_string();
    assert!(
        message.contains("\"b\" of shape [3, 5] has Some(5) samples, others Some(4)"),
        "{message}"
    );
}

#[test]
fn series_are_trajectories() {
    let folder = Folder::new();
    series_files(folder.0.path());
    let file = PublishedFile::open(folder.0.path().join("series.xdmf")).unwrap();
    assert_eq!(
        (file.layout(), file.n_samples(), file.times()),
        ("XDMF", 1, Some(&[0.25, 0.5][..]))
    );
    assert_eq!(
        (fields(&file), axes(&file)),
        (vec![("u", 2, 2)], vec![("point", 4)])
    );
    let u = file.read("u", 0..1).unwrap();
    assert_eq!(u.shape, [1, 2, 4, 2]);
    assert_eq!(u.values[..4], [1.0, 2.0, 4.0, 5.0]);
    assert_eq!(u.values[8], 13.0);
    assert!(file.read("u", 0..0).unwrap().values.is_empty());
    std::fs::write(folder.0.path().join("box.xmf"), BOX).unwrap();
    let file = PublishedFile::open(folder.0.path().join("box.xmf")).unwrap();
    assert_eq!(axes(&file), [("z", 2), ("y", 3), ("x", 4)]);
}
