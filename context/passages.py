"""Passages that say what is said near the cursor: from the text search and from open documents.

The search ranks by words alone. Here they are ranked again, by how much of what stands near the cursor they
say, where what is rare among them counts most, and by how far away they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache
from posixpath import splitext

from context.index import Passage
from context.near import Near
from context.repository import Repository
from context.search import words_of

FROM_SEARCH = 48
"""Passages that are asked of the search, to be ranked again."""
MOST_DOCUMENTS = 12
"""Open documents whose passages are looked at."""
OTHER_LANGUAGE = 0.5
"""What a passage counts in a file with another ending."""
EDITED = 1.0
"""What is added to a passage that was edited last of all, in parts of its score."""
USUAL = 160
"""Words of a passage of usual length; a longer one says more without being more like this place."""


def passages_for(repository: Repository, near: Near, count: int) -> list[Passage]:
    """Return the passages that say most of what is said near the cursor, the best first."""
    found = repository.find(near.words, FROM_SEARCH)
    found += _of_documents(repository)
    wanted = {word: near.weights.get(word, 0.3) for word in near.words}
    said = [(passage, *_words(passage.text)) for passage in found]
    rare = _rarity([words & wanted.keys() for _, words, _ in said])
    ending = splitext(repository.here)[1]
    scored = []
    for passage, words, length in said:
        both = words & wanted.keys()
        score = sum(wanted[word] * rare[word] for word in both) / math.sqrt(1 + length / USUAL)
        if splitext(passage.path)[1] != ending:
            score *= OTHER_LANGUAGE
        score *= 1 + EDITED * repository.edited(passage.path, passage.start, passage.end)
        scored.append(Passage(passage.path, passage.start, passage.end, passage.text, score))
    scored.sort(key=lambda passage: (-passage.score, passage.path, passage.start))
    return scored[:count]


def _of_documents(repository: Repository) -> Iterator[Passage]:
    documents = [each for each in repository.documents.values() if each.path != repository.here]
    for document in documents[-MOST_DOCUMENTS:]:
        yield from document.passages


@lru_cache(maxsize=1024)
def _words(text: str) -> tuple[frozenset[str], int]:
    """The different words of a text, and how many it has in all. The same texts are found at every key."""
    words = words_of(text)
    return frozenset(words), len(words)


def _rarity(said: Sequence[Set[str]]) -> dict[str, float]:
    counts: dict[str, int] = {}
    for words in said:
        for word in words:
            counts[word] = counts.get(word, 0) + 1
    return {word: math.log(1 + len(said) / count) for word, count in counts.items()}
