"""Members of types: of near ones, of those that the class here builds on, and of imported ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from posixpath import dirname

from context.found import Found, Here, distance
from context.index import Site
from context.near import IDENTIFIER, KEYWORDS
from context.outline import TYPES
from context.repository import Repository

OWN = frozenset(("self", "this", "cls", "super"))
"""Receivers by which the members of the own class are reached."""
MOST_MEANINGS = 3
"""Definitions of a name, above which it says nothing without an import."""
LONGEST_TYPE = 60
"""Characters before the name of a function in which its type stands, in languages that have it there."""
FARTHER = 0.6
"""What the members of a base count, beside those of the class itself."""

Members = dict[tuple[Site, int], Sequence[tuple[Site, int]]]
"""Of types that were looked at, so many levels deep: they and their members, and the level of each."""


def add_members(
    repository: Repository, here: Here, imported: dict[str, list[Site]], members: Members, found: Found
) -> None:
    """Add the members of types that stand near, that the class here builds on, and that are imported."""
    near = here.near
    types = dict(near.types)
    wanted = set(near.behind)
    makers = repository.named([name for name in near.makers if name not in types])
    for name, sites in makers.items():
        for site in _meant(sites, imported.get(name, []), here):
            found.add(site, "maker", near.makers[name])
            for made in _result_types(site.signature, name):
                types[made] = max(types.get(made, 0.0), 0.8 * near.makers[name])
                if name in near.behind:
                    wanted.add(made)
    bases = [
        name
        for holder in near.holders
        if holder.kind in TYPES
        for name in _bases(holder.signature, holder.name)
    ]
    meanings = repository.named({*types, *bases, *imported})
    for name, strength in types.items():
        sites = _meant(meanings.get(name, []), imported.get(name, []), here)
        _add_of_types(repository, sites, members, found, "member", strength)
        if name in wanted:
            _add_of_types(repository, sites, members, found, "wanted", 1.0)
    for name in bases:
        sites = _meant(meanings.get(name, []), imported.get(name, []), here)
        _add_of_types(repository, sites, members, found, "inherited", 1.0, depth=2)
        if near.behind & OWN:
            _add_of_types(repository, sites, members, found, "wanted", 1.0, depth=2)
    for alias, sites in imported.items():
        _add_of_types(repository, sites, members, found, "import-member", near.names.get(alias, 0.3))


def _result_types(signature: str, name: str) -> Iterator[str]:
    """Yield names of types in what a function returns: behind its parameters, or before its name."""
    behind = signature[signature.rfind(")") + 1 :]
    before = signature[: max(0, signature.find(name))]
    for part in (behind, before[-LONGEST_TYPE:]):
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


def _add_of_types(
    repository: Repository,
    sites: Iterable[Site],
    members: Members,
    found: Found,
    sign: str,
    strength: float,
    depth: int = 1,
) -> None:
    strengths = [strength, strength * FARTHER, strength * FARTHER * FARTHER]
    for site in sites:
        if site.kind not in TYPES:
            continue
        key = site, depth
        if key not in members:
            members[key] = tuple(_of_type(repository, site, depth, 0))
        for member, level in members[key]:
            found.add(member, sign, strengths[level])


def _of_type(repository: Repository, site: Site, depth: int, level: int) -> Iterator[tuple[Site, int]]:
    """Yield a type and its members, and those of types that it builds on, so many levels deep."""
    if site.kind not in TYPES:
        return
    yield site, level
    prefix = site.qualified + "."
    for member in repository.inside(site.path):
        if member.qualified.startswith(prefix) and "." not in member.qualified[len(prefix) :]:
            yield member, level
    if level == depth:
        return
    for bases in repository.named(_bases(site.signature, site.name)).values():
        near = sorted(bases, key=lambda base: distance(site.path, base.path) + (base.path != site.path))
        if near:
            yield from _of_type(repository, near[0], depth, level + 1)


def _bases(signature: str, name: str) -> list[str]:
    """The names behind that of a type, among which are those of the types that it builds on."""
    behind = signature.partition(name)[2]
    return [found for found in IDENTIFIER.findall(behind) if found not in KEYWORDS]
