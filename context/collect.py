"""Definitions that may be wanted at a place, each with the signs that speak for it.

Most of them are found whatever is typed on a line: those are remembered, together with all that they depend
on, and what is found for the line itself is laid over them.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from posixpath import basename, dirname, splitext

from context.found import Found, Here, Key, Signed
from context.imported import (
    MOST_FILES,
    MOST_OF_MODULE,
    brought_up,
    brought_up_by_words,
    usage_of,
)
from context.index import Passage
from context.members import MOST_MEANINGS, add_members
from context.near import IDENTIFIER, KEYWORDS
from context.repository import Repository
from context.scene import MOST_OF_NAME, Beneath, Ground, Line, Scene
from context.siblings import siblings_of

MOST_STEMS = 400
"""Files of the own folder of which at least what is named like them is looked at."""
MOST_SIBLING_USES = 300
MOST_SAID = 60
MOST_CO_USED = 288
"""Names of passages that are looked up."""


def ground_of(repository: Repository, scene: Scene, here: Here) -> Ground:
    """Return what the definitions depend on that are found whatever is typed: no name that means nothing."""
    near, names = here.near, here.near.names
    meant = scene.named(repository, [*near.types, *near.makers])
    return Ground(
        tuple(usage_of(each, here) for each in scene.imported),
        tuple(names.get(alias, 0.3) for alias in scene.known),
        {name: near.types[name] for name in near.types if name in meant or name in scene.known},
        {name: near.makers[name] for name in near.makers if name in meant},
        near.holders,
        near.behind,
    )


def beneath_at(repository: Repository, scene: Scene, here: Here) -> Beneath:
    """Return the definitions that are found whatever is typed on the line."""
    if scene.floor is None:
        found = Found()
        _folder(repository, here, found)
        _opened(repository, found)
        scene.floor = found.own
    ground = ground_of(repository, scene, here)
    if scene.beneath is None or scene.beneath[0] != ground:
        found = Found(scene.floor)
        for each, usage in zip(scene.imported, ground.usages, strict=True):
            for site, (sign, strength) in brought_up(each, usage):
                found.add(site, sign, strength)
            if each.alias in ground.behind:
                few = (sites for sites in each.modules if len(sites) <= MOST_OF_MODULE)
                for site in chain.from_iterable(few):
                    found.add(site, "wanted")
        near = replace(here.near, types=dict(ground.types), makers=dict(ground.makers))
        add_members(repository, replace(here, near=near), scene.known, scene.members, found)
        scene.beneath = ground, Beneath(scene.floor, found.own, {**scene.floor, **found.own})
    return scene.beneath[1]


def found_at(
    repository: Repository, scene: Scene, here: Here, passages: Sequence[Passage], beneath: Beneath
) -> Mapping[Key, Signed]:
    """Return what is found for what is typed, over those definitions that are found whatever is typed.

    `passages` say what is said here.
    """
    nearest = scene.nearest(repository, here.near.names.keys())
    line = Line(
        {name: here.near.names[name] for name in nearest},
        tuple(passage.text for passage in passages),
        tuple(repository.find_sites(here.near.words, MOST_SAID)),
        repository.edits_elsewhere(),
        here.near.weights if any(each.is_big for each in scene.imported) else {},
        here.diagnosed,
    )
    if scene.own is None or scene.own[0] != line or scene.own[1] is not beneath:
        found = Found(beneath.every)
        for each in scene.imported:
            for site, (sign, strength) in brought_up_by_words(each, usage_of(each, here), here):
                found.add(site, sign, strength)
        for name, strength in line.near.items():
            for site in nearest[name].sites:
                found.add(site, "near", strength * nearest[name].share)
        for each_named in scene.nearest(repository, line.diagnosed).values():
            for site in each_named.sites:
                found.add(site, "diagnosed", each_named.share)
        for rank, site in enumerate(line.said):
            found.add(site, "said", 1 / (1 + rank / 10))
        _co_used(repository, scene, passages, found)
        _edited(repository, found)
        scene.own = line, beneath, found.own
    return scene.own[2]


def _folder(repository: Repository, here: Here, found: Found) -> None:
    """Add what is defined in the same folder, and what its files use and import."""
    paths = siblings_of(repository, here.path)
    for path in paths[:MOST_FILES]:
        for site in repository.inside(path):
            if "." not in site.qualified or site.kind == "method":
                found.add(site, "folder")
    stems = {splitext(basename(path))[0] for path in paths[MOST_FILES:MOST_STEMS]}
    folder = dirname(here.path)
    for sites in repository.named(stems).values():
        for site in sites:
            if dirname(site.path) == folder:
                found.add(site, "folder")
    used = heapq.nlargest(MOST_SIBLING_USES, here.siblings, key=lambda name: here.siblings[name])
    for sites in repository.named(used).values():
        if len(sites) <= MOST_MEANINGS:
            for site in sites:
                found.add(site, "sibling-uses", here.siblings[site.name])


def _co_used(repository: Repository, scene: Scene, passages: Sequence[Passage], found: Found) -> None:
    """Add what is used where the code says the same."""
    strengths: dict[str, float] = {}
    for rank, passage in enumerate(passages):
        for name in _names_in(passage.text):
            strengths[name] = strengths.get(name, 0.0) + 1 / (2 + rank)
    top = sorted(strengths, key=lambda name: -strengths[name])[:MOST_CO_USED]
    for name, sites in scene.named(repository, top).items():
        # A name that has more definitions says nothing in a passage.
        if len(sites) < MOST_OF_NAME:
            strength = min(1.0, strengths[name]) / math.sqrt(len(sites))
            for site in sites:
                found.add(site, "co-used", strength)


@lru_cache(maxsize=512)
def _names_in(text: str) -> tuple[str, ...]:
    """The names in a passage that are worth looking up, each once. The same ones are found at every key."""
    return tuple(name for name in set(IDENTIFIER.findall(text)) if len(name) > 2 and name not in KEYWORDS)


def _opened(repository: Repository, found: Found) -> None:
    for document in repository.documents.values():
        if document.path != repository.here:
            for site in document.sites:
                found.add(site, "opened")


def _edited(repository: Repository, found: Found) -> None:
    for path in dict.fromkeys(path for path, _ in repository.edits):
        document = repository.documents.get(path)
        if document is not None and path != repository.here:
            for site in document.sites:
                if edited := repository.edited(path, site.start, site.end):
                    found.add(site, "edited", edited)
