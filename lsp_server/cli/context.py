"""`fathom context`: what a model would be shown of other files at a place, and why."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_server.cli.spot import Spot, UnreadableError, read, root_of, spot_of
from lsp_server.cli.table import lines_of
from lsp_server.cli.visible import in_a_line, visible

if TYPE_CHECKING:
    from context.pack import Packed, Part
    from context.signs import Purpose
    from context.snapshot import Document, Snapshot
    from lsp_server.cli.context_page import Place
    from lsp_server.config import Options
    from lsp_server.features.repository import Repositories
    from lsp_server.models.backend import Backend

PURPOSES = ("fill", "edit", "chat")
MOST = 1_000_000
"""Tokens that any model reads at most."""
AROUND = 4
"""Lines that the page shows before and after the place."""
MORE = 50_000
"""Tokens within which it is looked for a name that was missed."""
EVERY = 5.0
"""Seconds between two lines that say how far the index is."""
LONGEST = 72
"""Characters of a part's first line that are shown."""

FORMAT = """\
Prints the parts that would stand in the prompt, the best first, each with its reason, and with --text the
text itself as the model reads it. A name that you miss: `fathom context FILE:LINE:COL --why NAME`.
Tokens are counted by the model if it is there, else estimated ("about").
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What would be sent, the place that it is for, and what else is known of it."""

    packed: Packed
    place: Place
    why: tuple[str, ...] = ()
    """Sentences about the name that the user misses."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "context",
        help="say what a model is shown of other files, and why",
        description=__doc__,
        epilog=FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "spot", type=spot_of, metavar="FILE:LINE:COL", help="line and column count from 1, in characters"
    )
    parser.add_argument("--purpose", choices=PURPOSES, default="fill", help="what it is for (default: fill)")
    parser.add_argument(
        "--budget",
        type=_tokens,
        metavar="TOKENS",
        help="how much (default: what suggestions may have, completion.max_sources_tokens)",
    )
    parser.add_argument(
        "--root", type=Path, help="the folder of the repository (default: the nearest above that has .git)"
    )
    parser.add_argument("--model", default="", metavar="NAME", help="the model that counts tokens")
    parser.add_argument("--estimate", action="store_true", help="estimate tokens; do not start a model")
    parser.add_argument("--why", metavar="NAME", help="say why this name is there, or is not")
    parser.add_argument("--text", action="store_true", help="print the text, too")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--html", type=Path, metavar="PAGE", help="write a page with a picture of the budget")
    parser.set_defaults(run=run)


def _tokens(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of tokens from 1 to {MOST:,}")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Print what would be sent; returns 1 where the file or its repository cannot be read."""
    from context.secrets import is_secret_path
    from context.store import StoreError

    try:
        path = arguments.spot.path.resolve()
        if is_secret_path(arguments.spot.path) or is_secret_path(path):
            raise UnreadableError(f"{in_a_line(str(path))} is never read: its name says that it is secret.")
        text = read(path)
        options = _own_options()
        if arguments.budget is None:
            arguments.budget = max(1, options.completion.max_sources_tokens)
        root = _root(arguments.root, path)
        seen = asyncio.run(_seen(arguments, path, text, root, options.pinned))
        if arguments.html is not None:
            _write_page(arguments.html, seen)
    except (UnreadableError, StoreError) as problem:
        print(f"fathom context: {problem}", file=sys.stderr)
        return 1
    _print(arguments, seen)
    return 0


def _own_options() -> Options:
    """The settings in the user's file."""
    from lsp_server.config import config_path, read_own_file

    options, _ = read_own_file(config_path())
    return options


def _root(named: Path | None, path: Path) -> Path:
    """The folder of the repository. Raises UnreadableError."""
    if named is None:
        return root_of(path)
    root = named.resolve()
    if not root.is_dir():
        raise UnreadableError(f"there is no folder {named}.")
    if not path.is_relative_to(root):
        raise UnreadableError(f"{path} is not in {root}.")
    return root


async def _seen(
    arguments: argparse.Namespace, path: Path, text: str, root: Path, pinned: tuple[str, ...]
) -> Seen:
    """Bring the index up to date and pack. Raises StoreError."""
    from context.index import Index
    from context.languages import language_of
    from context.snapshot import Workspace
    from lsp_server.cli.context_why import Answer, why
    from lsp_server.index_places import index_folder

    workspace = Workspace([root])
    uri = path.as_uri()
    workspace.opened(uri, path, language_of(path, text.split("\n", 1)[0]), 1, text)
    snapshot = workspace.snapshot
    document = snapshot.documents[uri]
    cursor = _offset(document, arguments.spot)
    repositories = _opened(root)
    _pin(repositories, root, pinned)
    index = Index(index_folder([root]))
    backend = None if arguments.estimate else _backend(arguments.model)
    try:
        asked = _Asked(repositories, backend, snapshot, document, cursor, arguments.purpose)
        packed = await asked.packed(arguments.budget)
        place = await _place(asked, root, packed, repositories.counts.are_exact and backend is not None)
        if not arguments.why:
            return Seen(packed, place)
        more = await asked.roughly(max(MORE, 4 * arguments.budget))
        last = arguments.why.rsplit(".", 1)[-1]
        sites = index.named([last]).get(last, [])
        answer = Answer(packed, more, str(path), str(root))
        return Seen(packed, place, tuple(why(arguments.why, sites, answer)))
    finally:
        index.close()
        repositories.close()
        if backend is not None:
            await backend.close()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A place, and who can say what is shown there."""

    repositories: Repositories
    backend: Backend | None
    snapshot: Snapshot
    document: Document
    cursor: int
    purpose: Purpose

    async def packed(self, budget: int) -> Packed:
        """What would be sent in so many tokens, as the model counts them if it is there."""
        from lsp_server.features.inspect import packed_at

        place = self.snapshot, self.document, self.cursor, self.purpose
        packed, error = await packed_at(self.repositories, self.backend, *place, budget)
        if error is not None:
            print(f"fathom context: tokens are estimated. {error}", file=sys.stderr)
        return packed

    async def roughly(self, budget: int) -> Packed:
        """The same with the counts that are known."""
        return await self.repositories.packed(self.snapshot, self.document, self.cursor, self.purpose, budget)


def _offset(document: Document, spot: Spot) -> int:
    """The offset of a place; one past the end is moved to the nearest there is, and the user is told."""
    offset = document.text.offset(spot.line - 1, spot.column - 1, "utf-32")
    line, column = (index + 1 for index in document.text.position(offset, "utf-32"))
    if (line, column) != (spot.line, spot.column):
        print(
            f"fathom context: {spot.line}:{spot.column} is past the end; taken as {line}:{column}.",
            file=sys.stderr,
        )
    return offset


def _opened(root: Path) -> Repositories:
    """The repository of a root, its index up to date unless another process is at it. Raises StoreError."""
    from context.indexing import writing
    from context.store import BusyError
    from lsp_server.features.repository import IndexedRoot, Repositories
    from lsp_server.index_places import index_folder

    folder, shown_at = index_folder([root]), time.monotonic()
    try:
        with writing(folder, [root]) as indexing:
            for progress in indexing.sweep():
                if not progress.done and time.monotonic() - shown_at > EVERY:
                    shown_at = time.monotonic()
                    print(f"fathom context: {progress.files:,} files indexed", file=sys.stderr, flush=True)
    except BusyError:
        print(f"fathom context: another process keeps the index of {root}.", file=sys.stderr)
    repositories = Repositories()
    repositories.use([IndexedRoot(root, root, folder)])
    return repositories


def _pin(repositories: Repositories, root: Path, pinned: tuple[str, ...]) -> None:
    """Show pinned files first; of one that is not shown, say why."""
    from lsp_server.features.pins import not_shown

    repositories.pins.use(pinned)
    for sentence in not_shown(pinned, [root]):
        print(f"fathom context: {in_a_line(sentence)}", file=sys.stderr)


def _backend(model: str) -> Backend | None:
    from lsp_server.models.backend import ModelError
    from lsp_server.models.open import open_backend

    try:
        return open_backend(model)
    except ModelError as error:
        print(f"fathom context: tokens are estimated. {error}", file=sys.stderr)
        return None


async def _place(asked: _Asked, root: Path, packed: Packed, exact: bool) -> Place:
    from lsp_server.cli.context_page import Place

    text, path = asked.document.text, asked.document.path
    line, column = text.position(asked.cursor, "utf-32")
    lines = await asked.repositories.lines(asked.snapshot, asked.document, packed.parts)
    return Place(
        path=path.relative_to(root).as_posix() if path else "",
        line=line + 1,
        column=column + 1,
        purpose=asked.purpose,
        root=str(root),
        around=_around(text.string, asked.cursor),
        is_exact=exact,
        lines=lines,
    )


def _around(text: str, cursor: int) -> tuple[str, str]:
    """Some lines before and after the place."""
    before, after = text[:cursor].split("\n"), text[cursor:].split("\n")
    return "\n".join(before[-1 - AROUND :]), "\n".join(after[: 1 + AROUND])


def _write_page(path: Path, seen: Seen) -> None:
    """Write the page, whole or not at all. Raises UnreadableError."""
    from lsp_server.cli.context_page import page

    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("x", encoding="utf-8") as file:
            file.write(page(seen.packed, seen.place))
        temporary.replace(path)
    except OSError as error:
        raise UnreadableError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        temporary.unlink(missing_ok=True)


def _print(arguments: argparse.Namespace, seen: Seen) -> None:
    if arguments.json:
        print(json.dumps(_described(seen), ensure_ascii=False))
        return
    for sentence in seen.why:
        print(in_a_line(sentence))
    if seen.why:
        print()
    print("\n".join(lines_of(list(_rows(seen)))))
    print()
    print(_totals(seen))
    if arguments.text:
        for section in seen.packed.sections:
            print(f"\n──── {in_a_line(section.path)}\n{visible(section.text)}", end="")
    if arguments.html is not None:
        print(arguments.html)


def _rows(seen: Seen) -> Iterator[list[str]]:
    """The table, the best first."""
    yield ["SCORE", "TOKENS", "REASON", "PLACE", "BEGINS WITH"]
    for path, part in sorted(_parts(seen.packed), key=lambda each: -each[1].score):
        lines = seen.place.lines_of(part)
        first = next((line.strip() for line in part.text.splitlines() if line.strip()), "")
        shown = first if len(first) <= LONGEST else f"{first[: LONGEST - 1]}…"
        yield [
            f"{part.score:.2f}",
            f"{part.tokens:,}",
            part.reason,
            in_a_line(f"{path}:{lines}" if lines else path),
            in_a_line(shown),
        ]


def _parts(packed: Packed) -> Iterator[tuple[str, Part]]:
    """Each part with its path inside the repository."""
    for section in packed.sections:
        for part in section.parts:
            yield section.path, part


def _totals(seen: Seen) -> str:
    packed, place = seen.packed, seen.place
    about = "" if place.is_exact else "about "
    parts, files = len(packed.parts), len(packed.sections)
    return (
        f"{parts:,} {'part' if parts == 1 else 'parts'} of {files:,} {'file' if files == 1 else 'files'},"
        f" {about}{packed.tokens:,} of {packed.budget:,} tokens, to {place.purpose} at"
        f" {in_a_line(place.path)}:{place.line}:{place.column}."
    )


def _described(seen: Seen) -> dict[str, Any]:
    packed, place = seen.packed, seen.place
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "root": place.root,
        "purpose": place.purpose,
        "budget": packed.budget,
        "tokens": packed.tokens,
        "exact": place.is_exact,
        "parts": [_part(path, part, place) for path, part in _parts(packed)],
        "sections": [{"path": section.path, "text": section.text} for section in packed.sections],
        **({"why": list(seen.why)} if seen.why else {}),
    }


def _part(path: str, part: Part, place: Place) -> dict[str, Any]:
    first, last = place.lines.get((part.path, part.start, part.end), (None, None))
    return {
        "path": path,
        "start": part.start,
        "end": part.end,
        "lines": [first, last],
        "tokens": part.tokens,
        "score": round(part.score, 4),
        "reason": part.reason,
    }
