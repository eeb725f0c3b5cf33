//! What is to be measured: one job is one method on one problem, in a process of its own.

use karman_solvers::PoissonCaseKind;

use super::row::{MovingRow, Problem, Record, SolveRow, Solver};

/// What a job measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Set-up and solves to some tolerances.
    Solve,
    /// The moving-solid sequence.
    Moving,
}

/// One process.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Job {
    pub(super) task: Task,
    pub(super) problem: Problem,
    pub(super) solver: Solver,
    /// Those that are still missing.
    pub(super) tolerances: Vec<f64>,
}

/// All that a bench was asked for.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) dimension: usize,
    pub(super) sizes: Vec<usize>,
    pub(super) cases: Vec<PoissonCaseKind>,
    pub(super) methods: Vec<String>,
    pub(super) peers: Vec<String>,
    pub(super) tolerances: Vec<f64>,
    pub(super) threads: usize,
    pub(super) seed: u64,
}

impl Plan {
    /// The problem of a case.
    pub(super) fn problem(&self, size: usize, case: PoissonCaseKind) -> Problem {
        Problem {
            case: case.name().to_owned(),
            dimension: self.dimension,
            size,
            seed: self.seed,
        }
    }

    /// All jobs, problem by problem: a run that is stopped early has compared all methods on what it finished.
    pub(super) fn jobs(&self) -> Vec<Job> {
        let mut jobs = Vec::new();
        let own = self.methods.iter().map(|method| (method, false));
        let solvers: Vec<Solver> = own
            .chain(self.peers.iter().map(|method| (method, true)))
            .map(|(method, peer)| Solver {
                method: method.clone(),
                peer,
                threads: self.threads,
            })
            .collect();
        for size in &self.sizes {
            for case in &self.cases {
                let problem = self.problem(*size, *case);
                jobs.extend(solvers.iter().map(|solver| Job {
                    task: Task::Solve,
                    problem: problem.clone(),
                    solver: solver.clone(),
                    tolerances: self.tolerances.clone(),
                }));
                if *case == PoissonCaseKind::MovingSolid {
                    let own = solvers.iter().filter(|solver| !solver.peer);
                    jobs.extend(own.map(|solver| Job {
                        task: Task::Moving,
                        problem: problem.clone(),
                        solver: solver.clone(),
                        tolerances: vec![self.sequence_tolerance()],
                    }));
                }
            }
        }
        jobs
    }

    /// The tolerance of the moving-solid sequence and of summaries: 1e-6 when it is measured, else the first.
    pub(super) fn sequence_tolerance(&self) -> f64 {
        let usual = self.tolerances.iter().copied().find(|tol| *tol == 1e-6);
        usual.or(self.tolerances.first().copied()).unwrap_or(1e-6)
    }
}

impl Job {
    /// What is left of the job given the rows that are there: `None` when nothing is.
    pub(super) fn remaining(&self, records: &[Record]) -> Option<Self> {
        let done = |tolerance: f64| {
            records.iter().any(|record| match (record, self.task) {
                (Record::Solve(row), Task::Solve) => self.is_of(row, tolerance),
                (Record::Moving(row), Task::Moving) => self.is_moving_of(row, tolerance),
                _ => false,
            })
        };
        let mut job = self.clone();
        job.tolerances.retain(|tolerance| !done(*tolerance));
        (!job.tolerances.is_empty()).then_some(job)
    }

    fn is_of(&self, row: &SolveRow, tolerance: f64) -> bool {
        row.problem == self.problem && row.solver == self.solver && row.tolerance == tolerance
    }

    fn is_moving_of(&self, row: &MovingRow, tolerance: f64) -> bool {
        row.problem == self.problem && row.solver == self.solver && row.tolerance == tolerance
    }
}

#[cfg(test)]
mod tests {
    use super::super::row::Outcome;
    use super::*;

    fn plan() -> Plan {
        Plan {
            dimension: 2,
            sizes: vec![16, 32],
            cases: vec![PoissonCaseKind::OpenTop, PoissonCaseKind::MovingSolid],
            methods: vec!["cg".into(), "multigrid".into()],
            peers: vec!["pyamg".into()],
            tolerances: vec![1e-4, 1e-6],
            threads: 2,
            seed: 1,
        }
    }

    #[test]
    fn every_combination_is_a_job() {
        let jobs = plan().jobs();
        let moving = jobs.iter().filter(|job| job.task == Task::Moving).count();
        assert_eq!((jobs.len(), moving), (2 * 2 * 3 + 2 * 2, 4));
        assert_eq!(plan().sequence_tolerance(), 1e-6);
    }

    #[test]
    fn finished_rows_are_not_asked_for_again() {
        let job = &plan().jobs()[0];
        let row = |tol| {
            Record::Solve(SolveRow::empty(
                &job.problem,
                &job.solver,
                tol,
                9,
                Outcome::Failed,
            ))
        };
        assert_eq!(job.remaining(&[]).as_ref(), Some(job));
        let half = job.remaining(&[row(1e-4)]).unwrap();
        assert_eq!(half.tolerances, [1e-6]);
        assert_eq!(job.remaining(&[row(1e-4), row(1e-6)]), None);
        let other = &plan().jobs()[1];
        assert_eq!(
            other.remaining(&[row(1e-4), row(1e-6)]).as_ref(),
            Some(other)
        );
    }
}
