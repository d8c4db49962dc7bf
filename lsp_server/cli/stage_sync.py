"""`fathom stage sync`: what edits make of a document."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsp_server.cli.stage_lines import add_stage, answer_lines

if TYPE_CHECKING:
    from context.snapshot import Change, Document
    from context.text import Encoding

FORMAT = """\
Reads a JSON object from standard input, or with --batch one a line:
  encoding              in what columns are counted: "utf-8", "utf-16" (default) or "utf-32"
  text                  the document before
  changes               [{"range": {"start": {"line", "character"}, "end": {...}}, "text"}], counted from 0,
                        each in the text that the one before it left; without a range, all of the text is new
Prints for each {"text"}. Where a range makes no sense: {"text", "in_sync": false}, the text before that edit.
"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the stage."""
    parser = add_stage(subparsers, "sync", "apply edits to a document", __doc__, FORMAT)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what the edits leave; a line that makes no sense gives {"error"} and the exit code 1."""
    return answer_lines(arguments, answer_for)


def answer_for(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the edits leave. Raises ValueError, TypeError, KeyError or AttributeError."""
    changes = [_change(each) for each in given["changes"]]
    document = _edited(_text(given["text"]), changes, _encoding(given.get("encoding", "utf-16")))
    answer: dict[str, Any] = {"text": document.text.string}
    return answer if document.in_sync else {**answer, "in_sync": False}


def _edited(text: str, changes: list[Change], encoding: Encoding) -> Document:
    """The same layer as in the server."""
    from context.snapshot import Workspace

    workspace = Workspace()
    workspace.opened("stage:sync", None, "", 1, text)
    workspace.changed("stage:sync", 2, changes, encoding)
    return workspace.snapshot.documents["stage:sync"]


def _encoding(given: object) -> Encoding:
    if given == "utf-8" or given == "utf-16" or given == "utf-32":
        return given
    raise ValueError(f"encoding is {given!r}")


def _change(given: Mapping[str, Any]) -> Change:
    from context.snapshot import Change

    span = given.get("range")
    if span is None:
        return Change(None, _text(given["text"]))
    return Change((_position(span["start"]), _position(span["end"])), _text(given["text"]))


def _position(given: Mapping[str, Any]) -> tuple[int, int]:
    line, character = given["line"], given["character"]
    if type(line) is not int or type(character) is not int:
        raise ValueError(f"a position is {given!r}")
    return line, character


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise ValueError(f"a text is {given!r}")
    return given
