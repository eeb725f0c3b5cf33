//! `karman score`: scores predictions made by any program.

use std::path::PathBuf;

use karman_datasets::{
    AirfransDataset, Cache, FieldStatistics, ScoreReport, Task, score_predictions,
};
use serde::Serialize;

use super::error::CommandError;
use super::number::count;
use super::score_text::{cases_text, summary_text};
use super::{Context, Run};

/// Score predictions of any program: field errors, forces, wall shear, boundary layers
///
/// PREDICTIONS holds one NAME.vtu for each case of the split, with the points of NAME_internal.vtu
/// in the same order and the point arrays U (2 or 3 components, m/s), p (m²/s²) and nut (m²/s) as
/// predicted. All other arrays are left alone. docs/src/scorer.md defines every number.
///
/// Fields are z-scored with the statistics of the training part that belongs to the split; reading
/// it takes a while for a large set, but not once `karman dataset cache` was run.
#[derive(clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Score {
    /// Folder with the predictions, one NAME.vtu a case
    predictions: PathBuf,
    /// The data set with the true solutions
    #[arg(long, value_name = "PATH")]
    data: PathBuf,
    /// The part of the data set to score
    #[arg(long, default_value = "full_test")]
    split: String,
    /// The part whose statistics scale the fields [default: the training part of the split's task]
    #[arg(long, value_name = "PART")]
    train: Option<String>,
    /// Folder of the data set's cache [default: the one of `karman dataset cache`, if it is there]
    #[arg(long, value_name = "DIR")]
    cache: Option<PathBuf>,
    /// Print the scores of each case as well
    #[arg(long)]
    cases: bool,
}

const EXAMPLES: &str = "\
Examples:
  karman score predictions --data datasets/sample/mini-airfrans
  karman score predictions --data /data/AirfRANS --split reynolds_test --json scores.json
  karman score predictions --data my-cases --split full_val --cases";

/// What was scored, and how well.
#[derive(Serialize)]
struct Scored {
    /// The part whose statistics scaled the fields.
    train: String,
    #[serde(flatten)]
    report: ScoreReport,
}

impl Run for Score {
    fn run(self, context: &Context) -> Result<(), CommandError> {
        let dataset = AirfransDataset::open(&self.data)?;
        // A wrong name is told before anything is read.
        dataset.cases(&self.split)?;
        let train = match &self.train {
            Some(part) => part.clone(),
            None => train_part(&dataset.tasks(), &self.split)?,
        };
        let statistics = self.statistics(&dataset, &train, context)?;
        let report = score_predictions(
            &self.predictions,
            &dataset,
            &self.split,
            &statistics,
            context.progress(),
        )?;
        let scored = Scored { train, report };
        context.output.show(&scored, || scored.text(self.cases))
    }
}

impl Score {
    /// Statistics of the training part: from the cache where there is one, else from the cases.
    fn statistics(
        &self,
        dataset: &AirfransDataset,
        train: &str,
        context: &Context,
    ) -> Result<FieldStatistics, CommandError> {
        let names = dataset.cases(train)?;
        let folder = match &self.cache {
            Some(folder) => Some(folder.clone()),
            None => Some(Cache::default_folder(&self.data)).filter(|f| Cache::open(f).is_ok()),
        };
        let Some(folder) = folder else {
            return Ok(FieldStatistics::from_part(
                dataset,
                train,
                context.progress(),
            )?);
        };
        let cache = Cache::open_or_build_cases(dataset, &names, folder, context.progress())?;
        let normaliser = cache.normaliser(&cache.positions(&names)?)?;
        Ok(FieldStatistics::from_normaliser(&normaliser)?)
    }
}

/// The training part of the task that a split belongs to: `T_train` for `T_test` and `T_val`, else
/// that of the only task that is tested on it.
fn train_part(tasks: &[Task], split: &str) -> Result<String, CommandError> {
    let by_name = tasks.iter().find(|task| {
        [&task.train, &format!("{}_test", task.name)].contains(&&split.to_owned())
            || task.validation.as_deref() == Some(split)
    });
    let mut tested = tasks
        .iter()
        .filter(|task| task.test.as_deref() == Some(split));
    let only = match (tested.next(), tested.next()) {
        (Some(task), None) => Some(task),
        _ => None,
    };
    by_name
        .or(only)
        .map(|task| task.train.clone())
        .ok_or_else(|| {
            CommandError::input(format!(
                "which training part scales the fields of \"{split}\" is not clear"
            ))
            .help("name it with --train PART")
        })
}

impl Scored {
    fn text(&self, with_cases: bool) -> String {
        let mut text = format!(
            "{}, {}; fields z-scored with the statistics of {}\n\n",
            self.report.split,
            count(self.report.summary.cases, "case"),
            self.train
        );
        text += &summary_text(&self.report.summary);
        if with_cases {
            text += "\n";
            text += &cases_text(&self.report.cases);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(name: &str, test: Option<&str>) -> Task {
        Task {
            name: name.to_owned(),
            train: format!("{name}_train"),
            validation: Some(format!("{name}_val")),
            test: test.map(str::to_owned),
        }
    }

    #[test]
    fn the_training_part_follows_from_the_split() {
        let tasks = [
            task("full", Some("full_test")),
            task("scarce", Some("full_test")),
            task("wings", Some("odd_ones")),
        ];
        let part = |split| train_part(&tasks, split).ok();
        assert_eq!(part("full_test").as_deref(), Some("full_train"));
        assert_eq!(part("scarce_test").as_deref(), Some("scarce_train"));
        assert_eq!(part("scarce_val").as_deref(), Some("scarce_train"));
        assert_eq!(part("scarce_train").as_deref(), Some("scarce_train"));
        assert_eq!(part("odd_ones").as_deref(), Some("wings_train"));
        assert_eq!(part("extra"), None);
    }

    #[test]
    fn two_tasks_with_one_test_are_not_guessed() {
        let tasks = [task("a", Some("shared")), task("b", Some("shared"))];
        let message = train_part(&tasks, "shared").err().map(|e| e.to_string());
        assert!(message.is_some_and(|text| text.contains("\"shared\"")));
    }
}
