"""From a place to what the repository has to say about it, each piece with its score and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from context.collect import collect
from context.found import Here
from context.index import Passage, Site
from context.near import IDENTIFIER, near
from context.outline import Outline
from context.passages import LONGEST, passages_for
from context.repository import Repository
from context.siblings import sibling_uses
from context.signs import WEIGHTS, Purpose, likelihood, weigh
from context.whole import Whole, callers, whole_files

MOST_PASSAGES = 24
MOST_SITES = 600
WHOLE_PASSAGE = 10_000
"""Characters of a passage for an edit or chat: more than any has."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition that may be wanted. Scores are logarithms of odds, comparable among definitions."""

    site: Site
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Gathered:
    """What may be wanted at a place, the best first."""

    definitions: tuple[Candidate, ...]
    passages: tuple[Passage, ...]
    callers: tuple[tuple[Passage, str], ...] = ()
    """For an edit: what uses the definition that is edited, with the reason."""
    files: tuple[Whole, ...] = ()
    """For an edit and for chat: files that are worth being shown whole."""


def gather(
    repository: Repository,
    path: str,
    text: str,
    cursor: int,
    outline: Outline,
    purpose: Purpose = "fill",
    weights: Mapping[str, float] = WEIGHTS,
) -> Gathered:
    """Return what the repository says about an offset of an open text, whose outline may be a bit old."""
    counts = Counter(IDENTIFIER.findall(text))
    here = Here(
        path, text, cursor, outline, near(text, cursor, outline), counts, sibling_uses(repository, path)
    )
    longest = LONGEST if purpose == "fill" else WHOLE_PASSAGE
    passages = passages_for(repository, here.near, MOST_PASSAGES, longest)
    signed = collect(repository, here, passages)
    candidates = []
    for each in signed:
        weighed = weigh(each.signs, weights)
        candidates.append(Candidate(each.site, weighed.score, weighed.reason))
    candidates.sort(key=lambda each: (-each.score, each.site.path, each.site.start))
    gathered = Gathered(tuple(candidates[:MOST_SITES]), tuple(passages))
    if purpose == "fill":
        return gathered
    likely = [(each.site, likelihood(each.score)) for each in gathered.definitions]
    return replace(
        gathered,
        callers=tuple(callers(repository, here)),
        files=tuple(whole_files(repository, here, likely, passages)),
    )
