"""PyAMG, and the box's exact inverse by scipy's transforms, in scipy's conjugate gradients."""

from __future__ import annotations

import time

import numpy as np

from .case import Case, Projection
from .measure import MAX_ITERATIONS, Memory, emit, timed


def scipy_cg(a, b, m, tol):
    """scipy's CG and its number of iterations."""
    import inspect

    from scipy.sparse.linalg import cg

    count = 0

    def step(_):
        nonlocal count
        count += 1

    name = "rtol" if "rtol" in inspect.signature(cg).parameters else "tol"
    x, _ = cg(a, b, M=m, atol=0.0, maxiter=MAX_ITERATIONS, callback=step, **{name: tol})
    return x, count


def run_pyamg(case, tolerances, threads):
    import pyamg
    from scipy.sparse.linalg import LinearOperator

    memory = Memory()
    begun = time.perf_counter()
    a, b, _ = case.matrix()
    assembly = time.perf_counter() - begun
    ones = np.ones((len(b), 1))
    project = Projection(case)
    ml, setup = timed(lambda: pyamg.smoothed_aggregation_solver(a, B=ones))
    cycle = ml.aspreconditioner()
    m = LinearOperator(a.shape, matvec=lambda r: project(cycle @ r))
    rows = []
    for tol in tolerances:
        (x, count), solve = timed(lambda: scipy_cg(a, b, m, tol))
        rows.append((tol, solve, count, x))
    peak, own = memory.peak()
    for tol, solve, count, x in rows:
        full = np.zeros(case.flags.shape)
        full[case.fluid] = x
        emit("pyamg", threads, tol, assembly, setup, solve, count, case.residual(full), peak, own)


class BoxInverse:
    """The exact inverse on the box without solids: cosines along closed axes, dense eigenvectors of the 1D operator
    along axes with an open side (whose boundary conditions no fast transform of scipy's has)."""

    def __init__(self, case: Case, threads: int):
        self.case, self.threads, self.dense, self.fast = case, threads, [], []
        total = np.zeros((1, 1, 1))
        for axis in range(case.axes):
            along, n, w = 2 - axis, case.flags.shape[2 - axis], case.weight(axis)
            if case.open[2 * axis] or case.open[2 * axis + 1]:
                t = np.diag(np.full(n, 2.0)) - np.diag(np.ones(n - 1), 1) - np.diag(np.ones(n - 1), -1)
                t[0, 0] -= not case.open[2 * axis]
                t[-1, -1] -= not case.open[2 * axis + 1]
                values, vectors = np.linalg.eigh(t)
                self.dense.append((along, vectors))
            else:
                values = 4 * np.sin(np.pi * np.arange(n) / (2 * n)) ** 2
                self.fast.append(along)
            shape = [1, 1, 1]
            shape[along] = n
            total = total + (w * values).reshape(shape)
        flat = total.ravel()
        self.scale = np.divide(1.0, total, out=np.zeros_like(total), where=total > 1e-12 * flat.max())

    def solve(self, r: np.ndarray) -> np.ndarray:
        from scipy import fft

        v = r
        if self.fast:
            v = fft.dctn(v, type=2, axes=self.fast, norm="ortho", workers=self.threads)
        for along, q in self.dense:
            v = np.moveaxis(np.tensordot(q.T, v, (1, along)), 0, along)
        v = v * self.scale
        for along, q in self.dense:
            v = np.moveaxis(np.tensordot(q, v, (1, along)), 0, along)
        if self.fast:
            v = fft.idctn(v, type=2, axes=self.fast, norm="ortho", workers=self.threads)
        return v


def run_scipy_dct(case, tolerances, threads):
    from scipy.sparse.linalg import LinearOperator

    memory = Memory()
    begun = time.perf_counter()
    a, b, _ = case.matrix()
    project = Projection(case)
    assembly = time.perf_counter() - begun
    inverse, setup = timed(lambda: BoxInverse(case, threads))

    def apply(r):
        full = np.zeros(case.flags.shape)
        full[case.fluid] = r
        return project(inverse.solve(full)[case.fluid])

    m = LinearOperator(a.shape, matvec=apply)
    rows = []
    for tol in tolerances:
        (x, count), solve = timed(lambda: scipy_cg(a, b, m, tol))
        rows.append((tol, solve, count, x))
    peak, own = memory.peak()
    for tol, solve, count, x in rows:
        full = np.zeros(case.flags.shape)
        full[case.fluid] = x
        emit("scipy-dct", threads, tol, assembly, setup, solve, count, case.residual(full), peak, own)


METHODS = {"pyamg": run_pyamg, "scipy-dct": run_scipy_dct}
