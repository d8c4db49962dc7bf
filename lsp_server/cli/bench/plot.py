"""A picture of what keys cost: tokens and times of each kind of key, beside those of the peer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lsp_server.cli.bench import figures
from lsp_server.cli.bench.figures import Costs, Key

MISSING = "drawing needs matplotlib: install it with `pip install 'fathom-ls[bench]'`"
OURS, THEIRS = "#2563a8", "#c8853c"
WIDTH = 0.38
SIZE, DOTS = (10.0, 4.2), 110


def draw(keys: Sequence[Key], peer: Sequence[Key], title: str, file: Path) -> None:
    """Draw the figures into a PNG file. Raises ValueError without matplotlib, OSError if it cannot write."""
    if find_spec("matplotlib") is None:
        raise ValueError(MISSING)
    figure = import_module("matplotlib.figure").Figure(figsize=SIZE, dpi=DOTS, layout="constrained")
    left, right = figure.subplots(1, 2)
    own, others = figures.by_kind(keys), figures.by_kind(peer)
    _bars(left, own, others, "tokens evaluated per key, mean", lambda costs: costs.tokens_per_key.mean)
    _bars(right, own, others, "ms to the first token, median", lambda costs: costs.first_token_ms.p50)
    figure.suptitle(title, fontsize=10)
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, format="png")


def _bars(
    axes: Any, own: dict[str, Costs], others: dict[str, Costs], title: str, of: Callable[[Costs], float]
) -> None:
    places = range(len(own))
    groups = [(own, "Fathom", OURS, -WIDTH / 2), (others, "llama-server", THEIRS, WIDTH / 2)]
    for costs, name, colour, shift in groups if others else groups[:1]:
        values = [of(costs[kind]) for kind in own]
        bars = axes.bar([at + shift for at in places], values, WIDTH, label=name, color=colour)
        axes.bar_label(
            bars, [f"{value:.3g}" if value < 100 else f"{value:.0f}" for value in values], fontsize=7
        )
    axes.set_yscale("log")
    axes.set_xticks(list(places), list(own), fontsize=8)
    axes.set_title(title, fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)
