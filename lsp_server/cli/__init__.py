"""The `fathom` command: a table of commands, each in a file of its own that is imported only when it runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from lsp_server import __version__

COMMANDS: tuple[tuple[str, str], ...] = (
    ("serve", "run the language server for an editor"),
    ("complete", "complete at a place in a file"),
    ("edit", "change a part of a file as you say"),
    ("context", "say what a model is shown of other files, and why"),
    ("index", "say which files are read, and why others are not"),
    ("models", "list, fetch and check models"),
    ("doctor", "say what works here and what does not"),
    ("status", "say what runs on this machine"),
    ("undo", "take back what was changed in files"),
    ("stage", "run one step of the work alone, for debugging"),
    ("bench", "measure"),
)
"""Name, which is also the module's name in this package, and what it does. A module has `add(subparsers)`."""

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = _parser(arguments[0] if arguments else "")
    try:
        parsed = parser.parse_args(arguments)
        run = getattr(parsed, "run", None)
        if run is None:
            parser.print_help(sys.stderr)
            return 2
        return int(run(parsed))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output, `head` for one, has seen enough.
        sys.stderr.close()
        return 1


def _parser(wanted: str) -> argparse.ArgumentParser:
    """A parser that knows every command by name, and the wanted one with all its arguments."""
    parser = argparse.ArgumentParser(
        prog="fathom", description="Ghost text from a model on your own machine."
    )
    parser.add_argument("--version", action="version", version=f"fathom {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, summary in COMMANDS:
        if name == wanted:
            import_module(f"lsp_server.cli.{name}").add(subparsers)
        else:
            subparsers.add_parser(name, help=summary)
    return parser
