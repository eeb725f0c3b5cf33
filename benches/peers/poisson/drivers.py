"""Peers without a Python of their own: C and C++ programs that are built here and read raw files."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from .case import Case
from .measure import LIMIT, REPEATS, emit

SOURCES = Path(__file__).resolve().parent.parent
# Seconds for one setting of a driver.
ATTEMPT = 90
DRIVERS = {"hypre-pfmg": "hypre_struct", "amgcl": "amgcl_poisson"}


def write_raw(path: Path, case: Case, pinned: bool):
    """The drivers' form of a case. `pinned` holds one cell of each all-Neumann component near zero, which makes
    the matrix regular and, as the right-hand side is compatible, leaves the solutions solutions."""
    flags = case.flags
    if pinned:
        labels, singular = case.components()
        _, first = np.unique(labels.ravel(), return_index=True)
        flags = flags.copy()
        flags.ravel()[first[-singular:]] = 3
    nz, ny, nx = flags.shape
    with open(path, "wb") as f:
        np.array([nx, ny, nz, *map(int, case.open), 0], np.int64).tofile(f)
        np.array(case.spacing, np.float64).tofile(f)
        flags.tofile(f)
        case.rhs.tofile(f)


def run_driver(method, case, tolerances, threads, drivers):
    """A C or C++ driver on a raw file, with several settings; the best one counts."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "x.bin"
        raw = {False: Path(folder) / "case.bin"}
        write_raw(raw[False], case, False)
        if case.components()[1]:
            raw[True] = Path(folder) / "pinned.bin"
            write_raw(raw[True], case, True)
        tols = [repr(t) for t in tolerances]
        best = None
        for note, command in driver_attempts(method, raw, drivers, out, tols, threads):
            result = attempt(command, method, case, out, len(tols), threads)
            if isinstance(result, str):
                print(f"{method} ({note}): {result}", file=sys.stderr)
                continue
            result["note"] = note
            if best is None or cost(result, tolerances) < cost(best, tolerances):
                best = result
    if best is None:
        raise SystemExit(f"{method} failed with every setting")
    for tol, solve, residual in zip(tolerances, best["solves"], best["residuals"]):
        emit(method, threads, tol, best["assembly_seconds"], best["setup_seconds"], solve["seconds"], solve["iterations"],
             residual, best["peak_kb"] * 1024, best["method_kb"] * 1024, settings=best["note"])


def attempt(command, method, case, out, count, threads):
    """What a driver printed, with true residuals; or why it failed."""
    env = {**os.environ, "OMP_NUM_THREADS": str(threads if method == "amgcl" else 1)}
    try:
        done = subprocess.run(command, capture_output=True, text=True, env=env, check=False, timeout=ATTEMPT)
    except subprocess.TimeoutExpired:
        return f"stopped after {ATTEMPT} s"
    if done.returncode:
        return done.stderr.strip() or f"exit code {done.returncode}"
    result = json.loads(done.stdout.strip().splitlines()[-1])
    solutions = np.fromfile(out).reshape(count, *case.flags.shape)
    result["residuals"] = [case.residual(each) for each in solutions]
    return result


def cost(result, tolerances):
    """What settings are chosen by: tolerances missed, then set-up and all solves."""
    missed = sum(not r <= 1.01 * t for r, t in zip(result["residuals"], tolerances))
    return missed, result["setup_seconds"] + sum(s["seconds"] for s in result["solves"])


def driver_attempts(method, raw, drivers, out, tols, threads):
    """Settings worth trying, so that no peer is judged by a poor choice of ours."""
    tail = [str(REPEATS), str(LIMIT), *tols]
    mpirun = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(threads)]
    exe = str(Path(drivers) / DRIVERS[method])
    attempts = []
    for pinned, path in raw.items():
        note = ", one cell pinned" if pinned else ""
        ends = [str(path), str(out)]
        if method == "amgcl":
            # No direct solver on the coarsest level of a singular matrix.
            singular = str(int(len(raw) == 2 and not pinned))
            attempts += [(f"{p} cycle{note}", [exe, *ends, p, singular, *tail]) for p in ("float", "double")]
            continue
        wanted = [("red-black Gauss-Seidel", 2, 0), ("red-black Gauss-Seidel, skipping levels", 2, 1),
                  ("weighted Jacobi, skipping levels", 1, 1)]
        attempts += [(name + note, [*mpirun, exe, *ends, str(relax), str(skip), "0", *tail]) for name, relax, skip in wanted]
    return attempts


def build(drivers: Path, amgcl: str | None) -> dict:
    """Builds the drivers whose headers are here; for each method the reason why not, or None."""
    drivers.mkdir(parents=True, exist_ok=True)
    commands = {
        "hypre-pfmg": [shutil.which("mpicc") or "mpicc", "-O3", "-march=native", "-I/usr/include/hypre",
                       str(SOURCES / "hypre_struct.c"), "-lHYPRE", "-lm"],
        "amgcl": [shutil.which("g++") or "g++", "-O3", "-march=native", "-std=c++17", "-fopenmp", "-DAMGCL_NO_BOOST",
                  *([f"-I{amgcl}"] if amgcl else []), str(SOURCES / "amgcl_poisson.cpp")],
    }
    reasons = {}
    for method, command in commands.items():
        target = drivers / DRIVERS[method]
        source = Path(next(word for word in command if word.startswith(str(SOURCES))))
        if target.exists() and target.stat().st_mtime > source.stat().st_mtime:
            reasons[method] = None
            continue
        try:
            done = subprocess.run([*command, "-o", str(target)], capture_output=True, text=True, check=False)
            errors = [line for line in done.stderr.splitlines() if "error" in line] or [f"{command[0]} failed"]
            reasons[method] = errors[0] if done.returncode else None
        except OSError as error:
            reasons[method] = str(error)
    return reasons


def driver_version(method: str) -> str:
    """What the driver was built with, as far as its headers tell."""
    if method == "amgcl":
        return "AMGCL"  # its headers carry no version
    found = None
    config = Path("/usr/include/hypre/HYPRE_config.h")
    if config.is_file():
        found = re.search(r'HYPRE_RELEASE_VERSION\s+"([^"]+)"', config.read_text())
    return f"hypre {found[1]}" if found else "hypre"
