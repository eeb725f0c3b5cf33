//! Predictions written to disk and scored, and everything that may be wrong with them.

use karman_meshes::{CellType, Field, Location, Mesh, WriteOptions, write_mesh};

use super::*;
use crate::{forces_of, synthetic_dataset};

struct Setup {
    dir: tempfile::TempDir,
    dataset: AirfransDataset,
    names: Vec<String>,
    statistics: FieldStatistics,
}

impl Setup {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        synthetic_dataset(&dir.path().join("data"), 3, 2, (48, 20), 11).unwrap();
        let dataset = AirfransDataset::open(dir.path().join("data")).unwrap();
        let names = dataset.cases("full_test").unwrap();
        let statistics =
            FieldStatistics::from_part(&dataset, "full_train", Progress::Hidden).unwrap();
        std::fs::create_dir(dir.path().join("predictions")).unwrap();
        Self {
            dir,
            dataset,
            names,
            statistics,
        }
    }

    fn folder(&self) -> std::path::PathBuf {
        self.dir.path().join("predictions")
    }

    fn write(&self, name: &str, mesh: &Mesh, fields: &[Field]) {
        let path = self.folder().join(format!("{name}.vtu"));
        write_mesh(&path, mesh, fields, &WriteOptions::default()).unwrap();
    }

    /// Writes the truth as prediction for all cases, changed by `change`.
    fn write_all(&self, change: impl Fn(&mut FlowFields)) {
        for name in &self.names {
            let sample = self.dataset.load(name).unwrap();
            let mut fields = FlowFields::from_sample(&sample).unwrap();
            change(&mut fields);
            self.write(name, &sample.mesh, &fields.to_fields().unwrap());
        }
    }

    fn score(&self) -> Result<ScoreReport, DatasetError> {
        let progress = Progress::Hidden;
        score_predictions(
            &self.folder(),
            &self.dataset,
            "full_test",
            &self.statistics,
            progress,
        )
    }

    fn message(&self) -> String {
        self.score().unwrap_err().to_string()
    }
}

#[test]
fn the_truth_scores_zero_and_a_shift_its_square() {
    let setup = Setup::new();
    setup.write_all(|_| {});
    let report = setup.score().unwrap();
    assert_eq!(
        report.cases.iter().map(|c| &c.name).collect::<Vec<_>>(),
        setup.names.iter().collect::<Vec<_>>()
    );
    let zero = report.summary.volume_mse.unwrap().to_array();
    assert!(zero.iter().all(|v| *v < 1e-12), "{zero:?}");
    assert_eq!(report.summary.forces.cl.rank, Some(1.0));
    // The pressure is off by two train standard deviations.
    let shift = 2.0 * setup.statistics.std[2];
    setup.write_all(|f| f.pressure.iter_mut().for_each(|p| *p += shift));
    let report = setup.score().unwrap();
    assert!((report.summary.volume_mse.unwrap().p - 4.0).abs() < 1e-4);
    assert!((report.summary.surface_mse.unwrap().p - 4.0).abs() < 1e-4);
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<ScoreReport>(&text).unwrap(), report);
}

/// The forces of the files are those computed in memory, and nonsense on the wall does not count.
#[test]
fn forces_come_from_the_files() {
    let setup = Setup::new();
    setup.write_all(|f| f.velocity.iter_mut().for_each(|u| u[0] *= 1.5));
    let report = setup.score().unwrap();
    for case in &report.cases {
        let sample = setup.dataset.load(&case.name).unwrap();
        let mut fields = FlowFields::from_sample(&sample).unwrap();
        assert_eq!(forces_of(&sample, &fields).unwrap(), case.forces.truth);
        fields.velocity.iter_mut().for_each(|u| u[0] *= 1.5);
        let forces = forces_of(&sample, &fields).unwrap();
        assert!((forces.cd - case.forces.prediction.cd).abs() < 1e-5);
        assert!((forces.cl - case.forces.prediction.cl).abs() < 1e-5);
    }
}

#[test]
fn absent_predictions_are_listed_first() {
    let setup = Setup::new();
    let message = setup.message();
    assert!(
        message.contains("no prediction for 2 of the 2 cases of full_test"),
        "{message}"
    );
    assert!(
        message.contains(&format!("{}.vtu", setup.names[1])),
        "{message}"
    );
    let unknown = score_predictions(
        &setup.folder(),
        &setup.dataset,
        "no_such",
        &setup.statistics,
        Progress::Hidden,
    );
    assert!(unknown.unwrap_err().to_string().contains("no_such"));
}

#[test]
fn wrong_files_are_named() {
    let setup = Setup::new();
    setup.write_all(|_| {});
    let name = &setup.names[0];
    let sample = setup.dataset.load(name).unwrap();
    let good = FlowFields::from_sample(&sample)
        .unwrap()
        .to_fields()
        .unwrap();

    // An array that is not there: the message lists those that are.
    setup.write(name, &sample.mesh, &good[..2]);
    let message = setup.message();
    assert!(
        message.contains("no point array \"nut\"") && message.contains("U, p"),
        "{message}"
    );
    assert!(message.contains(&format!("{name}.vtu")), "{message}");

    // A vector where a scalar belongs.
    let n = sample.mesh.n_points();
    let wrong = Field::new("p", Location::Point, 3, vec![0.0; 3 * n]).unwrap();
    setup.write(
        name,
        &sample.mesh,
        &[good[0].clone(), wrong, good[2].clone()],
    );
    let message = setup.message();
    assert!(message.contains("\"p\" has 3 components"), "{message}");

    // NaN, with its place.
    let mut values = vec![0.0; n];
    values[5] = f64::NAN;
    let wrong = Field::new("p", Location::Point, 1, values).unwrap();
    setup.write(
        name,
        &sample.mesh,
        &[good[0].clone(), wrong, good[2].clone()],
    );
    let message = setup.message();
    assert!(message.contains("\"p\" is NaN at node 5"), "{message}");

    // Points in another order.
    let mut points = sample.mesh.points().to_vec();
    points.reverse();
    let other = Mesh::builder()
        .points(points)
        .cell(CellType::Vertex, &[0])
        .build()
        .unwrap();
    setup.write(name, &other, &good);
    let message = setup.message();
    assert!(
        message.contains("lie elsewhere") && message.contains("point 0"),
        "{message}"
    );

    // Another mesh.
    let few = Mesh::builder()
        .points(vec![[0.0; 3], [1.0, 0.0, 0.0]])
        .cell(CellType::Line, &[0, 1])
        .build()
        .unwrap();
    setup.write(name, &few, &[]);
    let message = setup.message();
    assert!(
        message.contains(&format!("2 points, but {name}_internal.vtu has {n}")),
        "{message}"
    );

    // No mesh file at all.
    std::fs::write(setup.folder().join(format!("{name}.vtu")), b"not xml").unwrap();
    let message = setup.message();
    assert!(message.contains(&format!("{name}.vtu")), "{message}");
}

/// Coordinates that went through a text file with seven digits are still the same points.
#[test]
fn rounded_coordinates_are_accepted() {
    let setup = Setup::new();
    setup.write_all(|_| {});
    let name = &setup.names[0];
    let sample = setup.dataset.load(name).unwrap();
    let points = sample
        .mesh
        .points()
        .iter()
        .map(|p| p.map(|v| (v * 1e6).round() / 1e6))
        .collect();
    let rounded = Mesh::builder()
        .points(points)
        .cell(CellType::Vertex, &[0])
        .build()
        .unwrap();
    let fields = FlowFields::from_sample(&sample)
        .unwrap()
        .to_fields()
        .unwrap();
    setup.write(name, &rounded, &fields);
    assert!(setup.score().is_ok());
}
