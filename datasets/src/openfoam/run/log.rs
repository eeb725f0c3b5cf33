//! What simpleFoam says while it runs: residuals, force coefficients, y+, the version, fatal errors.
//!
//! The forms of Debian's 1912, of later ESI versions and of the Foundation's are taken.

use crate::Forces;

/// The equations whose residuals are followed.
pub const RESIDUALS: [&str; 5] = ["Ux", "Uy", "p", "omega", "k"];
/// Lines of a fatal error that are kept.
const FATAL_LINES: usize = 6;

/// One iteration of the solver.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FoamIteration {
    /// Its number.
    pub number: usize,
    /// Initial residuals, in the order of [`RESIDUALS`]; not a number where none was printed.
    pub residuals: [f64; 5],
    /// Force coefficients, once the function object has printed them.
    pub forces: Option<Forces>,
}

/// A log that is read line by line.
#[derive(Debug, Clone, Default)]
pub struct FoamLog {
    history: Vec<FoamIteration>,
    version: Option<String>,
    website: Option<String>,
    y_plus: Option<[f64; 3]>,
    fatal: Vec<String>,
    seconds: f64,
    ended: bool,
}

impl FoamLog {
    /// Takes in one line.
    pub fn line(&mut self, line: &str) {
        let text = line.trim();
        if !self.fatal.is_empty() {
            if !text.is_empty() && self.fatal.len() < FATAL_LINES {
                self.fatal.push(text.into());
            }
        } else if text.contains("FOAM FATAL") || text.contains("sigFpe") {
            self.fatal.push(text.into());
        } else if let Some(time) = text.strip_prefix("Time = ") {
            self.begin(time);
        } else if let Some((_, rest)) = text.split_once("Solving for ") {
            self.residual(rest);
        } else if let Some(rest) = text.strip_prefix("Cd") {
            self.coefficient(rest, [0, 2, 3]);
        } else if let Some(rest) = text.strip_prefix("Cl") {
            self.coefficient(rest, [1, 4, 5]);
        } else if let Some(rest) = text.strip_prefix("patch aerofoil y+ :") {
            let numbers = numbers(rest);
            if let [low, high, mean] = numbers[..] {
                self.y_plus = Some([low, high, mean]);
            }
        } else if let Some(rest) = text.strip_prefix("ExecutionTime = ") {
            self.seconds = numbers(rest).first().copied().unwrap_or(self.seconds);
        } else if text == "End" {
            self.ended = true;
        } else if self.history.is_empty() {
            self.banner(text);
        }
    }

    /// The iterations so far.
    pub fn history(&self) -> &[FoamIteration] {
        &self.history
    }

    /// The version as the banner tells it, for example `1912`.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Whether this is the Foundation's OpenFOAM (openfoam.org), for which the cases are not written.
    pub fn is_foundation(&self) -> bool {
        let site = self.website.as_deref().unwrap_or("");
        site.contains("openfoam.org")
    }

    /// Least, largest and mean y+ of the wall, once printed.
    pub fn y_plus(&self) -> Option<[f64; 3]> {
        self.y_plus
    }

    /// What a fatal error said, if there was one.
    pub fn fatal(&self) -> Option<String> {
        (!self.fatal.is_empty()).then(|| self.fatal.join(" "))
    }

    /// Time that the solver has computed for, as it prints it after each iteration, s.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// Whether the solver reached its end.
    pub fn ended(&self) -> bool {
        self.ended
    }

    fn begin(&mut self, time: &str) {
        // The Foundation's later versions print the unit: `Time = 12s`.
        if let Ok(number) = time.trim_end_matches('s').parse() {
            self.history.push(FoamIteration {
                number,
                residuals: [f64::NAN; 5],
                forces: None,
            });
        }
    }

    /// `Ux, Initial residual = 1e-3, Final residual = ..`; of several corrections the first counts.
    fn residual(&mut self, rest: &str) {
        let Some((name, rest)) = rest.split_once(", Initial residual = ") else {
            return;
        };
        let place = RESIDUALS.iter().position(|known| *known == name);
        let value = rest.split(',').next().and_then(|v| v.trim().parse().ok());
        if let (Some(place), Some(value), Some(now)) = (place, value, self.history.last_mut())
            && now.residuals[place].is_nan()
        {
            now.residuals[place] = value;
        }
    }

    /// `: 0.014 (pressure: 0.008 viscous: 0.006)`, or the same numbers in columns. `places` are those of
    /// the total and of its two parts among drag, lift, and the parts of each.
    fn coefficient(&mut self, rest: &str, places: [usize; 3]) {
        // Not the front and rear parts, `Cl(f)`.
        if rest.starts_with('(') {
            return;
        }
        let (values, Some(now)) = (numbers(rest), self.history.last_mut()) else {
            return;
        };
        let forces = now.forces.get_or_insert_default();
        for (place, value) in places.into_iter().zip(values) {
            *match place {
                0 => &mut forces.cd,
                1 => &mut forces.cl,
                2 => &mut forces.cd_pressure,
                3 => &mut forces.cd_viscous,
                4 => &mut forces.cl_pressure,
                _ => &mut forces.cl_viscous,
            } = value;
        }
    }

    fn banner(&mut self, text: &str) {
        let after = |key: &str| {
            let (_, rest) = text.split_once(key)?;
            let word = rest.split([' ', '|']).find(|word| !word.is_empty())?;
            Some(word.to_string())
        };
        if let Some(version) = after("Version:") {
            self.version = Some(version);
        }
        if let Some(site) = after("Website:") {
            self.website = Some(site);
        }
        // Debian's banner leaves the version out.
        if let (None, Some(build)) = (&self.version, after("Build  : OPENFOAM=")) {
            self.version = Some(build);
        }
    }
}

/// The numbers of a line, whatever stands between them.
fn numbers(text: &str) -> Vec<f64> {
    text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ',' | ':' | '='))
        .filter_map(|word| word.parse().ok())
        .collect()
}
