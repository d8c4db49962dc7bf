"""What speaks for or against a definition wherever it was found: what it is, how it is called and used."""

from __future__ import annotations

import math
from collections.abc import Mapping, Set
from functools import lru_cache
from posixpath import commonprefix

from context.found import TEST, distance
from context.outline import TYPES
from context.search import words_of
from context.siblings import likeness, stem_words, use_each_other

COMMON = 100
"""Files that use a name, from which on it says little."""
POPULAR = 6
"""The logarithm of how many files use a name that is as popular as names are."""
FAR = 8
"""Folders on the way to a file that is as far away as files are."""
CALLABLE = frozenset({"function", "method", "macro"})

Signs = Mapping[str, float]


@lru_cache(maxsize=8192)
def path_signs(here: str, path: str) -> Signs:
    """What the path of a definition says, seen from another one."""
    return {
        "test": float(is_test(path, here)),
        "other-language": float(not use_each_other(here, path)),
        "far-away": min(1.0, distance(here, path) / FAR),
        "like-file": likeness(stem_words(here), stem_words(path)),
    }


def kind_signs(kind: str) -> Signs:
    """What the kind of a definition says."""
    return {
        "type": float(kind in TYPES),
        "callable": float(kind in CALLABLE),
        "constant": float(kind == "constant"),
    }


def name_signs(siblings: float, used: int) -> Signs:
    """What a name says: the part of the siblings that use it, and the number of files that do.

    Roots: from nothing to a little is a longer step than from much to more.
    """
    siblings = math.sqrt(siblings)
    return {
        "sibling-uses": siblings,
        "sibling-popular": siblings * math.sqrt(min(1.0, math.log1p(used) / POPULAR)),
        "common": float(used > COMMON),
    }


def member_signs(signs: Signs, siblings: float) -> Signs:
    """What it says of a member of a type that siblings use its name."""
    member = math.sqrt(signs.get("member", 0.0))
    return {"member": member, "member-sibling": member * math.sqrt(siblings)} if member else {}


def said_signs(alike: float, near: float, seen: bool) -> Signs:
    """What it says of a name how it sounds like what is said near the cursor, and whether it stands there."""
    return {"alike": math.sqrt(alike), "seen-near": near, "seen-far": float(seen)}


def co_used_signs(signs: Signs, said: Signs) -> Signs:
    """What it says of a definition that is used where the code is alike that its name is said here, too."""
    if co_used := signs.get("co-used", 0.0):
        return {"co-used-alike": co_used * said["alike"], "co-used-seen": co_used * said["seen-far"]}
    return {}


def alike(words: Set[str], rare: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """How much of a name is said near the cursor; what few other names say counts most."""
    whole = sum([rare[word] for word in words]) or 1.0
    return sum([rare[word] * weights[word] for word in words if word in weights]) / whole


def is_test(path: str, here: str) -> bool:
    """Whether a file is a test, or an example, while another one is none."""
    # What both have in common, such as a folder of tests around the repository, says nothing.
    common = commonprefix([here, path]).rfind("/") + 1
    return TEST.search(path[common:]) is not None and TEST.search(here[common:]) is None


@lru_cache(maxsize=65_536)
def name_words(name: str) -> frozenset[str]:
    """The words of a name."""
    return frozenset(words_of(name))
