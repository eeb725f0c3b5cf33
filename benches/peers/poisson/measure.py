"""How times and memory are measured, and how a result is told."""

from __future__ import annotations

import gc
import json
import statistics
import time
from pathlib import Path

import numpy as np

REPEATS, LIMIT = 3, 4.0
MAX_ITERATIONS = 1000


def status_bytes(key: str) -> int:
    with open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith(key):
                return int(line.split()[1]) * 1024
    return 0


class Memory:
    """Peak memory from here on."""

    def __init__(self):
        gc.collect()
        try:
            Path("/proc/self/clear_refs").write_text("5")
        except OSError:
            pass
        self.before = status_bytes("VmRSS")

    def peak(self) -> tuple[int, int]:
        peak = status_bytes("VmHWM")
        return peak, max(peak - self.before, 0)


def timed(act):
    """Result and median time of up to REPEATS runs."""
    times = []
    while not times or (len(times) < REPEATS and sum(times) < LIMIT):
        result = None  # the last hierarchy goes before the next is made
        begun = time.perf_counter()
        result = act()
        times.append(time.perf_counter() - begun)
    return result, statistics.median(times)


def emit(method, threads, tol, assembly, setup, solve, iterations, residual, peak, own, **more):
    row = {
        "method": method, "tolerance": tol, "threads": threads, "assembly_seconds": assembly, "setup_seconds": setup,
        "solve_seconds": solve, "iterations": int(iterations), "residual": residual, "peak_bytes": int(peak),
        "method_bytes": int(own), **more,
    }
    print(json.dumps({k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in row.items()}), flush=True)
