#!/usr/bin/env python3
"""Training steps of Karman (`karman bench train --json`) and PyTorch (`mario_torch.py --suite`) side by side,
as a Markdown table. Karman's f32 lets matrix products use TF32, so it stands beside PyTorch's tf32.

    python3 train_table.py train.json train-fusion.json torch.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HEAD = ("network", "points", "precision", "program", "ms a step", "steps/s", "points/s", "memory, MiB", "of compile")
ORDER = ("eager", "compile", "graphs", "compile-graphs")


def karman_rows(results: dict, name: str) -> list[dict]:
    rows = []
    for row in results["rows"]:
        precision = str(row["precision"]).lower()
        memory = row.get("rate", {}).get("device_bytes")
        rows.append(
            {
                "model": row["model"].lower(),
                "points": row["points"],
                "precision": "tf32" if precision == "f32" else precision,
                "program": f"{name}{', replayed' if row.get('replayed') else ''}",
                "ms": row["ms_per_step"],
                "memory": None if memory is None else memory / 2**20,
                "order": (0, name, bool(row.get("replayed"))),
            }
        )
    return rows


def torch_rows(results: dict) -> list[dict]:
    return [
        {
            "model": row["model"],
            "points": row["points"],
            "precision": row["precision"],
            "program": f"torch, {row['mode']}",
            "ms": row["ms_per_step"]["median"],
            "memory": row["peak_memory_mib"],
            "order": (1, "", ORDER.index(row["mode"])),
        }
        for row in results["best"]
    ]


def rows_of(path: Path) -> list[dict]:
    results = json.loads(path.read_text(encoding="utf-8"))
    if "best" in results:
        return torch_rows(results)
    return karman_rows(results, "karman" + path.stem.removeprefix("train"))


def main() -> int:
    rows = []
    for name in sys.argv[1:]:
        path = Path(name)
        if not path.is_file():
            continue
        try:
            rows += rows_of(path)
        except (ValueError, KeyError, TypeError) as error:
            print(f"{name} is left out: {type(error).__name__}: {error}", file=sys.stderr)
    compiled = {
        (r["model"], r["points"], r["precision"]): r["ms"] for r in rows if r["program"] == "torch, compile"
    }
    print(f"| {' | '.join(HEAD)} |")
    print("|" + "---|" * len(HEAD))
    for r in sorted(rows, key=lambda r: (r["model"], r["points"], r["precision"], r["order"])):
        base = compiled.get((r["model"], r["points"], r["precision"]))
        cells = (
            r["model"],
            r["points"],
            r["precision"],
            r["program"],
            f"{r['ms']:.3f}",
            f"{1e3 / r['ms']:.0f}",
            f"{1e3 * r['points'] / r['ms']:.3g}",
            "-" if r["memory"] is None else f"{r['memory']:.0f}",
            "-" if base is None else f"{base / r['ms']:.2f}",
        )
        print(f"| {' | '.join(map(str, cells))} |")
    print("\n*of compile*: steps per second as a multiple of torch.compile's; above 1 is faster.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
