"""`fathom bench sync`: what an edit in a long document costs, here and with pygls's own document."""

from __future__ import annotations

import argparse
import json
import random
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from time import perf_counter
from typing import Any

from context.snapshot import Change, Workspace
from context.text import Text
from lsp_server.cli.table import lines_of

URI = "file:///long.py"
COLUMNS = 20
"""Edits are made before this column; all lines are longer."""
NEAR = 20
"""Lines between which the user is going to and fro, in one place of the document."""

FORMAT = """\
Each edit replaces or inserts a character, or inserts a line. Times are in milliseconds:
  edit                  one change, from the client's positions to the new snapshot
  edit and string       with the whole text as one string too, as every completion needs it
  pygls                 the same change in the document of pygls, which always makes the whole text
  ratio                 pygls to `edit and string`, at the median
"""


@dataclass(frozen=True, slots=True)
class Spread:
    """Times of many edits in milliseconds."""

    p50: float
    p95: float
    max: float


@dataclass(frozen=True, slots=True)
class Measured:
    """Edits in one place of a document."""

    place: str
    edit: Spread
    edit_and_string: Spread
    pygls: Spread
    ratio: float
    same_text: bool
    """Whether both have the same text in the end."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the benchmark."""
    parser = subparsers.add_parser(
        "sync",
        help="edits in a long document",
        description=__doc__,
        epilog=FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--lines", type=_positive, default=60_000, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--edits", type=_positive, default=200, metavar="N", help="in each place (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 on")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; returns 1 if Fathom and pygls do not come to the same text."""
    string = document(arguments.lines)
    measured = []
    for place, choose in places(arguments.lines).items():
        print(f"fathom bench sync: {arguments.edits} edits, {place}", file=sys.stderr)
        changes = edits(choose, arguments.edits)
        measured.append(measure(place, string, changes))
    memory = memory_of_texts(string, changes)
    if arguments.json:
        about = {"lines": arguments.lines, "characters": len(string), "edits": arguments.edits}
        print(json.dumps({**about, "places": [asdict(each) for each in measured], "memory": memory}))
    else:
        print(*_table(measured), "", sep="\n")
        print(f"{arguments.lines:,} lines, {len(string):,} characters. A text that is kept after an edit")
        print(
            f"takes {_kib(memory['text'])} more, and {_kib(memory['string'])} once its string was asked for."
        )
    return 0 if all(each.same_text for each in measured) else 1


def _kib(count: int) -> str:
    return f"{count / 1024:,.0f} KiB"


def document(lines: int) -> str:
    """A program with so many lines."""
    return "".join(f"    value_{line} = compute(value_{line - 1}, {line * 7})\n" for line in range(lines))


def places(lines: int) -> dict[str, Callable[[random.Random], int]]:
    """For each place a function that chooses a line there."""
    near = min(NEAR, lines)
    return {
        "start": lambda chance: chance.randrange(near),
        "middle": lambda chance: (lines - near) // 2 + chance.randrange(near),
        "end": lambda chance: lines - near + chance.randrange(near),
        "random": lambda chance: chance.randrange(lines),
    }


def edits(choose: Callable[[random.Random], int], count: int) -> list[Change]:
    """The same edits for everybody, in every run."""
    chance = random.Random(1)
    return [_edit(chance, choose(chance)) for _ in range(count)]


def _edit(chance: random.Random, line: int) -> Change:
    column = chance.randrange(COLUMNS)
    kind = chance.random()
    if kind < 0.1:
        return Change(((line, 0), (line, 0)), "    another = compute(value, 1)\n")
    end = column + 1 if kind < 0.4 else column
    return Change(((line, column), (line, end)), "x")


def measure(place: str, string: str, changes: Sequence[Change]) -> Measured:
    """Make the same changes with Fathom and with pygls."""
    edit, edit_and_string, text = _with_fathom(string, changes)
    pygls, source = _with_pygls(string, changes)
    ratio = round(pygls.p50 / edit_and_string.p50, 1)
    return Measured(place, edit, edit_and_string, pygls, ratio, text.string == source)


def _with_fathom(string: str, changes: Iterable[Change]) -> tuple[Spread, Spread, Text]:
    workspace = Workspace()
    workspace.opened(URI, None, "python", 0, string)
    edit, edit_and_string = [], []
    for version, change in enumerate(changes, 1):
        began = perf_counter()
        workspace.changed(URI, version, [change], "utf-16")
        edited = perf_counter()
        _ = workspace.snapshot.documents[URI].text.string
        edit_and_string.append(perf_counter() - began)
        edit.append(edited - began)
    return _spread(edit), _spread(edit_and_string), workspace.snapshot.documents[URI].text


def _with_pygls(string: str, changes: Iterable[Change]) -> tuple[Spread, str]:
    # Looked up by name, since these types must not be imported outside of `lsp_server/protocol/`: here they
    # are no part of the program, but what it is compared with.
    types, text_document = import_module("lsprotocol.types"), import_module("pygls.workspace").TextDocument
    peer = text_document(URI, source=string, version=0, language_id="python")
    times = []
    for event in _events(types, changes):
        began = perf_counter()
        peer.apply_change(event)
        times.append(perf_counter() - began)
    return _spread(times), str(peer.source)


def _events(types: Any, changes: Iterable[Change]) -> Iterator[Any]:
    for change in changes:
        if change.range is not None:
            start, end = (types.Position(line, column) for line, column in change.range)
            yield types.TextDocumentContentChangePartial(range=types.Range(start, end), text=change.text)


def _spread(seconds: Sequence[float]) -> Spread:
    ordered = sorted(seconds)
    p50, p95 = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]
    return Spread(*(round(1000 * time, 4) for time in (p50, p95, ordered[-1])))


def memory_of_texts(string: str, changes: Sequence[Change]) -> dict[str, int]:
    """Bytes for each text that is kept after an edit: as it is, and what its string adds."""
    workspace = Workspace()
    workspace.opened(URI, None, "python", 0, string)
    kept: list[Text] = []
    tracemalloc.start()
    for version, change in enumerate(changes, 1):
        workspace.changed(URI, version, [change], "utf-16")
        kept.append(workspace.snapshot.documents[URI].text)
    texts, _ = tracemalloc.get_traced_memory()
    _ = kept[-1].string
    with_string, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return {"text": texts // len(kept), "string": with_string - texts}


def _table(measured: Iterable[Measured]) -> Iterator[str]:
    rows = [("", "ms", *(f"{name:>7}" for name in ("p50", "p95", "max")), "")]
    for each in measured:
        slower = f"{each.ratio:.0f} times as long as `edit and string`"
        rows.append((each.place, "edit", *_cells(each.edit), ""))
        rows.append(("", "edit and string", *_cells(each.edit_and_string), ""))
        rows.append(("", "pygls", *_cells(each.pygls), slower))
    return lines_of(rows)


def _cells(spread: Spread) -> tuple[str, str, str]:
    return f"{spread.p50:7.3f}", f"{spread.p95:7.3f}", f"{spread.max:7.3f}"
