"""For edits and chat: what calls a definition and tests it, and which files are worth being shown whole."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest, nsmallest
from posixpath import basename, dirname, splitext

from context.found import Here, distance
from context.imported import files_of
from context.index import Passage, Site
from context.near import IDENTIFIER
from context.repository import Repository
from context.resolve import module_of
from context.siblings import use_each_other
from context.signs import REASONS
from context.traits import is_test

MOST_USERS = 40
"""Files in which callers are looked for."""
MOST_CALLERS = 24
MOST_FILES = 400
DIAGNOSED = REASONS["diagnosed"]
CALLS, TESTS = "calls what is here", "tests what is here"
DOCUMENT, OPEN, IMPORTED, IMPORTS = "project document", "open document", "imported here", "imports this file"
PROMISING = "has what may be wanted here"
NEEDED, NEAR = "needed by what is used here", "near this file"

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
    found: list[tuple[Passage, str]] = []
    for path, _ in repository.users(name, MOST_USERS):
        text = repository.text(path)
        if text is None:
            continue
        reason = TESTS if is_test(path, here.path) else CALLS
        for start, end in _users_of(name, text, repository.inside(path)):
            found.append((Passage(path, start, end, text[start:end], 1.0), reason))
    return sorted(found, key=lambda each: each[1] == TESTS)[:MOST_CALLERS]


def whole_definitions(repository: Repository, sites: Iterable[Site]) -> Iterator[tuple[Passage, str]]:
    """Yield definitions that diagnostics name, with the reason."""
    for site in sites:
        if text := repository.text(site.path):
            yield Passage(site.path, site.start, site.end, text[site.start : site.end], 1.0), DIAGNOSED


def _users_of(name: str, text: str, sites: Sequence[Site]) -> Iterator[tuple[int, int]]:
    """Yield the innermost definitions with a body in which a name stands that is not their own, each once."""
    bodies = sorted((site for site in sites if site.has_body), key=lambda site: site.end - site.start)
    seen: set[int] = set()
    for found in re.finditer(rf"\b{re.escape(name)}\b", text):
        at = found.start()
        site = next((site for site in bodies if site.start <= at < site.end), None)
        if site is None or site.start in seen:
            continue
        if site.name == name and at < site.signature_at + len(site.signature):
            continue
        seen.add(site.start)
        end = text.find("\n", site.end)
        yield text.rfind("\n", 0, site.start) + 1, len(text) if end < 0 else end + 1


class _Worth(dict[str, float]):
    """What files are worth, with the first reason of each."""

    def __init__(self) -> None:
        super().__init__()
        self.reasons: dict[str, str] = {}

    def add(self, paths: Iterable[str], much: float, reason: str) -> None:
        for path in paths:
            self[path] = self.get(path, 0.0) + much
            self.reasons.setdefault(path, reason)


def whole_files(
    repository: Repository, here: Here, likely: Iterable[tuple[Site, float]], passages: Sequence[Passage]
) -> list[Whole]:
    """Return files by what they are worth at a place, the best first.

    `likely` are definitions with their likelihood; a file with many of them is worth more.
    """
    worth = _Worth()
    opened = [path for path in repository.documents if path != here.path]
    imported = list(_imported(repository, here))
    worth.add(_project_documents(repository, here.path), 2.0, DOCUMENT)
    worth.add(opened, 1.5, OPEN)
    worth.add(imported, 1.0, IMPORTED)
    worth.add(repository.importers(splitext(basename(here.path))[0]), 0.6, IMPORTS)
    for site, likelihood in likely:
        worth.add([site.path], likelihood, PROMISING)
    top = max((passage.score for passage in passages), default=1.0) or 1.0
    for passage in passages:
        worth.add([passage.path], 0.5 * passage.score / top, PROMISING)
    _add_needed(repository, [*imported, *opened], worth)
    if len(worth) < MOST_FILES:
        _add_others(repository, here, worth)
    found = [Whole(path, math.log1p(much), worth.reasons[path]) for path, much in worth.items()]
    return sorted(found, key=lambda each: (-each.score, each.path))[:MOST_FILES]


def _add_needed(repository: Repository, sources: Sequence[str], worth: _Worth) -> None:
    """Add the files that some files need, directly or through others; of all files where there are none."""
    ranks = repository.ranks(sources)
    best = nlargest(MOST_FILES, ranks, key=lambda path: ranks[path])
    for path in best:
        worth.add([path], 0.5 * ranks[path] / ranks[best[0]], NEEDED)


def _add_others(repository: Repository, here: Here, worth: _Worth) -> None:
    """Add files of the same language that nothing speaks for: in a small repository there is room for all."""
    paths = [path for path in repository.paths() if use_each_other(here.path, path)]
    for path in nsmallest(MOST_FILES, paths, key=lambda path: distance(here.path, path)):
        worth.add([path], 0.1 / (1 + distance(here.path, path)), NEAR)


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
