"""One table of languages: their ids, files, comments and blocks. It says nothing of how a file is parsed.

A file that the table does not know is in a language all the same: one that is called after the end of its
name, with blocks by indentation and without comments. So no text is invisible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast

from context import language_formats, language_table

Blocks = Literal["braces", "indent", "words", "parens", "tags", "lines"]
"""What holds a block together: brackets, its indentation, words such as `begin` and `end`, the parentheses
of Lisp, pairs of tags; or nothing, where each line or paragraph stands for itself."""

PLAIN = "plaintext"


@dataclass(frozen=True, slots=True)
class Language:
    """A language, or a format of text."""

    id: str
    """As editors name it in the language server protocol."""
    name: str
    line_comments: tuple[str, ...]
    """What begins a comment that ends with its line; the usual one first."""
    block_comments: tuple[tuple[str, str], ...]
    blocks: Blocks
    extensions: tuple[str, ...] = ()
    """In lower case and without the dot in front; some have one inside."""
    file_names: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Other ids, interpreters in a first line, modes of Emacs."""


def language_of(path: Path, first_line: str = "") -> str:
    """The id of the language of a file, from its name and, where the name says nothing, its first line.

    A mode for Emacs counts before the name: it is how headers of C++ without an ending of their own say so.
    """
    mode = _MODE.search(first_line)
    if mode and (known := _BY_ID.get(mode[1].casefold())):
        return known
    return _by_name(path.name) or _by_first_line(first_line) or _by_any_ending(path.name)


def language(language_id: str) -> Language:
    """What is known of a language; an editor may name it by another id, as Neovim does."""
    known = _BY_ID.get(language_id) or _BY_ID.get(language_id.casefold())
    if known is None:
        return Language(language_id, language_id, (), (), "indent")
    return LANGUAGES[known]


def _by_name(name: str) -> str | None:
    if known := _BY_FILE_NAME.get(name):
        return known
    parts = name.casefold().split(".")
    # The longest ending first: `view.blade.php` is another language than `view.php`.
    endings = (".".join(parts[at:]) for at in range(1, len(parts)))
    known = next((_BY_EXTENSION[ending] for ending in endings if ending in _BY_EXTENSION), None)
    # `Dockerfile.dev`, `Makefile.linux`; names in small letters are words that mean other things too.
    return known or (_BY_FILE_NAME.get(name.split(".", 1)[0]) if name[:1].isupper() else None)


def _by_first_line(line: str) -> str | None:
    line = line.removeprefix("\ufeff")
    if shebang := _SHEBANG.match(line):
        interpreter = shebang[1].rsplit("/", 1)[-1].casefold()
        # `python3.11` is python3, and that is python.
        names = (interpreter, _VERSION.sub("", interpreter))
        return next((_BY_ID[name] for name in names if name in _BY_ID), None)
    start = line.lstrip()[:20].casefold()
    return next((known for sign, known in FIRST_LINES.items() if start.startswith(sign)), None)


def _by_any_ending(name: str) -> str:
    ending = name.casefold().rpartition(".")[2] if "." in name.lstrip(".") else ""
    return ending if _ENDING.fullmatch(ending) else PLAIN


FIRST_LINES = {
    "<?php": "php",
    "<?xml": "xml",
    "<!doctype html": "html",
    "<html": "html",
    "%!ps": "postscript",
}
"""How files begin that have no telling name."""

_SHEBANG = re.compile(r"#!\s*(?:\S*/env\s+(?:-\S+\s+|\w+=\S*\s+)*)?(\S+)")
_VERSION = re.compile(r"[\d.]+\Z")
_MODE = re.compile(r"-\*-\s*(?:.*?\bmode:\s*)?([\w+#.-]+)\s*(?:;.*?)?-\*-", re.IGNORECASE)
_ENDING = re.compile(r"[a-z][a-z0-9_+-]{0,15}")
"""What may be an id: ends such as `1`, or a hash, tell of no language."""


def _read(rows: str) -> Iterator[Language]:
    for row in re.sub(r"\n +", " ", rows.strip()).splitlines():
        known, name, comments, blocks, *lists = re.split(r" {2,}", row)
        extensions, file_names, also = (tuple(_words(each)) for each in lists)
        marks = list(_words(comments))
        lines = tuple(mark for mark in marks if "…" not in mark)
        pairs = tuple((mark.split("…")[0], mark.split("…")[1]) for mark in marks if "…" in mark)
        yield Language(known, name, lines, pairs, cast("Blocks", blocks), extensions, file_names, also)


def _words(column: str) -> list[str]:
    return [] if column == "-" else column.split()


_ROWS = sorted((*_read(language_table.ROWS), *_read(language_formats.ROWS)), key=lambda each: each.id)

LANGUAGES: Mapping[str, Language] = MappingProxyType({each.id: each for each in _ROWS})
"""By id, in the order of the ids."""

_BY_EXTENSION = {extension: each.id for each in LANGUAGES.values() for extension in each.extensions}
_BY_FILE_NAME = {name: each.id for each in LANGUAGES.values() for name in each.file_names}
_BY_ID = {name.casefold(): each.id for each in LANGUAGES.values() for name in (*each.also, each.id)}
