//! Writes a data set of made-up cases in AirfRANS's layout, of any size: see `synthetic_dataset`.
//!
//! ```text
//! cargo run --release -p karman-datasets --example made_cases FOLDER TRAIN TEST [AROUND OUT SEED]
//! ```
//!
//! `AROUND` nodes around the airfoil and `OUT` cells outward; 900 and 199, the default, make the
//! 180 k points of an AirfRANS case. `scripts/airfrans_size.sh` uses it.

use std::path::PathBuf;
use std::process::ExitCode;

use karman_datasets::synthetic_dataset;

const USAGE: &str = "usage: made_cases FOLDER TRAIN TEST [AROUND OUT SEED]";

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    match make(&given) {
        Ok(cases) => {
            println!("{cases} cases in {}", given[0]);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}\n{USAGE}");
            ExitCode::FAILURE
        }
    }
}

fn make(given: &[String]) -> Result<usize, String> {
    let root = PathBuf::from(given.first().ok_or("no folder")?);
    let number = |at: usize, default: Option<usize>| match given.get(at) {
        Some(text) => text.parse().map_err(|e| format!("{text}: {e}")),
        None => default.ok_or_else(|| "how many cases?".to_string()),
    };
    let (train, test) = (number(1, None)?, number(2, None)?);
    let resolution = (number(3, Some(900))?, number(4, Some(199))?);
    let seed = number(5, Some(0))? as u64;
    synthetic_dataset(&root, train, test, resolution, seed).map_err(|e| e.to_string())?;
    Ok(train + test)
}
