//! Work on many cases with a bounded number of them in memory.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Workers at most: on a machine with many cores, memory and disk are what limits reading.
const WORKERS: usize = 16;

/// Calls `f` for each index below `n` on as many threads as rayon has, up to [`WORKERS`]; the results
/// come in order.
///
/// The threads are not those of the rayon pool: a pool thread that waits for a nested parallel
/// loop takes up another piece of work meanwhile, here another case, and so the number of cases in
/// memory would not be bounded by the number of threads.
///
/// After a failure no later index is begun, but all earlier ones are finished: so the error that
/// is returned is that of the first failing index, however the threads ran.
pub(crate) fn try_map<T: Send, E: Send>(
    n: usize,
    f: impl Fn(usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    try_map_on(rayon::current_num_threads().min(WORKERS), n, f)
}

/// As [`try_map`], on this many threads.
pub(crate) fn try_map_on<T: Send, E: Send>(
    workers: usize,
    n: usize,
    f: impl Fn(usize) -> Result<T, E> + Sync,
) -> Result<Vec<T>, E> {
    let next = AtomicUsize::new(0);
    let failed = AtomicUsize::new(usize::MAX);
    let results: Mutex<Vec<Option<Result<T, E>>>> = Mutex::new((0..n).map(|_| None).collect());
    let work = || {
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= n || index > failed.load(Ordering::Relaxed) {
                return;
            }
            let result = f(index);
            if result.is_err() {
                failed.fetch_min(index, Ordering::Relaxed);
            }
            // A poisoned lock means that another worker panicked; the scope passes that on.
            if let Ok(mut results) = results.lock() {
                results[index] = Some(result);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..workers.min(n) {
            scope.spawn(work);
        }
        work();
    });
    let results = results.into_inner().unwrap_or_else(|e| e.into_inner());
    results.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_order() {
        let squares = try_map(1000, |i| Ok::<_, ()>(i * i)).unwrap();
        assert_eq!(squares, (0..1000).map(|i| i * i).collect::<Vec<_>>());
        assert!(try_map(0, |_| Ok::<(), ()>(())).unwrap().is_empty());
    }

    #[test]
    fn the_first_error_is_returned() {
        for _ in 0..20 {
            let calls = AtomicUsize::new(0);
            let result = try_map(10_000, |i| {
                calls.fetch_add(1, Ordering::Relaxed);
                if i % 100 == 37 { Err(i) } else { Ok(()) }
            });
            assert_eq!(result.unwrap_err(), 37);
            assert!(calls.into_inner() < 10_000, "later work is not begun");
        }
    }
}
