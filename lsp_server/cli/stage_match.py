"""`fathom stage match`: where an old text stands, and the text with the new one in its place."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from lsp_server.cli.stage_lines import add_stage, answer_lines

FORMAT = """\
Reads a JSON object from standard input, or with --batch one a line:
  text                  the text that is to be changed
  old, new              what is to be replaced in it, as a model gives it, and by what
  replace_all           whether all places are meant (default: false, there must be one)
Prints for each {"text", "step", "note"}: the text after, the step of the ladder that found the place, and
what the model is told where the old text was not quite what stands there. Where nothing can be replaced:
{"error", "reason", "nearest": [{"line", "text"}]}, with the lines that are nearest, counted from 1.
"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the stage."""
    parser = add_stage(subparsers, "match", "find what a model wants to replace", __doc__, FORMAT)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what becomes of each text; a line that makes no sense gives {"error"} and the exit code 1."""
    return answer_lines(arguments, answer_for, {"nearest": []})


def answer_for(given: Mapping[str, Any]) -> dict[str, Any]:
    """What becomes of a text. Raises ValueError, TypeError, KeyError or AttributeError."""
    from lsp_server.edits.apply import spliced
    from lsp_server.edits.match import match, match_all
    from lsp_server.edits.types import Refusal
    from lsp_server.edits.unmatched import Unmatched

    text, old, new = (_text(given[name]) for name in ("text", "old", "new"))
    found = (match_all if _flag(given.get("replace_all", False)) else match)(text, old, new)
    after = found if isinstance(found, Refusal) else spliced(text, found.edits)
    if isinstance(after, str) and not isinstance(found, Refusal):
        return {"text": after, "step": found.step, "note": found.note}
    assert isinstance(after, Refusal)
    places = after.nearest if isinstance(after, Unmatched) else ()
    nearest = [{"line": place.line, "text": place.text} for place in places]
    return {"error": after.message, "reason": after.reason, "nearest": nearest}


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise ValueError(f"a text is {given!r}")
    return given


def _flag(given: object) -> bool:
    if given is not None and not isinstance(given, bool):
        raise ValueError(f"replace_all is {given!r}")
    return bool(given)
