"""A case of `karman bench poisson`, and what follows from its flags."""

from __future__ import annotations

import numpy as np

SOLID, FLUID, AIR = 0, 1, 2


class Case:
    """Flags, right-hand side, and what follows from them."""

    def __init__(self, path: str):
        with np.load(path) as data:
            self.flags = np.ascontiguousarray(data["flags"], np.uint8)
            self.rhs = np.ascontiguousarray(data["rhs"], np.float64)
            self.spacing = [float(h) for h in data["spacing"]]
            self.open = [bool(o) for o in data["open"]]
        if self.flags.ndim != 3 or self.flags.shape != self.rhs.shape:
            raise SystemExit(f"{path}: flags {self.flags.shape} and rhs {self.rhs.shape} must be one 3D shape")
        self.axes = 2 if self.flags.shape[0] == 1 else 3
        self.fluid = self.flags == FLUID

    def weight(self, axis: int) -> float:
        return 1.0 / self.spacing[axis] ** 2

    def neighbour(self, axis: int, side: int, values: np.ndarray, closed, opened) -> np.ndarray:
        """values of the neighbour on a side (-1, 1) along x, y, z (0, 1, 2); beyond the domain `closed` or `opened`."""
        along = 2 - axis
        out = np.full_like(values, opened if self.open[2 * axis + (side > 0)] else closed)
        here, there = [slice(None)] * 3, [slice(None)] * 3
        here[along], there[along] = (slice(1, None), slice(None, -1)) if side < 0 else (slice(None, -1), slice(1, None))
        out[tuple(here)] = values[tuple(there)]
        return out

    def diagonal(self) -> np.ndarray:
        """Diagonal of A over all cells, zero outside of the fluid."""
        total = np.zeros(self.flags.shape)
        for axis in range(self.axes):
            for side in (-1, 1):
                total += self.weight(axis) * (self.neighbour(axis, side, self.flags, SOLID, AIR) != SOLID)
        return total * self.fluid

    def apply(self, x: np.ndarray) -> np.ndarray:
        """A x over all cells, from the flags: the function that every method is judged by."""
        x = np.where(self.fluid, x, 0.0)
        y = self.diagonal() * x
        for axis in range(self.axes):
            for side in (-1, 1):
                y -= self.weight(axis) * self.neighbour(axis, side, x, 0.0, 0.0)
        return y * self.fluid

    def residual(self, x: np.ndarray) -> float:
        """||b - A x|| / ||b||."""
        x = np.asarray(x, np.float64).reshape(self.flags.shape)
        if not np.isfinite(x).all():
            return float("nan")
        return float(np.linalg.norm(self.rhs - self.apply(x)) / np.linalg.norm(self.rhs))

    def without_isolated(self) -> "Case":
        """The same case with fluid cells that have no neighbour turned solid: their rows are empty."""
        self.flags[self.fluid & (self.diagonal() == 0)] = SOLID
        self.fluid = self.flags == FLUID
        return self

    def matrix(self):
        """A over the unknowns as scipy CSR, b, and the number of each cell's unknown (-1: none)."""
        import scipy.sparse as sp

        number = np.full(self.flags.shape, -1, np.int32)
        n = int(self.fluid.sum())
        number[self.fluid] = np.arange(n, dtype=np.int32)
        rows, cols, vals = [], [], []
        own = number[self.fluid]
        for axis, side in [(a, -1) for a in range(self.axes - 1, -1, -1)] + [(a, 1) for a in range(self.axes)]:
            other = self.neighbour(axis, side, number, -1, -1)[self.fluid]
            there = other >= 0
            rows.append(own[there])
            cols.append(other[there])
            vals.append(np.full(int(there.sum()), -self.weight(axis)))
        rows.append(own)
        cols.append(own)
        vals.append(self.diagonal()[self.fluid])
        a = sp.csr_matrix((np.concatenate(vals), (np.concatenate(rows), np.concatenate(cols))), shape=(n, n))
        a.sort_indices()
        return a, self.rhs[self.fluid], number

    def components(self) -> tuple[np.ndarray, int]:
        """For each cell the number of its all-Neumann fluid component, -1 for none; and how many there are."""
        from scipy import ndimage

        labels, count = ndimage.label(self.fluid)
        touched = np.zeros(count + 1, bool)
        for axis in range(self.axes):
            for side in (-1, 1):
                touched[labels[self.neighbour(axis, side, self.flags, SOLID, AIR) == AIR]] = True
        touched[0] = True
        renumbered = np.where(touched, -1, np.cumsum(~touched) - 1)
        return renumbered[labels], int((~touched).sum())


class Projection:
    """Takes the mean over each all-Neumann component out of a vector over the unknowns: the nullspace."""

    def __init__(self, case: Case):
        labels, self.count = case.components()
        labels = labels[case.fluid]
        self.all = self.count == 1 and bool((labels == 0).all())
        self.inside = np.flatnonzero(labels >= 0)
        self.labels = labels[self.inside]
        self.sizes = np.bincount(self.labels, minlength=max(self.count, 1))

    def __call__(self, v: np.ndarray) -> np.ndarray:
        if self.all:
            v -= v.mean()
        elif self.count:
            means = np.bincount(self.labels, v[self.inside], minlength=self.count) / self.sizes
            v[self.inside] -= means[self.labels]
        return v
