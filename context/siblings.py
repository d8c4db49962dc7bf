"""Files of the same folder: which they are, and which names they use."""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache
from posixpath import basename, dirname, splitext

from context.near import KEYWORDS
from context.repository import Repository
from context.search import words_of

FAMILIES = (
    frozenset({".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".svelte"}),
    frozenset({".c", ".h", ".cc", ".hh", ".cpp", ".hpp", ".cxx", ".hxx", ".inc", ".m", ".mm"}),
    frozenset({".py", ".pyi", ".pyx", ".ipynb"}),
    frozenset({".java", ".kt", ".kts", ".scala", ".groovy"}),
)
"""Endings of files that use each other's names."""
MOST_SIBLINGS = 15
"""Files of the own folder whose names are looked at."""


def sibling_uses(repository: Repository, path: str) -> dict[str, float]:
    """Return the names that files in the same folder use, each with the part of those files.

    Files with a like name count up to three times.
    """
    stem = stem_words(path)
    uses: dict[str, float] = {}
    total = 0.0
    for sibling in siblings_of(repository, path)[:MOST_SIBLINGS]:
        weight = 1 + 2 * likeness(stem, stem_words(sibling))
        total += weight
        for name in repository.uses(sibling):
            uses[name] = uses.get(name, 0.0) + weight
    return {name: weight / total for name, weight in uses.items() if name not in KEYWORDS}


def siblings_of(repository: Repository, here: str) -> list[str]:
    """Return the files of the same folder with the same ending, those with a like name first."""
    ending, stem = splitext(here)[1], stem_words(here)
    paths = [path for path in repository.in_folder(dirname(here)) if path.endswith(ending)]
    return sorted(paths, key=lambda path: -likeness(stem, stem_words(path)))


@lru_cache(maxsize=8192)
def use_each_other(one: str, other: str) -> bool:
    """Whether files with such paths may use each other's names."""
    endings = {splitext(one)[1], splitext(other)[1]}
    return len(endings) == 1 or any(endings <= family for family in FAMILIES)


@lru_cache(maxsize=65_536)
def stem_words(path: str) -> frozenset[str]:
    """The words in the name of a file; those of tests without what says that they are tests."""
    return frozenset(words_of(splitext(basename(path))[0])) - {"test", "tests", "spec"}


def likeness(one: Set[str], other: Set[str]) -> float:
    """Which part of the words in the names of two files is the same."""
    return len(one & other) / len(one | other) if one and other else 0.0
