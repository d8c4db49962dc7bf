"""`fathom stage clean`: what would be shown of a model's text."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

FORMAT = """\
Reads a JSON object from standard input, or with --batch one a line:
  prefix, suffix        the text before and after the cursor
  language              the language id (default: none)
  raw                   what the model said, or a list of the pieces in which it came
  ending                "stop" (default) if the model ended itself, "length" if it was cut off
  max_lines             default 12
Prints for each {"text", "covered", "end", "rule", "stop"}: the text that replaces the next `covered`
characters, `end` = length of prefix + covered, the rule that withheld everything, and what ended the text.
"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the stage."""
    parser = subparsers.add_parser(
        "clean",
        help="clean what a model said",
        description=__doc__,
        epilog=FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--batch", action="store_true", help="read one object a line")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print what would be shown; a line that makes no sense gives {"error"} and the exit code 1."""
    code = 0
    for line in sys.stdin if arguments.batch else [sys.stdin.read()]:
        if not line.strip():
            continue
        try:
            answer = answer_for(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            answer, code = {"error": f"the input is not as `--help` says: {error!r}"}, 1
        print(json.dumps(answer, ensure_ascii=False), flush=True)
    return code


def answer_for(given: Mapping[str, Any]) -> dict[str, Any]:
    """What would be shown. Raises ValueError, TypeError, KeyError or AttributeError."""
    from lsp_server.prompts.clean import MAX_LINES, Cleaner
    from lsp_server.prompts.scene import Scene

    prefix, suffix, raw = str(given["prefix"]), str(given["suffix"]), given["raw"]
    ending = given.get("ending", "stop")
    if ending not in ("stop", "length"):
        raise ValueError(f"ending is {ending!r}")
    cleaner = Cleaner(
        Scene(prefix, suffix, str(given.get("language", ""))), int(given.get("max_lines", MAX_LINES))
    )
    for piece in [raw] if isinstance(raw, str) else raw:
        cleaner.feed(piece)
        if cleaner.enough:
            break
    cleaned = cleaner.finish(ending)
    return {
        "text": cleaned.text,
        "covered": cleaned.covered,
        "end": len(prefix) + cleaned.covered,
        "rule": cleaned.rule,
        "stop": cleaned.stop,
    }
