#!/usr/bin/env python3
"""Writes datasets/sample/mini-airfrans: the cases that `karman quickstart` trains on.

    pip install pyvista numpy
    python scripts/make_sample.py ../shared/data/airfoil-openfoam          # write
    python scripts/make_sample.py ../shared/data/airfoil-openfoam --check  # compare the files with the source

Nothing is random: the same source gives the same cases. What is changed against the source:

* cell arrays are left out (users and models read point arrays);
* connectivity and offsets are Int32 instead of Int64;
* `implicit_distance` is f32 instead of f64 (0 on the wall stays exactly 0);
* arrays are appended raw in LZMA blocks (`vtkLZMADataCompressor`, which VTK, ParaView and pyvista
  read) instead of inline base64 zlib: 30 % smaller than appended raw zlib at its highest level.

Every other value is bit for bit the source's, which `--check` verifies on the files as written.

How the cases are chosen. Train: within each NACA family (4- and 5-digit, in the proportion of the
source), start at the case nearest the centre of (speed, angle, thickness, camber) and add the case
farthest from those already taken, so that few cases cover the range. Test: full_test sorted by angle
and cut into equal groups; from each the middle case, or its neighbour of the other family when the
last one was of the same.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np
import pyvista as pv
import vtk

HERE = Path(__file__).resolve().parent.parent
TARGET = HERE / "datasets" / "sample" / "mini-airfrans"
PARTS = ("internal.vtu", "aerofoil.vtp", "freestream.vtp")
LIMIT_MB = 10.0
BLOCK = 1 << 18  # bytes: every array here fits into one block, and LZMA gains from long blocks


def parameters(name: str) -> tuple[int, np.ndarray]:
    """Family (4 or 5 digits) and (speed, angle, thickness, camber), each divided by its range."""
    speed, angle, *digits = (float(v) for v in name.split("_")[2:])
    family = 4 if len(digits) == 3 else 5
    # 4-digit: M is the camber in percent; 5-digit: L is 20/3 of the design lift, 0.15 L about its camber in %
    camber = digits[0] if family == 4 else 0.9 * digits[0]
    return family, np.array([speed / 62.0, angle / 20.0, digits[-1] / 30.0, camber / 14.0])


def spread(names: list[str], count: int) -> list[str]:
    """`count` names that cover the space of parameters: farthest-point sampling from the centre."""
    points = np.array([parameters(n)[1] for n in names])
    taken = [int(np.argmin(np.linalg.norm(points - points.mean(axis=0), axis=1)))]
    while len(taken) < min(count, len(names)):
        gap = np.linalg.norm(points[:, None] - points[None, taken], axis=2).min(axis=1)
        taken.append(int(np.argmax(gap)))
    return [names[i] for i in taken]


def choose_train(names: list[str], count: int) -> list[str]:
    four = [n for n in names if parameters(n)[0] == 4]
    five = [n for n in names if parameters(n)[0] == 5]
    n_four = round(count * len(four) / len(names))
    return sorted(spread(four, n_four) + spread(five, count - n_four))


def choose_test(names: list[str], count: int) -> list[str]:
    ordered = sorted(names, key=lambda n: parameters(n)[1][1])
    taken: list[str] = []
    for group in np.array_split(np.arange(len(ordered)), count):
        middle = len(group) // 2
        by_closeness = sorted(group, key=lambda i: abs(int(i) - int(group[middle])))
        other = [i for i in by_closeness if not taken or parameters(ordered[i])[0] != parameters(taken[-1])[0]]
        taken.append(ordered[(other or by_closeness)[0]])
    return sorted(taken)


def slim(mesh: pv.DataSet) -> pv.DataSet:
    """A copy without cell and field arrays, distance as f32."""
    out = mesh.copy(deep=True)
    out.cell_data.clear()
    out.field_data.clear()
    if "implicit_distance" in out.point_data:
        out.point_data["implicit_distance"] = out.point_data["implicit_distance"].astype(np.float32)
    return out


def narrow(mesh: pv.DataSet) -> None:
    """Connectivity and offsets as Int32, in place."""
    polydata = isinstance(mesh, pv.PolyData)
    arrays = (mesh.GetVerts(), mesh.GetLines(), mesh.GetPolys()) if polydata else (mesh.GetCells(),)
    for array in arrays:
        array.ConvertTo32BitStorage()


def write(mesh: pv.DataSet, path: Path) -> None:
    writer = vtk.vtkXMLPolyDataWriter() if path.suffix == ".vtp" else vtk.vtkXMLUnstructuredGridWriter()
    narrow(mesh)
    writer.SetInputData(mesh)
    writer.SetFileName(str(path))
    writer.SetDataModeToAppended()
    writer.EncodeAppendedDataOff()
    writer.SetHeaderTypeToUInt32()
    writer.SetBlockSize(BLOCK)
    writer.SetCompressorTypeToLZMA()
    writer.SetCompressionLevel(9)
    if writer.Write() != 1:
        sys.exit(f"{path}: VTK could not write this file")


def cells(mesh: pv.DataSet) -> list[np.ndarray]:
    if isinstance(mesh, pv.PolyData):
        return [np.asarray(mesh.lines), np.asarray(mesh.verts), np.asarray(mesh.faces)]
    return [np.asarray(mesh.cells), np.asarray(mesh.celltypes)]


def compare(source: Path, target: Path) -> int:
    """The number of arrays found equal; stops with a message at the first that is not."""
    a, b = pv.read(source), pv.read(target)

    def same(what: str, x: np.ndarray, y: np.ndarray) -> None:
        if x.shape != y.shape or not np.array_equal(x, y):
            sys.exit(f"{target}: {what} differs from {source}")

    same("points", a.points, b.points)
    for x, y in zip(cells(a), cells(b), strict=True):
        same("cells", x, y)
    if sorted(a.point_data.keys()) != sorted(b.point_data.keys()):
        sys.exit(f"{target}: point arrays {b.point_data.keys()}, source {a.point_data.keys()}")
    for key in sorted(a.point_data.keys()):
        x, y = np.asarray(a.point_data[key]), np.asarray(b.point_data[key])
        if key == "implicit_distance":
            same("zeros of implicit_distance", x == 0, y == 0)
            x = x.astype(np.float32)
        if x.dtype != y.dtype:
            sys.exit(f"{target}: {key} is {y.dtype}, source {x.dtype}")
        same(key, x, y)
    if len(b.cell_data.keys()):
        sys.exit(f"{target}: has cell arrays {b.cell_data.keys()}")
    return 1 + len(a.point_data.keys())


def dump(value: object, path: Path) -> None:
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


def make(source: Path, target: Path, n_train: int, n_test: int) -> None:
    manifest = json.loads((source / "manifest.json").read_text(encoding="utf-8"))
    chosen = {
        "full_train": choose_train(manifest["full_train"], n_train),
        "full_test": choose_test(manifest["full_test"], n_test),
    }
    for old in target.glob("airFoil2D_*"):
        shutil.rmtree(old)
    target.mkdir(parents=True, exist_ok=True)
    for name in chosen["full_train"] + chosen["full_test"]:
        (target / name).mkdir()
        for part in PARTS:
            file = f"{name}/{name}_{part}"
            write(slim(pv.read(source / file)), target / file)
    dump(chosen, target / "manifest.json")
    coefficients = json.loads((source / "coefficients.json").read_text(encoding="utf-8"))
    # run-time facts of the solver's machine say nothing about these files
    drop = {"donor", "bytes", "solver_s", "total_s", "start"}
    coefficients["cases"] = {
        n: {k: v for k, v in coefficients["cases"][n].items() if k not in drop}
        for n in chosen["full_train"] + chosen["full_test"]
    }
    dump({k: coefficients[k] for k in ("nu", "chord", "convention", "cases")}, target / "coefficients.json")


def check(source: Path, target: Path) -> None:
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    whole = json.loads((source / "manifest.json").read_text(encoding="utf-8"))
    arrays = 0
    for task, names in manifest.items():
        if not set(names) <= set(whole[task]):
            sys.exit(f"{target}/manifest.json: {task} has cases that are not in the source's {task}")
        for name in names:
            arrays += sum(compare(source / name / f"{name}_{p}", target / name / f"{name}_{p}") for p in PARTS)
        family = [parameters(n)[0] for n in names]
        angles = [float(n.split("_")[3]) for n in names]
        speeds = [float(n.split("_")[2]) for n in names]
        print(
            f"{task}: {len(names)} cases, {family.count(4)} of 4 digits and {family.count(5)} of 5, "
            f"{min(speeds):.1f} to {max(speeds):.1f} m/s, {min(angles):.1f} to {max(angles):.1f} deg"
        )
    size = sum(os.path.getsize(p) for p in target.rglob("*") if p.is_file()) / 1e6
    print(f"{arrays} arrays equal the source's; {size:.2f} MB in {target}")
    if size > LIMIT_MB:
        sys.exit(f"more than {LIMIT_MB} MB: take fewer cases")


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("source", type=Path, help="folder of the whole set (airfoil-openfoam)")
    p.add_argument("--target", type=Path, default=TARGET)
    p.add_argument("--train", type=int, default=24)
    p.add_argument("--test", type=int, default=7)
    p.add_argument("--check", action="store_true", help="compare only, write nothing")
    a = p.parse_args()
    if not (a.source / "manifest.json").is_file():
        sys.exit(f"{a.source}: no manifest.json here")
    if not a.check:
        make(a.source, a.target, a.train, a.test)
    check(a.source, a.target)


if __name__ == "__main__":
    main()
