//! What drives a flow: sources of vorticity.

use std::f64::consts::PI;

use crate::SolverError;
use crate::checks::{check_lengths, finite};

/// A source of vorticity that is constant in time, in 1/s². The mean over the plane is left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum VorticityForcing {
    /// A flow that decays.
    #[default]
    None,
    /// Kolmogorov's flow: the force (a sin(2 pi n y / Ly), 0), so the source -a (2 pi n / Ly) cos(2 pi n y / Ly).
    Kolmogorov {
        /// Amplitude a of the force (m/s²).
        amplitude: f64,
        /// Periods n along y.
        wave_number: usize,
    },
    /// The source a (sin 2 pi s + cos 2 pi s) with s = x / Lx + y / Ly. With a = 0.1 on the unit square that of
    /// Z. Li et al., "Fourier neural operator for parametric partial differential equations", ICLR 2021,
    /// arXiv:2010.08895, section 5.3.
    Diagonal {
        /// Amplitude a of the source (1/s²).
        amplitude: f64,
    },
    /// A source at each point, `[y][x]` (1/s²).
    Field(Vec<f64>),
}

impl VorticityForcing {
    /// The source on a plane of `[nx, ny]` points and `[Lx, Ly]` metres.
    pub(super) fn field(
        &self,
        [nx, ny]: [usize; 2],
        lengths: [f64; 2],
    ) -> Result<Vec<f64>, SolverError> {
        let what = "forcing";
        let check = |amplitude: f64| finite(what, &[amplitude]);
        let on_points = |source: &dyn Fn(f64, f64) -> f64| -> Vec<f64> {
            let points = (0..nx * ny).map(|p| (p % nx, p / nx));
            let parts = points.map(|(i, j)| (i as f64 / nx as f64, j as f64 / ny as f64));
            parts.map(|(x, y)| source(x, y)).collect()
        };
        match self {
            Self::None => Ok(vec![0.0; nx * ny]),
            Self::Kolmogorov {
                amplitude,
                wave_number,
            } => {
                check(*amplitude)?;
                if *wave_number == 0 || 3 * wave_number >= ny {
                    let problem = format!(
                        "wave number {wave_number}: a plane of {ny} points in y has 1 to {}",
                        (ny - 1) / 3
                    );
                    return Err(SolverError::Argument { what, problem });
                }
                let phase = 2.0 * PI * *wave_number as f64;
                let source = -amplitude * phase / lengths[1];
                Ok(on_points(&|_, y| source * (phase * y).cos()))
            }
            Self::Diagonal { amplitude } => {
                check(*amplitude)?;
                let wave = |s: f64| (2.0 * PI * s).sin() + (2.0 * PI * s).cos();
                Ok(on_points(&|x, y| amplitude * wave(x + y)))
            }
            Self::Field(values) => {
                check_lengths(nx * ny, &[(what, values)])?;
                finite(what, values)?;
                Ok(values.clone())
            }
        }
    }
}
