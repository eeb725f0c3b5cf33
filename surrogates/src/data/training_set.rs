//! Encoded rows from which batches are drawn.

use karman_datasets::{CaseInfo, PointTable};
use rand::{Rng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{CaseSource, Encoder};
use crate::{SurrogateError, mario::SdfLatent};

/// One encoded case.
struct EncodedCase {
    inputs: Vec<f32>,
    targets: Vec<f32>,
    weights: Vec<f32>,
    surface: Vec<u32>,
    n_rows: usize,
}

/// Where the rows of a batch come from.
enum Rows<'a> {
    /// Everything was encoded beforehand.
    Memory(Vec<EncodedCase>),
    /// Read from the source for each batch: for data sets larger than memory. The few wall rows
    /// are kept.
    Stream {
        source: &'a dyn CaseSource,
        walls: Vec<EncodedCase>,
    },
}

/// The train cases, their codes, and how to draw points of them.
pub struct TrainingSet<'a> {
    encoder: &'a Encoder,
    infos: Vec<CaseInfo>,
    cases: Vec<usize>,
    codes: Vec<Vec<f32>>,
    rows: Rows<'a>,
}

/// The rows of one batch, `cases x points` of them, case after case.
pub struct BatchRows {
    /// Index within the training set of each case of the batch.
    pub cases: Vec<usize>,
    /// Points of each case.
    pub points: usize,
    /// `[cases, points, inputs]`.
    pub inputs: Vec<f32>,
    /// `[cases, points, 4]`.
    pub targets: Vec<f32>,
    /// `[cases, points, 4]`.
    pub weights: Vec<f32>,
}

impl<'a> TrainingSet<'a> {
    /// Encodes the cases `cases` of `source`, in memory when they need at most `memory_limit`
    /// bytes, else row by row as they are drawn. `latent` completes the codes where the encoder's
    /// geometry code is the latent one.
    ///
    /// # Errors
    /// Unreadable cases.
    pub fn new(
        encoder: &'a Encoder,
        source: &'a dyn CaseSource,
        cases: &[usize],
        memory_limit: usize,
        latent: Option<&SdfLatent>,
    ) -> Result<Self, SurrogateError> {
        let infos: Vec<CaseInfo> = cases.iter().map(|&c| source.infos()[c].clone()).collect();
        let codes = cases
            .iter()
            .zip(&infos)
            .map(|(&case, info)| {
                let mut code = encoder.code(info)?;
                if let Some(latent) = latent {
                    code.extend(latent.encode(&source.table(case)?)?);
                }
                Ok(code)
            })
            .collect::<Result<_, SurrogateError>>()?;
        let points: usize = infos.iter().map(|info| info.n_points).sum();
        let bytes = points * (encoder.n_inputs() + 8) * size_of::<f32>();
        let rows = if bytes <= memory_limit {
            Rows::Memory(
                cases
                    .par_iter()
                    .map(|&case| encode(encoder, source, case))
                    .collect::<Result<_, _>>()?,
            )
        } else {
            let walls = cases.par_iter().map(|&case| {
                let info = &source.infos()[case];
                encode_table(encoder, info, &wall_rows(&source.table(case)?)?)
            });
            Rows::Stream {
                source,
                walls: walls.collect::<Result<_, _>>()?,
            }
        };
        Ok(Self {
            encoder,
            infos,
            cases: cases.to_vec(),
            codes,
            rows,
        })
    }

    /// Number of cases.
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// The cases.
    pub fn infos(&self) -> &[CaseInfo] {
        &self.infos
    }

    /// Codes of the cases.
    pub fn codes(&self) -> &[Vec<f32>] {
        &self.codes
    }

    /// The cases of an epoch in random order, `cases` to a batch; the last batch is filled up with
    /// cases of the next lap so that all batches have one shape.
    pub fn batches(&self, cases: usize, rng: &mut ChaCha8Rng) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.shuffle(rng);
        let missing = order.len().next_multiple_of(cases) - order.len();
        for k in 0..missing {
            order.push(order[k % self.len()]);
        }
        order.chunks(cases).map(<[usize]>::to_vec).collect()
    }

    /// Draws `points` random rows of each case; the share `surface_share` of them from the wall.
    ///
    /// # Errors
    /// Unreadable cases.
    pub fn draw(
        &self,
        cases: &[usize],
        points: usize,
        surface_share: f64,
        rng: &mut ChaCha8Rng,
    ) -> Result<BatchRows, SurrogateError> {
        let rows = cases.len() * points;
        let mut batch = BatchRows {
            cases: cases.to_vec(),
            points,
            inputs: Vec::with_capacity(rows * self.encoder.n_inputs()),
            targets: Vec::with_capacity(rows * 4),
            weights: Vec::with_capacity(rows * 4),
        };
        for &case in cases {
            match &self.rows {
                Rows::Memory(encoded) => {
                    let encoded = &encoded[case];
                    let on_wall = share_of(points, surface_share, &encoded.surface);
                    for _ in 0..on_wall {
                        let wall = rng.random_range(0..encoded.surface.len());
                        batch.push(encoded, encoded.surface[wall] as usize);
                    }
                    for _ in on_wall..points {
                        batch.push(encoded, rng.random_range(0..encoded.n_rows));
                    }
                }
                Rows::Stream { source, walls } => {
                    let wall = &walls[case];
                    let on_wall = share_of(points, surface_share, &wall.surface);
                    for _ in 0..on_wall {
                        batch.push(wall, rng.random_range(0..wall.n_rows));
                    }
                    let info = &self.infos[case];
                    let offset = rng.random_range(0..info.n_points.max(1));
                    let table = source.subset(self.cases[case], offset, points - on_wall)?;
                    let encoded = encode_table(self.encoder, info, &table)?;
                    // A case of fewer rows than asked for is gone through again.
                    for row in 0..points - on_wall {
                        batch.push(&encoded, row % encoded.n_rows.max(1));
                    }
                }
            }
        }
        Ok(batch)
    }
}

impl BatchRows {
    fn push(&mut self, case: &EncodedCase, row: usize) {
        let inputs = case.inputs.len() / case.n_rows.max(1);
        let span = |width: usize| row * width..(row + 1) * width;
        self.inputs.extend_from_slice(&case.inputs[span(inputs)]);
        self.targets.extend_from_slice(&case.targets[span(4)]);
        self.weights.extend_from_slice(&case.weights[span(4)]);
    }
}

/// How many of `points` are drawn from the wall, where there is one.
fn share_of(points: usize, share: f64, surface: &[u32]) -> usize {
    if surface.is_empty() {
        0
    } else {
        (share * points as f64).round() as usize
    }
}

/// The rows of a table that lie on the wall.
fn wall_rows(table: &PointTable) -> Result<PointTable, SurrogateError> {
    let on_wall = table.column("is_surface")?;
    let rows = table.rows().zip(on_wall).filter(|(_, wall)| *wall != 0.0);
    let data = rows.flat_map(|(row, _)| row.iter().copied()).collect();
    Ok(PointTable::new(table.columns().to_vec(), data)?)
}

fn encode(
    encoder: &Encoder,
    source: &dyn CaseSource,
    case: usize,
) -> Result<EncodedCase, SurrogateError> {
    encode_table(encoder, &source.infos()[case], &source.table(case)?)
}

fn encode_table(
    encoder: &Encoder,
    info: &CaseInfo,
    table: &PointTable,
) -> Result<EncodedCase, SurrogateError> {
    let encoded = encoder.targets(info, table)?;
    let surface = table.column("is_surface")?;
    Ok(EncodedCase {
        inputs: encoder.inputs(info, table)?,
        targets: encoded.targets,
        weights: encoded.weights,
        surface: (0..surface.len() as u32)
            .filter(|&row| surface[row as usize] != 0.0)
            .collect(),
        n_rows: table.n_rows(),
    })
}
