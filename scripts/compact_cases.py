#!/usr/bin/env python3
"""The cases of a data set in AirfRANS's layout, made small for carrying, and back.

    python3 scripts/compact_cases.py DATA OUT --karman target/release/karman
    tar -cf - OUT | xz -9e ...                       # about a fifth of the size of DATA
    python3 scripts/compact_cases.py --restore OUT   # where it was carried to

Three things that Karman does not read go: the cell arrays of NAME_internal.vtu, the velocity across the
plane, which is rounding noise there, and NAME_freestream.vtp, where the case's name tells its conditions.
Distances are rounded to the 24 bits that Karman trains on, as in the bundled sample. All else comes back bit for
bit. (mini-AirfRANS: the cached rows are the same, but for the normals off the wall, which are derivatives of the
distance: they move by 8e-8 at most.)

In between, NAME_internal.vtu is NAME_internal.vtu.planes: the same file with raw numbers, but of each array the
differences from one number to the next, and of those first all highest bytes, then all second ones. That
is what compresses well: numbers of neighbouring points share their first digits. Needs no Python package.
"""

from __future__ import annotations

import argparse
import re
import shutil
import struct
import subprocess
import sys
from array import array
from itertools import accumulate
from pathlib import Path

MARK = b'<AppendedData encoding="raw">'
# NAME of AirfRANS: airFoil2D_SST_SPEED_ANGLE_DIGITS...
ARRAY = re.compile(rb'<DataArray type="(\w+)" Name="(\w+)" NumberOfComponents="(\d+)"[^>]* offset="(\d+)"')
# type -> unsigned integers of its size
UNSIGNED = {b"Float32": "I", b"Int32": "I", b"UInt32": "I", b"Float64": "Q", b"Int64": "Q", b"UInt64": "Q"}
TELLING = re.compile(r"^[A-Za-z0-9]+_[A-Za-z0-9]+(_-?\d+(\.\d+)?){4,}$")


def without_cell_data(data: bytes, name: str) -> bytes:
    """A raw `.vtu` as Karman writes it, less its cell arrays, which are the last in it."""
    head, mark, rest = data.partition(MARK)
    begin, end = head.find(b"<CellData>"), head.find(b"</CellData>\n")
    if not mark or begin < 0 or end < 0:
        return data
    offsets = [int(o) for o in re.findall(rb'offset="(\d+)"', head[begin:end])]
    others = [int(o) for o in re.findall(rb'offset="(\d+)"', head[:begin] + head[end:])]
    if not offsets:
        return data
    cut = min(offsets)
    if others and max(others) > cut:
        sys.exit(f"compact_cases: {name}: the cell arrays are not the last ones in the file")
    head = head[:begin] + head[end + len(b"</CellData>\n") :]
    kept = rest.index(b"_") + 1 + cut
    return head + mark + rest[:kept] + b"\n</AppendedData>\n</VTKFile>\n"


def arrays(data: bytes) -> list[tuple[bytes, bytes, int, slice]]:
    """Name, type, components and place of the arrays of a raw `.vtu` as Karman writes it."""
    head, mark, rest = data.partition(MARK)
    if not mark:
        return []
    start = len(head) + len(mark) + rest.index(b"_") + 1
    found = []
    for kind, name, parts, offset in ARRAY.findall(head):
        begin = start + int(offset)
        (length,) = struct.unpack_from("<Q", data, begin)
        found.append((name, kind, int(parts), slice(begin + 8, begin + 8 + length)))
    return found


def simplified(data: bytes) -> bytes:
    """With zero as the third component of U, and distances rounded to single precision."""
    out = bytearray(data)
    for name, kind, parts, place in arrays(data):
        if (name, kind) == (b"implicit_distance", b"Float64"):
            out[place] = array("d", array("f", array("d", data[place]))).tobytes()
        if (name, kind, parts) == (b"U", b"Float32", 3):
            for byte in range(8, 12):
                numbers = slice(place.start + byte, place.stop, 12)
                out[numbers] = bytes(len(out[numbers]))
    return bytes(out)


def to_planes(data: bytes) -> bytes:
    """Each array as differences, and those by bytes; as long as before."""
    out = bytearray(data)
    for _, kind, parts, place in arrays(data):
        if kind not in UNSIGNED:
            continue
        numbers = array(UNSIGNED[kind], data[place])
        size, mask = numbers.itemsize, (1 << 8 * numbers.itemsize) - 1
        planes = []
        for part in range(parts):
            column = numbers[part::parts]
            steps = array(column.typecode, [(b - a) & mask for a, b in zip([0, *column], column)])
            steps = steps.tobytes()
            planes += [steps[byte::size] for byte in reversed(range(size))]
        out[place] = b"".join(planes)
    return bytes(out)


def from_planes(data: bytes) -> bytes:
    """What `to_planes` was given."""
    out = bytearray(data)
    for _, kind, parts, place in arrays(data):
        if kind not in UNSIGNED:
            continue
        numbers = array(UNSIGNED[kind], bytes(place.stop - place.start))
        size, mask = numbers.itemsize, (1 << 8 * numbers.itemsize) - 1
        count, at = len(numbers) // parts, place.start
        for part in range(parts):
            steps = bytearray(count * size)
            for byte in reversed(range(size)):
                steps[byte::size] = data[at : at + count]
                at += count
            column = accumulate(array(numbers.typecode, bytes(steps)))
            numbers[part::parts] = array(numbers.typecode, [n & mask for n in column])
        out[place] = numbers.tobytes()
    return bytes(out)


def restore(folder: Path) -> int:
    files = sorted(folder.glob("*/*.planes"))
    for file in files:
        file.with_suffix("").write_bytes(from_planes(file.read_bytes()))
        file.unlink()
    print(f"compact_cases: {len(files)} cases restored")
    return 0


def convert(karman: str, source: Path, target: Path) -> None:
    command = [karman, "-q", "mesh", "convert", source, target, "--encoding", "raw", "--compression", "none"]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"compact_cases: {source}: {done.stderr.decode(errors='replace').strip()}")


def main() -> int:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data", type=Path, nargs="?", help="the folder with manifest.json")
    p.add_argument("out", type=Path, nargs="?", help="a folder that does not exist yet")
    p.add_argument("--karman", default="karman", help="the program")
    p.add_argument("--restore", type=Path, metavar="OUT", help="make the files in OUT what they were")
    a = p.parse_args()
    if sys.byteorder != "little":
        p.error("is for processors that store the lowest byte first")
    if a.restore:
        return restore(a.restore)
    if a.data is None or a.out is None:
        p.error("give DATA and OUT, or --restore OUT")
    if not (a.data / "manifest.json").is_file():
        p.error(f"{a.data} has no manifest.json: give the folder of a data set")
    if a.out.exists():
        p.error(f"{a.out} is there already")
    a.out.mkdir(parents=True)
    for file in sorted(a.data.glob("*.json")):
        shutil.copyfile(file, a.out / file.name)
    cases = sorted(d for d in a.data.iterdir() if d.is_dir())
    for case in cases:
        name = case.name
        (a.out / name).mkdir()
        for part in ("internal.vtu", "aerofoil.vtp", "freestream.vtp"):
            source, target = case / f"{name}_{part}", a.out / name / f"{name}_{part}"
            if not source.is_file() or (part == "freestream.vtp" and TELLING.match(name)):
                continue
            convert(a.karman, source, target)
            if part == "internal.vtu":
                data = simplified(without_cell_data(target.read_bytes(), str(source)))
                target.with_name(target.name + ".planes").write_bytes(to_planes(data))
                target.unlink()
    size = sum(f.stat().st_size for f in a.out.rglob("*") if f.is_file())
    print(f"compact_cases: {len(cases)} cases, {size / 2**20:.1f} MiB before compression")
    return 0


if __name__ == "__main__":
    sys.exit(main())
