"""From the text of import statements to `Import`: quotes taken away, lists in braces written out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from context.outline import Import

LONGEST = 20_000
"""Characters of one statement that are read."""
DEEPEST = 20
"""Lists in lists. Each level repeats what stands before it."""

_PIECE = re.compile(r"[{},]|[^{},]+")
_ALIAS = re.compile(r"\s+as\s+|\s*=>\s*")
_KEYWORD = re.compile(r"^import\s")
_QUOTED = re.compile(r"[\"'<`]([^\"'<>`\n]+)[\"'>`]")
_PATH = re.compile(r"[\w@$][\w.:/\\$@*-]*")
_WORDS = re.compile(
    r"(?:import|use|using|include|include_once|require|require_once|require_relative|from|static|load|source|open"
    r"|package|public|type|qualified)$",
    re.IGNORECASE,
)


def one(module: str, name: str, alias: str, split: str | None, offset: int) -> Import:
    """Return an import from its parts. To split it, a name that is missing ends the path of the module."""
    module, name = _unquoted(module), _unquoted(name)
    if split is not None and not name and split in module:
        module, _, name = module.rpartition(split)
    return Import(module, name, alias, offset)


def _unquoted(text: str) -> str:
    return text.strip().strip("\"'`<>").strip()


def written_out(text: str, separator: str, offset: int) -> Iterator[Import]:
    """Yield each name of a statement such as `a::{b, c as d}`; the separator parts the names of a path.

    A name that is `self` or empty stands for the module itself.
    """
    for path, at in _leaves(_KEYWORD.sub(lambda word: " " * len(word[0]), text[:LONGEST])):
        full, *alias = _ALIAS.split(path, maxsplit=1)
        module, _, name = re.sub(r"\s+", "", full).rpartition(separator)
        name = "*" if name in ("*", "_") else name
        if not module:
            module, name = name, ""
        yield Import(module, "" if name == "self" else name, alias[0].strip() if alias else "", offset + at)


def _leaves(text: str) -> Iterator[tuple[str, int]]:
    """Yield each path in full, and where its last part begins."""
    prefixes, last, at = [""], "", 0
    for piece in _PIECE.finditer(text):
        if piece[0] == "{":
            prefixes.append(prefixes[-1] + last.strip() if len(prefixes) < DEEPEST else "")
            last = ""
        elif piece[0] in ",}":
            if last.strip():
                yield prefixes[-1] + last.strip(), at
            last = ""
            if piece[0] == "}" and len(prefixes) > 1:
                prefixes.pop()
        else:
            last = piece[0]
            at = piece.start() + len(last) - len(last.lstrip())
    if last.strip():
        yield prefixes[-1] + last.strip(), at


def guessed(text: str, offset: int) -> Iterator[Import]:
    """Yield what a statement of an unknown language imports: what is quoted, or else its first path."""
    quoted = _QUOTED.search(text[:LONGEST])
    if quoted:
        yield Import(quoted[1].strip(), "", "", offset + quoted.start(1))
        return
    for path in _PATH.finditer(text[:LONGEST]):
        if not _WORDS.match(path[0].lstrip("@")):
            yield Import(path[0].rstrip(".:"), "", "", offset + path.start())
            return
