#!/usr/bin/env python3
"""One training step of the MARIO neural field in PyTorch: the peer of `cargo bench --bench mario_step`.

Network, as in Catalani et al., "Towards scalable surrogate models based on Neural Fields for large
scale aerodynamic simulations", arXiv 2505.14704:

* for every scale s, [sin(2 pi x B_s'), cos(2 pi x B_s'), x] with a frozen B_s ~ N(0, s^2);
* one MLP shared by the scales: depth 6, width 256, ReLU, the first five layers modulated by a
  hypernetwork (shift, or scale-shift), the sixth plain;
* the scales' outputs concatenated, then Linear(256 * n_scales -> 4);
* hypernetwork: z (22) -> SiLU MLP, width 256, depth 4 -> Linear(256 * 5), evaluated once per case.

One step = forward, mean squared error, backward, clip by value, AdamW. The data are random and stay
in memory: loading is not timed, here or in the Rust bench.

The peer is meant to be as fast as PyTorch can be on this machine without changing the mathematics:
several equivalent ways of writing the same network are in `FORMS`, and `--form auto` (the default)
times each for a moment and measures the fastest. float32 throughout, as in the Rust bench.

    python mario_torch.py --points 16384 --cases 4 --steps 20 --threads 2
    python mario_torch.py --form all --steps 8          # one line for each form
    python mario_torch.py --compile                     # adds torch.compile (needs a C++ compiler)
"""

from __future__ import annotations

import argparse
import ctypes
import json
import math
import os
import statistics
import sys
import time
from itertools import pairwise

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


class Mario(nn.Module):
    """The flow network and its hypernetwork."""

    def __init__(self, a: argparse.Namespace) -> None:
        super().__init__()
        self.scales, self.width, self.depth = a.scales, a.width, a.depth
        self.scale_shift = a.modulation == "scale-shift"
        generator = torch.Generator().manual_seed(a.seed)
        for i, s in enumerate(self.scales):
            b = torch.randn(a.n_freq, a.d_in, generator=generator) * s * 2.0 * math.pi
            self.register_buffer(f"b{i}", b)
        widths = [2 * a.n_freq + a.d_in] + [a.width] * a.depth
        self.layers = nn.ModuleList(nn.Linear(m, n) for m, n in pairwise(widths))
        self.head = nn.Linear(a.width * len(self.scales), a.d_out)
        hyper: list[nn.Module] = []
        for i in range(a.hyper_depth):
            hyper += [nn.Linear(a.d_z if i == 0 else a.width, a.width), nn.SiLU()]
        hyper.append(nn.Linear(a.width, a.width * (a.depth - 1)))
        self.hyper = nn.Sequential(*hyper)

    def encode(self, x: Tensor, scale: int) -> Tensor:
        """[n, d_in] -> [n, 2 n_freq + d_in]"""
        phase = x @ getattr(self, f"b{scale}").t()
        return torch.cat((phase.sin(), phase.cos(), x), dim=-1)

    def modulations(self, z: Tensor) -> list[Tensor]:
        """[cases, d_z] -> one [cases, width] for each modulated layer"""
        return list(self.hyper(z).unflatten(-1, (self.depth - 1, self.width)).unbind(1))

    # The five ways of writing the shared MLP. `h` is [cases, n, in] and `f` is [cases, width].

    def plain(self, h: Tensor, f: list[Tensor]) -> Tensor:
        """As one writes it first."""
        for i, layer in enumerate(self.layers):
            h = layer(h)
            if i < self.depth - 1:
                m = f[i].unsqueeze(1)
                h = (1.0 + m) * h + m if self.scale_shift else h + m
            h = F.relu(h)
        return h

    def inplace(self, h: Tensor, f: list[Tensor]) -> Tensor:
        """Bias and shift added together, once per case, in the product's own memory."""
        for i, layer in enumerate(self.layers):
            if i < self.depth - 1:
                m, b = f[i], layer.bias
                h = F.linear(h, layer.weight)
                if self.scale_shift:
                    h = torch.addcmul(((1.0 + m) * b + m).unsqueeze(1), h, (1.0 + m).unsqueeze(1)).relu_()
                else:
                    h = h.add_((b + m).unsqueeze(1)).relu_()
            else:
                h = layer(h).relu_()
        return h

    def addmm(self, h: Tensor, f: list[Tensor]) -> Tensor:
        """The shift as the product's bias, one product per case."""
        rows = list(h.unbind(0))
        for i, layer in enumerate(self.layers):
            w, b = layer.weight, layer.bias
            if i == self.depth - 1:
                rows = [torch.addmm(b, r, w.t()).relu_() for r in rows]
            elif self.scale_shift:
                m = f[i]
                rows = [
                    torch.addmm((1.0 + m[c]) * b + m[c], r, ((1.0 + m[c]).unsqueeze(1) * w).t()).relu_()
                    for c, r in enumerate(rows)
                ]
            else:
                shift = b + f[i]
                rows = [torch.addmm(shift[c], r, w.t()).relu_() for c, r in enumerate(rows)]
        return torch.stack(rows)

    def mlp(self, h: Tensor, f: list[Tensor], form: str) -> Tensor:
        return getattr(self, form)(h, f)

    def forward(self, x: Tensor, z: Tensor, form: str, stacked: bool) -> Tensor:
        """x [cases, n, d_in], z [cases, d_z] -> [cases, n, d_out]"""
        f, n_scales = self.modulations(z), len(self.scales)
        if stacked:
            # scales as further cases: fewer and larger products
            codes = torch.cat([self.encode(x, s) for s in range(n_scales)])
            out = self.mlp(codes, [m.repeat(n_scales, 1) for m in f], form)
            out = torch.cat(out.chunk(n_scales), dim=-1)
        else:
            out = torch.cat([self.mlp(self.encode(x, s), f, form) for s in range(n_scales)], dim=-1)
        return self.head(out)


# name -> (way of writing the MLP, scales stacked into one batch, backward case by case)
FORMS = {
    "plain": ("plain", False, False),
    "plain-stacked": ("plain", True, False),
    "inplace": ("inplace", False, False),
    "inplace-stacked": ("inplace", True, False),
    "inplace-by-case": ("inplace", False, True),
    "addmm": ("addmm", False, False),
    "addmm-by-case": ("addmm", False, True),
}


class Step:
    """A network, its data and its optimiser: call it for one training step."""

    def __init__(self, a: argparse.Namespace, form: str, optimiser: str, compiled: bool) -> None:
        torch.manual_seed(a.seed)
        self.way, self.stacked, self.by_case = FORMS[form]
        self.clip, self.model = a.clip, Mario(a)
        n = a.points // a.cases
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
        return F.mse_loss(self.forward(self.x[rows], self.z[rows], self.way, self.stacked), self.y[rows])

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


def flops(a: argparse.Namespace) -> int:
    """Multiplications and additions of the matrix products of one step: forward, weight gradients,
    and input gradients where there are any (not of the first layer, nor of the frozen encoding)."""
    s, w = len(a.scales), a.width
    first = s * (2 * a.n_freq + a.d_in) * w
    inner = s * (a.depth - 1) * w * w + s * w * a.d_out
    encoding = s * a.n_freq * a.d_in
    hyper = a.d_z * w + (a.hyper_depth - 1) * w * w + w * w * (a.depth - 1)
    points = a.points * (2 * encoding + 2 * 2 * first + 3 * 2 * inner)
    return points + a.cases * 3 * 2 * hyper


def arguments() -> argparse.Namespace:
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--points", type=int, default=16384, help="points a step, split among the cases")
    p.add_argument("--cases", type=int, default=4)
    p.add_argument("--steps", type=int, default=20, help="timed steps")
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
    p.add_argument("--form", choices=["auto", "all", *FORMS], default="auto")
    p.add_argument("--optimiser", choices=["fused", "foreach"], default="fused")
    p.add_argument("--compile", action="store_true", help="torch.compile the network as well")
    p.add_argument("--default-malloc", action="store_true", help="leave glibc's allocator as it is")
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--json", metavar="FILE", help="write the result here as well")
    a = p.parse_args()
    if a.points % a.cases or min(a.points, a.cases, a.steps, a.threads) < 1:
        p.error("--points must be a positive multiple of --cases, --steps and --threads at least 1")
    return a


def result(a: argparse.Namespace, form: str, compiled: bool, t: list[float], malloc: bool) -> dict:
    median, least = statistics.median(t), min(t)
    return {
        "program": "torch",
        "points": a.points,
        "cases": a.cases,
        "steps": len(t),
        "ms_per_step": {"median": 1e3 * median, "min": 1e3 * least},
        "steps_per_s": 1.0 / median,
        "points_per_s": a.points / median,
        "gflop_per_step": flops(a) / 1e9,
        "gflop_per_s": {"median": flops(a) / median / 1e9, "max": flops(a) / least / 1e9},
        "form": form,
        "compiled": compiled,
        "optimiser": a.optimiser,
        "modulation": a.modulation,
        "keeps_freed_memory": malloc,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "load_1min": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def main() -> int:
    a = arguments()
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
    if a.json:
        with open(a.json, "w", encoding="utf-8") as f:
            json.dump(rows[0] if len(rows) == 1 else rows, f, indent=2)
    return 0


if __name__ == "__main__":
    sys.exit(main())
