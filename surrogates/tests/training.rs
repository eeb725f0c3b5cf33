//! Training on a small analytic data set: it learns, stops, resumes exactly and refuses what does
//! not fit.

use std::path::Path;

use burn::tensor::Device;
use karman_datasets::{AirfransDataset, Cache, Progress, synthetic_dataset};
use karman_surrogates::{
    CaseSource, Encoder, EpochMetrics, FeatureConfig, FieldModel, LatentMethod, MarioConfig,
    MlpConfig, ModelConfig, PointNetConfig, Precision, SdfLatent, SdfLatentConfig, StopReason,
    SurrogateError, Trainer, TrainingConfig, TrainingObserver, TrainingOutcome, read_metrics,
    validate,
};

/// Stops after a number of epochs, if any.
#[derive(Default)]
struct Observer {
    stop_after: Option<usize>,
    seen: Vec<EpochMetrics>,
}

impl TrainingObserver for Observer {
    fn epoch(&mut self, metrics: &EpochMetrics, _epochs: usize) {
        self.seen.push(metrics.clone());
    }

    fn interrupted(&self) -> bool {
        self.stop_after.is_some_and(|n| self.seen.len() + 1 >= n)
    }
}

struct Setting {
    _folder: tempfile::TempDir,
    cache: Cache,
    features: FeatureConfig,
    validation: Vec<usize>,
}

impl Setting {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().join("data");
        synthetic_dataset(&root, 4, 2, (48, 16), 0).expect("a synthetic data set");
        let dataset = AirfransDataset::open(&root).expect("the data set");
        let cache = Cache::open_or_build(&dataset, folder.path().join("cache"), Progress::Hidden)
            .expect("the cache");
        let features = FeatureConfig {
            nondimensional: true,
            wall_ramp: 1e-3,
            ..FeatureConfig::default()
        };
        Self {
            _folder: folder,
            cache,
            features,
            validation: vec![3],
        }
    }

    fn train(
        &self,
        model: &ModelConfig,
        config: &TrainingConfig,
        folder: &Path,
        resume: bool,
        observer: &mut Observer,
    ) -> Result<TrainingOutcome, SurrogateError> {
        std::fs::create_dir_all(folder).expect("a run folder");
        let encoder = Encoder::fit(&self.features, &self.cache, &[0, 1, 2])?;
        Trainer {
            model,
            config,
            encoder: &encoder,
            latent: None,
            source: &self.cache,
            train: &[0, 1, 2],
            validation: &self.validation,
            device: &Device::flex(),
            folder,
        }
        .run(resume, observer)
    }
}

fn small_mario() -> ModelConfig {
    ModelConfig::Mario(MarioConfig {
        n_freq: 8,
        width: 32,
        depth: 3,
        hyper_width: 16,
        hyper_depth: 2,
        ..MarioConfig::default()
    })
}

fn short(epochs: usize) -> TrainingConfig {
    TrainingConfig {
        epochs,
        batch_cases: 2,
        points: 64,
        evaluate_every: 2,
        ..TrainingConfig::default()
    }
}

#[test]
fn an_interrupted_run_goes_on_exactly() {
    let setting = Setting::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (whole, halves) = (folder.path().join("whole"), folder.path().join("halves"));
    let (model, config) = (small_mario(), short(6));
    let mut observer = Observer::default();
    setting
        .train(&model, &config, &whole, false, &mut observer)
        .expect("an uninterrupted run");
    let mut first = Observer {
        stop_after: Some(3),
        ..Observer::default()
    };
    let outcome = setting
        .train(&model, &config, &halves, false, &mut first)
        .expect("the first half");
    assert_eq!(outcome.stop, StopReason::Interrupted);
    assert_eq!(outcome.epochs, 3);
    setting
        .train(&model, &config, &halves, true, &mut Observer::default())
        .expect("the second half");
    let timeless = |folder: &Path| -> Vec<EpochMetrics> {
        let mut metrics = read_metrics(folder).expect("metrics");
        metrics.iter_mut().for_each(|m| m.seconds = 0.0);
        metrics
    };
    assert_eq!(timeless(&whole).len(), 6);
    assert_eq!(timeless(&whole), timeless(&halves));
    let weights = |folder: &Path| std::fs::read(folder.join("model.safetensors")).expect("weights");
    assert!(
        weights(&whole) == weights(&halves),
        "the same weights, bit for bit"
    );
}

#[test]
fn every_network_learns() {
    let setting = Setting {
        validation: Vec::new(),
        ..Setting::new()
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let models = [
        small_mario(),
        ModelConfig::Mlp(MlpConfig {
            width: 32,
            depth: 3,
        }),
        ModelConfig::PointNet(PointNetConfig {
            width: 32,
            global_width: 32,
        }),
    ];
    for model in models {
        let run = folder.path().join(model.name());
        let mut observer = Observer::default();
        let outcome = setting
            .train(&model, &short(500), &run, false, &mut observer)
            .expect("a run");
        let (first, last) = (&observer.seen[0], &observer.seen[499]);
        assert!(
            last.loss < 0.3 * first.loss,
            "{}: loss from {} to {}",
            model.name(),
            first.loss,
            last.loss
        );
        let score = validate(&outcome.model, &setting.cache, &[0, 1, 2]).expect("a score");
        assert!(score.mean < 0.5, "{}: {score:?}", model.name());
        let loaded = FieldModel::load(&run, &Device::flex()).expect("the stored model");
        let again = validate(&loaded, &setting.cache, &[0, 1, 2]).expect("a score");
        assert_eq!(score, again);
    }
}

/// Activations in bf16, weights in f32: what is learned is the same but for rounding.
#[test]
fn activations_in_bf16_serve_as_well() {
    let setting = Setting::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let last = |precision: Precision| {
        let config = TrainingConfig {
            precision,
            ..short(200)
        };
        let mut observer = Observer::default();
        let run = folder.path().join(precision.name());
        setting
            .train(&small_mario(), &config, &run, false, &mut observer)
            .expect("a run");
        (observer.seen[0].loss, observer.seen[199].loss)
    };
    let ((_, single), (first, half)) = (last(Precision::F32), last(Precision::Bf16));
    assert!(half < 0.5 * first, "loss from {first} to {half}");
    assert!(half < 1.5 * single, "bf16 {half} against f32 {single}");
    assert_ne!(half, single, "bf16 had no effect");
}

#[test]
fn rows_streamed_from_the_cache_serve_as_well() {
    let setting = Setting::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = TrainingConfig {
        memory_gib: 0.0,
        surface_share: 0.1,
        ..short(200)
    };
    let mut observer = Observer::default();
    let model = small_mario();
    setting
        .train(&model, &config, folder.path(), false, &mut observer)
        .expect("a run");
    let (first, last) = (&observer.seen[0], &observer.seen[199]);
    assert!(
        last.loss < 0.5 * first.loss,
        "loss from {} to {}",
        first.loss,
        last.loss
    );
}

#[test]
fn latent_geometry_codes_are_learned_stored_and_found_again() {
    let setting = Setting::new();
    let tables: Vec<_> = (0..4)
        .map(|case| setting.cache.subset(case, 0, 16_384).expect("rows"))
        .collect();
    for method in [LatentMethod::Cavia, LatentMethod::AutoDecoder] {
        let config = SdfLatentConfig {
            method,
            size: 3,
            n_freq: 8,
            width: 32,
            depth: 3,
            steps: 60,
            points: 64,
            batch_cases: 2,
            ..SdfLatentConfig::default()
        };
        let device = Device::flex();
        let fit = || SdfLatent::fit(&config, &setting.cache, &[0, 1, 2], 7, &device);
        let latent = fit().expect("a latent network");
        let codes: Vec<Vec<f32>> = tables
            .iter()
            .map(|table| latent.encode(table).expect("a code"))
            .collect();
        assert!(codes.iter().flatten().all(|v| v.is_finite()) && codes[0].len() == 3);
        assert!(
            codes[0] != codes[1],
            "{method:?}: airfoils differ in their codes"
        );
        let again = fit().expect("a latent network").encode(&tables[0]);
        assert_eq!(
            again.expect("a code"),
            codes[0],
            "the same seed, the same code"
        );
        let spread: f32 = (0..3).map(|i| codes[i][0].powi(2)).sum::<f32>() / 3.0;
        assert!(
            (spread - 1.0).abs() < 1e-3,
            "z-scored over the train cases: {spread}"
        );
    }
}

#[test]
fn a_state_of_another_run_is_refused() {
    let setting = Setting::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut stop = Observer {
        stop_after: Some(2),
        ..Observer::default()
    };
    let model = small_mario();
    setting
        .train(&model, &short(4), folder.path(), false, &mut stop)
        .expect("a run");
    let error = setting
        .train(
            &model,
            &short(5),
            folder.path(),
            true,
            &mut Observer::default(),
        )
        .err()
        .expect("other settings");
    assert!(error.to_string().contains("other settings"), "{error}");
}

#[test]
fn damaged_and_foreign_checkpoints_are_refused() {
    let setting = Setting::new();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = folder.path();
    setting
        .train(
            &small_mario(),
            &short(2),
            run,
            false,
            &mut Observer::default(),
        )
        .expect("a run");
    let load = || match FieldModel::load(run, &Device::flex()) {
        Ok(_) => panic!("a damaged checkpoint was loaded"),
        Err(error) => error.to_string(),
    };
    let weights = run.join("model.safetensors");
    let good = std::fs::read(&weights).expect("weights");
    std::fs::write(&weights, &good[..good.len() / 2]).expect("a writable file");
    assert!(load().contains("safetensors"), "truncated: {}", load());
    let mut huge = good.clone();
    huge[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    std::fs::write(&weights, &huge).expect("a writable file");
    assert!(load().contains("safetensors"), "huge header: {}", load());
    let mut nan = good.clone();
    let end = nan.len() - 4;
    nan[end..].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(&weights, &nan).expect("a writable file");
    assert!(load().contains("NaN"), "{}", load());
    std::fs::write(&weights, &good).expect("a writable file");

    let schema = run.join("schema.json");
    let text = std::fs::read_to_string(&schema).expect("a schema");
    std::fs::write(&schema, text.replace("\"width\": 32", "\"width\": 16")).expect("writable");
    assert!(load().contains("other settings"), "{}", load());
    std::fs::write(&schema, text.replace("\"version\": 1", "\"version\": 99")).expect("writable");
    assert!(load().contains("version 99"), "{}", load());
    std::fs::write(&schema, &text[..text.len() / 3]).expect("writable");
    assert!(load().contains("schema.json"), "{}", load());
    std::fs::remove_file(&schema).expect("a file");
    assert!(load().contains("karman train"), "{}", load());
}
