//! What a time-dependent equation offers after discretisation: its right-hand side, its step, the residual of
//! two states, and the vector-Jacobian products of all three.

use crate::SolverError;
use crate::checks::{check_lengths, check_step};

/// An autonomous evolution equation du/dt = F(u), discretised.
///
/// States are vectors of [`unknowns`](Evolution::unknowns) values on the grid of the equation. For a function
/// y(u) and a cotangent c the vector-Jacobian product is (dy/du)^T c: the gradient of c . y(u).
///
/// All methods fail with [`SolverError::Argument`] on a vector of a wrong length and on a step `dt` that is
/// not a positive finite number. Values that are not finite go through.
pub trait Evolution {
    /// Values in a state.
    fn unknowns(&self) -> usize;

    /// F(u).
    ///
    /// # Errors
    /// A vector of a wrong length.
    fn tendency(&mut self, state: &[f64], out: &mut [f64]) -> Result<(), SolverError>;

    /// (dF/du)^T c, into `gradient`.
    ///
    /// # Errors
    /// A vector of a wrong length.
    fn tendency_vjp(
        &mut self,
        state: &[f64],
        cotangent: &[f64],
        gradient: &mut [f64],
    ) -> Result<(), SolverError>;

    /// One time step of `dt` seconds, in place.
    ///
    /// # Errors
    /// A vector of a wrong length, a step that is not positive; for implicit steps a system without solution.
    fn step(&mut self, state: &mut [f64], dt: f64) -> Result<(), SolverError>;

    /// (d step(u) / du)^T c, into `gradient`; `state` is that before the step.
    ///
    /// # Errors
    /// As [`step`](Evolution::step).
    fn step_vjp(
        &mut self,
        state: &[f64],
        dt: f64,
        cotangent: &[f64],
        gradient: &mut [f64],
    ) -> Result<(), SolverError>;

    /// The residual of two states `dt` seconds apart, second order in dt:
    ///
    /// ```text
    /// r = (after - before) / dt - F((before + after) / 2)
    /// ```
    ///
    /// # Errors
    /// A vector of a wrong length, a step that is not positive.
    fn residual(
        &mut self,
        before: &[f64],
        after: &[f64],
        dt: f64,
        out: &mut [f64],
    ) -> Result<(), SolverError> {
        self.check(&[("before", before), ("after", after), ("out", out)])?;
        check_step(dt)?;
        let middle = middle(before, after);
        self.tendency(&middle, out)?;
        for ((out, before), after) in out.iter_mut().zip(before).zip(after) {
            *out = (after - before) / dt - *out;
        }
        Ok(())
    }

    /// (dr/dbefore)^T c and (dr/dafter)^T c of the [`residual`](Evolution::residual).
    ///
    /// # Errors
    /// A vector of a wrong length, a step that is not positive.
    fn residual_vjp(
        &mut self,
        before: &[f64],
        after: &[f64],
        dt: f64,
        cotangent: &[f64],
        [of_before, of_after]: [&mut [f64]; 2],
    ) -> Result<(), SolverError> {
        self.check(&[
            ("before", before),
            ("after", after),
            ("cotangent", cotangent),
        ])?;
        self.check(&[
            ("gradient of before", of_before),
            ("gradient of after", of_after),
        ])?;
        check_step(dt)?;
        let middle = middle(before, after);
        self.tendency_vjp(&middle, cotangent, of_before)?;
        let gradients = of_before.iter_mut().zip(of_after);
        for ((of_before, of_after), c) in gradients.zip(cotangent) {
            let common = -0.5 * *of_before;
            *of_before = common - c / dt;
            *of_after = common + c / dt;
        }
        Ok(())
    }

    /// Refuses vectors whose length is not [`unknowns`](Evolution::unknowns), by their names.
    ///
    /// # Errors
    /// The first such vector.
    fn check(&self, vectors: &[(&'static str, &[f64])]) -> Result<(), SolverError> {
        check_lengths(self.unknowns(), vectors)
    }

    /// [`check`](Evolution::check) of what the product of a tendency takes.
    ///
    /// # Errors
    /// The first vector of a wrong length.
    fn check_vjp(
        &self,
        state: &[f64],
        cotangent: &[f64],
        gradient: &[f64],
    ) -> Result<(), SolverError> {
        self.check(&[
            ("state", state),
            ("cotangent", cotangent),
            ("gradient", gradient),
        ])
    }
}

/// The state half-way between two.
pub(crate) fn middle(before: &[f64], after: &[f64]) -> Vec<f64> {
    let pairs = before.iter().zip(after);
    pairs
        .map(|(before, after)| 0.5 * (before + after))
        .collect()
}

/// A run that [`march`] takes forward.
pub(crate) trait March {
    /// The time reached; `march` sets it.
    fn clock(&mut self) -> &mut f64;
    /// The longest step that was asked for.
    fn longest(&self) -> f64;
    /// The longest step that is stable from here.
    fn stable(&mut self) -> f64;
    /// Takes a step; false when there is no use in going on.
    fn take(&mut self, dt: f64) -> Result<bool, SolverError>;
}

/// Steps are planned with this reserve to what is stable, so that they need not be planned anew at once.
const RESERVE: f64 = 1.1;

/// Goes on to exactly `target` in equal steps, in shorter ones from where they are not stable any more.
pub(crate) fn march(run: &mut impl March, target: f64) -> Result<(), SolverError> {
    let now = *run.clock();
    if !(target >= now && target.is_finite()) {
        return Err(SolverError::Argument {
            what: "time",
            problem: format!("{target} s, where {now} s has been reached: time goes forwards only"),
        });
    }
    let (mut left, mut dt) = (0, 0.0);
    while *run.clock() < target {
        let stable = run.stable();
        if left == 0 || dt > stable {
            let interval = target - *run.clock();
            left = whole_steps(interval, run.longest().min(stable / RESERVE));
            dt = interval / left as f64;
        }
        if !run.take(dt)? {
            break;
        }
        left -= 1;
        *run.clock() = if left == 0 {
            target
        } else {
            target - left as f64 * dt
        };
    }
    Ok(())
}

/// How many equal steps of at most `longest` lead over `interval`.
///
/// What is within rounding of a whole number of steps counts as that number.
fn whole_steps(interval: f64, longest: f64) -> usize {
    let ratio = interval / longest;
    (ratio - 1e-9 * ratio.max(1.0)).ceil().max(1.0) as usize
}

#[cfg(test)]
pub(crate) mod testing {
    //! Vector-Jacobian products against central differences.

    use super::*;
    pub(crate) use crate::work_point::relative_error;

    /// Values between -1 and 1 that look random.
    pub fn noise(n: usize, seed: u64) -> Vec<f64> {
        use rand::{Rng, SeedableRng};
        let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
        (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()
    }

    pub fn dot(a: &[f64], b: &[f64]) -> f64 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    /// Compares a gradient of c . y(x) with fourth-order central differences in every direction of the unit
    /// vectors: the cosine above 0.999 and the relative error under 1e-5 that the project asks for.
    pub fn assert_gradient(
        what: &str,
        x: &[f64],
        gradient: &[f64],
        step: f64,
        mut value: impl FnMut(&[f64]) -> f64,
    ) {
        let mut moved = x.to_vec();
        let mut difference = |i: usize, h: f64| {
            moved[i] = x[i] + h;
            let high = value(&moved);
            moved[i] = x[i] - h;
            let low = value(&moved);
            moved[i] = x[i];
            (high - low) / (2.0 * h)
        };
        let numbers: Vec<f64> = (0..x.len())
            .map(|i| (4.0 * difference(i, step) - difference(i, 2.0 * step)) / 3.0)
            .collect();
        let cosine =
            dot(gradient, &numbers) / (dot(gradient, gradient) * dot(&numbers, &numbers)).sqrt();
        let error = relative_error(gradient, &numbers);
        assert!(
            cosine > 0.999 && error < 1e-5,
            "{what}: cosine {cosine}, relative error {error:e}"
        );
    }

    /// Tendency, step and residual of an equation at a state, with steps of `dt` seconds.
    pub fn assert_vjps(equation: &mut impl Evolution, state: &[f64], dt: f64) {
        let n = equation.unknowns();
        let cotangent = noise(n, 77);
        let (mut gradient, mut out) = (vec![0.0; n], vec![0.0; n]);
        equation
            .tendency_vjp(state, &cotangent, &mut gradient)
            .expect("lengths");
        assert_gradient("tendency", state, &gradient, 1e-4, |x| {
            equation.tendency(x, &mut out).expect("lengths");
            dot(&cotangent, &out)
        });
        equation
            .step_vjp(state, dt, &cotangent, &mut gradient)
            .expect("lengths");
        assert_gradient("step", state, &gradient, 1e-4, |x| {
            out.copy_from_slice(x);
            equation.step(&mut out, dt).expect("lengths");
            dot(&cotangent, &out)
        });
        let mut after = state.to_vec();
        equation.step(&mut after, dt).expect("lengths");
        let mut other = vec![0.0; n];
        let both = [&mut gradient[..], &mut other[..]];
        equation
            .residual_vjp(state, &after, dt, &cotangent, both)
            .expect("lengths");
        assert_gradient("residual, before", state, &gradient, 1e-4, |x| {
            equation.residual(x, &after, dt, &mut out).expect("lengths");
            dot(&cotangent, &out)
        });
        assert_gradient("residual, after", &after, &other, 1e-4, |x| {
            equation.residual(state, x, dt, &mut out).expect("lengths");
            dot(&cotangent, &out)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_fill_an_interval() {
        assert_eq!(whole_steps(0.3, 0.1), 3);
        assert_eq!(whole_steps(0.3, f64::INFINITY), 1);
        assert_eq!(whole_steps(0.1 + 0.2, 0.1), 3);
        assert_eq!(whole_steps(0.31, 0.1), 4);
        assert_eq!(whole_steps(1e-12, 0.1), 1);
    }

    /// Steps of at most 0.1; from 0.25 on only those below 0.06 are stable.
    struct Clock(f64, Vec<f64>);

    impl March for Clock {
        fn clock(&mut self) -> &mut f64 {
            &mut self.0
        }
        fn longest(&self) -> f64 {
            0.1
        }
        fn stable(&mut self) -> f64 {
            if self.0 < 0.25 { 1.0 } else { 0.06 }
        }
        fn take(&mut self, dt: f64) -> Result<bool, SolverError> {
            self.1.push(dt);
            Ok(self.1.len() < 20)
        }
    }

    #[test]
    fn marching_ends_exactly_and_shortens_its_steps() {
        let mut clock = Clock(0.0, Vec::new());
        march(&mut clock, 0.4).expect("forwards");
        assert_eq!(clock.0, 0.4);
        let steps: Vec<i64> = clock.1.iter().map(|s| (s * 1e4).round() as i64).collect();
        assert_eq!(steps, [1000, 1000, 1000, 500, 500]);
        march(&mut clock, 0.4).expect("nothing to do");
        assert_eq!(clock.1.len(), 5);
        assert!(march(&mut clock, 0.3).is_err() && march(&mut clock, f64::INFINITY).is_err());
        march(&mut clock, 100.0).expect("stops where there is no use");
        assert!(clock.1.len() == 20 && clock.0 < 100.0);
    }
}
