#!/usr/bin/env python3
"""Opens .vtu or .vtp files with pyvista, prints what is in them as JSON, or compares them.

    check_vtu.py FILE                    one JSON object on standard output
    check_vtu.py FILE --values           with all numbers
    check_vtu.py FILE --expect SPEC      compare with SPEC (see below), exit code 1 on difference
    check_vtu.py FILE... --same-as OTHER compare points, cells and arrays with another file
    check_vtu.py --available             exit code 0 when pyvista can be imported, otherwise 3

The object: n_points, n_cells, bounds, cell_types {VTK number: count}, and per array of point_data
and cell_data its type, components, unit (or null), min, max, mean, finite. SPEC is such an object in
a file or `-` for standard input; keys it does not name are not compared; numbers may differ by
--rtol relative to the larger one.

Exit codes: 0 all well, 1 different or unreadable, 2 wrong usage, 3 no pyvista.
"""

import argparse
import json
import sys


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--values", action="store_true", help="print all numbers")
    parser.add_argument("--expect", metavar="SPEC")
    parser.add_argument("--same-as", metavar="OTHER")
    parser.add_argument("--rtol", type=float, default=0.0, help="relative tolerance (default 0)")
    parser.add_argument("--available", action="store_true")
    options = parser.parse_args()
    try:
        import pyvista  # noqa: F401
    except ImportError as error:
        print(f"pyvista is not there: {error}", file=sys.stderr)
        return 3
    if options.available:
        return 0
    if not options.files:
        parser.error("FILE is missing")
    try:
        return run(options)
    except Exception as error:  # noqa: BLE001: whatever VTK does not like is the answer
        print(f"{' '.join(options.files)}: {error}", file=sys.stderr)
        return 1


def run(options):
    expected = None
    if options.expect:
        with sys.stdin if options.expect == "-" else open(options.expect) as spec:
            expected = json.load(spec)
    elif options.same_as:
        expected = describe(options.same_as, True)
    differences = []
    for path in options.files:
        found = describe(path, options.values or bool(options.same_as))
        if expected is None:
            json.dump(found, sys.stdout, indent=1)
            print()
            continue
        subset = bool(options.expect)
        lines = compare(expected, found, options.rtol, "", subset)
        differences += [f"{path}: {line}" for line in lines]
    for difference in differences[:20]:
        print(difference, file=sys.stderr)
    return 1 if differences else 0


def describe(path, values):
    """What VTK reads from a file."""
    import numpy as np
    import pyvista
    import vtk

    # Older versions of VTK report broken files on standard error only and read them as empty.
    errors = []
    reader = pyvista.get_reader(path)
    reader.reader.AddObserver("ErrorEvent", lambda *_: errors.append("VTK reports an error"))
    data = reader.read()
    if errors or data.n_points == 0:
        raise ValueError(errors[0] if errors else "VTK reads no points")
    kinds, counts = np.unique(
        [data.GetCellType(i) for i in range(data.n_cells)], return_counts=True
    )

    def arrays(attributes):
        out = {}
        for name in attributes.keys():
            array = np.asarray(attributes[name])
            information = attributes[name].VTKObject.GetInformation()
            entry = {
                "type": str(array.dtype),
                "components": 1 if array.ndim == 1 else int(array.shape[1]),
                "unit": information.Get(vtk.vtkDataArray.UNITS_LABEL()),
                "finite": bool(np.isfinite(array).all()),
            }
            if array.size:
                entry |= {"min": float(array.min()), "max": float(array.max()),
                          "mean": float(array.mean(dtype=np.float64))}
            if values:
                entry["values"] = array.ravel().tolist()
            out[name] = entry
        return out

    out = {
        "n_points": int(data.n_points),
        "n_cells": int(data.n_cells),
        "bounds": [float(bound) for bound in data.bounds],
        "cell_types": {str(kind): int(count) for kind, count in zip(kinds, counts)},
        "point_data": arrays(data.point_data),
        "cell_data": arrays(data.cell_data),
    }
    if values:
        out["points"] = np.asarray(data.points).ravel().tolist()
        out["cells"] = [
            [data.GetCell(i).GetPointId(j) for j in range(data.GetCell(i).GetNumberOfPoints())]
            for i in range(data.n_cells)
        ]
    return out


def compare(expected, found, rtol, path, subset):
    """Yields one line per difference."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            if key in found:
                yield from compare(value, found[key], rtol, f"{path}/{key}", subset)
            else:
                yield f"{path}/{key} is missing; there: {', '.join(found)}"
        if not subset:
            yield from (f"{path}/{key} is too much" for key in found if key not in expected)
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{path}: {len(found)} entries, not {len(expected)}"
            return
        for index, (a, b) in enumerate(zip(expected, found)):
            yield from compare(a, b, rtol, f"{path}/{index}", subset)
    elif isinstance(expected, (int, float)) and isinstance(found, (int, float)):
        both_nan = expected != expected and found != found
        if not both_nan and abs(expected - found) > rtol * max(abs(expected), abs(found)):
            yield f"{path}: {found}, not {expected}"
    elif expected != found:
        yield f"{path}: {found!r}, not {expected!r}"


if __name__ == "__main__":
    sys.exit(main())
