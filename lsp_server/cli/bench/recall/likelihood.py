"""How likely the model finds the true line when it is given a context, and what of that is chance."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.cli.bench.recall.cases import Case
from lsp_server.cli.bench.recall.place import Place, parted
from lsp_server.cli.bench.recall.vocabulary import Vocabulary
from lsp_server.prompts.fim import Hole, Source, lay_out, spelled

if TYPE_CHECKING:
    from lsp_server.cli.bench.judge import Judge

PREFIX, SUFFIX, CONTEXT = 256, 48, 1024
"""Tokens of the file before and after the cursor, and of other files."""
RESAMPLED = 10_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A difference of nll per character, and between what it is in 95 of 100 samples of the cases."""

    mean: float
    low: float
    high: float


class Kept:
    """Likelihoods that were measured before, in a file, by what was asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, float | None] = {}
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                self._known[row["key"]] = row["nll"]

    def __contains__(self, key: str) -> bool:
        return key in self._known

    def __getitem__(self, key: str) -> float | None:
        return self._known[key]

    def keep(self, key: str, nll: float | None) -> None:
        """Keep one more, also on disk."""
        self._known[key] = nll
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, "nll": nll}) + "\n")


def hole_of(place: Place, context: str, vocabulary: Vocabulary) -> Hole:
    """A place as the model is asked to fill it. The indentation of the line counts as typed."""
    before = place.before
    typed = before[len(before) - place.character :]
    prefix = before[: len(before) - place.character]
    window = vocabulary.tail(prefix, PREFIX)
    if len(window) < len(prefix):
        window = window[window.find("\n") + 1 :]
    return Hole(
        prefix=window,
        typed=typed,
        suffix=vocabulary.head(place.after, SUFFIX),
        path=place.path,
        repository=place.root.name,
        sources=tuple(Source(part.path, part.text.rstrip("\n")) for part in parted(context)),
    )


def nll_of(
    case: Case, place: Place, context: str, vocabulary: Vocabulary, judging: Judge, kept: Kept
) -> float | None:
    """The nll of a case's true line after a context; None where the model cannot say. Raises ValueError."""
    hole = hole_of(place, context, vocabulary)
    prompt = lay_out(hole, "repository")
    key = hashlib.blake2b(f"{spelled(prompt)}\0{case.truth}".encode(), digest_size=16).hexdigest()
    if key not in kept:
        found = judging.likelihood(prompt, case.truth, heal=hole.typed != "")
        kept.keep(key, None if found is None else found.nll)
    return kept[key]


def some_of(cases: Sequence[Case], count: int, seed: int) -> list[Case]:
    """So many cases, as evenly over languages and halves as there are, each line once."""
    chance = random.Random(seed)
    groups: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        groups.setdefault((case.language, case.half), []).append(case)
    for group in groups.values():
        chance.shuffle(group)
    chosen: dict[tuple[str, str, int], Case] = {}
    for case in _in_turn(list(groups.values())):
        if len(chosen) < count:
            chosen.setdefault((case.repository, case.path, case.line), case)
    return list(chosen.values())


def _in_turn(groups: Sequence[Sequence[Case]]) -> Iterator[Case]:
    for turn in range(max(map(len, groups), default=0)):
        yield from (group[turn] for group in groups if turn < len(group))


def per_character(nlls: Sequence[float], characters: Sequence[int]) -> float:
    """The nll of all lines by their characters."""
    return sum(nlls) / sum(characters)


def difference(
    nlls: Sequence[float], others: Sequence[float], characters: Sequence[int], seed: int = 1
) -> Interval:
    """By how much the nll per character of the first is above that of the others, by a paired bootstrap."""
    differences = [one - other for one, other in zip(nlls, others, strict=True)]
    chance = random.Random(seed)
    pairs = list(zip(differences, characters, strict=True))
    means = []
    for _ in range(RESAMPLED):
        sample = chance.choices(pairs, k=len(pairs))
        means.append(sum(each for each, _ in sample) / sum(length for _, length in sample))
    means.sort()
    low, high = means[int(0.025 * RESAMPLED)], means[int(0.975 * RESAMPLED) - 1]
    return Interval(per_character(differences, characters), low, high)


def share_of_the_way(totals: Mapping[str, float], name: str) -> float | None:
    """How far something leads from no context to the oracle, from 0 to 1."""
    way = totals["none"] - totals["oracle"]
    return (totals["none"] - totals[name]) / way if way > 0 else None
