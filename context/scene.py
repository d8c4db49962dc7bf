"""What lies around a file, whatever is typed in it: remembered until an index or another document changes."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from context.found import Candidate, Key, Signed, distance
from context.imported import Imported, Usage, imported_by, known_names
from context.index import Site
from context.members import Members
from context.outline import Definition, Import
from context.repository import Opened, Repository
from context.siblings import sibling_uses
from context.worths import NONE, Heard, Laid, Settled, Worths, laid_over, settled_of

MOST_OF_NAME = 8
"""Definitions of a near name that are looked at."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """The definitions of a name that lie nearest, and what each of them is worth where there are many."""

    sites: Sequence[Site]
    share: float


@dataclass(frozen=True, slots=True)
class Ground:
    """All that the definitions depend on which are found whatever is typed on a line."""

    usages: tuple[Usage, ...]
    """How each import is used."""
    strengths: tuple[float, ...]
    """How near each import is."""
    types: Mapping[str, float]
    makers: Mapping[str, float]
    holders: tuple[Definition, ...]
    behind: frozenset[str]
    """Behind the dot of what the cursor stands."""


@dataclass(frozen=True, slots=True, eq=False)
class Beneath:
    """The definitions that are found whatever is typed on a line."""

    floor: Mapping[Key, Signed]
    """Those that are found wherever in the file the cursor is."""
    over: Mapping[Key, Signed]
    """Those over them that depend on what stands near."""
    every: Mapping[Key, Signed]


@dataclass(frozen=True, slots=True)
class Line:
    """All that the definitions depend on which are found for a line, beside those that are found anyway."""

    near: Mapping[str, float]
    """The weights of near names that mean anything."""
    passages: tuple[str, ...]
    said: tuple[Site, ...]
    edits: tuple[tuple[int, str, int], ...]
    words: Mapping[str, float]
    """What stands near, where there is a module of which it says what is likely."""
    diagnosed: tuple[str, ...] = ()
    """Names in what is said of the code here."""


@dataclass(slots=True)
class Scene:
    """A file and the repository around it. Its memories hold as long as it does."""

    path: str
    documents: tuple[Opened, ...]
    """All open ones, in their order."""
    siblings: Mapping[str, float]
    """Names that files of the same folder use, with the part of those files."""
    imports: tuple[Import, ...] = ()
    imported: tuple[Imported, ...] = ()
    known: dict[str, list[Site]] = field(default_factory=dict)
    """The definitions behind each name that the file imports."""
    members: Members = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    """In how many files names are used."""
    floor: Mapping[Key, Signed] | None = None
    """The definitions that are found wherever in the file the cursor is."""
    beneath: tuple[Ground, Beneath] | None = None
    """What was found last whatever is typed, and all on which it depends."""
    own: tuple[Line, Beneath, Mapping[Key, Signed]] | None = None
    """What was found last for a line over that, and all on which it depends."""
    likeliest: tuple[Laid, Heard, tuple[Candidate, ...]] | None = None
    """What was made last of definitions and what is said of them."""
    _settled: tuple[Settled, Settled, Beneath] | None = None
    _laid: Laid | None = None
    _meanings: dict[str, list[Site]] = field(default_factory=dict)
    _nearest: dict[str, Nearest] = field(default_factory=dict)

    def follow(self, repository: Repository, imports: tuple[Import, ...]) -> None:
        """Find out where the imports of the file lead, if these have changed."""
        if imports != self.imports:
            self.imported = imported_by(repository, self.path, imports)
            self.known = known_names(self.imported)
            self.imports, self._nearest, self.own = imports, {}, None
            self.beneath = None

    def named(self, repository: Repository, names: Collection[str]) -> dict[str, list[Site]]:
        """Definitions of names, as `Repository.named` gives them."""
        known = self._meanings
        if missing := [name for name in names if name not in known]:
            found = repository.named(missing)
            known.update((name, found.get(name, [])) for name in missing)
        return {name: sites for name in names if (sites := known[name])}

    def nearest(self, repository: Repository, names: Collection[str]) -> dict[str, Nearest]:
        """The nearest definitions of names that have any; of names that are imported, what is imported."""
        found = {}
        for name, everywhere in self.named(repository, names).items():
            if name not in self._nearest:
                sites = self.known.get(name) or everywhere
                near = sorted(sites, key=lambda site: distance(self.path, site.path))[:MOST_OF_NAME]
                self._nearest[name] = Nearest(near, 1 / math.sqrt(len(sites)))
            found[name] = self._nearest[name]
        return found

    def used_in(self, repository: Repository, names: Collection[str]) -> Mapping[str, int]:
        """In how many files names are used: these, and others that were asked for before."""
        if missing := [name for name in names if name not in self.used]:
            self.used.update(repository.used_in(missing))
        return self.used

    def settled(self, repository: Repository, beneath: Beneath, weights: Mapping[str, float]) -> Settled:
        """Return what definitions score before anything is said; for the same ones it is done once."""
        last = self._settled
        if last is not None and last[2] is beneath and last[0].worths.weights == weights:
            return last[1]
        self.used_in(repository, {each.site.name for each in beneath.every.values()})
        if last is None or last[0].below is not beneath.floor or last[0].worths.weights != weights:
            worths = Worths(self.path, weights, self.siblings, self.used)
            floor, weighed = settled_of(beneath.floor, worths), NONE
        else:
            floor, weighed = last[0], last[1].weighed
        settled = settled_of(beneath.over, floor.worths, floor, weighed)
        self._settled = floor, settled, beneath
        return settled

    def laid(self, repository: Repository, settled: Settled, own: Mapping[Key, Signed]) -> Laid:
        """Lay definitions over settled ones; the same ones are laid once."""
        last = self._laid
        if last is None or last.settled is not settled or last.own is not own:
            self.used_in(repository, {each.site.name for each in own.values()})
            same = last is not None and last.settled.worths is settled.worths
            last = self._laid = laid_over(settled, own, last.weighed if last and same else NONE)
        return last


def scene_of(repository: Repository, path: str) -> Scene:
    """Return what lies around a file, which is remembered for the one that was asked for last."""
    documents = tuple(repository.documents.values())
    last = repository.memo.scene
    if not isinstance(last, Scene) or (last.path, last.documents) != (path, documents):
        last = repository.memo.scene = Scene(path, documents, sibling_uses(repository, path))
    return last
