"""Karman's networks in PyTorch: MARIO, the plain network on points, PointNet.

Each is written in several equivalent ways, its forms, because which one PyTorch runs fastest depends on
the machine: `mario_torch.py` times them and measures the fastest. All take `x [cases, n, d_in]` and
`z [cases, d_z]` and give `[cases, n, d_out]`.

MARIO, as in Catalani et al., "Towards scalable surrogate models based on Neural Fields for large scale
aerodynamic simulations", arXiv 2505.14704:

* for every scale s, [sin(2 pi x B_s'), cos(2 pi x B_s'), x] with a frozen B_s ~ N(0, s^2);
* one MLP shared by the scales: depth 6, width 256, ReLU, the first five layers modulated by a
  hypernetwork (shift, or scale-shift), the sixth plain;
* the scales' outputs concatenated, then Linear(256 * n_scales -> 4);
* hypernetwork: z (22) -> SiLU MLP, width 256, depth 4 -> Linear(256 * 5), evaluated once per case.
"""

from __future__ import annotations

import argparse
import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def chain(*widths: int) -> nn.ModuleList:
    return nn.ModuleList(nn.Linear(m, n) for m, n in pairwise(widths))


class Mario(nn.Module):
    """The flow network and its hypernetwork."""

    # name -> (way of writing the MLP, scales stacked into one batch, first layer padded)
    forms = {
        "plain": ("plain", False, False),
        "plain-stacked": ("plain", True, False),
        "inplace": ("inplace", False, False),
        "inplace-stacked": ("inplace", True, False),
        "inplace-padded": ("inplace", True, True),
        "addmm": ("addmm", False, False),
    }
    # Worth a compilation, best first; the others compile to the same programs.
    compiled_forms = ("inplace-stacked", "inplace", "inplace-padded")

    def __init__(self, a: argparse.Namespace) -> None:
        super().__init__()
        self.scales, self.width, self.depth = a.scales, a.width, a.depth
        self.scale_shift = a.modulation == "scale-shift"
        generator = torch.Generator().manual_seed(a.seed)
        for i, s in enumerate(self.scales):
            b = torch.randn(a.n_freq, a.d_in, generator=generator) * s * 2.0 * math.pi
            self.register_buffer(f"b{i}", b)
        self.layers = chain(2 * a.n_freq + a.d_in, *[a.width] * a.depth)
        self.head = nn.Linear(a.width * len(self.scales), a.d_out)
        hyper: list[nn.Module] = []
        for i in range(a.hyper_depth):
            hyper += [nn.Linear(a.d_z if i == 0 else a.width, a.width), nn.SiLU()]
        hyper.append(nn.Linear(a.width, a.width * (a.depth - 1)))
        self.hyper = nn.Sequential(*hyper)

    def encode(self, x: Tensor, scale: int, padding: int) -> Tensor:
        """[n, d_in] -> [n, 2 n_freq + d_in + padding], always in float32: bfloat16 has no digits to
        spare for a phase of several periods."""
        with torch.autocast(x.device.type, enabled=False):
            phase = x @ getattr(self, f"b{scale}").t()
            parts = [phase.sin(), phase.cos(), x]
            if padding:
                parts.append(x.new_zeros(*x.shape[:-1], padding))
            return torch.cat(parts, dim=-1)

    def modulations(self, z: Tensor) -> list[Tensor]:
        """[cases, d_z] -> one [cases, width] for each modulated layer"""
        return list(self.hyper(z).unflatten(-1, (self.depth - 1, self.width)).unbind(1))

    # The ways of writing the shared MLP. `h` is [cases, n, in], `f` is [cases, width], `weights` are those of
    # the layers.

    def plain(self, h: Tensor, f: list[Tensor], weights: list[Tensor]) -> Tensor:
        """As one writes it first."""
        for i, layer in enumerate(self.layers):
            h = F.linear(h, weights[i], layer.bias)
            if i < self.depth - 1:
                m = f[i].unsqueeze(1)
                h = (1.0 + m) * h + m if self.scale_shift else h + m
            h = F.relu(h)
        return h

    def inplace(self, h: Tensor, f: list[Tensor], weights: list[Tensor]) -> Tensor:
        """Bias and shift added together, once per case, in the product's own memory."""
        for i, layer in enumerate(self.layers):
            if i < self.depth - 1:
                m, b = f[i], layer.bias
                h = F.linear(h, weights[i])
                if self.scale_shift:
                    h = torch.addcmul(((1.0 + m) * b + m).unsqueeze(1), h, (1.0 + m).unsqueeze(1)).relu_()
                else:
                    h = h.add_((b + m).unsqueeze(1)).relu_()
            else:
                h = F.linear(h, weights[i], layer.bias).relu_()
        return h

    def addmm(self, h: Tensor, f: list[Tensor], weights: list[Tensor]) -> Tensor:
        """The shift as the product's bias, one product per case."""
        rows = list(h.unbind(0))
        for i, layer in enumerate(self.layers):
            w, b = weights[i], layer.bias
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

    def forward(self, x: Tensor, z: Tensor, form: str) -> Tensor:
        way, stacked, padded = self.forms[form]
        mlp = getattr(self, way)
        f, n_scales = self.modulations(z), len(self.scales)
        weights = [layer.weight for layer in self.layers]
        # Rows of a multiple of 16 numbers: the matrix units want aligned ones.
        padding = -weights[0].shape[1] % 16 if padded else 0
        if padding:
            weights[0] = F.pad(weights[0], (0, padding))
        if stacked:
            # scales as further cases: fewer and larger products
            codes = torch.cat([self.encode(x, s, padding) for s in range(n_scales)])
            out = mlp(codes, [m.repeat(n_scales, 1) for m in f], weights)
            out = torch.cat(out.chunk(n_scales), dim=-1)
        else:
            codes = [self.encode(x, s, padding) for s in range(n_scales)]
            out = torch.cat([mlp(code, f, weights) for code in codes], dim=-1)
        return self.head(out)


def relu_layers(h: Tensor, layers: nn.ModuleList) -> Tensor:
    for layer in layers:
        h = layer(h).relu_()
    return h


def coded_layers(h: Tensor, code: Tensor, layers: nn.ModuleList, form: str) -> Tensor:
    """`layers` on the points `h [cases, n, k]`, each with its case's `code [cases, c]` appended: as written
    (plain), or with the code's part of the first product computed once per case (split)."""
    if form == "plain":
        code = code.unsqueeze(1).expand(-1, h.shape[1], -1)
        return relu_layers(torch.cat((h, code), dim=-1), layers)
    first, k = layers[0], h.shape[-1]
    shift = F.linear(code, first.weight[:, k:], first.bias)
    h = F.linear(h, first.weight[:, :k]).add_(shift.unsqueeze(1)).relu_()
    return relu_layers(h, layers[1:])


class Mlp(nn.Module):
    """`surrogates/src/models/mlp.rs`: one ReLU network on a point's features and its case's code."""

    forms = {"plain": "plain", "split": "split"}
    compiled_forms = ("split", "plain")

    def __init__(self, a: argparse.Namespace) -> None:
        super().__init__()
        self.layers = chain(a.d_in + a.d_z, *[a.width] * a.depth)
        self.head = nn.Linear(a.width, a.d_out)

    def forward(self, x: Tensor, z: Tensor, form: str) -> Tensor:
        return self.head(coded_layers(x, z, self.layers, form))


class PointNet(nn.Module):
    """`surrogates/src/models/pointnet.rs`: point features, their maximum over the cloud, and both together.
    Widths 128 and 256, its defaults."""

    forms = Mlp.forms
    compiled_forms = Mlp.compiled_forms

    def __init__(self, a: argparse.Namespace) -> None:
        super().__init__()
        w, g = 128, 256
        self.local = chain(a.d_in + a.d_z, w, w)
        self.up = chain(w, w, g)
        self.decoder = chain(w + g, 2 * w, w, w)
        self.head = nn.Linear(w, a.d_out)

    def forward(self, x: Tensor, z: Tensor, form: str) -> Tensor:
        local = coded_layers(x, z, self.local, form)
        cloud = relu_layers(local, self.up).amax(1)
        return self.head(coded_layers(local, cloud, self.decoder, form))


MODELS = {"mario": Mario, "mlp": Mlp, "pointnet": PointNet}


def mario_flops(a: argparse.Namespace, points: int) -> int:
    """Multiplications and additions of the matrix products of one MARIO step: forward, weight gradients,
    and input gradients where there are any (not of the first layer, nor of the frozen encoding)."""
    s, w = len(a.scales), a.width
    first = s * (2 * a.n_freq + a.d_in) * w
    inner = s * (a.depth - 1) * w * w + s * w * a.d_out
    encoding = s * a.n_freq * a.d_in
    hyper = a.d_z * w + (a.hyper_depth - 1) * w * w + w * w * (a.depth - 1)
    per_point = 2 * encoding + 2 * 2 * first + 3 * 2 * inner
    return points * per_point + a.cases * 3 * 2 * hyper
