"""Definitions that may be wanted at a place, each with the signs that speak for it."""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from posixpath import basename, dirname, splitext

from context.index import Passage, Site
from context.near import IDENTIFIER, KEYWORDS, Near
from context.outline import TYPES, Import, Outline
from context.repository import Repository
from context.resolve import Module, best, module_of
from context.search import words_of

MOST_FILES = 40
"""Files of the own folder whose definitions are looked at."""
MOST_SIBLINGS = 15
"""Files of the own folder whose imports are looked at."""
MOST_OF_MODULE = 200
MOST_STEMS = 400
"""Files of the own folder of which at least what is named like them is looked at."""
MOST_SIBLING_USES = 300
HEADERS = (".h", ".hh", ".hpp", ".hxx", ".inc")
INCLUDE_DEPTH = 2
MOST_SAID = 60
MOST_CO_USED = 96
COMMON = 100
"""Files that use a name, from which on it says little."""
CALLABLE = frozenset({"function", "method", "macro"})
MOST_MEANINGS = 3
"""Definitions of a name, above which it says nothing without an import."""
TEST = re.compile(
    r"(?:^|[/_.-])(?:tests?|specs?|testing|__tests__|fixtures|examples?|benches|benchmarks)(?:[/_.-]|$)", re.I
)


@dataclass(frozen=True, slots=True)
class Here:
    """The file of the cursor: what gather is asked about."""

    path: str
    text: str
    cursor: int
    outline: Outline
    near: Near
    counts: Mapping[str, int]
    """How often each name stands in the text."""
    siblings: Mapping[str, float]
    """Names that files of the same folder use, with the part of those files; like-named files count thrice."""


@dataclass(slots=True)
class Signed:
    """A definition and its signs."""

    site: Site
    signs: dict[str, float] = field(default_factory=dict)

    def add(self, sign: str, strength: float) -> None:
        self.signs[sign] = max(strength, self.signs.get(sign, 0.0))


class Found(dict[tuple[str, int, str], Signed]):
    """Definitions by path, offset and name, each once."""

    def add(self, site: Site, sign: str, strength: float = 1.0) -> None:
        """Let a sign speak for a definition."""
        key = site.path, site.start, site.name
        signed = self.get(key)
        if signed is None:
            signed = self[key] = Signed(site)
        signed.add(sign, strength)


def collect(repository: Repository, here: Here, passages: Sequence[Passage]) -> list[Signed]:
    """Return the definitions that may be wanted here, in no order. `passages` say what is said here."""
    found = Found()
    imported = _imports(repository, here, found)
    _members(repository, here, imported, found)
    _named_near(repository, here, found)
    _folder(repository, here, found)
    _said(repository, here, found)
    _co_used(repository, here, passages, found)
    _documents(repository, found)
    _intrinsic(repository, here, found)
    return list(found.values())


# --- imports ---


def _imports(repository: Repository, here: Here, found: Found) -> dict[str, list[Site]]:
    """Add what the file imports; return the definitions behind each name by which the file knows them."""
    imports = here.outline.imports
    names = {each.name for each in imports if each.name not in ("", "*", "default")}
    meanings = repository.named(names) if names else {}
    known: dict[str, list[Site]] = {}
    for each in imports:
        module = module_of(each, here.path)
        alias = each.alias or each.name
        sites = _behind(module, meanings.get(each.name, []))
        if sites:
            known.setdefault(alias, []).extend(sites)
            sign, strength = _usage(alias, here)
            for site in sites:
                found.add(site, sign, strength)
        else:
            _module(repository, here, each, module, found)
    return known


def _behind(module: Module, sites: list[Site]) -> list[Site]:
    """The definitions that an imported name means: those whose file fits its module best."""
    top = [site for site in sites if "." not in site.qualified] or sites
    paths = set(best(module, {site.path for site in top}))
    return [site for site in top if site.path in paths][:MOST_MEANINGS]


def _usage(alias: str, here: Here) -> tuple[str, float]:
    if here.counts.get(alias, 0) <= 1:
        return "imported-unused", 1.0
    if alias in here.near.names:
        return "imported-near", here.near.names[alias]
    return "imported-far", 1.0


def _module(repository: Repository, here: Here, imported: Import, module: Module, found: Found) -> None:
    """Add what is in a module that is imported as a whole."""
    name = imported.name if imported.name not in ("", "*", "default") else ""
    target = module.below(name) if name else module
    paths = files_of(repository, target)
    alias = imported.alias or name or next(iter(target.stems), "")
    strength = here.near.receivers.get(alias, here.near.names.get(alias, 0.0))
    for path in paths:
        sites = [site for site in repository.inside(path) if "." not in site.qualified]
        for site in _likeliest(sites, here):
            found.add(site, "module-near" if strength else "module", strength or 1.0)
    if imported.module.endswith(HEADERS):
        for path in _included(repository, paths):
            for site in _likeliest(repository.inside(path), here):
                found.add(site, "module", 0.5)


def _likeliest(sites: Sequence[Site], here: Here) -> Sequence[Site]:
    """Of many definitions those that siblings use or that sound like what stands near."""
    if len(sites) <= MOST_OF_MODULE:
        return sites
    weights = here.near.weights

    def likelihood(site: Site) -> float:
        said = max((weights.get(word, 0.0) for word in _name_words(site.name)), default=0.0)
        return here.siblings.get(site.name, 0.0) + said

    return heapq.nlargest(MOST_OF_MODULE, sites, key=likelihood)


def _included(repository: Repository, paths: Sequence[str]) -> list[str]:
    """Return the headers that headers include, and those that these include."""
    known, level = dict.fromkeys(paths), list(paths)
    for _ in range(INCLUDE_DEPTH):
        level = [
            path
            for header in level[:MOST_FILES]
            for each in repository.imports(header)
            for path in files_of(repository, module_of(each, header))
            if path not in known
        ]
        known.update(dict.fromkeys(level))
    return [path for path in known if path not in paths][:MOST_FILES]


def files_of(repository: Repository, module: Module) -> list[str]:
    """The files that a module means: one of its name, or those in a folder of its name."""
    paths = best(module, [path for stem in module.stems for path in repository.by_stem(stem)])
    if not paths and module.exact:
        paths = best(module, repository.in_folder(module.exact[0]))
    if not paths and module.parts:
        paths = best(module, repository.in_folders_named(module.parts[-1]))
    return paths[:MOST_FILES]


# --- members ---


def _members(repository: Repository, here: Here, imported: dict[str, list[Site]], found: Found) -> None:
    """Add the members of types that stand near, that the class here builds on, and that are imported."""
    near = here.near
    types = dict(near.types)
    makers = repository.named([name for name in near.makers if name not in types])
    for name, sites in makers.items():
        for site in _meant(sites, imported.get(name, []), here):
            found.add(site, "maker", near.makers[name])
            for made in _result_types(site.signature, name):
                types[made] = max(types.get(made, 0.0), 0.8 * near.makers[name])
    bases = [
        name
        for holder in near.holders
        if holder.kind in TYPES
        for name in IDENTIFIER.findall(holder.signature.partition(holder.name)[2])
        if name not in KEYWORDS
    ]
    meanings = repository.named({*types, *bases, *imported})
    receivers = {name: weight for name, weight in types.items()}
    for name, strength in receivers.items():
        sites = _meant(meanings.get(name, []), imported.get(name, []), here)
        _add_members(repository, sites, found, "member", strength)
    for name in bases:
        sites = _meant(meanings.get(name, []), imported.get(name, []), here)
        _add_members(repository, sites, found, "inherited", 1.0, depth=2)
    for alias, sites in imported.items():
        _add_members(repository, sites, found, "import-member", near.names.get(alias, 0.3))


def _result_types(signature: str, name: str) -> Iterator[str]:
    """Yield names of types in what a function returns: behind its parameters, or before its name."""
    behind = signature[signature.rfind(")") + 1 :]
    before = signature[: max(0, signature.find(name))]
    for part in (behind, before[-60:]):
        for found in IDENTIFIER.findall(part):
            if found[:1].isupper():
                yield found


def _meant(sites: list[Site], imported: list[Site], here: Here) -> list[Site]:
    """The types that a name means: the imported one, else one of the same folder, else if there are few."""
    if imported:
        return imported
    types = [site for site in sites if site.kind in TYPES or site.kind in ("function", "method")]
    folder = dirname(here.path)
    own = [site for site in types if dirname(site.path) == folder]
    return own or (types if len(types) <= MOST_MEANINGS else [])


def _add_members(
    repository: Repository, sites: Iterable[Site], found: Found, sign: str, strength: float, depth: int = 1
) -> None:
    for site in sites:
        if site.kind not in TYPES:
            continue
        found.add(site, sign, strength)
        prefix = site.qualified + "."
        for member in repository.inside(site.path):
            if member.qualified.startswith(prefix) and "." not in member.qualified[len(prefix) :]:
                found.add(member, sign, strength)
        if depth > 0:
            names = [
                name
                for name in IDENTIFIER.findall(site.signature.partition(site.name)[2])
                if name not in KEYWORDS
            ]
            for bases in repository.named(names).values():
                near = sorted(
                    bases, key=lambda base: _distance(site.path, base.path) + (base.path != site.path)
                )
                _add_members(repository, near[:1], found, sign, strength * 0.6, depth - 1)


# --- near names, the folder, search ---


def _named_near(repository: Repository, here: Here, found: Found) -> None:
    for name, sites in repository.named(here.near.names.keys()).items():
        near = sorted(sites, key=lambda site: _distance(here.path, site.path))[:8]
        for site in near:
            found.add(site, "near", here.near.names[name] / math.sqrt(len(sites)))


def _distance(one: str, other: str) -> int:
    """Folders on the way from one path to another."""
    a, b = one.split("/")[:-1], other.split("/")[:-1]
    common = next((at for at, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return len(a) + len(b) - 2 * common


def _folder(repository: Repository, here: Here, found: Found) -> None:
    """Add what is defined in the same folder, and what its files use and import."""
    paths = siblings_of(repository, here.path)
    for path in paths[:MOST_FILES]:
        for site in repository.inside(path):
            if "." not in site.qualified or site.kind == "method":
                found.add(site, "folder")
    stems = {splitext(basename(path))[0] for path in paths[MOST_FILES:MOST_STEMS]}
    folder = dirname(here.path)
    for name, sites in repository.named(stems).items():
        for site in sites:
            if dirname(site.path) == folder:
                found.add(site, "folder")
    used = heapq.nlargest(MOST_SIBLING_USES, here.siblings, key=lambda name: here.siblings[name])
    for sites in repository.named(used).values():
        if len(sites) <= MOST_MEANINGS:
            for site in sites:
                found.add(site, "sibling-uses", here.siblings[site.name])


def _said(repository: Repository, here: Here, found: Found) -> None:
    for rank, site in enumerate(repository.find_sites(here.near.words, MOST_SAID)):
        found.add(site, "said", 1 / (1 + rank / 10))


def _co_used(repository: Repository, here: Here, passages: Sequence[Passage], found: Found) -> None:
    """Add what is used where the code says the same."""
    strengths: dict[str, float] = {}
    for rank, passage in enumerate(passages):
        for name in set(IDENTIFIER.findall(passage.text)):
            if len(name) > 2 and name not in KEYWORDS:
                strengths[name] = strengths.get(name, 0.0) + 1 / (2 + rank)
    top = sorted(strengths, key=lambda name: -strengths[name])[: 3 * MOST_CO_USED]
    for name, sites in repository.named(top).items():
        if len(sites) >= 8:
            continue
        for site in sites:
            found.add(site, "co-used", min(1.0, strengths[name]) / math.sqrt(len(sites)))


def _documents(repository: Repository, found: Found) -> None:
    for document in repository.documents.values():
        if document.path != repository.here:
            for site in document.sites:
                found.add(site, "opened")


# --- what a definition is in itself ---


def _intrinsic(repository: Repository, here: Here, found: Found) -> None:
    """Add to each definition what speaks for or against it wherever it came from."""
    counts = repository.used_in({signed.site.name for signed in found.values()})
    stem = _stem_words(here.path)
    words = [_name_words(signed.site.name) for signed in found.values()]
    shared = Counter(chain.from_iterable(words))
    rare = {word: math.log(1 + len(found) / count) for word, count in shared.items()}
    paths = {path: _path_signs(here.path, stem, path) for path in {each.site.path for each in found.values()}}
    near, weights = here.near.names, here.near.weights
    for signed, said in zip(found.values(), words, strict=True):
        site, signs = signed.site, signed.signs
        whole = sum(rare[word] for word in said) or 1.0
        used = counts.get(site.name, 0)
        signs.update(paths[site.path])
        # Roots: the step from nothing to a little says more than that from much to more.
        alike = math.sqrt(sum(rare[word] * weights[word] for word in said if word in weights) / whole)
        siblings = math.sqrt(here.siblings.get(site.name, 0.0))
        seen = float(site.name in here.counts)
        signs["alike"] = alike
        signs["sibling-uses"] = siblings
        signs["sibling-popular"] = siblings * math.sqrt(min(1.0, math.log1p(used) / 6))
        signs["common"] = float(used > COMMON)
        signs["seen-near"] = near.get(site.name, 0.0)
        signs["seen-far"] = seen
        signs["type"] = float(site.kind in TYPES)
        signs["callable"] = float(site.kind in CALLABLE)
        signs["constant"] = float(site.kind == "constant")
        if member := math.sqrt(signs.get("member", 0.0)):
            signs["member"], signs["member-sibling"] = member, member * siblings
        if co_used := signs.get("co-used", 0.0):
            signs["co-used-alike"], signs["co-used-seen"] = co_used * alike, co_used * seen


def sibling_uses(repository: Repository, path: str) -> dict[str, float]:
    """Return the names that files in the same folder use, each with the part of those files.

    Files with a like name count up to three times.
    """
    stem = _stem_words(path)
    uses: dict[str, float] = {}
    total = 0.0
    for sibling in siblings_of(repository, path)[:MOST_SIBLINGS]:
        weight = 1 + 2 * _stem_likeness(stem, _stem_words(sibling))
        total += weight
        for name in repository.uses(sibling):
            uses[name] = uses.get(name, 0.0) + weight
    return {name: weight / total for name, weight in uses.items() if name not in KEYWORDS}


def siblings_of(repository: Repository, here: str) -> list[str]:
    """Return the files of the same folder with the same ending, those with a like name first."""
    ending, stem = splitext(here)[1], _stem_words(here)
    paths = [path for path in repository.in_folder(dirname(here)) if path.endswith(ending)]
    return sorted(paths, key=lambda path: -_stem_likeness(stem, _stem_words(path)))


@lru_cache(maxsize=65_536)
def _stem_words(path: str) -> frozenset[str]:
    return frozenset(words_of(splitext(basename(path))[0])) - {"test", "tests", "spec"}


def _stem_likeness(one: Set[str], other: Set[str]) -> float:
    """Which part of the words in the names of two files is the same."""
    return len(one & other) / len(one | other) if one and other else 0.0


def _path_signs(here: str, stem: Set[str], path: str) -> dict[str, float]:
    test = TEST.search(path) is not None and TEST.search(here) is None
    return {
        "test": float(test),
        "far-away": min(1.0, _distance(here, path) / 8),
        "like-file": _stem_likeness(stem, _stem_words(path)),
    }


@lru_cache(maxsize=65_536)
def _name_words(name: str) -> frozenset[str]:
    return frozenset(words_of(name))
