#!/usr/bin/env python3
"""Other people's Poisson solvers on the cases of `karman bench poisson`, which runs this script.

    poisson_peers.py list --drivers DIR [--amgcl DIR]   # what can run here; builds the C and C++ drivers
    poisson_peers.py run --method M --case FILE.npz --tolerances 1e-4,1e-6 --threads 2 --drivers DIR

`run` prints one JSON object for each tolerance: method, tolerance, threads, assembly_seconds (flags to the peer's own
matrix; not part of the comparison), setup_seconds, solve_seconds, iterations, residual (the true
||b - A x|| / ||b|| in float64, recomputed here from the flags by one function for all methods), peak_bytes (of the
process, or of all ranks) and method_bytes (the peak less what was in use before the assembly).

A case holds flags (u8, z y x: 0 solid, 1 fluid, 2 air), rhs (f64), spacing (hx hy hz) and open (x- x+ y- y+ z- z+).

| method            | what it is, and its settings                                                              |
|-------------------|-------------------------------------------------------------------------------------------|
| pyamg             | smoothed aggregation, symmetric Gauss-Seidel, near-nullspace of ones, in scipy's CG        |
| scipy-dct         | CG with the box's exact inverse by scipy.fft (a product of dense eigenvectors where a side is open) |
| petsc-gamg        | GAMG, near-nullspace of ones, Chebyshev/Jacobi, MPI                                        |
| petsc-icc         | incomplete Cholesky (block Jacobi over the ranks), MPI                                     |
| petsc-boomeramg   | hypre BoomerAMG: HMIS, ext+i interpolation of 4, threshold 0.5 in 3D, MPI                  |
| petsc-cholmod     | SuiteSparse's Cholesky, one rank, one cell of a singular component pinned                  |
| hypre-pfmg        | hypre Struct PFMG in hypre's CG, MPI (hypre_struct.c)                                      |
| amgcl             | smoothed aggregation with SPAI-0 in CG, OpenMP (amgcl_poisson.cpp)                         |

All stop at ||r|| <= tol ||b||, start from zero, know the nullspace where they can be told (one constant for each fluid
component that no air touches) and never see fluid cells without a neighbour (empty rows). Times are medians of up to
three runs, fewer when one takes long. PyAMG and scipy's sparse products use one thread: they have no other.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from poisson import drivers, petsc, python_solvers
from poisson.case import Case


def available(folder: Path, amgcl: str | None) -> list[dict]:
    """Every method with its version, or why it is missing."""
    rows = []

    def add(name, version=None, missing=None):
        rows.append({"method": name, "version": version, "missing": missing})

    for name, module in (("pyamg", "pyamg"), ("scipy-dct", "scipy")):
        try:
            add(name, f"{module} {__import__(module).__version__}")
        except Exception as error:  # a module built for another NumPy raises whatever it likes
            add(name, missing=one_line(error))
    try:
        from mpi4py import MPI  # noqa: F401  (the PETSc rows need it too)
        from petsc4py import PETSc

        version = "PETSc " + ".".join(map(str, PETSc.Sys.getVersion()))
        for name in petsc.METHODS:
            add(name, version)
    except Exception as error:
        for name in petsc.METHODS:
            add(name, missing=one_line(error))
    for name, reason in drivers.build(folder, amgcl).items():
        add(name, None if reason else drivers.driver_version(name), reason)
    return rows


def one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list")
    running = commands.add_parser("run")
    for each in (listing, running):
        each.add_argument("--drivers", type=Path, required=True)
    listing.add_argument("--amgcl", help="folder that holds amgcl/amg.hpp")
    running.add_argument("--method", required=True)
    running.add_argument("--case", required=True)
    running.add_argument("--tolerances", default="1e-4,1e-6,1e-8")
    running.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.command == "list":
        print(json.dumps(available(options.drivers, options.amgcl)))
        return
    tolerances = [float(t) for t in options.tolerances.split(",")]
    method = options.method
    parallel = method in petsc.METHODS and method != "petsc-cholmod"
    if parallel and "OMPI_COMM_WORLD_SIZE" not in os.environ:
        command = ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(options.threads), sys.executable, *sys.argv]
        raise SystemExit(subprocess.run(command, env={**os.environ, "OMP_NUM_THREADS": "1"}, check=False).returncode)
    case = Case(options.case).without_isolated()
    if method in python_solvers.METHODS:
        python_solvers.METHODS[method](case, tolerances, options.threads)
    elif method in petsc.METHODS:
        petsc.run_petsc(method, case, tolerances, options.threads)
    elif method in drivers.DRIVERS:
        drivers.run_driver(method, case, tolerances, options.threads, options.drivers)
    else:
        raise SystemExit(f"unknown method {method}")


if __name__ == "__main__":
    main()
