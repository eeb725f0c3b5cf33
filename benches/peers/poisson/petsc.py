"""PETSc's solvers, one process of this script for each rank."""

from __future__ import annotations

import os
import statistics
import sys
import time

import numpy as np

from .measure import LIMIT, MAX_ITERATIONS, REPEATS, Memory, emit

METHODS = ["petsc-gamg", "petsc-icc", "petsc-boomeramg", "petsc-cholmod"]


def petsc_options(method: str, axes: int) -> dict:
    if method == "petsc-gamg":
        return {"pc_type": "gamg", "pc_gamg_agg_nsmooths": 1, "pc_gamg_threshold": -1,
                "mg_levels_ksp_type": "chebyshev", "mg_levels_ksp_max_it": 2, "mg_levels_pc_type": "jacobi"}
    if method == "petsc-icc":
        return {"pc_type": "bjacobi", "sub_pc_type": "icc"}
    if method == "petsc-boomeramg":
        return {"pc_type": "hypre", "pc_hypre_type": "boomeramg", "pc_hypre_boomeramg_coarsen_type": "HMIS",
                "pc_hypre_boomeramg_interp_type": "ext+i", "pc_hypre_boomeramg_P_max": 4,
                "pc_hypre_boomeramg_strong_threshold": 0.5 if axes == 3 else 0.25,
                "pc_hypre_boomeramg_agg_nl": 1 if axes == 3 else 0}
    return {"pc_type": "cholesky", "pc_factor_mat_solver_type": "cholmod"}


def run_petsc(method, case, tolerances, threads):
    """One rank of the run: `mpirun -n threads`."""
    import petsc4py

    options = os.environ.get("KARMAN_PETSC_OPTIONS", "").split()
    petsc4py.init([sys.argv[0], *options])
    from petsc4py import PETSc

    comm = PETSc.COMM_WORLD
    whole, b, _ = case.matrix()
    labels, singular = case.components()
    labels = labels[case.fluid]
    n = len(b)
    low, high = n * comm.rank // comm.size, n * (comm.rank + 1) // comm.size
    own_rows = whole[low:high]
    csr = (own_rows.indptr.astype(PETSc.IntType), own_rows.indices.astype(PETSc.IntType), own_rows.data.astype(PETSc.ScalarType))
    own_b, own_labels = b[low:high].copy(), labels[low:high].copy()
    sizes = np.bincount(labels[labels >= 0], minlength=max(singular, 1))
    del whole, b, labels, own_rows
    if method == "petsc-cholmod":
        if n > 300_000 and case.axes == 3:
            raise SystemExit("refused: above 300000 unknowns in 3D the factor is too large")
        # A direct solver needs a regular matrix: one cell of each singular component is held near zero.
        _, first = np.unique(own_labels, return_index=True)
        pins = first[len(first) - singular :]
        diagonal = [csr[0][i] + int(np.searchsorted(csr[1][csr[0][i] : csr[0][i + 1]], i)) for i in pins]
        csr[2][diagonal] += case.weight(0)
        singular = 0
    memory = Memory()
    begun = time.perf_counter()
    a = PETSc.Mat().createAIJ(((high - low, n), (high - low, n)), csr=csr, comm=comm)
    a.setOption(PETSc.Mat.Option.SYMMETRIC, True)
    a.setOption(PETSc.Mat.Option.SPD, not singular)
    a.assemble()
    x, rhs = a.createVecs()
    rhs.setArray(own_b)
    near = PETSc.NullSpace().create(constant=True, comm=comm)
    a.setNearNullSpace(near)
    # One vector for each component costs a dot product an iteration: the constant alone where there are very many.
    vectors = []
    if 0 < singular <= 64:
        for k in range(singular):
            v = a.createVecRight()
            v.setArray((own_labels == k) / np.sqrt(sizes[k]))
            vectors.append(v)
        a.setNullSpace(PETSc.NullSpace().create(constant=False, vectors=vectors, comm=comm))
    assembly = time.perf_counter() - begun
    settings = PETSc.Options()
    for key, value in petsc_options(method, case.axes).items():
        if not settings.hasName(key):
            settings[key] = value

    def prepare():
        ksp = PETSc.KSP().create(comm)
        ksp.setOperators(a)
        ksp.setType("preonly" if method == "petsc-cholmod" else "cg")
        if method != "petsc-cholmod":
            ksp.setNormType(PETSc.KSP.NormType.UNPRECONDITIONED)
        ksp.setFromOptions()
        ksp.setTolerances(rtol=1e-6, atol=0, divtol=1e10, max_it=MAX_ITERATIONS)
        ksp.setUp()
        comm.barrier()
        return ksp

    comm.barrier()
    ksp, setup = shared_timed(comm, prepare)
    rows = []
    for tol in tolerances:
        def solve():
            x.set(0.0)
            ksp.setTolerances(rtol=tol)
            ksp.solve(rhs, x)
            comm.barrier()
            return ksp.getIterationNumber()

        count, seconds = shared_timed(comm, solve)
        rows.append((tol, seconds, count, x.getArray().copy()))
    mine = memory.peak()
    mpi = comm.tompi4py()
    peaks = mpi.gather(mine)
    for tol, seconds, count, part in rows:
        parts = mpi.gather(part)
        if comm.rank == 0:
            full = np.zeros(case.flags.shape)
            full[case.fluid] = np.concatenate(parts)
            emit(method, threads, tol, assembly, setup, seconds, count, case.residual(full),
                 sum(p[0] for p in peaks), sum(p[1] for p in peaks))


def shared_timed(comm, act):
    """`timed` whose repeats all ranks agree on."""
    mpi = comm.tompi4py()
    times = []
    while True:
        result = None
        begun = time.perf_counter()
        result = act()
        times.append(mpi.allreduce(time.perf_counter() - begun) / comm.size)
        if len(times) >= REPEATS or sum(times) >= LIMIT:
            return result, statistics.median(times)
