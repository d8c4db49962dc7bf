"""What speaks for or against a definition wherever it was found: what it is, how it is called and used."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Set
from functools import lru_cache
from itertools import chain
from posixpath import commonprefix

from context.found import TEST, Found, Here, Signed, distance
from context.outline import TYPES
from context.repository import Repository
from context.search import words_of
from context.siblings import likeness, stem_words, use_each_other

COMMON = 100
"""Files that use a name, from which on it says little."""
POPULAR = 6
"""The logarithm of how many files use a name that is as popular as names are."""
FAR = 8
"""Folders on the way to a file that is as far away as files are."""
CALLABLE = frozenset({"function", "method", "macro"})


def add_traits(repository: Repository, here: Here, found: Found) -> None:
    """Add the signs that every definition has."""
    counts = repository.used_in({signed.site.name for signed in found.values()})
    words = [name_words(signed.site.name) for signed in found.values()]
    shared = Counter(chain.from_iterable(words))
    rare = {word: math.log(1 + len(found) / count) for word, count in shared.items()}
    stem = stem_words(here.path)
    paths = {path: _path_signs(here.path, stem, path) for path in {each.site.path for each in found.values()}}
    for signed, said in zip(found.values(), words, strict=True):
        signed.signs.update(paths[signed.site.path])
        _add_name_signs(signed, here, _alike(said, rare, here.near.weights), counts.get(signed.site.name, 0))


def _alike(said: Set[str], rare: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """How much of a name is said near the cursor; what few other names say counts most."""
    whole = sum(rare[word] for word in said) or 1.0
    return sum(rare[word] * weights[word] for word in said if word in weights) / whole


def _add_name_signs(signed: Signed, here: Here, alike: float, used: int) -> None:
    """Add what a name says. Roots: from nothing to a little is a longer step than from much to more."""
    site, signs = signed.site, signed.signs
    alike, siblings = math.sqrt(alike), math.sqrt(here.siblings.get(site.name, 0.0))
    seen = float(site.name in here.counts)
    signs["alike"] = alike
    signs["sibling-uses"] = siblings
    signs["sibling-popular"] = siblings * math.sqrt(min(1.0, math.log1p(used) / POPULAR))
    signs["common"] = float(used > COMMON)
    signs["seen-near"] = here.near.names.get(site.name, 0.0)
    signs["seen-far"] = seen
    signs["type"] = float(site.kind in TYPES)
    signs["callable"] = float(site.kind in CALLABLE)
    signs["constant"] = float(site.kind == "constant")
    if member := math.sqrt(signs.get("member", 0.0)):
        signs["member"], signs["member-sibling"] = member, member * siblings
    if co_used := signs.get("co-used", 0.0):
        signs["co-used-alike"], signs["co-used-seen"] = co_used * alike, co_used * seen


def _path_signs(here: str, stem: Set[str], path: str) -> dict[str, float]:
    return {
        "test": float(is_test(path, here)),
        "other-language": float(not use_each_other(here, path)),
        "far-away": min(1.0, distance(here, path) / FAR),
        "like-file": likeness(stem, stem_words(path)),
    }


def is_test(path: str, here: str) -> bool:
    """Whether a file is a test, or an example, while another one is none."""
    # What both have in common, such as a folder of tests around the repository, says nothing.
    common = commonprefix([here, path]).rfind("/") + 1
    return TEST.search(path[common:]) is not None and TEST.search(here[common:]) is None


@lru_cache(maxsize=65_536)
def name_words(name: str) -> frozenset[str]:
    """The words of a name."""
    return frozenset(words_of(name))
