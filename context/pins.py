"""Files that the user has pinned: which ones they are, and what of them a model is shown before all else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from posixpath import normpath

from context.ignore import IgnoreFile
from context.index import Site
from context.pack import (
    MISSES,
    Choice,
    CountTokens,
    Packed,
    Part,
    Section,
    Shown,
    cost_of,
    fitted,
    heads_of,
)
from context.repository import Repository

PINNED = "pinned"
SHARE = 0.5
"""The part of the budget for other files that pinned ones may have."""
MOST_FILES = 64
"""Files that one pattern may mean."""
LONGEST_TOKEN = 8
"""Characters that a token hardly has: what is longer than so many for each token need not be counted."""
MOST_SITES = 2000
"""Definitions of one file that are looked at."""
INNER, BODY, BEGINNING = 0.5, 0.25, 0.25
"""What the head of a member counts beside that of what it is in, a body, and the first lines of a text."""

_WILDCARD = re.compile(r"[*?\[]")


def is_pattern(pinned: str) -> bool:
    """Whether this may mean several files, and not just the one with that path."""
    return _WILDCARD.search(pinned) is not None


def inside(pinned: str) -> str:
    """The path in a root that is meant; empty for one that leads out of it."""
    path = normpath(pinned.strip().lstrip("/"))
    return "" if path in (".", "..") or path.startswith("../") else path


def pinned_paths(repository: Repository, roots: Sequence[str], pinned: Sequence[str]) -> tuple[str, ...]:
    """The files that are meant, in the order of the setting; none that is not in the repository."""
    found = (
        path for each in pinned if inside(each) for root in roots for path in _meant(repository, root, each)
    )
    return tuple(path for path in dict.fromkeys(found) if repository.text(path) is not None)


def _meant(repository: Repository, root: str, pinned: str) -> list[str]:
    path = inside(pinned)
    if not is_pattern(pinned):
        return [f"{root}/{path}"]
    plain = path[: _first_wildcard(path)].rpartition("/")[0]
    below = repository.below(f"{root}/{plain}" if plain else root)
    # A path is meant from the root on; a name alone is one in whatever folder, as in ignore files.
    rule = f"/{path}" if "/" in path else path
    rules = IgnoreFile(Path(root), root, rule.encode("utf-8", "surrogateescape"))
    return sorted(path for path in below if _fits(rules, path))[:MOST_FILES]


def _fits(rules: IgnoreFile, path: str) -> bool:
    pattern = rules.pattern_for(path, False)
    return pattern is not None and pattern.denies


def _first_wildcard(path: str) -> int:
    found = _WILDCARD.search(path)
    return found.start() if found else len(path)


def pack_pinned(
    paths: Sequence[str], repository: Repository, budget: int, count: CountTokens, shown: Shown
) -> Packed:
    """Show these files in their order: whole where they fit, else as much of each as the others leave it."""
    files = {path: text for path in paths if (text := repository.text(path)) and text.strip()}
    whole = {path: _whole(path, text, shown) for path, text in files.items()}
    costs = {path: _cost(section, budget, count) for path, section in whole.items()}
    sections: list[Section] = []
    for path, room in _rooms(costs, budget).items():
        if costs[path] <= room:
            sections.append(_counted(whole[path], count))
        else:
            sections += _most_useful(path, files[path], repository, room, count, shown)
    return Packed(tuple(sections), sum(cost_of(section, count) for section in sections), budget)


def _whole(path: str, text: str, shown: Shown) -> Section:
    part = Part(path, 0, len(text), text, 0, 1.0, PINNED)
    return Section(shown(path), text if text.endswith("\n") else f"{text}\n", (part,))


def _counted(whole: Section, count: CountTokens) -> Section:
    (part,) = whole.parts
    counted = Part(part.path, part.start, part.end, part.text, count(part.text), part.score, part.reason)
    return Section(whole.path, whole.text, (counted,))


def _cost(section: Section, budget: int, count: CountTokens) -> int:
    """What a whole file costs; more than there is where that is plain from its length."""
    least = len(section.text) // LONGEST_TOKEN
    return least if least > budget else cost_of(section, count)


def _rooms(costs: dict[str, int], budget: int) -> dict[str, int]:
    """Share a budget out: what short files do not need is for the longer ones."""
    rooms, left = dict.fromkeys(costs, 0), budget
    for done, path in enumerate(sorted(costs, key=lambda path: costs[path])):
        rooms[path] = min(costs[path], left // (len(costs) - done))
        left -= rooms[path]
    return rooms


def _most_useful(
    path: str, text: str, repository: Repository, room: int, count: CountTokens, shown: Shown
) -> tuple[Section, ...]:
    """The heads of a file's definitions, outer ones first, then whole definitions; else its first lines."""
    choice = Choice(repository, room, count, shown, ())
    sites = repository.inside(path)[:MOST_SITES]
    heads = sorted(sites, key=_depth)
    _add(
        choice, path, ((span, INNER ** _depth(site)) for site in heads for span in heads_of(text, site)), room
    )
    _add(choice, path, (((site.start, site.end), BODY) for site in sites), room)
    if not choice.files:
        _add(choice, path, ((span, BEGINNING) for span in _beginnings(text, room)), room)
    return fitted(choice, room, count).sections


def _depth(site: Site) -> int:
    return site.qualified.count(".")


def _add(choice: Choice, path: str, pieces: Iterable[tuple[tuple[int, int], float]], room: int) -> None:
    """Add pieces of a file, each with its score, until many did not fit."""
    misses = 0
    for (start, end), score in pieces:
        if choice.is_full or misses > MISSES:
            return
        too_long = (end - start) // LONGEST_TOKEN > room
        misses += too_long or choice.add(path, [(start, end)], score, PINNED, room) < 0


def _beginnings(text: str, room: int) -> Iterator[tuple[int, int]]:
    """Yield the first lines of a text: as many as may fit, and always fewer."""
    end = min(len(text), room * LONGEST_TOKEN)
    while (end := text.rfind("\n", 0, end) + 1) > 0:
        yield 0, end
        end = end * 3 // 4
