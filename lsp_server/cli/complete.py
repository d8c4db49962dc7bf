"""`fathom complete`: what the model would put at a place in a file, shown in its place."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from lsp_server.cli.progress import IndexProgress, ModelProgress
from lsp_server.cli.spot import Spot, UnreadableError, read, root_of, spot_of

if TYPE_CHECKING:
    from lsp_server.config import Options
    from lsp_server.features.complete import Completion, Place
    from lsp_server.session import Session

AROUND = 5
"""Lines that are shown before and after the place."""
PATIENCE_MS = 120_000
READ_MS = 6000
"""Someone who types a command waits longer than someone who types a program, and wants more to be read."""
LINGER = 60.0
"""Seconds that the model stays for the next command."""
FAILURES = frozenset({"no-model", "model-failed", "excluded", "too-large", "timeout"})


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser("complete", help="complete at a place in a file", description=__doc__)
    parser.add_argument(
        "spot", type=spot_of, metavar="FILE:LINE:COL", help="line and column count from 1, in characters"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--show-prompt", action="store_true", help="print what the model is asked, too")
    parser.add_argument("--model", metavar="NAME", help="a name from `fathom models list`, or a GGUF file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Complete and print; returns 1 where the model could not be asked."""
    try:
        text = read(arguments.spot.path)
    except UnreadableError as problem:
        print(f"fathom complete: {problem}", file=sys.stderr)
        return 1
    return asyncio.run(_complete(arguments, text))


async def _complete(arguments: argparse.Namespace, text: str) -> int:
    from context.languages import language_of
    from lsp_server.features.complete import Place
    from lsp_server.models.open import open_backend
    from lsp_server.session import open_session

    spot: Spot = arguments.spot
    path = spot.path.resolve()
    uri = path.as_uri()
    options = _options(arguments.model)
    opener = partial(open_backend, local=options.local, linger=LINGER)
    async with open_session(options, opener) as session:
        session.listen(ModelProgress().report)
        session.indexers.listen(IndexProgress().report)
        root = root_of(path)
        if (root / ".git").exists():
            session.moved([root])
        else:
            # A folder that is no repository may be anything, also all that the user has.
            session.workspace.moved([root])
        session.workspace.opened(uri, path, language_of(path, text.split("\n", 1)[0]), 1, text)
        place = Place(uri, _offset(session, uri, spot))
        await session.indexed()
        prompt, completion = await _asked(session, place)
        # The picture is made before the session ends, so that the time says what the work took.
        _print(arguments, session, uri, completion, prompt)
    return 1 if completion.reason in FAILURES else 0


def _options(model: str | None) -> Options:
    from lsp_server.config import config_path, read_own_file

    options, problems = read_own_file(config_path())
    for problem in problems:
        print(f"fathom: {problem}", file=sys.stderr)
    patient = replace(options.completion, wait="for-model", timeout_ms=PATIENCE_MS)
    patient = replace(patient, read_ms=max(READ_MS, patient.read_ms))
    return replace(options, model=options.model if model is None else model, completion=patient)


def _offset(session: Session, uri: str, spot: Spot) -> int:
    """The offset of a place; one past the end is moved to the nearest there is, and the user is told."""
    text = session.workspace.snapshot.documents[uri].text
    offset = text.offset(spot.line - 1, spot.column - 1, "utf-32")
    line, column = (index + 1 for index in text.position(offset, "utf-32"))
    if (line, column) != (spot.line, spot.column):
        print(
            f"fathom complete: {spot.line}:{spot.column} is past the end; taken as {line}:{column}.",
            file=sys.stderr,
        )
    return offset


async def _asked(session: Session, place: Place) -> tuple[str, Completion]:
    """The completion, and the prompt for it with its control tokens spelled out."""
    from lsp_server.features.ask import ask
    from lsp_server.models.backend import ModelError
    from lsp_server.prompts.fim import spelled

    snapshot = session.workspace.snapshot
    try:
        # Before the completion, since the speed that is measured then would change the prompt.
        info = await session.backend().info()
    except ModelError:
        return "", await session.complete(snapshot, place)
    completion = await session.complete(snapshot, place)
    if not completion.model:
        return "", completion
    document = snapshot.documents[place.uri]
    completion_options, choose = session.options.completion, session.repositories.sources
    asked = await ask(snapshot, document, place.offset, "", info, completion_options, choose=choose)
    return spelled(asked.prompt), completion


def _print(
    arguments: argparse.Namespace, session: Session, uri: str, completion: Completion, prompt: str
) -> None:
    text = session.workspace.snapshot.documents[uri].text
    if arguments.json:
        answer = _described(completion)
        for name, offset in (("start", completion.start), ("end", completion.end)):
            line, character = text.position(offset, "utf-32")
            answer["range"][name] = {"line": line, "character": character}
        if arguments.show_prompt:
            answer["prompt"] = prompt
        print(json.dumps(answer, ensure_ascii=False))
        return
    if arguments.show_prompt and prompt:
        print(f"{prompt}\n")
    if completion.text:
        print("\n".join(_picture(text.string, completion)))
    else:
        print(f"fathom complete: nothing ({completion.reason}). {completion.detail}", file=sys.stderr)
    if completion.model:
        print(_figures(completion), file=sys.stderr)


def _described(completion: Completion) -> dict[str, Any]:
    usage, ms = completion.usage, completion.ms
    return {
        "text": completion.text,
        "range": {},
        "reason": completion.reason,
        "detail": completion.detail,
        "model": completion.model,
        "tokens": {
            "prompt": usage.prompt,
            "cached": usage.cached,
            "evaluated": usage.evaluated,
            "generated": usage.generated,
        },
        "ms": {
            "context": round(ms.context, 1),
            "queue": round(ms.queue, 1),
            "prefill": round(ms.prefill, 1),
            "first": round(ms.first, 1),
            "total": round(ms.total, 1),
        },
    }


def _picture(text: str, completion: Completion) -> Iterator[str]:
    """The lines around the place, with the new text in it."""
    opened, closed = ("\033[2;3m", "\033[0m") if sys.stdout.isatty() else ("⟦", "⟧")
    before, after = _lines(text[: completion.start]), _lines(text[completion.end :])
    ghost = [f"{opened}{line}{closed}" if line else "" for line in _lines(completion.text)]
    ghost[0] = before[-1] + ghost[0]
    ghost[-1] += after[0]
    lines = [*before[:-1], *ghost, *after[1:]]
    first = max(0, len(before) - 1 - AROUND)
    last = len(before) + len(ghost) - 1 + AROUND
    for number, line in enumerate(lines[first:last], first + 1):
        yield f"{number:5} │ {line}"


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _figures(completion: Completion) -> str:
    usage, ms = completion.usage, completion.ms
    return (
        f"{completion.model}: {usage.prompt} tokens in the prompt, {usage.cached} kept from before, "
        f"{usage.evaluated} evaluated, {usage.generated} generated; "
        f"first after {ms.first:.0f} ms, all after {ms.total:.0f} ms"
    )
