"""For edits and chat: what calls a definition and tests it, and which files are worth being shown whole."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from posixpath import basename, dirname

from context.collect import files_of
from context.found import TEST, Here
from context.index import Passage, Site
from context.near import IDENTIFIER
from context.repository import Repository
from context.resolve import module_of

MOST_USERS = 40
"""Files in which callers are looked for."""
MOST_CALLERS = 24
MOST_FILES = 400
CALLS, TESTS = "calls what is here", "tests what is here"
DOCUMENT, OPEN, IMPORTED, IMPORTS = "project document", "open document", "imported here", "imports this file"
PROMISING = "has what may be wanted here"

PROJECT_DOCUMENTS = re.compile(
    r"(?:readme|agents|contributing|architecture)(?:\.(?:md|rst|txt|adoc))?", re.IGNORECASE
)
"""Names of files in which a project says what it is and how it is worked on."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A file that is worth being shown whole; scores can be compared among files."""

    path: str
    score: float
    reason: str


def callers(repository: Repository, here: Here) -> list[tuple[Passage, str]]:
    """Return the definitions elsewhere that use what the cursor is in, with the reason; tests come last."""
    if not here.near.holders:
        return []
    name = here.near.holders[-1].name
    word = re.compile(rf"\b{re.escape(name)}\b")
    found: list[tuple[Passage, str]] = []
    for path, _ in repository.users(name, MOST_USERS):
        text = repository.text(path)
        if text is None:
            continue
        is_test = TEST.search(path) is not None
        for start, end in _around(word, text, repository.inside(path)):
            found.append((Passage(path, start, end, text[start:end], 1.0), TESTS if is_test else CALLS))
    return sorted(found, key=lambda each: each[1] == TESTS)[:MOST_CALLERS]


def _around(word: re.Pattern[str], text: str, sites: Sequence[Site]) -> Iterator[tuple[int, int]]:
    """Yield the innermost definitions with a body in which a word stands, each once."""
    bodies = sorted((site for site in sites if site.has_body), key=lambda site: site.end - site.start)
    seen: set[int] = set()
    for found in word.finditer(text):
        site = next((site for site in bodies if site.start <= found.start() < site.end), None)
        if site is not None and site.start not in seen:
            seen.add(site.start)
            start = text.rfind("\n", 0, site.start) + 1
            end = text.find("\n", site.end)
            yield start, len(text) if end < 0 else end + 1


def whole_files(
    repository: Repository, here: Here, likely: Iterable[tuple[Site, float]], passages: Sequence[Passage]
) -> list[Whole]:
    """Return files by what they are worth at a place, the best first.

    `likely` are definitions with their likelihood; a file with many of them is worth more.
    """
    worth: dict[str, float] = {}
    reasons: dict[str, str] = {}

    def add(path: str, much: float, reason: str) -> None:
        worth[path] = worth.get(path, 0.0) + much
        reasons.setdefault(path, reason)

    for path in _project_documents(repository, here.path):
        add(path, 2.0, DOCUMENT)
    for path in repository.documents:
        if path != here.path:
            add(path, 1.5, OPEN)
    for path in _imported(repository, here):
        add(path, 1.0, IMPORTED)
    stem = basename(here.path).rpartition(".")[0]
    for path in repository.importers(stem):
        add(path, 0.6, IMPORTS)
    for site, likelihood in likely:
        add(site.path, likelihood, PROMISING)
    top = max((passage.score for passage in passages), default=1.0) or 1.0
    for passage in passages:
        add(passage.path, 0.5 * passage.score / top, PROMISING)
    found = [Whole(path, math.log1p(much), reasons[path]) for path, much in worth.items()]
    return sorted(found, key=lambda each: (-each.score, each.path))[:MOST_FILES]


def _project_documents(repository: Repository, here: str) -> Iterator[str]:
    """Yield the documents in the folder of a file and in those above it."""
    folder = dirname(here)
    while folder:
        for path in repository.in_folder(folder):
            if PROJECT_DOCUMENTS.fullmatch(basename(path)):
                yield path
        folder = folder.rpartition("/")[0]


def _imported(repository: Repository, here: Here) -> Iterator[str]:
    for each in here.outline.imports:
        module = module_of(each, here.path)
        for target in (module, module.below(each.name)) if IDENTIFIER.fullmatch(each.name) else (module,):
            yield from files_of(repository, target)
