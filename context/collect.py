"""Definitions that may be wanted at a place, each with the signs that speak for it."""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from posixpath import basename, dirname, splitext

from context.found import Found, Here, Signed, distance
from context.index import Passage, Site
from context.members import MOST_MEANINGS, add_members
from context.near import IDENTIFIER, KEYWORDS
from context.outline import Import
from context.repository import Repository
from context.resolve import Module, best, module_of
from context.siblings import siblings_of
from context.traits import add_traits, name_words

MOST_FILES = 40
"""Files of the own folder, or of a module, whose definitions are looked at."""
MOST_OF_MODULE = 200
MOST_STEMS = 400
"""Files of the own folder of which at least what is named like them is looked at."""
MOST_SIBLING_USES = 300
HEADERS = (".h", ".hh", ".hpp", ".hxx", ".inc")
INCLUDE_DEPTH = 2
MOST_SAID = 60
MOST_CO_USED = 288
"""Names of passages that are looked up."""
MOST_OF_NAME = 8
"""Definitions of a near name that are looked at; a name that has more in passages says nothing there."""


def collect(repository: Repository, here: Here, passages: Sequence[Passage]) -> list[Signed]:
    """Return the definitions that may be wanted here, in no order. `passages` say what is said here."""
    found = Found()
    imported = _imports(repository, here, found)
    add_members(repository, here, imported, found)
    _named_near(repository, here, imported, found)
    _folder(repository, here, found)
    _said(repository, here, found)
    _co_used(repository, passages, found)
    _documents(repository, found)
    add_traits(repository, here, found)
    return list(found.values())


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
        said = max((weights.get(word, 0.0) for word in name_words(site.name)), default=0.0)
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


def _named_near(repository: Repository, here: Here, imported: Mapping[str, list[Site]], found: Found) -> None:
    """Add what near names mean; of names that are imported, what is imported."""
    for name, everywhere in repository.named(here.near.names.keys()).items():
        sites = imported.get(name) or everywhere
        near = sorted(sites, key=lambda site: distance(here.path, site.path))[:MOST_OF_NAME]
        for site in near:
            found.add(site, "near", here.near.names[name] / math.sqrt(len(sites)))


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


def _said(repository: Repository, here: Here, found: Found) -> None:
    for rank, site in enumerate(repository.find_sites(here.near.words, MOST_SAID)):
        found.add(site, "said", 1 / (1 + rank / 10))


def _co_used(repository: Repository, passages: Sequence[Passage], found: Found) -> None:
    """Add what is used where the code says the same."""
    strengths: dict[str, float] = {}
    for rank, passage in enumerate(passages):
        for name in set(IDENTIFIER.findall(passage.text)):
            if len(name) > 2 and name not in KEYWORDS:
                strengths[name] = strengths.get(name, 0.0) + 1 / (2 + rank)
    top = sorted(strengths, key=lambda name: -strengths[name])[:MOST_CO_USED]
    for name, sites in repository.named(top).items():
        if len(sites) >= MOST_OF_NAME:
            continue
        for site in sites:
            found.add(site, "co-used", min(1.0, strengths[name]) / math.sqrt(len(sites)))


def _documents(repository: Repository, found: Found) -> None:
    for document in repository.documents.values():
        if document.path != repository.here:
            for site in document.sites:
                found.add(site, "opened")
                if edited := repository.edited(site.path, site.start, site.end):
                    found.add(site, "edited", edited)
