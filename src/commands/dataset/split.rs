//! `karman dataset split`: a part held out of another, or a manifest where there is none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use karman_datasets::{MANIFEST_NAME, Manifest, scan_cases, split_validation};
use serde::Serialize;

use crate::commands::error::CommandError;
use crate::commands::number::count;
use crate::commands::table::Table;
use crate::commands::{Context, Run};

/// Hold a validation part out of a training part, or write a manifest for a folder without one
///
/// With a manifest, a random part of full_train (or of --part) is moved to full_val; the other parts
/// stay. Without one, all case folders are dealt out to full_train, full_val and full_test.
///
/// The outcome depends on the case names, the fractions and the seed alone. Nothing is written
/// without -o.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SplitArgs {
    /// The folder with the cases
    path: PathBuf,
    /// Fraction of the training part to hold out for validation; 0 for none
    #[arg(long, value_name = "FRACTION", default_value_t = 0.1, value_parser = fraction)]
    validation: f64,
    /// Fraction of all cases for full_test, for a folder without a manifest [default: 0.2]
    #[arg(long, value_name = "FRACTION", value_parser = fraction)]
    test: Option<f64>,
    /// Seed of the random choice
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// The part to hold cases out of
    #[arg(long, default_value = "full_train")]
    part: String,
    /// Write the new manifest to FILE
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace FILE if it exists
    #[arg(long, short, requires = "output")]
    force: bool,
}

const EXAMPLES: &str = "\
Examples:
  karman dataset split datasets/sample/mini-airfrans --validation 0.1 --seed 0
  karman dataset split my-cases --test 0.2 -o my-cases/manifest.json
  karman dataset split /data/AirfRANS --part scarce_train -o manifest-with-validation.json";

/// A share: at least 0, below 1.
fn fraction(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if (0.0..1.0).contains(&value) => Ok(value),
        Ok(value) => Err(format!("{value} is not in 0 <= fraction < 1")),
        Err(error) => Err(format!("{error}")),
    }
}

/// Share of the test part where there is no manifest.
const TEST: f64 = 0.2;

/// The parts after the split.
#[derive(Serialize)]
struct Outcome {
    root: PathBuf,
    seed: u64,
    validation_fraction: f64,
    /// Names of the parts that this split made.
    made: Vec<String>,
    /// All parts of the new manifest.
    parts: Parts,
    /// Where the new manifest was written.
    written: Option<PathBuf>,
}

impl Run for SplitArgs {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let (parts, made) = self.parts()?;
        // The new manifest obeys all rules of one before anybody sees it.
        let path = self.output.clone();
        let place = path.unwrap_or_else(|| self.path.join(MANIFEST_NAME));
        let manifest = Manifest::from_parts(&place, parts)?;
        if let Some(path) = &self.output {
            write_new(path, &manifest, self.force)?;
        }
        let outcome = Outcome {
            root: self.path.clone(),
            seed: self.seed,
            validation_fraction: self.validation,
            made,
            parts: manifest.parts().clone(),
            written: self.output.clone(),
        };
        context.output.show(&outcome, || outcome.text())
    }
}

/// Case names by part.
type Parts = BTreeMap<String, Vec<String>>;

impl SplitArgs {
    /// All parts after the split, and the names of those it made.
    fn parts(&self) -> Result<(Parts, Vec<String>), CommandError> {
        let (mut parts, mut made) = self.parts_before()?;
        if self.validation != 0.0 {
            let held_out = self.validation_name(&parts)?;
            let names = manifest_cases(&self.path, &parts, &self.part)?;
            let split = split_validation(names, self.validation, self.seed)?;
            for (name, cases) in [(&self.part, split.train), (&held_out, split.validation)] {
                parts.insert(name.clone(), cases);
                made.push(name.clone());
            }
        }
        made.sort();
        made.dedup();
        Ok((parts, made))
    }

    /// The parts of the manifest, or new ones where there is none, and the names of the new ones.
    fn parts_before(&self) -> Result<(Parts, Vec<String>), CommandError> {
        if !self.path.join(MANIFEST_NAME).is_file() {
            let parts = self.first_parts()?;
            let made = parts.keys().cloned().collect();
            return Ok((parts, made));
        }
        if self.test.is_none() {
            return Ok((Manifest::read(&self.path)?.parts().clone(), Vec::new()));
        }
        let place = self.path.display();
        let problem = format!("{place} has a manifest, and with it a test part");
        let help = "leave --test out, or move the manifest away to begin anew";
        Err(CommandError::input(problem).help(help))
    }

    /// The name of the part to make: `T_val` for `T_train`.
    fn validation_name(&self, parts: &Parts) -> Result<String, CommandError> {
        let stem = self.part.strip_suffix("_train").unwrap_or(&self.part);
        let (name, other) = (format!("{stem}_val"), format!("{stem}_validation"));
        match [&name, &other].iter().find(|n| parts.contains_key(**n)) {
            None => Ok(name),
            Some(there) => {
                let problem = format!("the manifest has the part \"{there}\" already");
                let help = "take it out of the manifest, or choose another --part";
                Err(CommandError::input(problem).help(help))
            }
        }
    }

    /// Deals all case folders out to a training and a test part.
    fn first_parts(&self) -> Result<Parts, CommandError> {
        let names = scan_cases(&self.path)?;
        if names.is_empty() {
            return Err(CommandError::input(format!(
                "{} holds no case folders",
                self.path.display()
            ))
            .help("a case is a folder NAME that holds NAME_internal.vtu and NAME_aerofoil.vtp"));
        }
        let split = split_validation(&names, self.test.unwrap_or(TEST), self.seed)?;
        let mut parts = BTreeMap::from([("full_train".to_owned(), split.train)]);
        if !split.validation.is_empty() {
            parts.insert("full_test".to_owned(), split.validation);
        }
        Ok(parts)
    }
}

/// The cases of a part, with the message of a manifest where it is not there.
fn manifest_cases<'a>(
    root: &Path,
    parts: &'a Parts,
    part: &str,
) -> Result<&'a [String], CommandError> {
    parts.get(part).map(Vec::as_slice).ok_or_else(|| {
        let known: Vec<&str> = parts.keys().map(String::as_str).collect();
        CommandError::input(format!(
            "no part \"{part}\" in {}; it has: {}",
            root.join(MANIFEST_NAME).display(),
            known.join(", ")
        ))
    })
}

/// Writes a manifest where there is no file yet, or `force` says to replace it.
fn write_new(path: &Path, manifest: &Manifest, force: bool) -> Result<(), CommandError> {
    if path.exists() && !force {
        return Err(
            CommandError::input(format!("{} exists already", path.display()))
                .help("give another name, or --force to replace it"),
        );
    }
    Ok(manifest.write()?)
}

impl Outcome {
    fn text(&self) -> String {
        let mut table = Table::new(["part", "cases", ""]).text_columns(1);
        for (name, cases) in &self.parts {
            let new = if self.made.contains(name) { "new" } else { "" };
            table.row([name.clone(), cases.len().to_string(), new.to_owned()]);
        }
        let mut text = format!("{} (seed {})\n\n{table}", self.root.display(), self.seed);
        for name in self.made.iter().filter(|name| name.ends_with("_val")) {
            let cases = &self.parts[name];
            text += &format!("\n{name}, {}:\n  ", count(cases.len(), "case"));
            text += &cases.join("\n  ");
            text += "\n";
        }
        match &self.written {
            Some(path) => text + &format!("\nwrote {}\n", path.display()),
            None => text + "\nnothing was written; -o FILE writes the manifest\n",
        }
    }
}
