#!/usr/bin/env python3
"""One training step of Karman's networks in PyTorch, measured.

On the CPU it is the peer of `cargo bench --bench mario_step` (`scripts/bench_mario.sh` runs both in turn):
MARIO; forward, mean squared error, backward, clip by value, AdamW on data that stay in memory.

On a GPU (`--device cuda`, or `--suite`) it is the peer of `karman bench train`: whole steps on data that stay on
the device, in each mode and precision; see `torch_device.py`.

The peer is meant to be as fast as PyTorch can be on this machine without changing the mathematics:
several equivalent ways of writing the same network are in `torch_models.py`, and `--form auto` (the
default) times each for a moment and measures the fastest. On the CPU float32 throughout, as in the Rust bench.

    python mario_torch.py --points 16384 --cases 4 --steps 20 --threads 2
    python mario_torch.py --form all --steps 8          # one line for each form
    python mario_torch.py --compile                     # adds torch.compile (needs a C++ compiler)
    python mario_torch.py --device cuda --suite torch.json      # 2048 and 16384 points, all modes, tf32 and bf16
    python mario_torch.py --device cuda --modes compile --precisions f32 --points 2048 --models mlp pointnet
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import statistics
import sys
import time

# Spinning OpenMP threads cost nothing when they have the cores, and waking sleeping ones costs
# microseconds per kernel. Must be set before torch loads its OpenMP runtime.
os.environ.setdefault("OMP_WAIT_POLICY", "ACTIVE")
# Activations of many megabytes in huge pages: 2 to 5 % of a step.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")


def keep_freed_memory() -> bool:
    """Make glibc keep large freed blocks: otherwise each activation tensor (16 MB) is mapped and
    page-faulted anew in every step. The PyTorch tuning guide asks for jemalloc for this reason;
    these two settings have the same effect without another library."""
    try:
        libc = ctypes.CDLL("libc.so.6")
        trim, mmap = libc.mallopt(-1, 2**31 - 1), libc.mallopt(-3, 2**31 - 1)
        return bool(trim and mmap)
    except (OSError, AttributeError):
        return False


import torch
import torch.nn.functional as F
from torch import Tensor, nn

import torch_device
from torch_models import MODELS, Mario, mario_flops

# Ways of a step on the CPU: the network's forms, and two with the backward pass case by case.
FORMS = {
    **{name: (name, False) for name in Mario.forms if name != "inplace-padded"},
    "inplace-by-case": ("inplace", True),
    "addmm-by-case": ("addmm", True),
}


class Step:
    """A network, its data and its optimiser: call it for one training step."""

    def __init__(self, a: argparse.Namespace, form: str, optimiser: str, compiled: bool) -> None:
        torch.manual_seed(a.seed)
        self.form, self.by_case = FORMS[form]
        self.clip, self.model = a.clip, Mario(a)
        n = a.points[0] // a.cases
        self.x = torch.rand(a.cases, n, a.d_in) * 2 - 1
        self.z = torch.randn(a.cases, a.d_z)
        self.y = torch.randn(a.cases, n, a.d_out)
        self.optim = torch.optim.AdamW(
            self.model.parameters(),
            lr=1e-3,
            weight_decay=0.0,
            foreach=optimiser == "foreach",
            fused=optimiser == "fused",
        )
        self.forward = torch.compile(self.model) if compiled else self.model

    def loss(self, rows: slice) -> Tensor:
        return F.mse_loss(self.forward(self.x[rows], self.z[rows], self.form), self.y[rows])

    def __call__(self) -> float:
        self.optim.zero_grad(set_to_none=True)
        if self.by_case:
            # the same gradient in pieces whose activations stay in the cache
            total, cases = 0.0, len(self.z)
            for c in range(cases):
                part = self.loss(slice(c, c + 1)) / cases
                part.backward()
                total += part.item()
        else:
            loss = self.loss(slice(None))
            loss.backward()
            total = loss.item()
        nn.utils.clip_grad_value_(self.model.parameters(), self.clip, foreach=True)
        self.optim.step()
        return total


def times(step: Step, warm_up: int, steps: int) -> list[float]:
    """Seconds of each of `steps` steps."""
    for _ in range(warm_up):
        step()
    out = []
    for _ in range(steps):
        start = time.perf_counter()
        step()
        out.append(time.perf_counter() - start)
    return out


def arguments() -> argparse.Namespace:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--points", type=int, nargs="+", help="points a step, split among the cases (16384)")
    p.add_argument("--cases", type=int, default=4)
    p.add_argument("--steps", type=int, help="timed steps (20; on a device 200, in each repeat)")
    p.add_argument("--warm-up", type=int, default=3)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--d-in", type=int, default=6)
    p.add_argument("--d-z", type=int, default=22)
    p.add_argument("--d-out", type=int, default=4)
    p.add_argument("--n-freq", type=int, default=64)
    p.add_argument("--scales", type=float, nargs="+", default=[0.5, 1.0])
    p.add_argument("--width", type=int, default=256)
    p.add_argument("--depth", type=int, default=6)
    p.add_argument("--hyper-depth", type=int, default=4)
    p.add_argument("--modulation", choices=["shift", "scale-shift"], default="shift")
    p.add_argument("--clip", type=float, default=1.0)
    p.add_argument("--form", choices=["auto", "all", *FORMS, "inplace-padded", "split"], default="auto")
    p.add_argument("--optimiser", choices=["fused", "foreach"], default="fused")
    p.add_argument("--compile", action="store_true", help="torch.compile the network as well")
    p.add_argument("--default-malloc", action="store_true", help="leave glibc's allocator as it is")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--json", metavar="FILE", help="write the result here as well")
    d = p.add_argument_group("whole steps on a device (with --device cuda, --suite or --modes)")
    d.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N")
    d.add_argument("--suite", metavar="FILE", help="all of it, into this JSON file: 2048 and 16384 points")
    d.add_argument("--models", choices=MODELS, nargs="+", default=["mario"])
    d.add_argument("--modes", choices=torch_device.MODES, nargs="+", help="default: all that the device has")
    d.add_argument("--precisions", choices=torch_device.PRECISIONS, nargs="+", default=["tf32", "bf16"])
    d.add_argument("--pool-cases", type=int, default=80, help="cases on the device")
    d.add_argument("--pool-rows", type=int, default=10_000, help="rows of each")
    d.add_argument("--learning-rate", type=float, default=1e-3)
    d.add_argument("--ema-decay", type=float, default=0.999)
    d.add_argument("--repeats", type=int, default=5, help="repeats, of which the median counts")
    d.add_argument("--trial-steps", type=int, default=15, help="steps of each form's trial")
    d.add_argument("--budget", type=float, default=60.0, help="seconds after which nothing new is begun")
    a = p.parse_args()
    a.on_device = a.device != "cpu" or a.suite is not None or a.modes is not None
    a.points = a.points or ([2048, 16384] if a.suite else [16384])
    a.steps = a.steps or (200 if a.on_device else 20)
    least = [a.cases, a.steps, a.threads, a.repeats, a.trial_steps, a.pool_rows, *a.points]
    if any(n % a.cases for n in a.points) or min(least) < 1 or a.pool_cases < a.cases:
        p.error(
            "--points must be positive multiples of --cases, --pool-cases at least --cases, and --steps, "
            "--repeats, --trial-steps, --pool-rows and --threads at least 1"
        )
    if not a.on_device and len(a.points) > 1:
        p.error("on the CPU one number of --points at a time")
    if a.on_device:
        device_arguments(p, a)
    return a


def device_arguments(p: argparse.ArgumentParser, a: argparse.Namespace) -> None:
    gpu = a.device.startswith("cuda")
    if gpu and not torch.cuda.is_available():
        p.error(f"--device {a.device}: this PyTorch ({torch.__version__}) sees no CUDA device")
    if ":" in a.device:
        torch.cuda.set_device(a.device)
    a.modes = a.modes or [m for m in torch_device.MODES if gpu or "graphs" not in m]
    if not gpu and any("graphs" in m for m in a.modes):
        p.error("CUDA graphs need --device cuda; on the CPU there are the modes eager and compile")
    if a.form == "all" or a.form.endswith("by-case"):
        p.error(f"--form {a.form} is for the CPU's own step; here: auto or a form's name")


def result(a: argparse.Namespace, form: str, compiled: bool, t: list[float], malloc: bool) -> dict:
    median, least, points = statistics.median(t), min(t), a.points[0]
    flops = mario_flops(a, points)
    return {
        "program": "torch",
        "points": points,
        "cases": a.cases,
        "steps": len(t),
        "ms_per_step": {"median": 1e3 * median, "min": 1e3 * least},
        "steps_per_s": 1.0 / median,
        "points_per_s": points / median,
        "gflop_per_step": flops / 1e9,
        "gflop_per_s": {"median": flops / median / 1e9, "max": flops / least / 1e9},
        "form": form,
        "compiled": compiled,
        "optimiser": a.optimiser,
        "modulation": a.modulation,
        "keeps_freed_memory": malloc,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "load_1min": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def write(path: str | None, value: object) -> None:
    if path:
        with open(path, "w", encoding="utf-8") as f:
            json.dump(value, f, indent=2)


def on_device(a: argparse.Namespace) -> int:
    """Prints a line for each measurement, and keeps all of them so far in the file."""
    rows: list[dict] = []

    def report(row: dict) -> None:
        rows.append(row)
        print(json.dumps(row), flush=True)
        write(a.suite or a.json, {"rows": rows, "best": torch_device.best(rows)})

    torch_device.Suite(a, report).run()
    return 0 if any("error" not in row for row in rows) else 1


def main() -> int:
    a = arguments()
    if a.on_device:
        return on_device(a)
    malloc = not a.default_malloc and keep_freed_memory()
    torch.set_num_threads(a.threads)
    torch.set_flush_denormal(True)
    torch.set_float32_matmul_precision("highest")

    names = list(FORMS) if a.form in ("auto", "all") else [a.form]
    candidates = [(n, c) for n in names for c in ([False, True] if a.compile else [False])]
    if a.form == "auto":
        # interleaved, so that a busy moment of the machine does not decide
        steppers = {k: Step(a, k[0], a.optimiser, k[1]) for k in candidates}
        trial = {k: times(s, 2, 1) for k, s in steppers.items()}
        for _ in range(4):
            for k, s in steppers.items():
                trial[k] += times(s, 0, 1)
        best = min(trial, key=lambda k: min(trial[k]))
        candidates = [best]
        del steppers

    rows = []
    for form, compiled in candidates:
        t = times(Step(a, form, a.optimiser, compiled), a.warm_up, a.steps)
        rows.append(result(a, form, compiled, t, malloc))
        print(json.dumps(rows[-1]), flush=True)
    write(a.json, rows[0] if len(rows) == 1 else rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
