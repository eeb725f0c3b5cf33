#!/usr/bin/env python3
"""Writes meshes/src/operators/gradient_vtk.txt: gradients by VTK's own filter on small meshes.

Needs pyvista. Run from the repository root:
    python scripts/vtk_gradient_reference.py [AIRFRANS_FOLDER]
With a folder of cases (default ../shared/data/airfoil-openfoam) velocity gradients at some wall
nodes of its first case are added; the test that uses them skips when the folder is absent.

Lines: `mesh KIND`, `point x y z f`, `cell TYPE n0 n1 ..`, `gradient gx gy gz` (one a point);
then `case NAME` and `wall node dudx dudy dvdx dvdy`.
"""
import json
import pathlib
import sys

import numpy as np
import pyvista as pv

REFERENCE = {  # corners of the reference cells, VTK order
    "triangle": (5, [(0, 0, 0), (1, 0, 0), (0, 1, 0)]),
    "quad": (9, [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)]),
    "tetra": (10, [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]),
    "hexahedron": (12, [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)]),
    "wedge": (13, [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1), (0, 1, 1)]),
    "pyramid": (14, [(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0.5, 0.5, 1)]),
}


def bend(p, shift):
    x, y, z = p[0] + shift, p[1], p[2]
    return [x + 0.2 * y + 0.1 * y * z, y - 0.1 * x + 0.15 * x * z, z + 0.3 * x + 0.2 * x * y]


def field(p):
    return np.sin(p[0]) * np.cos(0.7 * p[1]) + p[2] * p[2] * p[0]


def gradient(points, cells, values):
    flat = np.hstack([[len(nodes), *nodes] for _, nodes in cells])
    grid = pv.UnstructuredGrid(flat, [kind for kind, _ in cells], np.array(points, dtype=float))
    grid.point_data["f"] = np.array(values, dtype=float)
    return grid.compute_derivative(scalars="f", gradient="g").point_data["g"].reshape(-1, 3)


def emit(out, name, points, cells):
    values = [field(p) for p in points]
    out.append(f"mesh {name}")
    out += ["point " + " ".join(repr(float(v)) for v in [*p, f]) for p, f in zip(points, values)]
    out += [f"cell {kind} " + " ".join(map(str, nodes)) for kind, nodes in cells]
    out += ["gradient " + " ".join(repr(float(v)) for v in g) for g in gradient(points, cells, values)]


def main():
    out = []
    for name, (kind, corners) in REFERENCE.items():
        emit(out, name, [bend(p, 0.0) for p in corners], [(kind, list(range(len(corners))))])
    # Two warped quads and a triangle that share nodes: the average over cells.
    points = [bend(p, 0.0) for p in [(0, 0, 0), (1, 0, 0), (2, 0.2, 0), (0, 1, 0), (1.1, 0.9, 0), (2, 1, 0), (3, 0.5, 0)]]
    emit(out, "patch", points, [(9, [0, 1, 4, 3]), (9, [1, 2, 5, 4]), (5, [2, 6, 5])])
    # A hexahedron with a pyramid on it and a tetrahedron beside it.
    corners = [*REFERENCE["hexahedron"][1], (0.5, 0.5, 2), (2, 0, 0.5)]
    emit(out, "block", [bend(p, 0.1) for p in corners], [(12, list(range(8))), (14, [4, 5, 6, 7, 8]), (10, [1, 2, 6, 9])])
    # Thin cells, as at a wall: VTK takes nodes closer than 3.45e-4 for one another.
    for name, (kind, corners) in list(REFERENCE.items())[1:4:2] + [("wedge", REFERENCE["wedge"])]:
        thin = [bend([p[0] * 1e-4, p[1], p[2] * 0.3], 0.0) for p in corners]
        emit(out, f"thin {name}", thin, [(kind, list(range(len(corners))))])
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/airfoil-openfoam")
    if (root / "manifest.json").exists():
        name = sorted(json.loads((root / "manifest.json").read_text())["full_test"])[0]
        mesh = pv.read(root / name / f"{name}_internal.vtu")
        mesh.point_data["U"] = mesh.point_data["U"].astype(float)
        jacobian = mesh.compute_derivative(scalars="U", gradient="J").point_data["J"].reshape(-1, 3, 3)
        wall = np.flatnonzero(mesh.point_data["U"][:, 0] == 0)
        out.append(f"case {name}")
        for node in wall[:: max(1, len(wall) // 12)]:
            out.append(f"wall {node} " + " ".join(repr(float(v)) for v in jacobian[node, :2, :2].ravel()))
    target = pathlib.Path("meshes/src/operators/gradient_vtk.txt")
    header = f"# written by scripts/vtk_gradient_reference.py with VTK {pv.vtk_version_info}"
    target.write_text("\n".join([header, *out]) + "\n")


if __name__ == "__main__":
    main()
