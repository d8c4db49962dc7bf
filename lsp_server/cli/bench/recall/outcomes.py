"""What providers find for cases, and in how many of them that is what was asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from lsp_server.cli.bench.recall.cases import ACCESSES, Case, mentioned, recalled
from lsp_server.cli.bench.recall.own import text_at
from lsp_server.cli.bench.recall.place import Place, Provider, parted
from lsp_server.cli.bench.recall.vocabulary import Vocabulary

LONG = 20
"""Characters of a true line that is nowhere else by chance."""
SHOWN = 1024
"""The budget whose context is kept as a text: the model is asked with it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the context of one budget has for one case."""

    recalled: bool
    """A line that defines the name."""
    mentioned: bool
    """The name."""
    tokens: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider has for a case: an outcome by budget, and the context of the budget SHOWN."""

    outcomes: Mapping[int, Outcome]
    shown: str
    leaked: bool = False
    """Whether the true line itself was shown, which only the copy of the file on disk still has."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of some cases, in percent."""

    cases: int
    recall: float
    mention: float


class Kept:
    """Answers of a provider that does not change, in a file, by the case."""

    def __init__(self, path: Path, version: str) -> None:
        self._path = path
        self._version = version
        self._known: dict[str, Answer] = {}
        if path.is_file():
            with path.open(encoding="utf-8") as file:
                for row in map(json.loads, file):
                    self._known[row["key"]] = _answer(row)

    def get(self, case: Case, budgets: Iterable[int]) -> Answer | None:
        """The answer for a case, if it has all these budgets."""
        found = self._known.get(self._key(case))
        return found if found is not None and found.outcomes.keys() >= set(budgets) else None

    def keep(self, case: Case, answer: Answer) -> None:
        """Keep an answer, also on disk."""
        key = self._key(case)
        self._known[key] = answer
        outcomes = {
            budget: [each.recalled, each.mentioned, each.tokens] for budget, each in answer.outcomes.items()
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, "outcomes": outcomes, "shown": answer.shown}) + "\n")

    def _key(self, case: Case) -> str:
        said = f"{self._version}\0{json.dumps(case.to_json(), sort_keys=True)}"
        return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _answer(row: Mapping[str, Any]) -> Answer:
    outcomes = {int(budget): Outcome(*values) for budget, values in row["outcomes"].items()}
    return Answer(outcomes, row["shown"])


def version_of(*files: Path) -> str:
    """What tells answers of one state of a program from those of another."""
    digest = hashlib.blake2b(digest_size=8)
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def answer_of(
    case: Case, place: Place, provider: Provider, budgets: Sequence[int], vocabulary: Vocabulary
) -> Answer:
    """Ask a provider, and look what is in its contexts. What is over a budget is cut off first."""
    contexts = provider.contexts(place, budgets)
    cut = {budget: vocabulary.head(context, budget) for budget, context in contexts.items()}
    outcomes = {
        budget: Outcome(recalled(case, context), mentioned(case, context), vocabulary.count(context))
        for budget, context in cut.items()
    }
    leaked = any(leaks(case, place, context) for context in cut.values())
    return Answer(outcomes, cut.get(SHOWN, ""), leaked)


def leaks(case: Case, place: Place, context: str) -> bool:
    """Whether a context has the true line from the file itself, and the buffer does not have it elsewhere."""
    parts = [part.text for part in parted(context) if part.path == place.path]
    return (
        len(case.truth) >= LONG and case.truth not in place.text and any(case.truth in text for text in parts)
    )


def places_of(cases: Iterable[Case], root_of: Callable[[str], Path]) -> Iterator[tuple[Case, Place]]:
    """Cases with their places, repository after repository, as providers like it."""

    @cache
    def text(path: Path) -> str:
        return text_at(path)

    for case in sorted(cases, key=lambda case: (case.repository, case.path, case.line)):
        root = root_of(case.repository)
        yield case, Place.of(case, root, text(root / case.path))


def groups_of(cases: Sequence[Case]) -> dict[str, list[Case]]:
    """Cases by what is told apart in a report."""
    groups = {"all": list(cases)}
    for access in ACCESSES:
        groups[access] = [case for case in cases if case.access == access]
    groups["not imported or member"] = [case for case in cases if case.access != "imported"]
    for language in dict.fromkeys(case.language for case in cases):
        groups[language] = [case for case in cases if case.language == language]
    for extractor in dict.fromkeys(case.extractor for case in cases):
        groups[f"by {extractor}"] = [case for case in cases if case.extractor == extractor]
    for half in dict.fromkeys(case.half for case in cases):
        groups[half] = [case for case in cases if case.half == half]
    return {name: group for name, group in groups.items() if group}


def rate(outcomes: Sequence[Outcome]) -> Rate:
    """The rate of outcomes, of which there is at least one."""
    count = len(outcomes)
    return Rate(
        count,
        round(100 * sum(each.recalled for each in outcomes) / count, 1),
        round(100 * sum(each.mentioned for each in outcomes) / count, 1),
    )
