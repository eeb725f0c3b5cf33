//! Files as they were published, where they are present.

use std::path::Path;

use karman_datasets::PublishedFile;

use super::third_party;
use super::trajectories::{axes, fields};

fn open(folder: &Path, name: &str) -> PublishedFile {
    PublishedFile::open(folder.join(name)).unwrap()
}

#[test]
fn the_files_of_pinns() {
    let Some(folder) = third_party("pinns") else {
        return;
    };
    let burgers = open(&folder, "burgers_shock.mat");
    assert_eq!(
        (fields(&burgers), axes(&burgers)),
        (vec![("usol", 100, 1)], vec![("x", 256)])
    );
    for name in ["AC.mat", "KdV.mat"] {
        let file = open(&folder, name);
        assert_eq!(
            (fields(&file), axes(&file)),
            (vec![("uu", 201, 1)], vec![("x", 512)])
        );
        let times = file.times().unwrap();
        assert!(times.len() == 201 && times[0] == 0.0 && (times[200] - 1.0).abs() < 1e-12);
    }
    // Allen-Cahn begins with x^2 cos(pi x).
    let file = open(&folder, "AC.mat");
    let start = file.read("uu", 0..1).unwrap();
    let x = file.axes()[0].coordinates.clone().unwrap();
    for (u, x) in start.values.iter().zip(&x) {
        assert!((u - x * x * (std::f64::consts::PI * x).cos()).abs() < 1e-12);
    }
}

#[test]
fn the_files_of_neuraloperator() {
    let Some(folder) = third_party("neuralop") else {
        return;
    };
    let darcy = open(&folder, "darcy_test_32.pt");
    assert_eq!(
        (darcy.n_samples(), axes(&darcy)),
        (50, vec![("x", 32), ("y", 32)])
    );
    // The stored tensors run over samples fastest, and begin in the middle of their storage.
    let burgers = open(&folder, "burgers_train_16.pt");
    assert_eq!(fields(&burgers), [("x", 1, 1), ("y", 17, 1)]);
    for sample in [0, 7, burgers.n_samples() - 1] {
        let (x, y) = (
            burgers.read("x", sample..sample + 1),
            burgers.read("y", sample..sample + 1),
        );
        assert_eq!(
            x.unwrap().values,
            y.unwrap().values[..16],
            "the output begins with the input"
        );
    }
}
