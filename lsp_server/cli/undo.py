"""`fathom undo`: takes back what Fathom has changed in files; later work in them is never lost."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.edits.journal import Change

MOST_LISTED = 20


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser("undo", help="take back what was changed in files", description=__doc__)
    parser.add_argument(
        "change",
        type=int,
        nargs="?",
        metavar="CHANGE",
        help="the number of a change, or of one that took others back (default: the last below here)",
    )
    parser.add_argument("--turn", action="store_true", help="take back all changes of the same turn")
    parser.add_argument("--list", action="store_true", help="list the last changes below this folder")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """List changes, or take some back; returns 1 where there is none or where later work would be lost."""
    from lsp_server.edits.journal import changes, journal_folder, standing, turn_of

    left = standing(changes(journal_folder()))
    if arguments.list:
        _print_list(list(islice(_here(left), MOST_LISTED)), arguments.json)
        return 0
    known = list(left) if arguments.turn or arguments.change else left
    change = _chosen(known, arguments.change)
    if change is None:
        return _fail(_nothing(arguments.change), arguments.json)
    return _undo(turn_of(change, known) if arguments.turn else (change,), arguments.json)


def _chosen(known: Iterable[Change], number: int | None) -> Change | None:
    if number is None:
        return next(_here(known), None)
    return next((change for change in known if change.number == number), None)


def _undo(chosen: Sequence[Change], as_json: bool) -> int:
    from lsp_server.edits.save import undo
    from lsp_server.edits.types import Refusal

    try:
        done = undo(chosen)
    except OSError as error:
        reason = error.strerror or str(error)
        return _fail(f"Nothing was changed: {error.filename or 'a file'}: {reason}", as_json)
    if isinstance(done, Refusal):
        return _fail(done.message, as_json)
    paths = [str(file.path) for file in done.files]
    if as_json:
        print(json.dumps({"undone": list(done.undoes), "change": done.number, "files": paths}))
        return 0
    for change in chosen:
        print(f"Undone: {change.number}  {_in_a_line(change.title)}")
    for path in paths:
        print(f"  {_in_a_line(path)}")
    return 0


def _fail(message: str, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": message}))
    else:
        print(f"fathom undo: {message}", file=sys.stderr)
    return 1


def _nothing(number: int | None) -> str:
    if number is None:
        return "There is nothing to undo below this folder; `fathom undo --list` shows what there is."
    return f"There is no change {number}, or it was undone already."


def _here(found: Iterable[Change]) -> Iterator[Change]:
    """The changes of which some file is below this folder, without those that took others back."""
    here = Path.cwd()
    for change in found:
        paths = [file.path for file in change.files if file.path is not None]
        if not change.undoes and any(path.is_relative_to(here) for path in paths):
            yield change


def _print_list(found: Sequence[Change], as_json: bool) -> None:
    from lsp_server.cli.table import lines_of

    if as_json:
        print(json.dumps([_described(change) for change in found], indent=2))
        return
    if not found:
        print("Fathom has changed nothing below this folder.")
        return
    rows = [("change", "when", "turn", "files", "what")]
    for change in found:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(change.time))
        names = ", ".join(file.path.name if file.path else file.uri for file in change.files)
        row = (str(change.number), when, change.turn, names, change.title)
        rows.append(tuple(map(_in_a_line, row)))  # type: ignore[arg-type]
    print("\n".join(lines_of(rows)))


def _described(change: Change) -> dict[str, object]:
    files = [{"path": str(file.path or file.uri), "version": file.version} for file in change.files]
    return {**asdict(change), "files": files, "undoes": list(change.undoes)}


def _in_a_line(text: str) -> str:
    from lsp_server.cli.visible import in_a_line

    return in_a_line(text)
