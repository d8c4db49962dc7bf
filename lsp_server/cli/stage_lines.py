"""What stages have in common that read JSON objects and print one for each."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

NOTHING: Mapping[str, Any] = MappingProxyType({})


def add_stage(
    subparsers: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    purpose: str,
    description: str | None,
    form: str,
) -> argparse.ArgumentParser:
    """Register a stage with its help, and its option to read many objects."""
    parser = subparsers.add_parser(
        name,
        help=purpose,
        description=description,
        epilog=form,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--batch", action="store_true", help="read one object a line")
    return parser


def answer_lines(
    arguments: argparse.Namespace,
    answer_for: Callable[[Mapping[str, Any]], dict[str, Any]],
    beside_error: Mapping[str, Any] = NOTHING,
) -> int:
    """Print an answer for each object; one that makes no sense gives {"error"} and the exit code 1."""
    code = 0
    # Bytes, since a line that is no UTF-8 must not end the reading.
    stdin = sys.stdin.buffer
    for line in stdin if arguments.batch else [stdin.read()]:
        if arguments.batch and not line.strip():
            continue
        try:
            answer = answer_for(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            message = f"the input is not as `--help` says: {error!r}"
            answer, code = {"error": message, **beside_error}, 1
        # In ASCII, since a half of a surrogate pair could not be written otherwise.
        print(json.dumps(answer), flush=True)
    return code
