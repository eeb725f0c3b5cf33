//! The schema of a trained model: which columns go in, how they are scaled, and how network
//! outputs become velocities and pressures again. Stored with every checkpoint.

mod range;

use karman_datasets::{
    BoundaryLayerMask, CaseInfo, ColumnSelector, ColumnStatistics, Normaliser, PointTable, Scaling,
    Transform,
};
use serde::{Deserialize, Serialize};

use super::{CaseSource, ConditionCode, GeometryCode};
use crate::{SurrogateError, mario::SdfLatentConfig};

/// The predicted fields, in the order of network outputs.
pub(crate) const TARGETS: [&str; 4] = ["u_x", "u_y", "p", "nu_t"];

/// Length by which `log_sdf` is scaled, m: about ten viscous lengths at AirfRANS's conditions.
const LOG_SDF_LENGTH: f64 = 1e-4;

/// What a model sees of a point and of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeatureConfig {
    /// Input columns: any of `karman_datasets::INPUT_COLUMNS`, `bl_mask` (boundary-layer mask) and
    /// `log_sdf` (`ln(1 + sdf / 0.1 mm)`, which spreads the boundary layer).
    pub inputs: Vec<String>,
    /// Shape of the boundary-layer mask.
    pub bl_mask: BoundaryLayerMask,
    /// How the airfoil enters the code of a case.
    pub geometry: GeometryCode,
    /// The network behind [`GeometryCode::Latent`].
    pub latent: SdfLatentConfig,
    /// How the inlet velocity enters the code of a case.
    pub conditions: ConditionCode,
    /// Learn `u/U`, `p/U²` and `nu_t/U` instead of the physical values.
    pub nondimensional: bool,
    /// With `nondimensional`, weight the loss so that it is the error of the physical values
    /// again (fast cases count more, as they do in the scores).
    pub physical_weight: bool,
    /// Length δ of the no-slip ramp, m: velocities are learned as `u (sdf + δ)/sdf`, so that they
    /// vanish at the wall by construction and wall shear is resolved. 0 switches it off.
    pub wall_ramp: f64,
    /// Learn what the flow adds to the inviscid one of a vortex-panel method, instead of the flow
    /// itself. Needs the columns `panel_u_x`, `panel_u_y` and `panel_p`.
    pub panel_prior: bool,
}

impl Default for FeatureConfig {
    fn default() -> Self {
        let inputs = [
            "x",
            "y",
            "sdf",
            "volume_normal_x",
            "volume_normal_y",
            "bl_mask",
        ];
        Self {
            inputs: inputs.map(String::from).to_vec(),
            bl_mask: BoundaryLayerMask::default(),
            geometry: GeometryCode::Measures,
            latent: SdfLatentConfig::default(),
            conditions: ConditionCode::Inlet,
            nondimensional: false,
            physical_weight: true,
            wall_ramp: 0.0,
            panel_prior: false,
        }
    }
}

/// Scales inputs, codes and targets with statistics of the train part alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Encoder {
    config: FeatureConfig,
    inputs: Transform,
    code: Transform,
    targets: Transform,
    physical: [ColumnStatistics; 4],
    /// Mean of U² and of U⁴ over the train cases, by which loss weights are normalised.
    mean_square_speed: f64,
    mean_fourth_speed: f64,
}

/// Targets of one case and their loss weights.
pub(crate) struct EncodedTargets {
    /// `[n, 4]`.
    pub targets: Vec<f32>,
    /// `[n, 4]`.
    pub weights: Vec<f32>,
}

impl Encoder {
    /// Statistics of the cases `train` of a source, read one after the other.
    ///
    /// # Errors
    /// No cases, unreadable cases, unknown input columns.
    pub fn fit(
        config: &FeatureConfig,
        source: &dyn CaseSource,
        train: &[usize],
    ) -> Result<Self, SurrogateError> {
        if train.is_empty() {
            return Err(SurrogateError::Data {
                what: "statistics of the train part",
                problem: "it has no cases".into(),
            });
        }
        let mut inputs = Normaliser::new(&config.inputs);
        let mut targets = Normaliser::new(&TARGETS);
        let mut physical = Normaliser::new(&TARGETS);
        let mut codes: Option<Normaliser> = None;
        let (mut square, mut fourth) = (0.0, 0.0);
        for &case in train {
            let info = &source.infos()[case];
            let table = source.table(case)?;
            inputs.push_rows(&raw_inputs(config, info, &table)?)?;
            physical.push_rows(table.select(&TARGETS)?.data())?;
            for row in raw_targets(config, info, &table)?.chunks_exact(4) {
                // Rows where a target is undefined (velocity over ramp at the wall) are left out.
                if row.iter().all(|v| v.is_finite()) {
                    targets.push_rows(row)?;
                }
            }
            let code = raw_code(config, info)?;
            let names: Vec<&str> = code.iter().map(|(name, _)| name.as_str()).collect();
            let values: Vec<f32> = code.iter().map(|(_, value)| *value as f32).collect();
            codes
                .get_or_insert_with(|| Normaliser::new(&names))
                .push_rows(&values)?;
            square += info.speed.powi(2) / train.len() as f64;
            fourth += info.speed.powi(4) / train.len() as f64;
        }
        let codes = codes.unwrap_or_else(|| Normaliser::new::<&str>(&[]));
        let code_names: Vec<_> = codes.columns().iter().map(|c| c.name.clone()).collect();
        let physical = physical.columns();
        Ok(Self {
            config: config.clone(),
            inputs: inputs.transform(&config.inputs, Scaling::MinMax)?,
            code: codes.transform(&code_names, Scaling::MinMax)?,
            targets: targets.transform(&TARGETS, Scaling::ZScore)?,
            physical: [0, 1, 2, 3].map(|i| physical[i].clone()),
            mean_square_speed: square,
            mean_fourth_speed: fourth,
        })
    }

    /// The configuration.
    pub fn config(&self) -> &FeatureConfig {
        &self.config
    }

    /// Number of input columns.
    pub fn n_inputs(&self) -> usize {
        self.config.inputs.len()
    }

    /// Length of a case's code, without the latent vector of [`GeometryCode::Latent`].
    pub fn n_code(&self) -> usize {
        self.code.names().len()
    }

    /// Statistics of u_x, u_y (m/s), p (m²/s²) and nu_t (m²/s) over all train nodes.
    pub fn physical(&self) -> &[ColumnStatistics; 4] {
        &self.physical
    }

    /// Scaled inputs `[n, n_inputs]`.
    ///
    /// # Errors
    /// A table without a needed column.
    pub fn inputs(&self, info: &CaseInfo, table: &PointTable) -> Result<Vec<f32>, SurrogateError> {
        let mut rows = raw_inputs(&self.config, info, table)?;
        self.inputs.apply(&mut rows)?;
        Ok(rows)
    }

    /// Scaled code `[n_code]`.
    ///
    /// # Errors
    /// A case without what the code is made of.
    pub fn code(&self, info: &CaseInfo) -> Result<Vec<f32>, SurrogateError> {
        let code = raw_code(&self.config, info)?;
        let mut row: Vec<f32> = code.iter().map(|(_, value)| *value as f32).collect();
        if !row.is_empty() {
            self.code.apply(&mut row)?;
        }
        Ok(row)
    }

    /// Scaled targets and loss weights of a case.
    pub(crate) fn targets(
        &self,
        info: &CaseInfo,
        table: &PointTable,
    ) -> Result<EncodedTargets, SurrogateError> {
        let mut targets = raw_targets(&self.config, info, table)?;
        let channel = self.channel_weights(info);
        let weights = targets
            .iter()
            .enumerate()
            .map(|(i, v)| if v.is_finite() { channel[i % 4] } else { 0.0 })
            .collect();
        self.targets.apply(&mut targets)?;
        targets
            .iter_mut()
            .filter(|v| !v.is_finite())
            .for_each(|v| *v = 0.0);
        Ok(EncodedTargets { targets, weights })
    }

    /// Loss weights of the four channels of a case: 1 on average over the train cases.
    fn channel_weights(&self, info: &CaseInfo) -> [f32; 4] {
        if !(self.config.nondimensional && self.config.physical_weight) {
            return [1.0; 4];
        }
        let linear = (info.speed.powi(2) / self.mean_square_speed) as f32;
        let square = (info.speed.powi(4) / self.mean_fourth_speed) as f32;
        [linear, linear, square, linear]
    }

    /// Physical values `[n, 4]` (u_x, u_y, p, nu_t) from network outputs. Velocity and eddy
    /// viscosity are exactly zero at points marked as on the surface.
    ///
    /// # Errors
    /// A table without `sdf` or `is_surface`, or of another length than the outputs.
    pub fn decode(
        &self,
        info: &CaseInfo,
        table: &PointTable,
        mut outputs: Vec<f32>,
    ) -> Result<Vec<f32>, SurrogateError> {
        self.targets.invert(&mut outputs)?;
        let selector = ColumnSelector::new(table.columns(), &["sdf", "is_surface"])?;
        let points = selector.gather(table.data());
        if outputs.len() != points.len() * 2 {
            return Err(SurrogateError::Data {
                what: "network outputs to decode",
                problem: format!("{} values for {} points", outputs.len(), points.len() / 2),
            });
        }
        let scale = target_scales(&self.config, info);
        let prior = prior(&self.config, info, table)?;
        let rows = outputs.chunks_exact_mut(4).zip(points.chunks_exact(2));
        for (index, (row, point)) in rows.enumerate() {
            let ramp = ramp(self.config.wall_ramp, point[0]);
            let on_wall = point[1] != 0.0;
            for (channel, value) in row.iter_mut().enumerate() {
                let factor = if channel < 2 { ramp } else { 1.0 };
                *value = (*value + prior.at(index, channel)) * scale[channel] * factor;
                if on_wall && channel != 2 {
                    *value = 0.0;
                }
            }
        }
        Ok(outputs)
    }
}

/// The no-slip ramp: 0 at the wall, 1 far from it.
fn ramp(length: f64, sdf: f32) -> f32 {
    if length > 0.0 {
        let sdf = f64::from(sdf.max(0.0));
        (sdf / (sdf + length)) as f32
    } else {
        1.0
    }
}

/// Factors between learned and physical values of u_x, u_y, p, nu_t.
fn target_scales(config: &FeatureConfig, info: &CaseInfo) -> [f32; 4] {
    if config.nondimensional {
        let speed = info.speed as f32;
        [speed, speed, speed * speed, speed]
    } else {
        [1.0; 4]
    }
}

fn raw_inputs(
    config: &FeatureConfig,
    info: &CaseInfo,
    table: &PointTable,
) -> Result<Vec<f32>, SurrogateError> {
    let columns: Vec<Vec<f32>> = config
        .inputs
        .iter()
        .map(|name| match name.as_str() {
            "bl_mask" => Ok(map_sdf(table, |d| config.bl_mask.at(d, info.sdf_max))?),
            "log_sdf" => Ok(map_sdf(table, |d| (d.max(0.0) / LOG_SDF_LENGTH).ln_1p())?),
            // The inviscid flow over the speed says the shape of the flow and no more.
            "panel_u_x" | "panel_u_y" if config.nondimensional => {
                Ok(scaled(table.column(name)?, 1.0 / info.speed))
            }
            "panel_p" if config.nondimensional => {
                Ok(scaled(table.column(name)?, 1.0 / info.speed.powi(2)))
            }
            name => Ok(table.column(name)?),
        })
        .collect::<Result<_, SurrogateError>>()?;
    let mut rows = Vec::with_capacity(table.n_rows() * columns.len());
    for row in 0..table.n_rows() {
        rows.extend(columns.iter().map(|column| column[row]));
    }
    Ok(rows)
}

fn scaled(mut column: Vec<f32>, factor: f64) -> Vec<f32> {
    column.iter_mut().for_each(|v| *v *= factor as f32);
    column
}

/// What is added to network outputs before they are scaled: the inviscid flow, or nothing.
struct Prior {
    rows: Vec<f32>,
    scale: [f32; 4],
}

impl Prior {
    /// In units of network targets.
    fn at(&self, row: usize, channel: usize) -> f32 {
        match self.rows.get(row * 3 + channel) {
            Some(value) if channel < 3 => value / self.scale[channel],
            _ => 0.0,
        }
    }
}

fn prior(
    config: &FeatureConfig,
    info: &CaseInfo,
    table: &PointTable,
) -> Result<Prior, SurrogateError> {
    let rows = if config.panel_prior {
        let names = ["panel_u_x", "panel_u_y", "panel_p"];
        ColumnSelector::new(table.columns(), &names)?.gather(table.data())
    } else {
        Vec::new()
    };
    Ok(Prior {
        rows,
        scale: target_scales(config, info),
    })
}

fn map_sdf(table: &PointTable, f: impl Fn(f64) -> f64) -> Result<Vec<f32>, SurrogateError> {
    let sdf = table.column("sdf")?;
    Ok(sdf.into_iter().map(|d| f(f64::from(d)) as f32).collect())
}

fn raw_code(config: &FeatureConfig, info: &CaseInfo) -> Result<Vec<(String, f64)>, SurrogateError> {
    let mut code = config.geometry.of(info)?;
    code.extend(config.conditions.of(info));
    Ok(code)
}

/// Unscaled network targets `[n, 4]`; NaN where undefined.
fn raw_targets(
    config: &FeatureConfig,
    info: &CaseInfo,
    table: &PointTable,
) -> Result<Vec<f32>, SurrogateError> {
    let names = [&["sdf"][..], &TARGETS[..]].concat();
    let selector = ColumnSelector::new(table.columns(), &names)?;
    let scale = target_scales(config, info);
    let prior = prior(config, info, table)?;
    let rows = selector.gather(table.data());
    Ok(rows
        .chunks_exact(5)
        .enumerate()
        .flat_map(|(index, row)| {
            let ramp = ramp(config.wall_ramp, row[0]);
            // Next to the wall the quotient of two rounded numbers means nothing.
            let velocity = if ramp > 1e-3 { 1.0 / ramp } else { f32::NAN };
            [
                row[1] / scale[0] * velocity - prior.at(index, 0),
                row[2] / scale[1] * velocity - prior.at(index, 1),
                row[3] / scale[2] - prior.at(index, 2),
                row[4] / scale[3],
            ]
        })
        .collect())
}
