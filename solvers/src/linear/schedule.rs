//! Which rows of a triangular system may be worked on at the same time.
//!
//! J. Park, M. Smelyanskiy, N. Sundaram, P. Dubey, "Sparsifying synchronization for high-performance
//! shared-memory sparse triangular solver", ISC 2014: point-to-point waits instead of a barrier
//! between levels. Rows are taken in blocks: consecutive ones where the numbering follows lines of a
//! grid, which keeps their data together, and otherwise rows of one level. Workers claim blocks in
//! an order that keeps them all busy, and wait for the few blocks that one needs. A block that is
//! waited for was claimed earlier, by a worker that is running: so any number of workers gets to
//! the end, and with one nothing is ever waited for.
//!
//! Every row is computed from the same numbers in the same order whatever the workers do.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicU32, Ordering};

use super::csr::Csr;

/// Rows of a block that are tried, in this order: the larger the less there is to wait for, the
/// smaller the more blocks can be worked on at a time.
const BLOCK_ROWS: [usize; 3] = [1024, 256, 64];
/// A line whose nearest neighbour is this many times as far away as usual begins another plane.
const FAR: usize = 16;
/// Blocks per worker that a step of the order holds: room against waits.
const LANES: usize = 2;
/// Rows of a block of one level.
const LEVEL_ROWS: usize = 64;
/// Fewer rows are worked on by one thread.
const PARALLEL_FROM: usize = 1 << 13;
/// Looks at a block that is not done before the thread offers its place to another.
const SPINS: usize = 1 << 10;

/// Order and dependencies of the blocks of a symmetric pattern: forward (needs lower rows), and
/// backward (needs higher rows).
#[derive(Debug)]
pub(super) struct Schedule {
    /// The rows of each block, ascending.
    blocks: Lists,
    /// Blocks in the order in which they are claimed.
    order: Vec<u32>,
    /// What each block needs when going forward, and who needs it (what it needs going backward).
    before: Lists,
    after: Lists,
    /// The round in which each block was done last.
    done: Vec<AtomicU32>,
    round: u32,
    next: AtomicU32,
    workers: usize,
}

/// A list of numbers for each block.
#[derive(Debug, Clone)]
struct Lists {
    offsets: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    fn count(&self) -> usize {
        self.offsets.len() - 1
    }

    fn of(&self, block: usize) -> &[u32] {
        &self.items[self.offsets[block] as usize..self.offsets[block + 1] as usize]
    }

    /// Who lists each block.
    fn reversed(&self) -> Self {
        let mut offsets = vec![0; self.count() + 1];
        for item in &self.items {
            offsets[*item as usize + 1] += 1;
        }
        for block in 0..self.count() {
            offsets[block + 1] += offsets[block];
        }
        let mut cursor = offsets.clone();
        let mut items = vec![0; self.items.len()];
        for block in 0..self.count() {
            for needed in self.of(block) {
                let slot = &mut cursor[*needed as usize];
                items[*slot as usize] = block as u32;
                *slot += 1;
            }
        }
        Self { offsets, items }
    }
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sweep {
    Forward,
    Backward,
}

impl Schedule {
    /// For a matrix with a symmetric pattern, for the number of threads of the current pool.
    pub(super) fn new<T: Copy + Default + Send + Sync>(matrix: &Csr<T>) -> Self {
        let threads = rayon::current_num_threads();
        let rows = matrix.rows();
        if threads > 1 && rows >= PARALLEL_FROM {
            let pattern = Lower(matrix);
            let lines = BLOCK_ROWS.iter().map(|size| lines(&pattern, *size));
            let mut best: Option<Self> = None;
            for blocks in lines.chain(std::iter::once_with(|| levels(&pattern))) {
                let before = needs(&pattern, &blocks);
                let after = before.reversed();
                let (order, steps) = claim_order(&before, &after, LANES * threads);
                // Half as many again as there are workers in an average step: against waits.
                let workers = (2 * order.len() / (3 * steps)).min(threads);
                if workers > best.as_ref().map_or(1, |best| best.workers) {
                    best = Some(Self::with(blocks, before, after, order, workers));
                }
                if workers == threads {
                    break;
                }
            }
            if let Some(best) = best {
                return best;
            }
        }
        let blocks = Lists {
            offsets: vec![0, rows as u32],
            items: (0..rows as u32).collect(),
        };
        let nothing = Lists {
            offsets: vec![0; 2],
            items: Vec::new(),
        };
        Self::with(blocks, nothing.clone(), nothing, vec![0], 1)
    }

    fn with(blocks: Lists, before: Lists, after: Lists, order: Vec<u32>, workers: usize) -> Self {
        Self {
            blocks,
            before,
            after,
            done: (0..order.len()).map(|_| AtomicU32::new(0)).collect(),
            order,
            round: 0,
            next: AtomicU32::new(0),
            workers,
        }
    }

    #[cfg(test)]
    pub(super) fn workers(&self) -> usize {
        self.workers
    }

    pub(super) fn memory_bytes(&self) -> usize {
        let lists = [&self.before, &self.after, &self.blocks];
        let items: usize = lists.iter().map(|l| l.items.len() + l.offsets.len()).sum();
        (items + 2 * self.order.len()) * size_of::<u32>()
    }

    /// Runs `work(rows of a block)` on all blocks, each after those that it needs; what these wrote
    /// is visible to it. Rows ascend: going backward, take them from the end.
    pub(super) fn run(&mut self, sweep: Sweep, work: &(impl Fn(&[u32]) + Sync)) {
        if self.order.len() == 1 {
            return work(&self.blocks.items);
        }
        self.round = self.round.wrapping_add(1);
        *self.next.get_mut() = 0;
        let shared = &*self;
        workers(self.workers, &|| shared.work_through(sweep, work));
    }

    fn work_through(&self, sweep: Sweep, work: &(impl Fn(&[u32]) + Sync)) {
        loop {
            let claim = self.next.fetch_add(1, Ordering::Relaxed) as usize;
            if claim >= self.order.len() {
                return;
            }
            let (place, needs) = match sweep {
                Sweep::Forward => (claim, &self.before),
                Sweep::Backward => (self.order.len() - 1 - claim, &self.after),
            };
            let block = self.order[place] as usize;
            for needed in needs.of(block) {
                self.wait_for(*needed as usize);
            }
            work(self.blocks.of(block));
            self.done[block].store(self.round, Ordering::Release);
        }
    }

    fn wait_for(&self, block: usize) {
        let mut looks = 0;
        while self.done[block].load(Ordering::Acquire) != self.round {
            looks += 1;
            if looks % SPINS == 0 {
                std::thread::yield_now();
            } else {
                std::hint::spin_loop();
            }
        }
    }
}

/// Runs `work` `count` times, on as many threads as are free.
fn workers(count: usize, work: &(impl Fn() + Sync)) {
    if count <= 1 {
        work();
    } else {
        let half = count / 2;
        rayon::join(|| workers(count - half, work), || workers(half, work));
    }
}

/// The strictly lower pattern of a matrix.
struct Lower<'a, T>(&'a Csr<T>);

impl<T: Copy + Default + Send + Sync> Pattern for Lower<'_, T> {
    fn rows(&self) -> usize {
        self.0.rows()
    }
    fn row(&self, row: usize) -> &[u32] {
        let columns = self.0.row(row).0;
        &columns[..columns.partition_point(|c| (*c as usize) < row)]
    }
}

/// Rows and the lower rows that each needs, ascending.
trait Pattern {
    fn rows(&self) -> usize;
    fn row(&self, row: usize) -> &[u32];
}

/// Blocks of up to `size` consecutive rows, cut where a row does not need the one before it: at the
/// ends of the lines of a grid. A line that is longer is cut from its start, so that the cuts of
/// neighbouring lines lie side by side and blocks do not all depend on the one before.
fn lines(pattern: &dyn Pattern, size: usize) -> Lists {
    let rows = pattern.rows();
    let mut offsets = vec![0];
    let mut start = 0;
    let mut line = 0;
    // From the first row of a line to its nearest neighbour, on average.
    let mut usual = usize::MAX / FAR;
    for row in 1..rows {
        let nearest = pattern.row(row).last().map(|c| *c as usize);
        let length = row - start;
        let mut cut = length >= size;
        if nearest != Some(row - 1) {
            let distance = nearest.map_or(row, |nearest| row - nearest);
            let long = row - line > size;
            cut |= 2 * length >= size || long || distance / FAR > usual;
            usual = usual.min(rows) / 8 * 7 + distance / 8;
            line = row;
        }
        if cut {
            offsets.push(row as u32);
            start = row;
        }
    }
    offsets.push(rows as u32);
    Lists {
        offsets,
        items: (0..rows as u32).collect(),
    }
}

/// Blocks of rows of one level, which do not need each other.
fn levels(pattern: &dyn Pattern) -> Lists {
    let rows = pattern.rows();
    let mut level = vec![0u32; rows];
    for row in 0..rows {
        let needed = pattern.row(row).iter();
        level[row] = needed.map(|r| level[*r as usize] + 1).max().unwrap_or(0);
    }
    let mut items: Vec<u32> = (0..rows as u32).collect();
    items.sort_by_key(|row| level[*row as usize]);
    let mut offsets = vec![0];
    let mut start = 0;
    for at in 1..rows {
        let [last, this] = [items[at - 1], items[at]].map(|row| level[row as usize]);
        if this != last || at - start >= LEVEL_ROWS {
            offsets.push(at as u32);
            start = at;
        }
    }
    offsets.push(rows as u32);
    Lists { offsets, items }
}

/// The other blocks that each block's rows need.
fn needs(pattern: &dyn Pattern, blocks: &Lists) -> Lists {
    let mut block_of = vec![0; pattern.rows()];
    for block in 0..blocks.count() {
        for row in blocks.of(block) {
            block_of[*row as usize] = block as u32;
        }
    }
    let mut lists = Lists {
        offsets: vec![0],
        items: Vec::new(),
    };
    let mut seen = vec![u32::MAX; blocks.count()];
    for block in 0..blocks.count() as u32 {
        for row in blocks.of(block as usize) {
            for needed in pattern.row(*row as usize) {
                let other = block_of[*needed as usize];
                if other != block && seen[other as usize] != block {
                    seen[other as usize] = block;
                    lists.items.push(other);
                }
            }
        }
        lists.offsets.push(lists.items.len() as u32);
    }
    lists
}

/// An order in which the blocks can be claimed, and the number of steps that it takes `lanes`
/// workers. Each step takes the first blocks by number that are ready: workers then stream through
/// neighbouring lines instead of jumping across the grid from line to line of one level.
fn claim_order(before: &Lists, after: &Lists, lanes: usize) -> (Vec<u32>, usize) {
    let count = before.count();
    let mut missing: Vec<u32> = (0..count)
        .map(|block| before.of(block).len() as u32)
        .collect();
    let mut ready: BinaryHeap<Reverse<u32>> = (0..count as u32)
        .filter(|block| missing[*block as usize] == 0)
        .map(Reverse)
        .collect();
    let mut order = Vec::with_capacity(count);
    let mut steps = 0;
    while !ready.is_empty() {
        let start = order.len();
        while order.len() < start + lanes {
            let Some(Reverse(block)) = ready.pop() else {
                break;
            };
            order.push(block);
        }
        for block in &order[start..] {
            for dependent in after.of(*block as usize) {
                let missing = &mut missing[*dependent as usize];
                *missing -= 1;
                if *missing == 0 {
                    ready.push(Reverse(*dependent));
                }
            }
        }
        steps += 1;
    }
    (order, steps)
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
