//! What the machine's memory gives, and what the methods make of it.

use super::machine::{nearest_triad, triads};
use super::page::View;
use super::row::SolveRow;
use crate::commands::number::{bytes, number};
use crate::report::{Block, SheetCell, SheetRow, SheetTable};

const TRIAD: &str = "STREAM triad (a = b + s c, 24 bytes an element), by the size of its three arrays: what data of that size can be read and written at, from the caches or from memory.";
const METHODS: &str = "What the iterations of a solve read and write at least, over its time, as a share of the triad of the method's size; in small print GB/s. Every pass over every array counts once; the first and the last residual do not count. A share is no praise: a method may move many bytes fast and be late.";
const CYCLE: &str = "Bytes of a cycle: every pass over every array of every level, counted once; its time is measured alone.";

/// The triad, the share of it that each of our methods reaches, and that of multigrid's cycle.
pub(super) fn blocks(view: &View) -> Vec<Block> {
    let rows = triads(view.records, view.plan.threads).map(|row| SheetRow {
        name: bytes(row.bytes as u64),
        ours: false,
        cells: vec![rate(row.bytes_per_second)],
    });
    let rows: Vec<SheetRow> = rows.collect();
    if rows.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![
        Block::Text(TRIAD.to_owned()),
        Block::Table(SheetTable {
            caption: "STREAM triad".to_owned(),
            head: vec!["Arrays".to_owned(), "GB/s".to_owned()],
            rows,
        }),
        Block::Text(METHODS.to_owned()),
    ];
    for size in view.plan.sizes.iter().rev() {
        blocks.push(Block::Heading(view.size_label(*size)));
        blocks.push(Block::Table(methods(view, *size)));
    }
    blocks.push(Block::Table(cycles(view)));
    blocks.push(Block::Note(CYCLE.to_owned()));
    blocks
}

fn rate(value: f64) -> SheetCell {
    SheetCell::plain(number(value / 1e9, 3))
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// Our methods against cases.
fn methods(view: &View, size: usize) -> SheetTable {
    let plan = view.plan;
    let cell = |method: &str, case| {
        let row = view.find(size, case, (method, false), view.tolerance)?;
        let (share, speed) = share_of_triad(view, row)?;
        Some(SheetCell {
            detail: format!("{} GB/s", number(speed / 1e9, 3)),
            ..SheetCell::plain(percent(share))
        })
    };
    let own = plan.methods.iter().filter(|method| *method != "auto");
    let rows = own.map(|method| SheetRow {
        name: method.clone(),
        ours: true,
        cells: plan
            .cases
            .iter()
            .map(|case| cell(method, *case).unwrap_or_default())
            .collect(),
    });
    let names = plan.cases.iter().map(|case| case.name().to_owned());
    SheetTable {
        caption: format!("Share of the triad, {size} cells a side"),
        head: std::iter::once("Method".to_owned()).chain(names).collect(),
        rows: rows.collect(),
    }
}

/// The share of the triad that the iterations of a row reach, and their bytes a second.
fn share_of_triad(view: &View, row: &SolveRow) -> Option<(f64, f64)> {
    let speed = row.bandwidth()?;
    let near = nearest_triad(view.records, view.plan.threads, row.method_bytes?)?;
    Some((speed / near.bytes_per_second, speed))
}

/// Multigrid's cycle on every case.
fn cycles(view: &View) -> SheetTable {
    let threads = view.plan.threads;
    let largest = triads(view.records, threads).max_by_key(|row| row.bytes);
    let rows = view.solves().filter(|row| row.tolerance == view.tolerance);
    let rows = rows.filter_map(|row| {
        let (moved, seconds) = (row.cycle_bytes?, row.cycle_seconds?);
        let speed = moved as f64 / seconds;
        let near = nearest_triad(view.records, threads, row.method_bytes.unwrap_or(moved))?;
        let share = |of: f64| SheetCell::plain(percent(speed / of));
        Some(SheetRow {
            name: format!(
                "{}, {}",
                row.problem.case,
                view.size_label(row.problem.size)
            ),
            ours: true,
            cells: vec![
                SheetCell::plain(bytes(moved)),
                SheetCell::plain(number(1e3 * seconds, 3)),
                rate(speed),
                share(near.bytes_per_second),
                share(largest?.bytes_per_second),
            ],
        })
    });
    let head = [
        "Multigrid cycle",
        "bytes",
        "ms",
        "GB/s",
        "of the triad of its size",
        "of the largest triad",
    ];
    SheetTable {
        caption: "Bytes that a cycle moves against its time".to_owned(),
        head: head.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}
