"""What the imports of a file bring up: the definitions that they name, or all of a module."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from context.found import Here
from context.index import Site
from context.members import MOST_MEANINGS
from context.outline import Import
from context.repository import Repository
from context.resolve import Module, best, module_of
from context.traits import name_words

MOST_FILES = 40
"""Files of a module, or of the own folder, whose definitions are looked at."""
MOST_OF_MODULE = 200
HEADERS = (".h", ".hh", ".hpp", ".hxx", ".inc")
INCLUDE_DEPTH = 2
INCLUDED = 0.5
"""What a definition counts in a header that another one includes."""

Usage = tuple[str, float]
"""The sign by which an import speaks for what it brings up, and its strength."""


@dataclass(frozen=True, slots=True)
class Imported:
    """Where an import leads: to definitions, or else to modules as a whole."""

    alias: str
    """The name by which the file knows it."""
    sites: Sequence[Site]
    modules: Sequence[Sequence[Site]] = ()
    """What each file of a module defines at its top."""
    included: Sequence[Sequence[Site]] = ()
    """What each header defines that its own headers include."""

    @property
    def is_big(self) -> bool:
        """Whether it leads to files of which only the likeliest definitions count."""
        return any(len(sites) > MOST_OF_MODULE for sites in chain(self.modules, self.included))


def imported_by(repository: Repository, path: str, imports: Iterable[Import]) -> tuple[Imported, ...]:
    """Follow the imports of a file; the same ones lead to the same until the repository changes."""
    imports = tuple(imports)
    names = {each.name for each in imports if each.name not in ("", "*", "default")}
    meanings = repository.named(names) if names else {}
    return tuple(_imported(repository, path, each, meanings.get(each.name, [])) for each in imports)


def known_names(imported: Iterable[Imported]) -> dict[str, list[Site]]:
    """The definitions behind each name by which a file knows them."""
    known: dict[str, list[Site]] = {}
    for each in imported:
        if each.sites:
            known.setdefault(each.alias, []).extend(each.sites)
    return known


def usage_of(imported: Imported, here: Here) -> Usage:
    """How an import is used in a file, as far as it stands there."""
    names, alias = here.near.names, imported.alias
    if not imported.sites:
        strength = here.near.receivers.get(alias, names.get(alias, 0.0))
        return ("module-near", strength) if strength else ("module", 1.0)
    if here.counts.get(alias, 0) <= 1:
        return "imported-unused", 1.0
    return ("imported-near", names[alias]) if alias in names else ("imported-far", 1.0)


def brought_up(imported: Imported, usage: Usage) -> Iterator[tuple[Site, Usage]]:
    """Yield what an import brings up, but for modules of which only the likeliest definitions count."""
    for site in imported.sites:
        yield site, usage
    for sites in imported.modules:
        if len(sites) <= MOST_OF_MODULE:
            yield from ((site, usage) for site in sites)
    for sites in imported.included:
        if len(sites) <= MOST_OF_MODULE:
            yield from ((site, ("module", INCLUDED)) for site in sites)


def brought_up_by_words(imported: Imported, usage: Usage, here: Here) -> Iterator[tuple[Site, Usage]]:
    """Yield what an import brings up of big modules, where it depends on what stands near the cursor."""
    for sites in imported.modules:
        if len(sites) > MOST_OF_MODULE:
            yield from ((site, usage) for site in _likeliest(sites, here))
    for sites in imported.included:
        if len(sites) > MOST_OF_MODULE:
            yield from ((site, ("module", INCLUDED)) for site in _likeliest(sites, here))


def files_of(repository: Repository, module: Module) -> list[str]:
    """The files that a module means: one of its name, or those in a folder of its name."""
    paths = best(module, [path for stem in module.stems for path in repository.by_stem(stem)])
    if not paths and module.exact:
        paths = best(module, repository.in_folder(module.exact[0]))
    if not paths and module.parts:
        paths = best(module, repository.in_folders_named(module.parts[-1]))
    return paths[:MOST_FILES]


def _imported(repository: Repository, path: str, each: Import, meanings: Sequence[Site]) -> Imported:
    module = module_of(each, path)
    if sites := _behind(module, meanings):
        return Imported(each.alias or each.name, sites)
    name = each.name if each.name not in ("", "*", "default") else ""
    target = module.below(name) if name else module
    paths = files_of(repository, target)
    modules = [[site for site in repository.inside(path) if "." not in site.qualified] for path in paths]
    headers = _included(repository, paths) if each.module.endswith(HEADERS) else []
    included = [repository.inside(path) for path in headers]
    return Imported(each.alias or name or next(iter(target.stems), ""), (), modules, included)


def _behind(module: Module, sites: Sequence[Site]) -> list[Site]:
    """The definitions that an imported name means: those whose file fits its module best."""
    top = [site for site in sites if "." not in site.qualified] or sites
    paths = set(best(module, {site.path for site in top}))
    return [site for site in top if site.path in paths][:MOST_MEANINGS]


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


def _likeliest(sites: Sequence[Site], here: Here) -> Sequence[Site]:
    """Of many definitions those that siblings use or that sound like what stands near."""
    weights: Mapping[str, float] = here.near.weights

    def likelihood(site: Site) -> float:
        said = max((weights.get(word, 0.0) for word in name_words(site.name)), default=0.0)
        return here.siblings.get(site.name, 0.0) + said

    return heapq.nlargest(MOST_OF_MODULE, sites, key=likelihood)
