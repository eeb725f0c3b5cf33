//! Navier-Stokes in two dimensions as an equation for the vorticity on a periodic rectangle, pseudo-spectral.
//!
//! ```text
//! dw/dt + u . grad w = nu lap w - mu w + f,    u = (dpsi/dy, -dpsi/dx),    -lap psi = w
//! ```
//!
//! Products are formed on the points and cut off above two thirds of the wave numbers (S. A. Orszag, "On the
//! elimination of aliasing in finite-difference schemes by filtering high-wavenumber components", J. Atmos.
//! Sci. 28 (1971)), so that the discretisation is Galerkin's: without viscosity and forcing it keeps energy and
//! enstrophy but for the error of the time step. Time: [ETDRK4](super::etdrk4), viscosity and drag exactly.
//!
//! C. Canuto, M. Y. Hussaini, A. Quarteroni, T. A. Zang, "Spectral Methods", Springer (2006), section 3.4. Departures:
//! 1. The advection is d2(uv)/dy2 - d2(uv)/dx2 + d2(u² - v²)/dxdy, which takes four transforms instead of five (C.
//!    Basdevant, "Technical improvements for direct numerical simulation of homogeneous three-dimensional
//!    turbulence", J. Comput. Phys. 50 (1983)). With products free of aliases it is the same.
//! 2. The mean of the vorticity, which no periodic flow has, is dropped from whatever comes in.

use std::f64::consts::PI;

use rustdct::num_complex::Complex64;

use super::etdrk4::{Etdrk4, Nonlinear};
use super::forcing::VorticityForcing;
use super::plane::Plane;
use crate::checks::{check_lengths, check_step, not_negative, positive};
use crate::{Evolution, SolverError};

/// Fewest points along an axis: with them the plane has one wave.
const FEWEST: usize = 4;

/// The vorticity equation on a periodic rectangle of `[nx, ny]` points, discretised.
///
/// States are vorticities (1/s) at the points x = i Lx / nx, y = j Ly / ny, as `[y][x]`. Wave numbers above a
/// third of the points are cut from whatever comes in.
///
/// ```
/// use std::f64::consts::PI;
/// use karman_solvers::{Evolution, VorticityEquation};
///
/// // Taylor and Green's vortices decay at the rate 2 nu k².
/// let mut equation = VorticityEquation::new([16, 16], [2.0 * PI; 2], 0.1)?;
/// let point = |i: usize| 2.0 * PI * i as f64 / 16.0;
/// let start: Vec<f64> = (0..256).map(|p| 2.0 * point(p % 16).cos() * point(p / 16).cos()).collect();
/// let mut vorticity = start.clone();
/// equation.step(&mut vorticity, 0.5)?;
/// assert!((vorticity[0] / start[0] - f64::exp(-0.1)).abs() < 1e-14);
/// # Ok::<(), karman_solvers::SolverError>(())
/// ```
pub struct VorticityEquation {
    pub(super) advection: Advection,
    pub(super) stepper: Etdrk4<f64>,
    lengths: [f64; 2],
    viscosity: f64,
    drag: f64,
    spectra: [Vec<Complex64>; 3],
}

impl VorticityEquation {
    /// The equation of a decaying flow on `[nx, ny]` points and `[Lx, Ly]` metres, with the kinematic
    /// viscosity in m²/s.
    ///
    /// # Errors
    /// Fewer than 4 points along an axis, a length that is not positive, a viscosity that is negative.
    pub fn new(dims: [usize; 2], lengths: [f64; 2], viscosity: f64) -> Result<Self, SolverError> {
        if dims.iter().any(|&n| n < FEWEST) {
            return Err(SolverError::Argument {
                what: "points",
                problem: format!("{dims:?}: at least {FEWEST} are needed along each axis"),
            });
        }
        for length in lengths {
            positive("lengths", length)?;
        }
        not_negative("viscosity", viscosity)?;
        let advection = Advection::new(dims, lengths);
        let zeros = || vec![Complex64::default(); advection.plane.modes()];
        let mut equation = Self {
            spectra: [zeros(), zeros(), zeros()],
            stepper: Etdrk4::new(Vec::new()),
            advection,
            lengths,
            viscosity,
            drag: 0.0,
        };
        equation.set_linear();
        Ok(equation)
    }

    /// Adds a linear drag -mu w, mu in 1/s.
    ///
    /// # Errors
    /// A drag that is negative or not finite.
    pub fn with_drag(mut self, drag: f64) -> Result<Self, SolverError> {
        not_negative("drag", drag)?;
        self.drag = drag;
        self.set_linear();
        Ok(self)
    }

    /// Adds a source of vorticity.
    ///
    /// # Errors
    /// A forcing that does not fit the plane.
    pub fn with_forcing(mut self, forcing: &VorticityForcing) -> Result<Self, SolverError> {
        let field = forcing.field(self.dims(), self.lengths)?;
        let mut spectrum = std::mem::take(&mut self.advection.forcing);
        self.advection.spectrum_of(&field, &mut spectrum);
        self.advection.forcing = spectrum;
        Ok(self)
    }

    fn set_linear(&mut self) {
        let waves = self.advection.waves.iter();
        let damping = waves.map(|[x, y]| -self.viscosity * (x * x + y * y) - self.drag);
        self.stepper = Etdrk4::new(damping.collect());
    }

    /// nx, ny.
    pub fn dims(&self) -> [usize; 2] {
        self.advection.plane.dims()
    }

    /// Lx, Ly (m).
    pub fn lengths(&self) -> [f64; 2] {
        self.lengths
    }

    /// The kinematic viscosity (m²/s).
    pub fn viscosity(&self) -> f64 {
        self.viscosity
    }

    /// The linear drag (1/s).
    pub fn drag(&self) -> f64 {
        self.drag
    }

    /// Bytes held by work space and coefficients.
    pub fn memory_bytes(&self) -> usize {
        let modes = self.advection.plane.modes();
        // Spectra of this and of the advection, wave numbers and multipliers.
        let own = modes * (9 * size_of::<Complex64>() + 3 * size_of::<[f64; 2]>());
        own + self.advection.plane.memory_bytes() + self.stepper.memory_bytes()
    }

    /// The velocity (m/s) of a vorticity, `[y][x][2]`.
    ///
    /// # Errors
    /// A vorticity or a velocity of a wrong length.
    pub fn velocity(&mut self, vorticity: &[f64], velocity: &mut [f64]) -> Result<(), SolverError> {
        self.check(&[("vorticity", vorticity)])?;
        check_lengths(2 * self.unknowns(), &[("velocity", velocity)])?;
        let [spectrum, ..] = &mut self.spectra;
        self.advection.spectrum_of(vorticity, spectrum);
        let n = vorticity.len();
        let (mut u, mut v) = (vec![0.0; n], vec![0.0; n]);
        self.advection.velocity(spectrum, [&mut u, &mut v]);
        for (pair, (u, v)) in velocity.chunks_exact_mut(2).zip(u.iter().zip(&v)) {
            pair.copy_from_slice(&[*u, *v]);
        }
        Ok(())
    }

    /// A step from spectrum to spectrum.
    pub(super) fn step_spectrum(&mut self, spectrum: &mut [Complex64], dt: f64) {
        let (stepper, advection) = (&mut self.stepper, &mut self.advection);
        if advection.plane.is_small() {
            return stepper.step(spectrum, dt, advection);
        }
        // Into the thread pool once for all that is handed out in a step.
        rayon::scope(|_| stepper.step(spectrum, dt, advection));
    }
}

impl Evolution for VorticityEquation {
    fn unknowns(&self) -> usize {
        self.advection.plane.points()
    }

    fn tendency(&mut self, state: &[f64], out: &mut [f64]) -> Result<(), SolverError> {
        self.check(&[("state", state), ("out", out)])?;
        let [spectrum, rate, _] = &mut self.spectra;
        self.advection.spectrum_of(state, spectrum);
        self.advection.nonlinear(spectrum, rate);
        let linear = self.stepper.linear();
        for ((rate, w), linear) in rate.iter_mut().zip(&*spectrum).zip(linear) {
            *rate += linear * w;
        }
        self.advection.field_of(rate, out);
        Ok(())
    }

    fn tendency_vjp(
        &mut self,
        state: &[f64],
        cotangent: &[f64],
        gradient: &mut [f64],
    ) -> Result<(), SolverError> {
        self.check_vjp(state, cotangent, gradient)?;
        let [spectrum, of_cotangent, of_gradient] = &mut self.spectra;
        self.advection.spectrum_of(state, spectrum);
        self.advection.spectrum_of(cotangent, of_cotangent);
        self.advection
            .nonlinear_vjp(spectrum, of_cotangent, of_gradient);
        let linear = self.stepper.linear();
        for ((g, c), linear) in of_gradient.iter_mut().zip(&*of_cotangent).zip(linear) {
            *g += linear * c;
        }
        self.advection.field_of(of_gradient, gradient);
        Ok(())
    }

    fn step(&mut self, state: &mut [f64], dt: f64) -> Result<(), SolverError> {
        self.check(&[("state", state)])?;
        check_step(dt)?;
        let mut spectrum = std::mem::take(&mut self.spectra[0]);
        self.advection.spectrum_of(state, &mut spectrum);
        self.step_spectrum(&mut spectrum, dt);
        self.advection.field_of(&spectrum, state);
        self.spectra[0] = spectrum;
        Ok(())
    }

    fn step_vjp(
        &mut self,
        state: &[f64],
        dt: f64,
        cotangent: &[f64],
        gradient: &mut [f64],
    ) -> Result<(), SolverError> {
        self.check_vjp(state, cotangent, gradient)?;
        check_step(dt)?;
        let [spectrum, of_cotangent, of_gradient] = &mut self.spectra;
        self.advection.spectrum_of(state, spectrum);
        self.advection.spectrum_of(cotangent, of_cotangent);
        let (stepper, advection) = (&mut self.stepper, &mut self.advection);
        stepper.step_vjp(spectrum, dt, of_cotangent, of_gradient, advection);
        self.advection.field_of(of_gradient, gradient);
        Ok(())
    }
}

/// The advection and the forcing.
pub(super) struct Advection {
    pub plane: Plane,
    /// The wave vector of every mode (1/m).
    pub waves: Vec<[f64; 2]>,
    /// u = i a w and v = i b w.
    velocity: Vec<[f64; 2]>,
    /// The multipliers of uv and of v² - u² in N.
    products: Vec<[f64; 2]>,
    pub forcing: Vec<Complex64>,
    spectra: [Vec<Complex64>; 5],
    /// A field that is handed in where two are transformed and one is wanted.
    spare: Vec<f64>,
}

impl Advection {
    fn new(dims: [usize; 2], lengths: [f64; 2]) -> Self {
        let plane = Plane::new(dims, dims.map(|n| (n - 1) / 3));
        let scale = lengths.map(|length| 2.0 * PI / length);
        let waves: Vec<[f64; 2]> = plane
            .wave_numbers()
            .map(|[k, l]| [scale[0] * k as f64, scale[1] * l as f64])
            .collect();
        let velocity = waves.iter().map(|[x, y]| match x * x + y * y {
            0.0 => [0.0, 0.0],
            square => [y / square, -x / square],
        });
        let products = waves.iter().map(|[x, y]| [x * x - y * y, x * y]);
        let zeros = || vec![Complex64::default(); plane.modes()];
        Self {
            velocity: velocity.collect(),
            products: products.collect(),
            forcing: zeros(),
            spectra: [zeros(), zeros(), zeros(), zeros(), zeros()],
            spare: vec![0.0; plane.points()],
            plane,
            waves,
        }
    }

    /// The spectrum of a field, without its mean.
    pub fn spectrum_of(&mut self, field: &[f64], spectrum: &mut [Complex64]) {
        let [other, ..] = &mut self.spectra;
        self.plane.forward([field, field], [spectrum, other]);
        spectrum[0] = Complex64::default();
    }

    /// The field of a spectrum.
    pub fn field_of(&mut self, spectrum: &[Complex64], field: &mut [f64]) {
        let fields = [field, &mut self.spare[..]];
        self.plane.inverse([spectrum, spectrum], fields);
    }

    /// u and v on the points.
    pub fn velocity(&mut self, vorticity: &[Complex64], fields: [&mut [f64]; 2]) {
        let [u, v, ..] = &mut self.spectra;
        velocity(&self.velocity, vorticity, u, v);
        self.plane.inverse([u, v], fields);
    }
}

/// The spectra of u and v.
fn velocity(
    multipliers: &[[f64; 2]],
    vorticity: &[Complex64],
    u: &mut [Complex64],
    v: &mut [Complex64],
) {
    let modes = multipliers.iter().zip(vorticity);
    for (([a, b], w), (u, v)) in modes.zip(u.iter_mut().zip(v)) {
        let turned = Complex64::new(-w.im, w.re);
        *u = a * turned;
        *v = b * turned;
    }
}

impl Nonlinear for Advection {
    fn nonlinear(&mut self, state: &[Complex64], out: &mut [Complex64]) {
        let [u, v, q, ..] = &mut self.spectra;
        velocity(&self.velocity, state, u, v);
        let products = |z: Complex64| Complex64::new(z.re * z.im, z.im * z.im - z.re * z.re);
        self.plane.product([u, v], products, [out, q]);
        let modes = self.products.iter().zip(&self.forcing);
        for ((p, q), ([a, b], f)) in out.iter_mut().zip(q).zip(modes) {
            *p = a * *p + b * *q + f;
        }
    }

    fn nonlinear_vjp(
        &mut self,
        state: &[Complex64],
        cotangent: &[Complex64],
        gradient: &mut [Complex64],
    ) {
        let [u, v, p, q, to_v] = &mut self.spectra;
        velocity(&self.velocity, state, u, v);
        let modes = self.products.iter().zip(cotangent);
        for (([a, b], c), (p, q)) in modes.zip(p.iter_mut().zip(&mut *q)) {
            *p = a * c;
            *q = b * c;
        }
        // Of uv and v² - u² with cotangents p and q: to u and to v.
        let transposed = |z: Complex64, c: Complex64| {
            let to_u = c.re * z.im - 2.0 * c.im * z.re;
            let to_v = c.re * z.re + 2.0 * c.im * z.im;
            Complex64::new(to_u, to_v)
        };
        self.plane
            .product_of_four([[u, v], [p, q]], transposed, [gradient, to_v]);
        let modes = self.velocity.iter().zip(to_v);
        for (g, ([a, b], v)) in gradient.iter_mut().zip(modes) {
            let sum = a * *g + b * *v;
            *g = Complex64::new(sum.im, -sum.re);
        }
    }
}
