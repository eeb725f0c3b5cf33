//! Memory bandwidth as the STREAM triad measures it: what a solver that moves its data once can hope for.
//!
//! McCalpin, "Memory bandwidth and machine balance in current high performance computers", IEEE TCCA
//! Newsletter, 1995. Departures:
//!
//! 1. The caller chooses the size. STREAM asks for arrays four times the size of the caches, which says what main
//!    memory gives; on a machine with a large last cache a solver's own data may well live there, and a
//!    second measurement at that size says what the cache gives.
//! 2. Passes go on for a third of a second, ten at least; the best counts, as in STREAM.

use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::SolverError;

/// Fewest passes over the arrays.
const PASSES: usize = 10;
/// Passes go on for this long.
const TIME: Duration = Duration::from_millis(330);

/// What [`stream_triad`] measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StreamTriad {
    /// Size of the three arrays together (bytes).
    pub bytes: usize,
    /// Threads that ran.
    pub threads: usize,
    /// Bytes read and written in a second, in the best pass: 24 for each element of a = b + s c,
    /// as STREAM counts (what a cache reads before it writes is not counted).
    pub bytes_per_second: f64,
}

/// Measures a = b + s c in f64 over three arrays of `bytes` in total on `threads` threads.
///
/// # Errors
/// [`SolverError::Argument`] when `threads` is 0 or cannot be started, when the arrays hold less than 1000
/// elements a thread, or when memory does not suffice for them.
pub fn stream_triad(bytes: usize, threads: usize) -> Result<StreamTriad, SolverError> {
    let refuse = |problem: String| SolverError::Argument {
        what: "STREAM triad",
        problem,
    };
    let n = bytes / 24;
    if threads == 0 || n < 1000 * threads {
        return Err(refuse(format!(
            "{bytes} bytes on {threads} threads are too few: 24000 bytes a thread are needed"
        )));
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool =
        pool.map_err(|error| refuse(format!("{threads} threads cannot be started: {error}")))?;
    let part = n.div_ceil(threads);
    let array = |value: f64| {
        let mut array = Vec::new();
        array
            .try_reserve_exact(n)
            .map_err(|error| refuse(format!("{bytes} bytes of memory: {error}")))?;
        // Each thread is the first to touch its own part: on a machine with several memories, the near one.
        pool.install(|| array.par_extend(rayon::iter::repeat_n(value, n).with_min_len(part)));
        Ok(array)
    };
    let (mut a, b, c) = (array(0.0)?, array(1.0)?, array(2.0)?);
    let best = pool.install(|| best_pass(&mut a, &b, &c, part));
    Ok(StreamTriad {
        bytes: 24 * n,
        threads,
        bytes_per_second: 24.0 * n as f64 / best,
    })
}

/// Seconds of the fastest pass.
fn best_pass(a: &mut [f64], b: &[f64], c: &[f64], part: usize) -> f64 {
    let arch = pulp::Arch::new();
    let (begun, mut best, mut passes) = (Instant::now(), f64::INFINITY, 0);
    while passes < PASSES || begun.elapsed() < TIME {
        let pass = Instant::now();
        let parts = (b.par_chunks(part), c.par_chunks(part));
        a.par_chunks_mut(part)
            .zip(parts.0.zip(parts.1))
            .for_each(|(a, (b, c))| {
                arch.dispatch(|| {
                    for ((a, b), c) in a.iter_mut().zip(b).zip(c) {
                        *a = b + 3.0 * c;
                    }
                });
            });
        best = best.min(pass.elapsed().as_secs_f64());
        passes += 1;
    }
    // The result is used: no pass may be left out.
    std::hint::black_box(a);
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_triad_is_measured_and_computed() {
        let triad = stream_triad(3 << 20, 2).unwrap();
        assert_eq!((triad.bytes, triad.threads), (24 * (3 << 20) / 24, 2));
        let rate = triad.bytes_per_second;
        assert!(rate.is_finite() && rate > 1e6, "{rate}");
        let (mut a, b, c) = (vec![0.0; 1001], vec![1.0; 1001], vec![2.0; 1001]);
        assert!(best_pass(&mut a, &b, &c, 500) > 0.0);
        assert!(a.iter().all(|a| *a == 7.0));
    }

    #[test]
    fn too_little_work_is_refused() {
        assert!(stream_triad(1 << 20, 0).is_err());
        assert!(stream_triad(100, 1).is_err());
        assert!(stream_triad(usize::MAX, 1).is_err());
    }
}
