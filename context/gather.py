"""From a place to what the repository has to say about it, each piece with its score and reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from context.collect import beneath_at, found_at
from context.found import Candidate, Here, Signed
from context.index import Passage, Site
from context.near import counts_at, near
from context.outline import Outline
from context.passages import LONGEST, passages_for
from context.repository import Repository
from context.scene import Scene, scene_of
from context.signs import WEIGHTS, Purpose, likelihood
from context.whole import Whole, callers, whole_definitions, whole_files
from context.worths import best, scored

MOST_PASSAGES = 24
MOST_SITES = 360
MOST_MEANINGS = 3
"""Definitions of a name that a diagnostic may mean, so that each of them is worth being shown whole."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What may be wanted at a place, the best first."""

    definitions: tuple[Candidate, ...]
    passages: tuple[Passage, ...]
    callers: tuple[tuple[Passage, str], ...] = ()
    """For an edit: what diagnostics name, and what uses the definition that is edited, with the reason."""
    files: tuple[Whole, ...] = ()
    """For an edit and for chat: files that are worth being shown whole."""


def gather(
    repository: Repository,
    path: str,
    text: str,
    cursor: int,
    outline: Outline,
    purpose: Purpose = "fill",
    diagnosed: tuple[str, ...] = (),
    weights: Mapping[str, float] = WEIGHTS,
) -> Gathered:
    """Return what the repository says about an offset of an open text, whose outline may be a bit old.

    `diagnosed` are names in what compilers and linters say of the code there.
    """
    scene = scene_of(repository, path)
    scene.follow(repository, outline.imports)
    around, counts = near(text, cursor, outline), counts_at(text, cursor)
    here = Here(path, text, cursor, outline, around, counts, scene.siblings, diagnosed)
    longest = LONGEST if purpose == "fill" else None
    passages = passages_for(repository, here.near, MOST_PASSAGES, longest)
    gathered = Gathered(_definitions(repository, scene, here, passages, weights), tuple(passages))
    if purpose == "fill":
        return gathered
    likely = [(each.site, likelihood(each.score)) for each in gathered.definitions]
    return replace(
        gathered,
        callers=(
            *whole_definitions(repository, _few(repository, scene, diagnosed)),
            *callers(repository, here),
        ),
        files=tuple(whole_files(repository, here, likely, passages)),
    )


def _few(repository: Repository, scene: Scene, names: tuple[str, ...]) -> Iterator[Site]:
    """Yield the definitions of names that do not have many."""
    for nearest in scene.nearest(repository, names).values():
        if len(nearest.sites) <= MOST_MEANINGS:
            yield from nearest.sites


def _definitions(
    repository: Repository,
    scene: Scene,
    here: Here,
    passages: Sequence[Passage],
    weights: Mapping[str, float],
) -> tuple[Candidate, ...]:
    """Return the likeliest definitions, the best first; the same ones while nothing else is said."""
    beneath = beneath_at(repository, scene, here)
    own = found_at(repository, scene, here, passages, beneath)
    laid = scene.laid(repository, scene.settled(repository, beneath, weights), own)
    heard = laid.hears(here)
    if scene.likeliest is None or scene.likeliest[0] is not laid or scene.likeliest[1] != heard:
        found = best(*scored(laid, heard), MOST_SITES)
        definitions = [_candidate(each, score, here.siblings, weights) for score, each in found]
        scene.likeliest = laid, heard, tuple(definitions)
    return scene.likeliest[2]


def _candidate(
    signed: Signed, score: float, siblings: Mapping[str, float], weights: Mapping[str, float]
) -> Candidate:
    return Candidate(signed.site, score, signed.signs, siblings.get(signed.site.name, 0.0), weights)
