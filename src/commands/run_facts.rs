//! The facts of a run, as the report shows them.

use super::error::CommandError;
use super::evaluate::OpenRun;
use crate::report::RunFacts;

/// How the run was made.
pub(super) fn run_facts(open: &OpenRun) -> Result<RunFacts, CommandError> {
    let (config, facts) = (open.run.config(), open.run.facts());
    let text = toml::to_string_pretty(config)
        .map_err(|error| CommandError::input(format!("the configuration: {error}")))?;
    let n_test = open.data.dataset.cases(&open.part)?.len();
    Ok(RunFacts {
        finished: date_time(facts.finished),
        model: config.model.name().to_owned(),
        config: text,
        dataset: config.data.path.display().to_string(),
        split: open.part.clone(),
        n_train: facts.train.len(),
        n_validation: facts.validation.len(),
        n_test,
        seed: config.training.seed,
        device: facts.device.clone(),
        versions: vec![("program".to_owned(), facts.version.clone())],
        wall_seconds: facts.train_seconds,
        peak_memory_bytes: facts.peak_memory_bytes,
        parameters: facts.parameters as u64,
        members: open.run.members().len(),
        extra: Vec::new(),
    })
}

/// Unix time as `2026-11-22 14:05 UTC` (the civil-from-days algorithm of Howard Hinnant).
pub(super) fn date_time(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let z = days + 719_468;
    let era = z / 146_097;
    let day_of_era = z % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute) = (rest / 3600, rest % 3600 / 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::date_time;

    #[test]
    fn known_moments() {
        assert_eq!(date_time(0), "1970-01-01 00:00 UTC");
        assert_eq!(date_time(951_782_400), "2000-02-29 00:00 UTC");
        assert_eq!(date_time(1_795_356_300), "2026-11-22 14:05 UTC");
    }
}
