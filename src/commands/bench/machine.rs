//! What the machine gives: memory bandwidth at a few sizes, and its name.

use karman_solvers::stream_triad;

use super::job::Plan;
use super::results::Results;
use super::row::{Record, TriadRow};
use crate::commands::error::CommandError;
use crate::commands::system;

/// Sizes of the three arrays together, MiB: about what a solver holds at 64³ and at 128³, and what no cache of today
/// holds.
const MEBIBYTES: [usize; 3] = [48, 384, 3072];
/// Triads of more than this for each cell of the largest grid say nothing about it.
const BYTES_A_CELL: usize = 2048;

/// Measures the triad at every size that is of use and not among the results yet. A size for which the memory
/// does not suffice is left out.
pub(super) fn measure_triads(results: &mut Results, plan: &Plan) -> Result<(), CommandError> {
    let threads = plan.threads;
    let cells = |size: &usize| size.pow(plan.dimension as u32);
    let cells = plan.sizes.iter().map(cells).max().unwrap_or(0);
    for (place, mebibytes) in MEBIBYTES.into_iter().enumerate() {
        let bytes = mebibytes << 20;
        if place > 0 && bytes > cells * BYTES_A_CELL {
            continue;
        }
        let there = |record: &Record| match record {
            Record::Triad(row) => row.threads == threads && row.bytes == bytes,
            _ => false,
        };
        if results.records().iter().any(there) || bytes as u64 > available_memory() / 2 {
            continue;
        }
        if let Ok(triad) = stream_triad(bytes, threads) {
            results.add(Record::Triad(TriadRow {
                threads,
                bytes,
                bytes_per_second: triad.bytes_per_second,
            }))?;
        }
    }
    Ok(())
}

/// Makes the machine have memory at hand for a process on this many cells. A virtual machine gives memory that is not in
/// use back to its host, and whoever is first to need some then waits for it: at 128³ cells longer than a
/// whole set-up takes. No method is to pay for coming first.
pub(super) fn claim_memory(cells: usize) {
    const PAGE: usize = 4096;
    let Some(available) = system::memory("MemAvailable") else {
        return;
    };
    let bytes = (cells * BYTES_A_CELL).min(available as usize / 2);
    let mut pages = vec![0u8; bytes];
    pages.iter_mut().step_by(PAGE).for_each(|byte| *byte = 1);
    std::hint::black_box(pages);
}

/// Memory that can be had (bytes); very much where the system does not tell.
fn available_memory() -> u64 {
    system::memory("MemAvailable").unwrap_or(u64::MAX)
}

/// Processor, cores and caches in words; what the system does not tell is left out.
pub(super) fn description() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut parts = vec![system::processor_name(), format!("{cores} cores")];
    for index in 2..=3 {
        let path = format!("/sys/devices/system/cpu/cpu0/cache/index{index}/size");
        if let Ok(size) = std::fs::read_to_string(path) {
            parts.push(format!("L{index} {}", size.trim().replace('K', " KiB")));
        }
    }
    parts.join(", ")
}

/// The triad whose arrays are nearest in size to `bytes`.
pub(super) fn nearest_triad(records: &[Record], threads: usize, bytes: u64) -> Option<&TriadRow> {
    let distance = |row: &TriadRow| ((row.bytes as f64).ln() - (bytes as f64).max(1.0).ln()).abs();
    triads(records, threads).min_by(|a, b| distance(a).total_cmp(&distance(b)))
}

/// All triads with this many threads.
pub(super) fn triads(records: &[Record], threads: usize) -> impl Iterator<Item = &TriadRow> {
    records.iter().filter_map(move |record| match record {
        Record::Triad(row) if row.threads == threads => Some(row),
        _ => None,
    })
}
