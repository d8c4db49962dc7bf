"""What keys cost, and the figures that many of them give."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from lsp_server.cli.bench.keys import KINDS, Kind

ON: tuple[Kind, ...] = ("forward", "newline")
"""The kinds that are typing on, which is most of what people do."""
HEAD = ("", "keys", "prompt", "tokens mean", "p50", "p95", "first p50", "p95", "shown", "p50", "p95")


@dataclass(frozen=True, slots=True)
class Key:
    """What one key cost. Tokens are those of the prompt and those of it that were evaluated; times in ms."""

    kind: Kind
    prompt: int
    tokens: int
    first_ms: float
    """From the request to the first token of the answer."""
    shown_ms: float | None = None
    """From the request to the text that is shown; None where nothing is."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and percentiles, the latter values that were measured."""

    mean: float
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Costs:
    """What many keys cost."""

    keys: int
    prompt_tokens: float
    """The median."""
    tokens_per_key: Spread
    first_token_ms: Spread
    shown: int
    """Keys after which text was shown."""
    shown_ms: Spread | None


def costs(keys: Sequence[Key]) -> Costs:
    """The figures of keys, of which there is at least one."""
    shown = [key.shown_ms for key in keys if key.shown_ms is not None]
    return Costs(
        keys=len(keys),
        prompt_tokens=spread([key.prompt for key in keys]).p50,
        tokens_per_key=spread([key.tokens for key in keys]),
        first_token_ms=spread([key.first_ms for key in keys]),
        shown=len(shown),
        shown_ms=spread(shown) if shown else None,
    )


def spread(values: Iterable[float]) -> Spread:
    """Mean and percentiles of values, of which there is at least one."""
    ordered = sorted(values)
    p50, p95 = (ordered[math.ceil(share * len(ordered)) - 1] for share in (0.5, 0.95))
    return Spread(round(fmean(ordered), 2), round(p50, 2), round(p95, 2))


def on(keys: Iterable[Key]) -> list[Key]:
    """The keys of typing on."""
    return [key for key in keys if key.kind in ON]


def warm(keys: Iterable[Key]) -> list[Key]:
    """All keys but the first ones of files."""
    return [key for key in keys if key.kind != "first"]


def by_kind(keys: Sequence[Key]) -> dict[str, Costs]:
    """The figures of each kind that there is."""
    groups = {kind: [key for key in keys if key.kind == kind] for kind in KINDS}
    return {kind: costs(group) for kind, group in groups.items() if group}


def rows(named: Iterable[tuple[str, Costs]]) -> Iterator[tuple[str, ...]]:
    """Rows of a table that begins with HEAD."""
    for name, cost in named:
        tokens, first = cost.tokens_per_key, cost.first_token_ms
        shown = (f"{cost.shown_ms.p50:.0f}", f"{cost.shown_ms.p95:.0f}") if cost.shown_ms else ("", "")
        yield (
            name,
            str(cost.keys),
            f"{cost.prompt_tokens:.0f}",
            f"{tokens.mean:.1f}",
            f"{tokens.p50:.0f}",
            f"{tokens.p95:.0f}",
            f"{first.p50:.0f}",
            f"{first.p95:.0f}",
            str(cost.shown),
            *shown,
        )
