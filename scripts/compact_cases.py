#!/usr/bin/env python3
"""The cases of a data set in AirfRANS's layout, made small for carrying: what Karman reads, and no more.

    python3 scripts/compact_cases.py DATA OUT --karman target/release/karman

Numbers are written as raw bytes (`karman mesh convert`), because they compress better together in one archive
than one by one in their files. The cell arrays of NAME_internal.vtu go, which Karman does not read, and
NAME_freestream.vtp, where the case's name tells its conditions. Point data, cells and walls stay bit for bit,
so training on the copy is training on the original. `tar` and `xz` of the copy: about a third of the
original's size. Needs no Python package.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

MARK = b'<AppendedData encoding="raw">'
# NAME of AirfRANS: airFoil2D_SST_SPEED_ANGLE_DIGITS...
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


def convert(karman: str, source: Path, target: Path) -> None:
    command = [karman, "-q", "mesh", "convert", source, target, "--encoding", "raw", "--compression", "none"]
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(f"compact_cases: {source}: {done.stderr.decode(errors='replace').strip()}")


def main() -> int:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("data", type=Path, help="the folder with manifest.json")
    p.add_argument("out", type=Path, help="a folder that does not exist yet")
    p.add_argument("--karman", default="karman", help="the program")
    a = p.parse_args()
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
                target.write_bytes(without_cell_data(target.read_bytes(), str(source)))
    size = sum(f.stat().st_size for f in a.out.rglob("*") if f.is_file())
    print(f"compact_cases: {len(cases)} cases, {size / 2**20:.1f} MiB before compression")
    return 0


if __name__ == "__main__":
    sys.exit(main())
