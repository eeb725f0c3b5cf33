//! Encoded rows from which batches are drawn.

use burn::{
    Tensor,
    tensor::{Device, TensorData},
};
use karman_datasets::{CaseInfo, PointTable};
use rand::{Rng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::{CaseSource, Encoder};
use crate::{SurrogateError, mario::SdfLatent};

/// Width of targets and weights of a row together.
const SUPERVISION: usize = 8;

/// One encoded case: rows `[inputs | targets | weights]`.
struct EncodedCase {
    rows: Vec<f32>,
    surface: Vec<u32>,
    n_rows: usize,
}

/// Where the rows of a batch come from.
enum Rows<'a> {
    /// All rows of all cases, on the device.
    Table {
        table: Box<Tensor<2>>,
        /// Each case's first row, number of rows, and its rows on the wall.
        cases: Vec<(usize, usize, Vec<u32>)>,
    },
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
    codes: Tensor<2>,
    rows: Rows<'a>,
    loss_weights: [f32; 4],
    device: Device,
}

/// What a training set is made from.
pub struct TrainingSource<'a> {
    /// Schema and normalisation.
    pub encoder: &'a Encoder,
    /// Where cases are read.
    pub source: &'a dyn CaseSource,
    /// Completes the codes where the encoder's geometry code is the latent one.
    pub latent: Option<&'a SdfLatent>,
    /// Factors of the weights of u_x, u_y, p and nu_t.
    pub loss_weights: [f32; 4],
    /// Cases that need at most this many bytes are held on the device.
    pub memory_limit: usize,
}

/// The random part of a batch of `cases x points` rows, case after case.
pub enum Draw {
    /// Numbers of rows of the table on the device.
    Table(Vec<i32>),
    /// The rows themselves, read from a source.
    Rows {
        /// Row after row.
        values: Vec<f32>,
        /// Values of a row: inputs, 4 targets, 4 weights.
        width: usize,
    },
}

impl<'a> TrainingSet<'a> {
    /// Encodes the cases `cases`: onto `device` when they fit `memory_limit`, else row by row as
    /// they are drawn.
    ///
    /// # Errors
    /// Unreadable cases.
    pub fn new(
        from: &TrainingSource<'a>,
        cases: &[usize],
        device: &Device,
    ) -> Result<Self, SurrogateError> {
        let (encoder, source) = (from.encoder, from.source);
        let infos: Vec<CaseInfo> = cases.iter().map(|&c| source.infos()[c].clone()).collect();
        let codes = codes(from, cases, &infos)?;
        let points: usize = infos.iter().map(|info| info.n_points).sum();
        let bytes = points * (encoder.n_inputs() + SUPERVISION) * size_of::<f32>();
        let mut set = Self {
            encoder,
            infos,
            cases: cases.to_vec(),
            codes: matrix(codes, cases.len(), device),
            rows: Rows::Stream {
                source,
                walls: Vec::new(),
            },
            loss_weights: from.loss_weights,
            device: device.clone(),
        };
        set.rows = if bytes <= from.memory_limit {
            set.table(source)?
        } else {
            let walls = cases.par_iter().map(|&case| {
                let info = &source.infos()[case];
                set.encode(info, &wall_rows(&source.table(case)?)?)
            });
            Rows::Stream {
                source,
                walls: walls.collect::<Result<_, _>>()?,
            }
        };
        Ok(set)
    }

    /// All cases in one table on the device.
    fn table(&self, source: &'a dyn CaseSource) -> Result<Rows<'a>, SurrogateError> {
        let encode = |&case: &usize| self.encode(&source.infos()[case], &source.table(case)?);
        let encoded: Vec<EncodedCase> = self
            .cases
            .par_iter()
            .map(encode)
            .collect::<Result<_, _>>()?;
        let total: usize = encoded.iter().map(|case| case.n_rows).sum();
        let mut data = Vec::with_capacity(total * self.row_width());
        let mut cases = Vec::with_capacity(encoded.len());
        let mut first = 0;
        for case in encoded {
            data.extend_from_slice(&case.rows);
            cases.push((first, case.n_rows, case.surface));
            first += case.n_rows;
        }
        Ok(Rows::Table {
            table: Box::new(matrix(data, total, &self.device)),
            cases,
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

    /// Codes of the cases, `[cases, code]`, on the device.
    pub fn codes(&self) -> &Tensor<2> {
        &self.codes
    }

    /// Number of inputs of a row; 4 targets and 4 weights follow them.
    pub fn n_inputs(&self) -> usize {
        self.encoder.n_inputs()
    }

    fn row_width(&self) -> usize {
        self.n_inputs() + SUPERVISION
    }

    /// Whether all rows lie on the device.
    pub fn on_device(&self) -> bool {
        matches!(self.rows, Rows::Table { .. })
    }

    /// The table of all rows, `[rows, inputs + 8]`, where it lies on the device.
    pub(crate) fn device_table(&self) -> Option<&Tensor<2>> {
        match &self.rows {
            Rows::Table { table, .. } => Some(table),
            Rows::Stream { .. } => None,
        }
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
    ) -> Result<Draw, SurrogateError> {
        match &self.rows {
            Rows::Table { cases: table, .. } => {
                let drawn = cases.iter().flat_map(|&case| {
                    let (first, n_rows, surface) = &table[case];
                    let on_wall = share_of(points, surface_share, surface.len());
                    let rows: Vec<i32> = (0..points)
                        .map(|k| {
                            let row = if k < on_wall {
                                surface[rng.random_range(0..surface.len())] as usize
                            } else {
                                rng.random_range(0..*n_rows)
                            };
                            (first + row) as i32
                        })
                        .collect();
                    rows
                });
                Ok(Draw::Table(drawn.collect()))
            }
            Rows::Stream { source, walls } => {
                let mut rows = Vec::with_capacity(cases.len() * points * self.row_width());
                for &case in cases {
                    let wall = &walls[case];
                    let on_wall = share_of(points, surface_share, wall.n_rows);
                    for _ in 0..on_wall {
                        let row = rng.random_range(0..wall.n_rows);
                        rows.extend_from_slice(self.row(wall, row));
                    }
                    let info = &self.infos[case];
                    let offset = rng.random_range(0..info.n_points.max(1));
                    let table = source.subset(self.cases[case], offset, points - on_wall)?;
                    let encoded = self.encode(info, &table)?;
                    // A case of fewer rows than asked for is gone through again.
                    for row in 0..points - on_wall {
                        let row = row % encoded.n_rows.max(1);
                        rows.extend_from_slice(self.row(&encoded, row));
                    }
                }
                Ok(Draw::Rows {
                    values: rows,
                    width: self.row_width(),
                })
            }
        }
    }

    fn row<'b>(&self, case: &'b EncodedCase, row: usize) -> &'b [f32] {
        let width = self.row_width();
        &case.rows[row * width..(row + 1) * width]
    }

    fn encode(&self, info: &CaseInfo, table: &PointTable) -> Result<EncodedCase, SurrogateError> {
        let encoded = self.encoder.targets(info, table)?;
        let inputs = self.encoder.inputs(info, table)?;
        let n_inputs = self.n_inputs();
        let surface = table.column("is_surface")?;
        let mut rows = Vec::with_capacity(table.n_rows() * self.row_width());
        for row in 0..table.n_rows() {
            rows.extend_from_slice(&inputs[row * n_inputs..(row + 1) * n_inputs]);
            rows.extend_from_slice(&encoded.targets[4 * row..4 * row + 4]);
            let weights = &encoded.weights[4 * row..4 * row + 4];
            rows.extend(weights.iter().zip(self.loss_weights).map(|(w, l)| w * l));
        }
        Ok(EncodedCase {
            rows,
            surface: (0..surface.len() as u32)
                .filter(|&row| surface[row as usize] != 0.0)
                .collect(),
            n_rows: table.n_rows(),
        })
    }
}

/// Codes of the cases, one after the other.
fn codes(
    from: &TrainingSource<'_>,
    cases: &[usize],
    infos: &[CaseInfo],
) -> Result<Vec<f32>, SurrogateError> {
    let mut codes = Vec::new();
    for (&case, info) in cases.iter().zip(infos) {
        codes.extend(from.encoder.code(info)?);
        if let Some(latent) = from.latent {
            codes.extend(latent.encode(&from.source.table(case)?)?);
        }
    }
    Ok(codes)
}

fn matrix(data: Vec<f32>, rows: usize, device: &Device) -> Tensor<2> {
    let width = data.len() / rows.max(1);
    Tensor::from_data(TensorData::new(data, [rows, width]), device)
}

/// How many of `points` are drawn from the wall, where there is one.
fn share_of(points: usize, share: f64, wall_rows: usize) -> usize {
    if wall_rows == 0 {
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
