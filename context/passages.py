"""Passages that say what is said near the cursor: from the text search and from open documents.

The search ranks by words alone. Here they are ranked again, by how much of what stands near the cursor they
say, where what is rare among them counts most. What counts besides words are pairs of tokens of the last
lines: who wrote these two next to each other went on as the user may want to.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from heapq import heappush, heappushpop
from itertools import accumulate

from context.index import Passage
from context.license import license_end
from context.near import Near, pairs_of
from context.repository import Opened, Repository
from context.search import words_of
from context.siblings import use_each_other

FROM_SEARCH = 24
"""Passages that are asked of the search, to be ranked again."""
MOST_DOCUMENTS = 12
"""Open documents whose passages are looked at."""
OTHER_LANGUAGE = 0.5
"""What a passage counts in a file of another language."""
EDITED = 1.0
"""What is added to a passage that was edited last of all, in parts of its score."""
UNKNOWN = 0.3
"""What a word of the query counts that stands on no near line."""
LICENSE_REACH = 200
"""Characters from the start of a file at which its licence can begin."""
LEAST_ROUNDED = 1 - 1e-9
"""The part of a score that is no rounding."""
_LINE = re.compile(r"[^\n]*\n|[^\n]+")

LONGEST = 700
"""Characters of a passage, about 18 lines: a usage with what is around it."""
FOLLOWING = 400
"""Characters behind a passage that may be shown with it: who said the same as here went on there."""
ECHO = 0.7
"""What the worth of a line adds to the next one: what follows is what is wanted."""
LEAST_OF_MEAN = 0.9
"""The part of the mean worth of the lines that the first and the last one have to have."""
SHORTEST = 200
"""Characters of the shortest part that is made of a passage."""
USUAL = 1000
"""Characters of a passage of usual length; a longer one says more without being more like this place."""


def passages_for(
    repository: Repository, near: Near, count: int, longest: int | None = LONGEST
) -> list[Passage]:
    """Return the passages that say most of what is said near the cursor, the best first.

    Of each the lines that say most of it, and what follows them, in so many characters; all for None.
    """
    found = repository.find(near.words, FROM_SEARCH)
    top = max((passage.score for passage in found), default=0.0) or 1.0
    wanted = {word: near.weights.get(word, UNKNOWN) for word in near.words} | near.pairs
    last = _last_of(repository, found, longest)
    asked = {word: weight for word, weight in wanted.items() if word in last.words}
    if last.asked != (asked, count, top):
        last.asked = asked, count, top
        last.ranked = _ranked(repository, last.passages, asked, count, longest, top)
    return list(last.ranked)


@dataclass(slots=True)
class _Last:
    """The last passages that were ranked, and the words that they were ranked by."""

    of: tuple[Sequence[Passage], tuple[Opened, ...], tuple[tuple[int, str, int], ...], int | None]
    """On what they depend: what the search found, the open documents, edits, and how long they may be."""
    passages: Sequence[Passage]
    words: Set[str]
    """All that stand in them."""
    asked: tuple[Mapping[str, float], int, float] | None = None
    ranked: Sequence[Passage] = ()


def _last_of(repository: Repository, found: Sequence[Passage], longest: int | None) -> _Last:
    """Return the memory of these passages. A key often changes no word that stands in any of them."""
    last = repository.memo.passages.get(repository.here)
    of = found, tuple(repository.documents.values()), repository.edits_elsewhere(), longest
    if not isinstance(last, _Last) or last.of != of:
        passages = [_without_license(passage) for passage in (*found, *_of_documents(repository))]
        if longest is not None:
            passages = [_with_what_follows(repository, passage) for passage in passages]
        words = frozenset().union(*(_read(passage.text).words for passage in passages))
        last = _Last(of, passages, words)
        repository.memo.passages = {repository.here: last}
    return last


def _ranked(
    repository: Repository,
    found: Sequence[Passage],
    wanted: Mapping[str, float],
    count: int,
    longest: int | None,
    top: float,
) -> list[Passage]:
    asked = frozenset(wanted)
    said = [_read(passage.text).words & asked for passage in found]
    rare = _rarity(said)
    worth = {word: wanted[word] * rare[word] for word in rare}
    factors = [_factor(repository, passage, top) for passage in found]
    most = [factor * sum(map(worth.__getitem__, words)) for factor, words in zip(factors, said, strict=True)]
    scored: list[Passage] = []
    tops: list[float] = []
    for place in sorted(range(len(found)), key=most.__getitem__, reverse=True):
        if tops and len(tops) == count and most[place] < LEAST_ROUNDED * tops[0]:
            break
        passage = found[place]
        if not passage.text.strip():
            continue
        start, end, score = _best_part(_read(passage.text), worth, longest)
        score *= factors[place]
        part = passage.text[start:end]
        scored.append(Passage(passage.path, passage.start + start, passage.start + end, part, score))
        heappush(tops, score) if len(tops) < count else heappushpop(tops, score)
    scored.sort(key=lambda passage: (-passage.score, passage.path, passage.start))
    return list(_each_once(scored))[:count]


def _each_once(passages: Sequence[Passage]) -> Iterator[Passage]:
    """Yield passages without those that lie in one before them."""
    shown: dict[str, list[Passage]] = {}
    for passage in passages:
        before = shown.setdefault(passage.path, [])
        if not any(each.start <= passage.start and passage.end <= each.end for each in before):
            before.append(passage)
            yield passage


def _without_license(passage: Passage) -> Passage:
    """A passage without the licence that it begins with, which is how every file begins."""
    end = license_end(passage.text) if passage.start < LICENSE_REACH else 0
    if not end:
        return passage
    return replace(passage, start=passage.start + end, text=passage.text[end:])


def _factor(repository: Repository, passage: Passage, top: float) -> float:
    """What the search, whose best score is `top`, and the place of a passage make of what it says."""
    factor = 1 + passage.score / top
    factor *= 1.0 if use_each_other(repository.here, passage.path) else OTHER_LANGUAGE
    return factor * (1 + EDITED * repository.edited(passage.path, passage.start, passage.end))


def _with_what_follows(repository: Repository, passage: Passage) -> Passage:
    """A passage with some lines behind it, which may be those that are wanted here."""
    text = repository.text(passage.path) or ""
    if text[passage.start : passage.end] != passage.text:
        return passage
    end = text.find("\n", passage.end + FOLLOWING) + 1 or len(text)
    if end > passage.end + 2 * FOLLOWING:
        return passage
    return replace(passage, end=end, text=text[passage.start : end])


def _best_part(read: _Read, worth: Mapping[str, float], longest: int | None) -> tuple[int, int, float]:
    """The part of a passage that says most, whole lines, and its score."""
    first, last = 0, len(read.lines)
    if longest is not None:
        said = frozenset(read.words & worth.keys())
        worths = _echoed([sum([worth[word] for word in line & said]) for line in read.lines])
        if read.ends[-1] > longest:
            first, last = _best_lines(read, worths, longest)
        first, last = _trimmed(read, worths, first, last)
    said = frozenset().union(*read.lines[first:last]) & worth.keys()
    start = read.ends[first - 1] if first else 0
    length = 1 + (read.ends[last - 1] - start) / USUAL
    return start, read.ends[last - 1], sum(worth[word] for word in said) / math.sqrt(length)


def _echoed(worths: Sequence[float]) -> list[float]:
    """The worths of lines, each with a part of what those above it are worth."""
    echo, echoed = 0.0, []
    for worth in worths:
        echo = worth + ECHO * echo
        echoed.append(echo)
    return echoed


def _trimmed(read: _Read, worths: Sequence[float], first: int, last: int) -> tuple[int, int]:
    """The same lines without those at both ends that say little, but never few lines."""
    least = LEAST_OF_MEAN * sum(worths[first:last]) / (last - first)
    while worths[last - 1] < least and read.size(first, last - 1) >= SHORTEST:
        last -= 1
    while worths[first] < least and read.size(first + 1, last) >= SHORTEST:
        first += 1
    return first, last


def _best_lines(read: _Read, worths: Sequence[float], longest: int) -> tuple[int, int]:
    """The first line and the one behind the last, of the lines that are worth most and short enough."""
    best, first, here = (0, 1), 0, 0.0
    top = -1.0
    for last, worth in enumerate(worths):
        here += worth
        while first < last and read.ends[last] - (read.ends[first - 1] if first else 0) > longest:
            here -= worths[first]
            first += 1
        if here > top:
            top, best = here, (first, last + 1)
    return best


@dataclass(frozen=True, slots=True)
class _Read:
    """A passage by its lines: the words and pairs of each, and the offset at which it ends."""

    lines: tuple[frozenset[str], ...]
    ends: tuple[int, ...]
    words: frozenset[str]

    def size(self, first: int, last: int) -> int:
        """The characters of the lines from one to before another."""
        return self.ends[last - 1] - (self.ends[first - 1] if first else 0) if last > first else 0


@lru_cache(maxsize=256)
def _read(text: str) -> _Read:
    """Read a passage. The same ones are found at every key."""
    lines = _LINE.findall(text) or [""]
    words = tuple(frozenset((*words_of(line), *pairs_of(line))) for line in lines)
    return _Read(words, tuple(accumulate(map(len, lines))), frozenset().union(*words))


def _of_documents(repository: Repository) -> Iterator[Passage]:
    documents = [each for each in repository.documents.values() if each.path != repository.here]
    for document in documents[-MOST_DOCUMENTS:]:
        yield from document.passages


def _rarity(said: Sequence[Set[str]]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for words in said:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    return {word: math.log(1 + len(said) / count) for word, count in counts.items()}
