"""Whole training steps in PyTorch on data that stay on the device: the peer of `karman bench train`.

One step = `points / cases` random rows of each of `cases` random cases, gathered from tables on the device
by indices that the CPU draws for each step and copies without waiting; forward; weighted mean squared
error; backward; clipping by value; fused AdamW with a rate that changes in every step; running average of
the weights. The CPU waits for the device at the two ends of a measurement only.

Modes:

* eager: one kernel after the other, as written;
* compile: gathering, forward and error, and their backward pass, through `torch.compile` (default mode);
* graphs: the eager step, captured once in a CUDA graph and replayed;
* compile-graphs: the same with the compiled kernels: what `mode="reduce-overhead"` does, with clipping,
  optimiser and average in the graph as well.

Precisions: f32 (highest), tf32 (float32 whose matrix products may use TF32), bf16 (autocast; master
weights, optimiser, encoding and error in float32).
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import math
import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from torch_models import MODELS, mario_flops

MODES = ("eager", "compile", "graphs", "compile-graphs")
PRECISIONS = ("f32", "tf32", "bf16")
# Steps before a measurement. The loss after them is reported: it must not depend on the mode.
WARM_UP = 20
# Of these so many run before a capture, which wants allocated optimiser state.
BEFORE_CAPTURE = 5


def set_precision(name: str) -> None:
    torch.set_float32_matmul_precision("highest" if name == "f32" else "high")


class Draws:
    """Row and case numbers, drawn on the CPU into page-locked memory from which a copy need not wait."""

    SLOTS = 64

    def __init__(self, a: argparse.Namespace, points: int, device: torch.device) -> None:
        self.a, self.points, self.gpu = a, points, device.type == "cuda"
        shape = (self.SLOTS, points + a.cases)
        self.slots = torch.empty(shape, dtype=torch.int32, pin_memory=self.gpu)
        self.numbers = torch.zeros(shape[1], dtype=torch.int32, device=device)
        self.restart()

    def restart(self) -> None:
        self.generator = torch.Generator().manual_seed(self.a.seed)
        self.copied: list[torch.cuda.Event | None] = [None] * self.SLOTS
        self.count = 0

    def next(self) -> None:
        """Puts the next step's numbers into `numbers` on the device."""
        slot = self.count % self.SLOTS
        self.count += 1
        event = self.copied[slot]
        if event is not None:
            # Holds the CPU only when it is SLOTS steps ahead.
            event.synchronize()
        row = self.slots[slot]
        torch.randint(self.a.pool_rows, (self.points,), generator=self.generator, out=row[: self.points])
        row[self.points :] = torch.randperm(self.a.pool_cases, generator=self.generator)[: self.a.cases]
        self.numbers.copy_(row, non_blocking=True)
        if self.gpu:
            event = event or torch.cuda.Event()
            event.record()
            self.copied[slot] = event


class Task:
    """A network, its data on the device and its optimiser."""

    def __init__(self, a: argparse.Namespace, model: str, points: int, precision: str) -> None:
        self.a, self.points, self.precision = a, points, precision
        self.device = torch.device(a.device)
        torch.manual_seed(a.seed)
        self.model = MODELS[model](a).to(self.device)
        self.weights = list(self.model.parameters())
        self.initial = [w.detach().clone() for w in self.weights]
        rows = a.pool_cases * a.pool_rows
        on_device = {"device": self.device}
        self.x = torch.rand(rows, a.d_in, **on_device) * 2 - 1
        self.z = torch.randn(a.pool_cases, a.d_z, **on_device)
        self.y = torch.randn(rows, a.d_out, **on_device)
        self.w = torch.rand(rows, a.d_out, **on_device) + 0.5
        self.draws = Draws(a, points, self.device)
        self.restart()

    def restart(self) -> None:
        """Back to the first step, in the same tensors, so that compiled code stays valid."""
        with torch.no_grad():
            for weight, initial in zip(self.weights, self.initial):
                weight.copy_(initial)
                weight.grad = None
        self.average = [w.detach().clone() for w in self.weights]
        # A rate on the device can change without a new graph.
        self.rate = torch.full((), self.a.learning_rate, device=self.device)
        gpu = self.device.type == "cuda"
        self.optim = torch.optim.AdamW(
            self.weights, lr=self.rate, weight_decay=0.0, fused=True, capturable=gpu
        )
        self.draws.restart()
        self.last = torch.zeros((), device=self.device)

    def loss(self, numbers: Tensor, form: str) -> Tensor:
        """Weighted mean squared error of the rows and cases that `numbers` names."""
        a = self.a
        cases = numbers[self.points :]
        rows = numbers[: self.points].view(a.cases, -1) + (cases * a.pool_rows).unsqueeze(1)
        rows = rows.view(-1)

        def gather(table: Tensor) -> Tensor:
            return table.index_select(0, rows).view(a.cases, -1, table.shape[1])

        bf16 = self.precision == "bf16"
        kind = self.device.type
        with torch.autocast(kind, dtype=torch.bfloat16) if bf16 else contextlib.nullcontext():
            predicted = self.model(gather(self.x), self.z.index_select(0, cases), form)
        return ((predicted.float() - gather(self.y)).square() * gather(self.w)).mean()

    def update(self, loss: Callable[[Tensor], Tensor]) -> None:
        """What a graph can hold: everything between the indices' arrival and the averaged weights."""
        self.optim.zero_grad(set_to_none=True)
        value = loss(self.draws.numbers)
        value.backward()
        nn.utils.clip_grad_value_(self.weights, self.a.clip, foreach=True)
        self.optim.step()
        with torch.no_grad():
            torch._foreach_lerp_(self.average, self.weights, 1.0 - self.a.ema_decay)
        self.last = value.detach()

    def prepare(self) -> None:
        """Indices and rate of the next step, queued for the device."""
        self.draws.next()
        share = self.draws.count / 20_000
        self.rate.fill_(self.a.learning_rate * 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0))))

    def synchronise(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize()


def stepper(task: Task, mode: str, loss: Callable[[Tensor], Tensor]) -> Callable[[], None]:
    """A function that takes one step, after `WARM_UP` of them; with a graph where the mode asks for one."""

    def step() -> None:
        task.prepare()
        task.update(loss)

    if "graphs" not in mode:
        for _ in range(WARM_UP):
            step()
        return step

    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(BEFORE_CAPTURE):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    # Gradients of the warm-up go, so that the graph's own are made in its memory.
    task.optim.zero_grad(set_to_none=True)
    with torch.cuda.graph(graph, stream=stream):
        task.update(loss)

    def replay() -> None:
        task.prepare()
        graph.replay()

    for _ in range(WARM_UP - BEFORE_CAPTURE):
        replay()
    return replay


def seconds_a_step(task: Task, step: Callable[[], None], steps: int) -> float:
    task.synchronise()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    task.synchronise()
    return (time.perf_counter() - start) / steps


def compiled_loss(task: Task, form: str) -> tuple[Callable[[Tensor], Tensor], float]:
    """The compiled gathering, forward and error, and the seconds that compiling it and its backward took."""
    start = time.perf_counter()
    torch.compiler.reset()
    compiled = torch.compile(task.loss, dynamic=False, fullgraph=True)
    task.draws.next()
    compiled(task.draws.numbers, form).backward()
    task.synchronise()
    return lambda numbers: compiled(numbers, form), time.perf_counter() - start


def fastest_form(task: Task) -> str:
    """The form whose eager steps are fastest, by a short trial."""
    best = {}
    for form in task.model.forms:
        task.restart()

        def step(form: str = form) -> None:
            task.prepare()
            task.update(lambda numbers: task.loss(numbers, form))

        for _ in range(3):
            step()
        best[form] = min(seconds_a_step(task, step, task.a.trial_steps) for _ in range(2))
    return min(best, key=best.__getitem__)


def measure(task: Task, model: str, mode: str, form: str, loss: Callable[[Tensor], Tensor]) -> dict:
    """Times `mode` from the first step on."""
    a, gpu = task.a, task.device.type == "cuda"
    task.restart()
    if gpu:
        torch.cuda.reset_peak_memory_stats()
    start = time.perf_counter()
    step = stepper(task, mode, loss)
    task.synchronise()
    first, warm = float(task.last), time.perf_counter() - start
    times = [seconds_a_step(task, step, a.steps) for _ in range(a.repeats)]
    median, last = statistics.median(times), float(task.last)
    if not (math.isfinite(first) and math.isfinite(last)):
        raise FloatingPointError(f"the loss went from {first} to {last}")
    out = {
        "program": "torch",
        "model": model,
        "mode": mode,
        "precision": task.precision,
        "form": form,
        "points": task.points,
        "cases": a.cases,
        "steps": a.steps,
        "repeats": a.repeats,
        "ms_per_step": {"median": 1e3 * median, "min": 1e3 * min(times), "max": 1e3 * max(times)},
        "steps_per_s": 1.0 / median,
        "points_per_s": task.points / median,
        "peak_memory_mib": torch.cuda.max_memory_allocated() / 2**20 if gpu else None,
        "warm_up_seconds": warm,
        f"loss_after_{WARM_UP}": first,
        "loss_at_end": last,
        "device": torch.cuda.get_device_name() if gpu else "cpu",
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
    }
    if model == "mario":
        out["tflop_per_s"] = mario_flops(a, task.points) / median / 1e12
    return out


class Suite:
    """Measurements one after the other; a failure of one is a line like the others."""

    def __init__(self, a: argparse.Namespace, report: Callable[[dict], None]) -> None:
        self.a, self.report, self.began = a, report, time.perf_counter()

    def late(self) -> bool:
        return time.perf_counter() - self.began > self.a.budget

    def guarded(self, names: dict, work: Callable[[], dict]) -> None:
        try:
            self.report(work())
        except Exception as error:  # noqa: BLE001 (whatever it is, the other measurements go on)
            self.report({**names, "error": f"{type(error).__name__}: {error}"[:500]})

    def modes(self, task: Task, model: str, form: str, loss: Callable, more: dict) -> None:
        """The asked modes that run `loss` as it is, or compiled."""
        for mode in self.a.modes:
            if mode.startswith("compile") == bool(more):
                names = {"model": model, "mode": mode, "precision": task.precision, "points": task.points}
                self.guarded(names, lambda: {**measure(task, model, mode, form, loss), **more})

    def part(self, model: str, points: int, precision: str, compiled_form: str | None) -> None:
        """The compiled modes of one form, or the others with the form that a trial finds fastest."""
        names = {"model": model, "mode": "all", "precision": precision, "points": points}
        if self.late():
            self.report({**names, "error": f"left out: --budget {self.a.budget} s are over"})
            return
        set_precision(precision)
        try:
            task = Task(self.a, model, points, precision)
            if compiled_form is None:
                form = self.a.form if self.a.form in task.model.forms else fastest_form(task)
                self.modes(task, model, form, lambda numbers: task.loss(numbers, form), {})
            else:
                loss, seconds = compiled_loss(task, compiled_form)
                self.modes(task, model, compiled_form, loss, {"compile_seconds": seconds})
        except Exception as error:  # noqa: BLE001
            self.report({**names, "error": f"{type(error).__name__}: {error}"[:500]})
        task = loss = None
        gc.collect()
        if self.a.device.startswith("cuda"):
            torch.cuda.empty_cache()

    def run(self) -> None:
        """First each setting with its best-known form, then what other forms the time allows."""
        settings = [(m, n, p) for m in self.a.models for n in self.a.points for p in self.a.precisions]
        for compiled in (True, False):
            if not any(mode.startswith("compile") == compiled for mode in self.a.modes):
                continue
            for model, points, precision in settings:
                forms = MODELS[model].forms
                form = self.a.form if self.a.form in forms else MODELS[model].compiled_forms[0]
                self.part(model, points, precision, form if compiled else None)
        if self.a.form == "auto" and any(mode.startswith("compile") for mode in self.a.modes):
            for model, points, precision in settings:
                for form in MODELS[model].compiled_forms[1:]:
                    if not self.late():
                        self.part(model, points, precision, form)


def best(rows: list[dict]) -> list[dict]:
    """The fastest form of each setting and mode."""
    found: dict[tuple, dict] = {}
    for row in rows:
        if "error" in row:
            continue
        key = (row["model"], row["points"], row["precision"], row["mode"])
        if key not in found or row["steps_per_s"] > found[key]["steps_per_s"]:
            found[key] = row
    return list(found.values())
