#!/usr/bin/env python3
"""Writes the small VTK XML files of meshes/tests/data in every encoding that VTK has.

Needs pyvista. Run from the repository root:  python scripts/make_vtk_samples.py
The files are committed; this script says how they came about. `expected.json` holds what VTK
itself reads back from them.
"""

import json
import pathlib

import numpy as np
import pyvista as pv
import vtk

OUT = pathlib.Path(__file__).resolve().parent.parent / "meshes" / "tests" / "data"

MODES = {"ascii": 0, "base64": 1, "appended": 2}
COMPRESSORS = {
    "none": None,
    "zlib": vtk.vtkZLibDataCompressor,
    "lz4": vtk.vtkLZ4DataCompressor,
    "lzma": vtk.vtkLZMADataCompressor,
}
TYPES = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32",
         "float64"]


def mixed_grid():
    """One cell of every supported kind, sharing points of a 3 x 3 x 3 lattice."""
    points = np.array(
        [[x, y, z] for z in range(3) for y in range(3) for x in range(3)], dtype=np.float32
    )
    points += np.float32(0.01) * np.sin(np.arange(81, dtype=np.float32)).reshape(27, 3)
    cells = [
        (1, [0]), (2, [1, 2, 5]), (3, [0, 1]), (4, [0, 1, 4, 3]), (5, [0, 1, 4]),
        (6, [0, 1, 3, 4, 6]), (7, [0, 1, 5, 7, 3]), (8, [9, 10, 12, 13]), (9, [9, 10, 13, 12]),
        (10, [0, 1, 3, 9]), (11, [0, 1, 3, 4, 9, 10, 12, 13]),
        (12, [1, 2, 5, 4, 10, 11, 14, 13]), (13, [9, 10, 12, 18, 19, 21]),
        (14, [13, 14, 17, 16, 25]),
    ]
    flat = np.concatenate([[len(nodes), *nodes] for _, nodes in cells])
    grid = pv.UnstructuredGrid(flat, np.array([kind for kind, _ in cells], np.uint8), points)
    for i, kind in enumerate(TYPES):
        grid.point_data[f"{kind}"] = extremes(kind, grid.n_points, i)
        grid.cell_data[f"c_{kind}"] = extremes(kind, grid.n_cells, i)
    grid.point_data["U"] = np.cos(np.arange(81, dtype=np.float32)).reshape(27, 3)
    grid.cell_data["tensor"] = np.sin(np.arange(14 * 9, dtype=np.float64)).reshape(14, 9)
    return grid


def extremes(kind, n, seed):
    """Values that fill the type: its ends, zero and something between."""
    rng = np.random.default_rng(seed)
    if kind.startswith("float"):
        values = rng.standard_normal(n).astype(kind)
        values[:3] = [0.0, np.finfo(kind).max, np.finfo(kind).tiny]
    else:
        info = np.iinfo(kind)
        values = rng.integers(info.min, info.max, n, dtype=kind, endpoint=True)
        values[:2] = [info.min, info.max]
    return values


def poly_data():
    """Verts, lines, strips and polys in one data set."""
    points = np.array([[x, y, 0.1 * x * y] for y in range(4) for x in range(4)], dtype=np.float64)
    data = pv.PolyData(points, verts=[1, 0, 3, 1, 2, 3])
    data.lines = [2, 0, 5, 4, 1, 2, 6, 9]
    data.strips = [5, 8, 9, 12, 13, 14]
    data.faces = [3, 0, 1, 4, 4, 1, 2, 6, 5, 5, 5, 6, 10, 9, 8]
    data.cell_data["number"] = np.arange(data.n_cells, dtype=np.int32)
    data.point_data["p"] = np.linspace(-1, 1, data.n_points)
    return data


def contour():
    """A closed loop of lines, as the wall of an AirfRANS case: three of four sections empty."""
    angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    points = np.c_[np.cos(angle), np.sin(angle), 0 * angle].astype(np.float32)
    lines = np.concatenate([[2, i, (i + 1) % 12] for i in range(12)])
    data = pv.PolyData(points, lines=lines)
    data.point_data["U"] = np.zeros((12, 3), np.float32)
    return data


def patch():
    """A few quads with fields, for the file of several pieces."""
    grid = pv.ImageData(dimensions=(4, 3, 1)).cast_to_unstructured_grid()
    grid.clear_data()
    grid.point_data["p"] = np.sin(np.arange(12, dtype=np.float32))
    grid.cell_data["n"] = np.arange(12, dtype=np.int16).reshape(6, 2)
    return grid


def disc():
    """Quads with enough values for several blocks of 1024 bytes, one array filling them exactly."""
    x, y = np.meshgrid(np.linspace(0, 1, 32, dtype=np.float32), np.arange(8, dtype=np.float32))
    grid = pv.StructuredGrid(x, y, 0 * x).cast_to_unstructured_grid()
    grid.clear_data()
    grid.point_data["exact"] = np.arange(256, dtype=np.float32)  # 1024 bytes: one full block
    grid.point_data["four"] = np.arange(512, dtype=np.float64).reshape(256, 2)  # four blocks
    return grid


def write(data, name, mode="base64", compressor="zlib", header=64, big=False, base64=False,
          block=None, pieces=1, ids=64):
    poly = isinstance(data, pv.PolyData)
    writer = vtk.vtkXMLPolyDataWriter() if poly else vtk.vtkXMLUnstructuredGridWriter()
    path = OUT / (name + (".vtp" if poly else ".vtu"))
    writer.SetFileName(str(path))
    writer.SetInputData(data)
    writer.SetDataMode(MODES[mode])
    kind = COMPRESSORS[compressor]
    packer = kind() if kind else None
    writer.SetCompressor(packer)
    writer.SetEncodeAppendedData(base64)
    writer.SetHeaderTypeToUInt64() if header == 64 else writer.SetHeaderTypeToUInt32()
    writer.SetByteOrderToBigEndian() if big else writer.SetByteOrderToLittleEndian()
    writer.SetIdTypeToInt64() if ids == 64 else writer.SetIdTypeToInt32()
    if block:
        writer.SetBlockSize(block)
    if pieces > 1:
        writer.SetNumberOfPieces(pieces)
    assert writer.Write() == 1, name
    return path


def exact(values):
    """Numbers as text: not every JSON parser rounds correctly."""
    return " ".join(repr(float(v)) for v in np.asarray(values).ravel().astype(np.float64))


def expected(path):
    data = pv.read(path)
    lists = lambda attributes: {
        key: {
            "type": str(value.dtype),
            "components": 1 if value.ndim == 1 else value.shape[1],
            "values": exact(value),
        }
        for key, value in ((key, attributes[key]) for key in attributes.keys())
    }
    grid = data if isinstance(data, pv.UnstructuredGrid) else data.cast_to_unstructured_grid()
    return {
        "points": exact(data.points),
        "cells": [
            {"kind": int(data.GetCellType(i)),
             "nodes": [data.GetCell(i).GetPointId(j)
                       for j in range(data.GetCell(i).GetNumberOfPoints())]}
            for i in range(grid.n_cells)
        ],
        "point_data": lists(data.point_data),
        "cell_data": lists(data.cell_data),
    }


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    paths = []
    mixed = mixed_grid()
    for mode in MODES:
        for compressor in COMPRESSORS:
            if mode == "ascii" and compressor != "none":
                continue
            paths.append(write(mixed, f"mixed_{mode}_{compressor}", mode, compressor))
    paths.append(write(mixed, "mixed_appended64_none", "appended", "none", base64=True))
    paths.append(write(mixed, "mixed_appended64_zlib", "appended", "zlib", base64=True))
    paths.append(write(mixed, "mixed_big_zlib", "base64", "zlib", big=True))
    paths.append(write(mixed, "mixed_big_none32", "base64", "none", header=32, big=True, ids=32))
    paths.append(write(mixed, "mixed_appended_none32", "appended", "none", header=32))
    paths.append(write(mixed, "mixed_appended_lz4_32", "appended", "lz4", header=32, ids=32))
    for mode in MODES:
        paths.append(write(poly_data(), f"poly_{mode}", mode))
    for header in (32, 64):
        paths.append(write(contour(), f"contour_base64_{header}", header=header))
        paths.append(write(contour(), f"contour_plain_{header}", "base64", "none", header=header))
    paths.append(write(contour(), "contour_appended_zlib", "appended", "zlib"))
    for compressor in ("zlib", "lz4", "lzma"):
        paths.append(write(disc(), f"blocks_{compressor}", "base64", compressor, block=1024))
    paths.append(write(patch(), "pieces", "appended", "zlib", pieces=3))
    paths.append(write(contour(), "parts_contour", "ascii", "none", pieces=2))

    units = contour()
    units.point_data["p"] = np.arange(12, dtype=np.float32)
    array = units.point_data["p"].VTKObject
    array.GetInformation().Set(vtk.vtkDataArray.UNITS_LABEL(), "m2/s2")
    array.GetInformation().Set(vtk.vtkDataArray.L2_NORM_RANGE(), [0.0, 11.0], 2)
    paths.append(write(units, "units"))

    # Files of one group (the name up to the first underscore) hold the same data.
    groups = {}
    for path in paths:
        found = expected(path)
        assert groups.setdefault(path.stem.split("_")[0], found) == found, path
    (OUT / "expected.json").write_text(json.dumps(groups, separators=(",", ":")) + "\n")
    print(sum(path.stat().st_size for path in paths), "bytes in", len(paths), "files;",
          (OUT / "expected.json").stat().st_size, "bytes of expectations")


if __name__ == "__main__":
    main()
