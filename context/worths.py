"""What definitions score: what is the same for several of them, or for several keys, is weighed once."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from itertools import chain

from context.found import Here, Key, Signed
from context.signs import worth
from context.traits import (
    alike,
    co_used_signs,
    kind_signs,
    member_signs,
    name_signs,
    name_words,
    path_signs,
    said_signs,
)

Weighed = tuple[Signed, float]
"""A definition and what it scores before anything is said."""
NONE: Mapping[Key, Weighed] = {}


@dataclass(frozen=True, slots=True)
class Worths:
    """What traits are worth that do not depend on what is typed, for one file and one set of weights."""

    path: str
    weights: Mapping[str, float]
    siblings: Mapping[str, float]
    used: Mapping[str, int]
    """In how many files names are used; at least those that are asked about."""
    _paths: dict[str, float] = field(default_factory=dict)
    _kinds: dict[str, float] = field(default_factory=dict)
    _names: dict[str, float] = field(default_factory=dict)

    def of(self, signed: Signed) -> float:
        """What a definition scores before anything is said near the cursor."""
        site, signs, weights = signed.site, signed.signs, self.weights
        path, kind, name = site.path, site.kind, site.name
        if path not in self._paths:
            self._paths[path] = worth(path_signs(self.path, path), weights)
        if kind not in self._kinds:
            self._kinds[kind] = worth(kind_signs(kind), weights)
        if name not in self._names:
            siblings = name_signs(self.siblings.get(name, 0.0), self.used.get(name, 0))
            self._names[name] = worth(siblings, weights)
        score = weights["bias"] + self._paths[path] + self._kinds[kind] + self._names[name]
        for sign, strength in signs.items():
            if sign not in ("member", "sibling-uses"):
                score += weights[sign] * strength
        if "member" in signs:
            score += worth(member_signs(signs, self.siblings.get(name, 0.0)), weights)
        return score


def weighed_again(
    found: Mapping[Key, Signed], worths: Worths, last: Mapping[Key, Weighed]
) -> Mapping[Key, Weighed]:
    """Score definitions before anything is said; those that have the signs that they had score the same."""
    weighed = {}
    for key, each in found.items():
        before = last.get(key)
        if before is None or before[0].signs != each.signs:
            weighed[key] = each, worths.of(each)
        else:
            weighed[key] = each, before[1]
    return weighed


@dataclass(frozen=True, slots=True)
class Settled:
    """Definitions that are found whatever is typed, and what they score before anything is said."""

    below: Mapping[Key, Signed]
    worths: Worths
    weighed: Mapping[Key, Weighed]
    """These with what they score."""
    signed: list[Signed]
    """All, with those below."""
    scores: list[float]
    names: list[str]
    places: dict[Key, int]
    """Where each of them stands in these lists."""
    words: dict[str, frozenset[str]]
    """The words of their names."""
    with_word: dict[str, frozenset[str]]
    """The names with a word."""
    shared: Counter[str]
    """How many of them have a word in their names."""


def settled_of(
    below: Mapping[Key, Signed],
    worths: Worths,
    floor: Settled | None = None,
    last: Mapping[Key, Weighed] = NONE,
) -> Settled:
    """Return what definitions score before anything is said, laid over those that were settled before.

    `last` are the same ones as they were weighed last; most have the same signs again.
    """
    weighed = weighed_again(below, worths, last)
    new = {key: each for key, each in below.items() if floor is None or key not in floor.places}
    known = {} if floor is None else floor.words
    fresh = {
        each.site.name: name_words(each.site.name) for each in new.values() if each.site.name not in known
    }
    with_word: dict[str, list[str]] = {}
    for name, words in fresh.items():
        for word in words:
            with_word.setdefault(word, []).append(name)
    added = [weighed[key][1] for key in new]
    names = [each.site.name for each in new.values()]
    shared = Counter(chain.from_iterable(map(name_words, names)))
    if floor is None:
        places = {key: place for place, key in enumerate(new)}
        by_word = {word: frozenset(with_it) for word, with_it in with_word.items()}
        return Settled(
            below, worths, weighed, list(new.values()), added, names, places, fresh, by_word, shared
        )
    signed, scores = [*floor.signed, *new.values()], [*floor.scores, *added]
    places = floor.places | {key: place for place, key in enumerate(new, len(floor.signed))}
    for key in below:
        if key in floor.places:
            signed[places[key]], scores[places[key]] = weighed[key]
    by_word = floor.with_word.copy()
    for word, with_it in with_word.items():
        by_word[word] = by_word.get(word, frozenset()).union(with_it)
    shared.update(floor.shared)
    return Settled(
        below, worths, weighed, signed, scores, [*floor.names, *names], places, known | fresh, by_word, shared
    )


@dataclass(frozen=True, slots=True, eq=False)
class Laid:
    """Definitions that are found for what is typed, laid over those that are found whatever is typed."""

    settled: Settled
    own: Mapping[Key, Signed]
    weighed: Mapping[Key, Weighed]
    """These with what they score."""
    new: Mapping[Key, Signed]
    """Those of `own` that are not among the settled ones."""
    rare: Mapping[str, float]
    """How much it says that a name has a word: the fewer of all names have it, the more."""
    names: Set[str]
    """Those of all."""

    def hears(self, here: Here) -> Heard:
        """What of all that is said near the cursor is said of one of these definitions."""
        near, rare, names = here.near, self.rare, self.names
        return Heard(
            {word: weight for word, weight in near.weights.items() if word in rare},
            {name: weight for name, weight in near.names.items() if name in names},
            names & here.counts.keys(),
        )


@dataclass(frozen=True, slots=True)
class Heard:
    """What is said near the cursor of some definitions."""

    words: Mapping[str, float]
    """The words of near lines that stand in their names, each with its weight."""
    near: Mapping[str, float]
    """Their names that stand near, each with its weight."""
    seen: Set[str]
    """Their names that stand anywhere in the file."""


def laid_over(settled: Settled, own: Mapping[Key, Signed], last: Mapping[Key, Weighed]) -> Laid:
    """Lay definitions over settled ones. `last` are the same ones as they were weighed last."""
    new = {key: each for key, each in own.items() if key not in settled.places}
    names = settled.words.keys() | {each.site.name for each in new.values()}
    weighed = weighed_again(own, settled.worths, last)
    return Laid(settled, own, weighed, new, rarity(settled, new.values()), names)


def rarity(settled: Settled, new: Iterable[Signed]) -> dict[str, float]:
    """How much it says that a name has a word: the fewer of all names have it, the more."""
    shared, count = settled.shared.copy(), len(settled.signed)
    for each in new:
        count += 1
        for word in name_words(each.site.name):
            shared[word] += 1
    logs = {number: math.log(1 + count / number) for number in set(shared.values())}
    return {word: logs[number] for word, number in shared.items()}


def scored(laid: Laid, heard: Heard) -> tuple[list[Signed], list[float]]:
    """Return all definitions, and what each of them scores."""
    settled, worths = laid.settled, laid.settled.worths
    said = _said_by_name(laid, heard)
    by_name = {name: worth(signs, worths.weights) for name, signs in said.items()}
    signed = [*settled.signed, *laid.new.values()]
    worth_of = by_name.get
    scores = [score + worth_of(name, 0.0) for score, name in zip(settled.scores, settled.names, strict=True)]
    scores += [0.0] * len(laid.new)
    places = dict(zip(laid.new, range(len(settled.signed), len(signed)), strict=True))
    for key, (each, before) in laid.weighed.items():
        place = places[key] if key in places else settled.places[key]
        name = each.site.name
        score = before + by_name[name]
        if "co-used" in each.signs:
            score += worth(co_used_signs(each.signs, said[name]), worths.weights)
        signed[place], scores[place] = each, score
    return signed, scores


def _said_by_name(laid: Laid, heard: Heard) -> dict[str, Mapping[str, float]]:
    """What is said of the names of what is laid over, and of all settled ones of which anything is."""
    with_word = laid.settled.with_word
    touched = {each.site.name for each in laid.own.values()}
    touched.update(*[with_word[word] for word in heard.words if word in with_word], heard.near, heard.seen)
    return {
        name: said_signs(
            alike(name_words(name), laid.rare, heard.words), heard.near.get(name, 0.0), name in heard.seen
        )
        for name in touched
    }


def best(signed: list[Signed], scores: list[float], most: int) -> list[tuple[float, Signed]]:
    """The definitions with the highest scores, the best first, and equal ones in the order of their paths."""
    least = heapq.nlargest(most, scores)[-1] if len(scores) > most else -math.inf
    found = [(score, each) for score, each in zip(scores, signed, strict=True) if score >= least]
    found.sort(key=lambda each: (-each[0], each[1].site.path, each[1].site.start))
    return found[:most]
