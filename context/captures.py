"""What the captures of a query mean: from those of `queries/` to definitions and imports.

`@definition.<kind>` is all of a definition, and beside it `@name`, `@body`, `@doc` and `@scope`; a
`@name.first` counts where there is no other name before it. `@import` is a statement, with `@module`, `@name`
and `@alias`. What a grammar does not say in one node is set in the query: `module` and `name` are words,
`split` parts the name from the path of the module, and `list` says what parts the names in lists with braces.
`@import.guess` is a statement of which nothing else is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from context.imports import guessed, one, written_out
from context.nesting import Found
from context.outline import KINDS, Import, Span

LONGEST_NAME = 200
"""Characters of a name; a longer one is none, but a part of the code."""

_ARGUMENTS = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, slots=True)
class Place:
    """A node of a tree: its span in characters, and its first and last line."""

    start: int
    end: int
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern that was found. Of two patterns for the same thing, the first in the query counts."""

    rank: int
    places: Mapping[str, Place]
    settings: Mapping[str, str | None]


def definitions_in(source: str, matches: Iterable[Match]) -> Iterator[Found]:
    """Yield the definitions, but not the names that imports give to what they import."""
    matches = sorted(matches, key=lambda match: match.rank)
    aliases = {match.places["alias"].start for match in matches if "alias" in match.places}
    named: set[tuple[int, int]] = set()
    for match in matches:
        found = _definition(source, match)
        if found is None or found.name_at in aliases:
            continue
        if "name.first" not in match.places or (found.start, found.end) not in named:
            yield found
        named.add((found.start, found.end))


def _definition(source: str, match: Match) -> Found | None:
    places = match.places
    kind = next((kind for kind in KINDS if f"definition.{kind}" in places), None)
    name = places.get("name") or places.get("name.first")
    if kind is None or name is None:
        return None
    whole, body, doc = places[f"definition.{kind}"], places.get("body"), places.get("doc")
    text = source[name.start : name.end]
    if len(text) > LONGEST_NAME or "\n" in text.strip():
        return None
    scope, skipped = _scope(text)
    if "scope" in places:
        scope = source[places["scope"].start : places["scope"].end]
    return Found(
        kind=kind,
        start=whole.start,
        end=whole.end,
        name=text[skipped:],
        name_at=name.start + skipped,
        rank=match.rank,
        scope=scope,
        body=Span(body.start, body.end) if body else None,
        body_lines=(body.first_line, body.last_line) if body else None,
        doc=Span(doc.start, doc.end) if doc else None,
    )


def _scope(name: str) -> tuple[str, int]:
    """Return what stands before the last `::` of a name, as names with dots, and how long that is."""
    before, mark, last = name.rpartition("::")
    if not mark or before.count("<") != before.count(">"):
        return "", 0
    blanks = len(last) - len(last.lstrip())
    return _ARGUMENTS.sub("", before).replace("::", ".").strip(), len(before) + len(mark) + blanks


def imports_in(source: str, matches: Iterable[Match]) -> tuple[Import, ...]:
    """Return the imports in the order of the source."""
    found: dict[tuple[int, int], list[Import]] = {}
    modules = set()
    for match in sorted(matches, key=lambda match: match.rank):
        whole = match.places.get("import") or match.places.get("import.guess")
        if whole is None:
            continue
        module, name = match.places.get("module", whole), match.places.get("name")
        at = module.start, -1 if name is None else name.start
        if at not in found and (name is not None or module.start not in modules):
            modules.add(module.start)
            found[at] = list(_imported(source, match))
    return tuple(sorted(chain.from_iterable(found.values()), key=lambda each: each.offset))


def _imported(source: str, match: Match) -> Iterable[Import]:
    places, settings = match.places, match.settings
    text = {name: source[place.start : place.end] for name, place in places.items()}
    if "import.guess" in places:
        return guessed(text["import.guess"], places["import.guess"].start)
    if "list" in settings:
        return written_out(text["module"], settings["list"] or ".", places["module"].start)
    module = settings.get("module") or text.get("module", "")
    name = settings.get("name") or text.get("name", "")
    offset = places.get("name", places.get("module", places["import"])).start
    return [one(module, name, text.get("alias", ""), settings.get("split"), offset)]
