//! What all Krylov methods share: memory, the start, the stopping rules, the end.

use std::time::Instant;

use super::stopping::Watch;
use super::{
    Imbalance, LinearOperator, Nullspace, Preconditioner, Properties, Reason, SolveOptions,
    SolveReport, Start, Status, vector,
};
use crate::SolverError;

/// Below this norm of its squares, or above its inverse, b cannot be worked with.
const SMALLEST_SQUARE: f64 = 1e-280;
/// b less its imbalance counts as zero at this share of b.
const NOTHING_LEFT: f64 = 1e-14;

/// Krylov methods with the memory that they need: solving allocates nothing.
///
/// ```
/// use karman_solvers::{FnOperator, Identity, Krylov, SolveOptions};
///
/// // -u'' = 1 with u = 0 at both ends, on 99 points inside.
/// let n = 99;
/// let a = FnOperator::new(n, move |x: &[f64], y: &mut [f64]| {
///     for i in 0..n {
///         let left = if i > 0 { x[i - 1] } else { 0.0 };
///         let right = if i + 1 < n { x[i + 1] } else { 0.0 };
///         y[i] = 1e4 * (2.0 * x[i] - left - right);
///     }
/// });
/// let mut x = vec![0.0; n];
/// let mut krylov = Krylov::new(n, 100);
/// let options = SolveOptions::with_rtol(1e-10);
/// let report = krylov.pcg(&a, &mut Identity::new(n), None, &vec![1.0; n], &mut x, &options);
/// assert!(report.converged());
/// assert!((x[49] - 0.125).abs() < 1e-9);
/// ```
#[derive(Debug, Clone)]
pub struct Krylov {
    pub(super) dim: usize,
    pub(super) r: Vec<f64>,
    pub(super) z: Vec<f64>,
    pub(super) p: Vec<f64>,
    pub(super) q: Vec<f64>,
    /// Directions and their products with A, for `conjugate_directions`; more vectors for `minres`.
    pub(super) extra: Vec<Vec<f64>>,
    pub(super) report: SolveReport,
}

impl Krylov {
    /// Memory for systems of `dim` unknowns: four vectors, and a history of up to `max_history`
    /// residuals (a longer one is thinned out).
    pub fn new(dim: usize, max_history: usize) -> Self {
        Self {
            dim,
            r: vec![0.0; dim],
            z: vec![0.0; dim],
            p: vec![0.0; dim],
            q: vec![0.0; dim],
            extra: Vec::new(),
            report: SolveReport {
                history: Vec::with_capacity(max_history),
                ..SolveReport::default()
            },
        }
    }

    /// Adds the memory for `k` directions of
    /// [`conjugate_directions`](Self::conjugate_directions): 2 k vectors.
    #[must_use]
    pub fn with_directions(mut self, k: usize) -> Self {
        self.reserve(2 * k);
        self
    }

    /// Number of unknowns.
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// Bytes held.
    pub fn memory_bytes(&self) -> usize {
        let vectors = 4 + self.extra.len();
        (vectors * self.dim + self.report.history.capacity()) * size_of::<f64>()
    }

    /// The report of the last solve.
    pub fn report(&self) -> &SolveReport {
        &self.report
    }

    /// The same, to set the times of set-up and update, the name of the method, and notes.
    pub fn report_mut(&mut self) -> &mut SolveReport {
        &mut self.report
    }

    /// Solves A x = b by the method that the preconditioner's properties allow: preconditioned
    /// conjugate gradients for a constant symmetric positive definite one, flexible conjugate
    /// gradients where it changes or is not quite linear, and two conjugate directions for anything
    /// else. A must be symmetric and positive definite (semidefinite with `nullspace`).
    ///
    /// Lengths that do not fit are a breakdown with [`Reason::Shape`].
    pub fn solve(
        &mut self,
        a: &dyn LinearOperator,
        m: &mut dyn Preconditioner,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        options: &SolveOptions,
    ) -> &SolveReport {
        let properties = m.properties();
        if properties == Properties::SPD {
            self.pcg(a, m, nullspace, b, x, options)
        } else if properties.symmetric_positive_definite {
            self.flexible_cg(a, m, nullspace, b, x, options)
        } else {
            let mut direction = super::preconditioner::Preconditioned(m);
            self.conjugate_directions(a, &mut direction, 2, nullspace, b, x, options)
        }
    }

    /// Solves for `count` right-hand sides that lie one behind the other in `b`, and likewise in
    /// `x`, by [`solve`](Self::solve); `each` gets the number and the report of every one.
    ///
    /// # Errors
    /// Lengths other than `count` times [`dim`](Self::dim).
    #[expect(clippy::too_many_arguments)]
    pub fn solve_batch(
        &mut self,
        a: &dyn LinearOperator,
        m: &mut dyn Preconditioner,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        count: usize,
        options: &SolveOptions,
        mut each: impl FnMut(usize, &SolveReport),
    ) -> Result<(), SolverError> {
        for (what, length) in [("b", b.len()), ("x", x.len())] {
            if Some(length) != self.dim.checked_mul(count) {
                return Err(SolverError::Argument {
                    what,
                    problem: format!(
                        "{length} entries for {count} right-hand sides of {} each",
                        self.dim
                    ),
                });
            }
        }
        let dim = self.dim.max(1);
        for (i, (b, x)) in b.chunks(dim).zip(x.chunks_mut(dim)).enumerate() {
            each(i, self.solve(a, m, nullspace, b, x, options));
        }
        Ok(())
    }

    /// At least `count` further vectors.
    pub(super) fn reserve(&mut self, count: usize) {
        while self.extra.len() < count {
            self.extra.push(vec![0.0; self.dim]);
        }
    }

    /// Checks the input, writes the first guess to x and its residual to `self.r`. `m_dim` is the
    /// size of the preconditioner. None: the report is complete.
    pub(super) fn start(
        &mut self,
        a: &dyn LinearOperator,
        m_dim: usize,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        options: &SolveOptions,
    ) -> Option<Watch> {
        let lengths = [
            ("the operator", a.dim()),
            ("the preconditioner", m_dim),
            ("b", b.len()),
            ("x", x.len()),
            ("the nullspace", nullspace.map_or(self.dim, Nullspace::dim)),
        ];
        for (what, found) in lengths {
            if found != self.dim {
                let expected = self.dim;
                let reason = Reason::Shape {
                    what,
                    expected,
                    found,
                };
                return self.stop(Status::Breakdown, Some(reason));
            }
        }
        let norm = self.right_side(nullspace, b, x, options)?;
        let target = (options.rtol * norm).max(options.atol);
        self.report.rhs_norm = norm;
        self.report.target = target;
        let residual = self.first_residual(a, nullspace, b, x, options.start, norm);
        self.report.residual_start = residual;
        self.report.residual = residual;
        if !residual.is_finite() {
            let what = "the first guess, or A times it,";
            return self.stop(Status::Breakdown, Some(Reason::NotFinite { what }));
        }
        self.report.record(residual);
        if residual <= target {
            return self.stop(Status::Converged, None);
        }
        if options.max_iterations == 0 {
            return self.stop(Status::MaxIterations, None);
        }
        Some(Watch::new(options, norm, residual, target))
    }

    /// The norm of b without its imbalance, which `self.r` holds after. None: nothing to solve.
    fn right_side(
        &mut self,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        options: &SolveOptions,
    ) -> Option<f64> {
        let square = vector::norm_squared(b);
        if !(SMALLEST_SQUARE..1.0 / SMALLEST_SQUARE).contains(&square) {
            let largest = vector::max_abs(b);
            if largest == 0.0 {
                vector::fill(x, 0.0);
                return self.stop(Status::Converged, None);
            }
            let reason = if largest.is_finite() {
                Reason::Scale { largest }
            } else {
                Reason::NotFinite { what: "b" }
            };
            return self.stop(Status::Breakdown, Some(reason));
        }
        let norm = square.sqrt();
        vector::copy(b, &mut self.r);
        let Some(nullspace) = nullspace.filter(|n| !n.is_empty()) else {
            return Some(norm);
        };
        let part = nullspace.part(b);
        self.report.imbalance = part.norm / norm;
        if let Imbalance::ProjectBelow(limit) = options.imbalance
            && part.norm > limit * norm
        {
            self.report.rhs_norm = norm;
            self.report.residual_start = norm;
            self.report.residual = norm;
            let reason = match part.label {
                Some(component) => Reason::Imbalance {
                    component,
                    sum: part.sum,
                },
                None => Reason::NullVector { product: part.sum },
            };
            return self.stop(Status::Incompatible, Some(reason));
        }
        self.report.projected = part.norm > 0.0;
        nullspace.project(&mut self.r);
        let left = vector::norm_squared(&self.r).sqrt();
        if left <= NOTHING_LEFT * norm {
            vector::fill(x, 0.0);
            return self.stop(Status::Converged, None);
        }
        Some(left)
    }

    /// Makes x the first guess and `self.r` (now b) its residual; returns that one's norm.
    fn first_residual(
        &mut self,
        a: &dyn LinearOperator,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &mut [f64],
        start: Start,
        norm: f64,
    ) -> f64 {
        match start {
            Start::Zero => {
                vector::fill(x, 0.0);
                norm
            }
            Start::Given => self.true_residual(a, nullspace, b, x),
            Start::Scaled => {
                self.report.operator_applications += 1;
                a.apply(x, &mut self.q);
                let [qb, qq] = vector::dot2(&self.q, &self.r, &self.q);
                if qq == 0.0 {
                    vector::fill(x, 0.0);
                    return norm;
                }
                let factor = qb / qq;
                vector::scale(factor, x);
                vector::axpy(-factor, &self.q, &mut self.r);
                vector::norm_squared(&self.r).sqrt()
            }
        }
    }

    /// `self.r = b - A x` without its part in the nullspace; returns its norm.
    pub(super) fn true_residual(
        &mut self,
        a: &dyn LinearOperator,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &[f64],
    ) -> f64 {
        self.report.operator_applications += 1;
        let mut square = a.residual(b, x, &mut self.r);
        if let Some(nullspace) = nullspace.filter(|n| !n.is_empty()) {
            nullspace.project(&mut self.r);
            square = vector::norm_squared(&self.r);
        }
        self.report.residual = square.sqrt();
        self.report.residual
    }

    /// Computes the true residual where the recurrence is at the target. True: go on from it.
    pub(super) fn verify(
        &mut self,
        a: &dyn LinearOperator,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &[f64],
        watch: &mut Watch,
    ) -> bool {
        let residual = self.true_residual(a, nullspace, b, x);
        let (status, reason) = if residual <= watch.target {
            (Status::Converged, None)
        } else if residual.is_nan() || residual > 0.5 * watch.verified {
            (Status::Stagnated, Some(Reason::AttainableAccuracy))
        } else if self.report.iterations >= watch.max_iterations {
            (Status::MaxIterations, None)
        } else {
            watch.verified = residual;
            self.report.restarts += 1;
            return true;
        };
        self.stop::<()>(status, reason);
        false
    }

    /// Ends with this status, after computing the true residual of x.
    pub(super) fn give_up(
        &mut self,
        a: &dyn LinearOperator,
        nullspace: Option<&Nullspace>,
        b: &[f64],
        x: &[f64],
        end: (Status, Option<Reason>),
    ) {
        let residual = self.true_residual(a, nullspace, b, x);
        if residual <= self.report.target {
            self.stop::<()>(Status::Converged, None);
        } else {
            self.stop::<()>(end.0, end.1);
        }
    }

    /// Sets how the solve ended. Always None, of any type.
    pub(super) fn stop<T>(&mut self, status: Status, reason: Option<Reason>) -> Option<T> {
        self.report.status = status;
        self.report.reason = reason;
        None
    }

    /// Takes the means out of x and the time.
    pub(super) fn finish(
        &mut self,
        clock: Instant,
        nullspace: Option<&Nullspace>,
        x: &mut [f64],
    ) -> &SolveReport {
        let solved = !matches!(self.report.status, Status::Breakdown | Status::Incompatible);
        if let Some(nullspace) = nullspace.filter(|n| solved && n.dim() == x.len()) {
            nullspace.project(x);
        }
        self.report.solve_seconds = clock.elapsed().as_secs_f64();
        &self.report
    }
}
