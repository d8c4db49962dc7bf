"""`fathom edit`: change a part of a file as an instruction says, and show or write the change."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_server.cli.progress import IndexProgress, ModelProgress
from lsp_server.cli.spot import root_of

if TYPE_CHECKING:
    from context.snapshot import Document
    from lsp_server.config import Options
    from lsp_server.features.edit_request import Edited, EditRequest, Outcome, Progress
    from lsp_server.features.instructions import Action

LINGER = 60.0
"""Seconds that the model stays for the next command."""
RUNS = "{} runs when the project is built or tested. Look at the change before you do either."


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a file, from 1, the last one included; None for all of them."""

    path: Path
    first: int | None = None
    last: int | None = None


def lines_of(text: str) -> Lines:
    """Read FILE, FILE:LINE or FILE:FIRST-LAST; for argparse, whose error it raises."""
    name, colon, numbers = text.rpartition(":")
    first, dash, last = numbers.partition("-")
    if not colon or not first.isdecimal() or (dash and not last.isdecimal()):
        return Lines(Path(text))
    if not name or int(first) < 1 or (dash and int(last) < int(first)):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not FILE, FILE:LINE or FILE:FIRST-LAST, with lines from 1"
        )
    return Lines(Path(name), int(first), int(last or first))


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser("edit", help="change a part of a file as you say", description=__doc__)
    parser.add_argument("lines", type=lines_of, metavar="FILE[:FIRST-LAST]", help="default: the whole file")
    parser.add_argument(
        "instruction", nargs="?", default="", help='default: a comment "fathom: ..." at the top of the lines'
    )
    parser.add_argument("--action", metavar="ID", help="an action instead; a wrong name lists them")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--diff", action="store_true", help="print a unified diff and write nothing (default)")
    shown.add_argument("--write", action="store_true", help="write the file; `fathom undo` takes it back")
    parser.add_argument("--anyway", action="store_true", help="write even if something speaks against it")
    parser.add_argument("--show-prompt", action="store_true", help="print what the model is asked, too")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--model", metavar="NAME", help="a name from `fathom models list`, or a GGUF file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Edit and print; returns 1 where there is no change, or one that needs a look before it is written."""
    from lsp_server.edits.save import read_text
    from lsp_server.edits.types import Refusal

    path: Path = arguments.lines.path
    try:
        text = read_text(path)
    except OSError as error:
        return _fail(arguments, "not-a-file", f"{path} cannot be read: {error.strerror}.")
    if text is None:
        return _fail(arguments, "not-a-file", f"there is no file {path}.")
    if isinstance(text, Refusal):
        return _fail(arguments, text.reason, text.message)
    if "\0" in text:
        return _fail(arguments, "not-text", f"{path} is a binary file.")
    if problem := _past_the_end(arguments.lines, text):
        return _fail(arguments, "out-of-range", problem)
    action = _action(arguments)
    if isinstance(action, str):
        return _fail(arguments, "no-instruction", action)
    return asyncio.run(_edit(arguments, text, action))


def _past_the_end(lines: Lines, text: str) -> str:
    from context.text import Text

    count = Text(text).line_count - text.endswith(("\n", "\r"))
    # The line behind the last line end is a place for new ones.
    if lines.last is None or lines.last <= count + 1:
        return ""
    return f"{lines.path} has {count:,} lines."


def _action(arguments: argparse.Namespace) -> Action | str | None:
    """The action that was named, None where none was; or what is wrong with it."""
    if arguments.action is None:
        return None
    from lsp_server.config import actions_path
    from lsp_server.features.instructions import BUILT_IN, find
    from lsp_server.features.own_actions import read_own_actions

    own = read_own_actions(actions_path())
    for problem in own.problems:
        print(f"fathom edit: {problem}", file=sys.stderr)
    found = find(arguments.action, own.actions)
    if found is None or found.result != "edit":
        names = ", ".join(each.id for each in (*BUILT_IN, *own.actions) if each.result == "edit")
        return f"there is no action {arguments.action!r} that changes lines; there are {names}."
    return found


async def _edit(arguments: argparse.Namespace, text: str, action: Action | None) -> int:
    from context.languages import language_of
    from lsp_server.models.open import open_backend
    from lsp_server.session import open_session

    path: Path = arguments.lines.path.resolve()
    uri, root = path.as_uri(), root_of(path)
    options = _options(arguments.model)
    opener = partial(open_backend, local=options.local, linger=LINGER)
    async with open_session(options, opener) as session:
        session.listen(ModelProgress().report)
        session.indexers.listen(IndexProgress().report)
        if (root / ".git").exists():
            session.moved([root])
        else:
            # A folder that is no repository may be anything, also all that the user has.
            session.workspace.moved([root])
        session.workspace.opened(uri, path, language_of(path, text.split("\n", 1)[0]), None, text)
        snapshot = session.workspace.snapshot
        request = _request(arguments, snapshot.documents[uri], action)
        await session.indexed()
        outcome = await session.edit(snapshot, request, _EditProgress(arguments.show_prompt).report)
    return _report(arguments, text, outcome)


def _options(model: str | None) -> Options:
    from lsp_server.config import config_path, read_own_file

    options, problems = read_own_file(config_path())
    for problem in problems:
        print(f"fathom: {problem}", file=sys.stderr)
    return options if model is None else replace(options, model=model)


def _request(arguments: argparse.Namespace, document: Document, action: Action | None) -> EditRequest:
    from lsp_server.features.actions import span_for
    from lsp_server.features.edit_request import EditRequest

    lines: Lines = arguments.lines
    text = document.text
    first, last = (lines.first or 1) - 1, (lines.last or text.line_count) - 1
    instruction = " ".join(filter(None, (action.instruction if action else "", arguments.instruction)))
    start, end = text.line_start(first), text.line_start(last + 1)
    if action and action.scope == "definition" and lines.first is not None and first == last:
        span = span_for(document, action, start, start)
        start, end = (span.start, span.end) if span else (start, end)
    return EditRequest(document.uri, start, end, instruction, title=action.title if action else "")


def _report(arguments: argparse.Namespace, text: str, outcome: Outcome) -> int:
    from lsp_server.edits.apply import apply
    from lsp_server.edits.diff import unified
    from lsp_server.edits.protected import runs_code
    from lsp_server.features.edit_request import NotEdited

    if isinstance(outcome, NotEdited):
        return _fail(arguments, outcome.reason, outcome.message)
    after = apply(outcome.edits.files[0], text)
    assert isinstance(after, str)
    diff = unified(text, after, arguments.lines.path.as_posix().lstrip("/"))
    written, problem = _written(arguments, outcome)
    if arguments.json:
        print(json.dumps(_described(outcome, diff, written, problem), ensure_ascii=False))
    else:
        if not arguments.write:
            print(diff, end="")
        for doubt in outcome.doubts:
            print(f"fathom edit: {doubt.message}", file=sys.stderr)
        if runs_code(arguments.lines.path):
            print(f"fathom edit: {RUNS.format(arguments.lines.path)}", file=sys.stderr)
        print(f"fathom edit: {problem or _figures(outcome, written)}", file=sys.stderr)
    return 1 if problem or (outcome.doubts and not arguments.anyway) else 0


def _written(arguments: argparse.Namespace, outcome: Edited) -> tuple[int | None, str]:
    """The number of the change in the journal, if it was written; and why not, if it should have been."""
    if not arguments.write:
        return None, ""
    if outcome.doubts and not arguments.anyway:
        return None, "nothing was written; look at it with --diff, or write it with --anyway."
    from lsp_server.edits.save import save
    from lsp_server.edits.types import Refusal

    try:
        change = save(outcome.edits)
    except OSError as error:
        return None, f"nothing was written: {error.filename or 'the file'}: {error.strerror or error}."
    if isinstance(change, Refusal):
        return None, f"nothing was written. {change.message}"
    return change.number, ""


def _fail(arguments: argparse.Namespace, reason: str, message: str) -> int:
    if arguments.json:
        print(json.dumps({"reason": reason, "message": message}, ensure_ascii=False))
    else:
        print(f"fathom edit: {message}", file=sys.stderr)
    return 1


def _described(outcome: Edited, diff: str, written: int | None, problem: str) -> dict[str, Any]:
    usage = outcome.usage
    return {
        "reason": "edited",
        "message": problem,
        "diff": diff,
        "doubts": [{"reason": doubt.reason, "message": doubt.message} for doubt in outcome.doubts],
        "change": written,
        "tries": outcome.tries,
        "model": outcome.model,
        "tokens": {
            "prompt": usage.prompt,
            "cached": usage.cached,
            "evaluated": usage.evaluated,
            "generated": usage.generated,
        },
        "ms": round(outcome.ms, 1),
    }


def _figures(outcome: Edited, written: int | None) -> str:
    usage = outcome.usage
    done = "" if written is None else f"written; `fathom undo {written}` takes it back. "
    tries = "" if outcome.tries == 1 else f"{outcome.tries} tries, "
    return (
        f"{done}{outcome.model}: {tries}{usage.prompt} tokens in the prompt, "
        f"{usage.cached} kept from before, {usage.generated} generated, {outcome.ms / 1000:.1f} s"
    )


class _EditProgress:
    """Says on stderr what the model is doing: on one line of a terminal, else a line for each step."""

    def __init__(self, show_prompt: bool) -> None:
        self._terminal = sys.stderr.isatty()
        self._show_prompt = show_prompt

    def report(self, progress: Progress) -> None:
        from lsp_server.features.edit_request import Reading, ReadOn, Written
        from lsp_server.prompts.fim import spelled

        if isinstance(progress, Reading):
            if self._show_prompt:
                print(spelled(progress.prompt), file=sys.stderr)
            self._say(f"reading about {progress.tokens:,} tokens")
        elif isinstance(progress, ReadOn):
            if self._terminal:
                self._say(f"read {progress.percent} %")
        elif isinstance(progress, Written):
            if self._terminal:
                self._say(f"{progress.count} lines")
        else:
            self._say(f"trying again: {progress.reason}")

    def _say(self, what: str) -> None:
        print(f"\r\033[Kfathom: {what}" if self._terminal else f"fathom: {what}", end="", file=sys.stderr)
        print("\r" if self._terminal else "\n", end="", file=sys.stderr, flush=True)
