//! Refusals of arguments, which name what is wrong with them.

use crate::{FieldInfo, SolverError};

/// Refuses vectors of another length than `expected`.
pub(crate) fn check_lengths(
    expected: usize,
    vectors: &[(&'static str, &[f64])],
) -> Result<(), SolverError> {
    match vectors.iter().find(|(_, v)| v.len() != expected) {
        None => Ok(()),
        Some((what, v)) => Err(SolverError::Argument {
            what,
            problem: format!("{} values, {expected} are needed", v.len()),
        }),
    }
}

/// Refuses steps that are not positive and finite.
pub(crate) fn check_step(dt: f64) -> Result<(), SolverError> {
    positive("dt", dt)
}

/// Refuses numbers that are not positive and finite.
pub(crate) fn positive(what: &'static str, value: f64) -> Result<(), SolverError> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    let problem = format!("{value}: it must be positive and finite");
    Err(SolverError::Argument { what, problem })
}

/// Refuses numbers that are negative or not finite.
pub(crate) fn not_negative(what: &'static str, value: f64) -> Result<(), SolverError> {
    if value >= 0.0 && value.is_finite() {
        return Ok(());
    }
    let problem = format!("{value}: it must be at least 0 and finite");
    Err(SolverError::Argument { what, problem })
}

/// Refuses arrays with a value that is not finite, by its index.
pub(crate) fn finite(what: &'static str, values: &[f64]) -> Result<(), SolverError> {
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(index) => Err(SolverError::Argument {
            what,
            problem: format!("{} at index {index}: it must be finite", values[index]),
        }),
    }
}

/// That a field cannot be read.
pub(crate) fn no_such_field(name: &str, known: &[FieldInfo]) -> SolverError {
    let known: Vec<&str> = known.iter().map(|field| field.name).collect();
    SolverError::Argument {
        what: "field",
        problem: format!("\"{name}\" is not one of {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_numbers_are_refused_by_name() {
        assert!(check_step(0.0).is_err() && check_step(f64::NAN).is_err());
        let error = check_lengths(3, &[("state", &[0.0; 3]), ("out", &[0.0; 2])]);
        assert!(error.is_err_and(|e| e.to_string() == "out: 2 values, 3 are needed"));
        let error = finite("initial vorticity", &[0.0, f64::NAN]);
        assert!(error.is_err_and(|e| e.to_string().contains("index 1")));
    }
}
