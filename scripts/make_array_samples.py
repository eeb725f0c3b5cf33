#!/usr/bin/env python3
"""Writes datasets/src/arrays/samples: the same two arrays as NumPy and h5py store them.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install numpy h5py
    /tmp/venv/bin/python scripts/make_array_samples.py

Entry (k, j, i) of rhs is (100 k + 10 j + i) / 8, of flags (k + j + i) % 3.
"""

from pathlib import Path

import h5py
import numpy as np

folder = Path(__file__).resolve().parent.parent / "datasets/src/arrays/samples"
folder.mkdir(exist_ok=True)
k, j, i = np.meshgrid(np.arange(3), np.arange(4), np.arange(5), indexing="ij")
rhs = (100 * k + 10 * j + i) / 8.0
flags = ((k + j + i) % 3).astype(np.uint8)

for name, array in {
    "rhs-f8": rhs,
    "rhs-f8-fortran": np.asfortranarray(rhs),
    "rhs-f4-big": rhs.astype(">f4"),
    "rhs-f2": rhs.astype("<f2"),
    "rhs8-i8": (8 * rhs).astype("<i8"),
    "flags-u1": flags,
    "flags-i8-fortran": np.asfortranarray(flags.astype("<i8")),
    "flags-bool": flags == 1,
    "complex": rhs.astype(complex),
    "fields": np.zeros(3, dtype=[("a", "<f8"), ("b", "<i4")]),
    "text": np.array(["a", "b"]),
}.items():
    np.save(folder / f"{name}.npy", array)
with open(folder / "rhs-version2.npy", "wb") as file:
    np.lib.format.write_array(file, rhs, version=(2, 0))

np.savez(folder / "stored.npz", flags=flags, rhs=rhs)
np.savez_compressed(folder / "deflated.npz", flags=flags, rhs=rhs)

for version in ["earliest", "latest"]:
    for kind, options in {
        "contiguous": {},
        "chunked": dict(chunks=(2, 3, 4)),
        "deflated": dict(chunks=(2, 4, 5), compression="gzip", shuffle=True, fletcher32=True),
        "extendible": dict(chunks=(2, 4, 5), maxshape=(None, 4, None)),
    }.items():
        with h5py.File(folder / f"{version}-{kind}.h5", "w", libver=version) as file:
            file.create_dataset("flags", data=flags, **options)
            file.create_dataset("rhs", data=rhs, **options)
with h5py.File(folder / "others.h5", "w") as file:
    file["steps/last/rhs"] = rhs.astype(">f4")
    file["flags"] = flags == 1
    file["text"] = "a"
    file.create_dataset("huge", shape=(1 << 20, 1 << 20), dtype="f8", chunks=(1 << 10, 1 << 10))
    file.create_dataset("unwritten", shape=(2, 3), dtype="f8", fillvalue=7.0)
