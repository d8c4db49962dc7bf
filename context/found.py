"""The file of the cursor, and the definitions that are found for it, each with its signs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from context.index import Site
from context.near import Near
from context.outline import Outline
from context.signs import reason_for, spoken

TEST = re.compile(
    r"(?:^|[/_.-])(?:tests?|specs?|testing|__tests__|fixtures|examples?|benches|benchmarks)(?:[/_.-]|$)",
    re.IGNORECASE,
)
"""What the path of a test, or of an example, says."""
GUARD = re.compile(r"#\s*define\s+\w+\s*$")
"""A macro without a value."""

Key = tuple[str, int, str]
"""The path of a definition, its offset and its name."""


@dataclass(frozen=True, slots=True)
class Here:
    """The file of the cursor: what gather is asked about."""

    path: str
    text: str
    cursor: int
    outline: Outline
    near: Near
    counts: Mapping[str, int]
    """How often each name stands in the text."""
    siblings: Mapping[str, float]
    """Names that files of the same folder use, with the part of those files."""
    diagnosed: tuple[str, ...] = ()
    """Names in what compilers and linters say here."""


@dataclass(slots=True)
class Signed:
    """A definition and its signs."""

    site: Site
    signs: dict[str, float] = field(default_factory=dict)

    def add(self, sign: str, strength: float) -> None:
        signs = self.signs
        if strength >= signs.get(sign, 0.0):
            signs[sign] = strength


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition that may be wanted. Scores are logarithms of odds, comparable among definitions."""

    site: Site
    score: float
    signs: Mapping[str, float]
    siblings: float
    """The part of the files of the same folder that use its name."""
    weights: Mapping[str, float]
    """Of signs."""

    @property
    def reason(self) -> str:
        """What the user may read of why it may be wanted; few are ever asked for."""
        return reason_for(spoken(self.signs, self.siblings), self.weights)


class Found:
    """Definitions by path, offset and name, each once, over others that stay as they are."""

    def __init__(self, below: Mapping[Key, Signed] | None = None) -> None:
        self._below: Mapping[Key, Signed] = below or {}
        self.own: dict[Key, Signed] = {}
        """What was added, with the signs that it had below."""

    def add(self, site: Site, sign: str, strength: float = 1.0) -> None:
        """Let a sign speak for a definition; an include guard says nothing."""
        if site.kind == "macro" and GUARD.match(site.signature):
            return
        key = site.path, site.start, site.name
        signed = self.own.get(key)
        if signed is None:
            below = self._below.get(key)
            signed = self.own[key] = Signed(site) if below is None else Signed(below.site, dict(below.signs))
        signed.add(sign, strength)


@lru_cache(maxsize=65_536)
def distance(one: str, other: str) -> int:
    """Folders on the way from one path to another."""
    a, b = one.split("/")[:-1], other.split("/")[:-1]
    common = next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return len(a) + len(b) - 2 * common
