"""The providers that are compared, by name, and what they answer for cases; of baselines, this is kept."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lsp_server.cli.bench.recall import aider, baselines, outcomes
from lsp_server.cli.bench.recall.cases import Case
from lsp_server.cli.bench.recall.fetch import tree
from lsp_server.cli.bench.recall.likelihood import some_of
from lsp_server.cli.bench.recall.outcomes import Answer, Kept
from lsp_server.cli.bench.recall.place import Provider
from lsp_server.cli.bench.recall.repositories import Repository
from lsp_server.cli.bench.recall.stage import Stage
from lsp_server.cli.bench.recall.vocabulary import Vocabulary, vocabulary

BASELINES = ("none", "ring", "bm25", "aider")
OURS = "fathom"
PROVIDERS = (*BASELINES, OURS)
SLOW = {"aider": 150}
"""Of how many places a provider is asked at most, evenly over languages: it takes seconds for each."""
EVERY = 10.0
"""Seconds between two lines that say how far it is."""

_SHARED = ("cases.py", "place.py", "vocabulary.py")
_PROGRAMS = {"aider": ("aider.py", "aider_map.py", *_SHARED)}
"""What a baseline's answers depend on, beside the case."""


@dataclass(frozen=True)
class Setting:
    """Where things lie while it is measured, and whose tokens are counted."""

    model: Path
    cache: Path
    repositories: tuple[Repository, ...]

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The model's. Raises OSError and ValueError."""
        return vocabulary(self.model)

    def root_of(self, name: str) -> Path:
        """The folder of a repository."""
        return tree(next(each for each in self.repositories if each.name == name), self.cache)


def asked_of(name: str, cases: Sequence[Case], seed: int) -> Sequence[Case]:
    """The cases for which a provider is asked."""
    return some_of(cases, SLOW[name], seed) if name in SLOW else cases


@contextmanager
def started(name: str, setting: Setting) -> Iterator[Provider]:
    """A provider, ended afterwards. Raises OSError and ValueError."""
    if name == OURS:
        stage = Stage()
        try:
            yield stage
        finally:
            stage.close()
    elif name == "aider":
        process = aider.Aider(setting.model, setting.cache)
        try:
            yield process
        finally:
            process.close()
    elif name == "ring":
        yield baselines.Ring(setting.vocabulary)
    elif name == "bm25":
        yield baselines.Bm25(setting.vocabulary)
    else:
        yield baselines.Nothing()


def answers(name: str, cases: Sequence[Case], budgets: Sequence[int], setting: Setting) -> dict[Case, Answer]:
    """What a provider answers for cases. Baselines are asked once a case, for all runs.

    Raises OSError and ValueError.
    """
    program = _PROGRAMS.get(name, ("baselines.py", *_SHARED))
    version = outcomes.version_of(*(Path(__file__).with_name(file) for file in program))
    kept = Kept(setting.cache / "results" / f"{name}.jsonl", version)
    known = {case: found for case in cases if name != OURS and (found := kept.get(case, budgets)) is not None}
    asked = [case for case in cases if case not in known]
    if not asked:
        return known
    tell = teller(name, len(asked), "places")
    with started(name, setting) as provider:
        for number, (case, place) in enumerate(outcomes.places_of(asked, setting.root_of)):
            tell(number)
            known[case] = outcomes.answer_of(case, place, provider, budgets, setting.vocabulary)
            if name != OURS:
                kept.keep(case, known[case])
    return known


def teller(what: str, count: int, of: str) -> Callable[[int], None]:
    """What says on stderr from time to time how far something is."""
    began = last = time.monotonic()

    def tell(number: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= EVERY:
            last = now
            left = (count - number) * (now - began) / max(1, number)
            print(
                f"fathom bench context: {what}, {number} of {count} {of}, {left:.0f} s to go", file=sys.stderr
            )

    return tell
