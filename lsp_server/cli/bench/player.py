"""A session to be measured: with a model host of its own, and with files opened as an editor opens them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.cli.bench.figures import Key
from lsp_server.cli.bench.keys import Step

if TYPE_CHECKING:
    from lsp_server.config import Options
    from lsp_server.features.complete import Completion
    from lsp_server.session import Session

PATIENCE_MS = 600_000
"""For one answer; the first one may load the model and reads the file."""
LINGER = 0.5
"""Seconds that the host of a benchmark lives on."""
FAILURES = ("no-model", "model-failed", "excluded", "too-large", "not-open", "out-of-sync", "timeout")
MOST_BYTES = 300_000
"""Of a file that is opened to be read along with another one."""


def measured_files(named: Sequence[Path], count: int) -> list[Path]:
    """The files that the user names, or some of Python's own: real ones that are the same everywhere."""
    import argparse
    import subprocess
    import textwrap

    known = [Path(module.__file__ or "") for module in (argparse, subprocess, textwrap)]
    return [path.absolute() for path in named] or known[:count]


def options_of(model: str | None, tokens: int | None) -> Options:
    """The user's options, patient, and so that nothing is read but for the key that is measured."""
    from lsp_server.config import config_path, read_own_file

    options, _ = read_own_file(config_path())
    completion = replace(
        options.completion,
        wait="for-model",
        timeout_ms=PATIENCE_MS,
        max_tokens=tokens or options.completion.max_tokens,
        read_ahead_ms=0,
    )
    model = options.model if model is None else model
    return replace(options, completion=completion, model=model, enabled=True, disabled_languages=())


@asynccontextmanager
async def measured_session(options: Options) -> AsyncIterator[Session]:
    """A session whose host has read nothing yet. Raises ModelError where there is no model."""
    from lsp_server.models.open import open_backend
    from lsp_server.session import open_session

    with _own_host():
        opener = partial(open_backend, local=options.local, linger=LINGER)
        async with open_session(options, opener) as session:
            await session.backend().info()
            yield session


@contextmanager
def _own_host() -> Iterator[None]:
    """Look for hosts where there are none: one that an editor uses has read who knows what."""
    before = os.environ.get("XDG_RUNTIME_DIR")
    with tempfile.TemporaryDirectory(prefix="fathom-", ignore_cleanup_errors=True) as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["XDG_RUNTIME_DIR"]
            else:
                os.environ["XDG_RUNTIME_DIR"] = before


def open_file(session: Session, path: Path, text: str) -> str:
    """Show a file to the session; returns its URI."""
    uri = path.as_uri()
    session.workspace.opened(uri, path, path.suffix.lstrip("."), 1, text)
    return uri


def neighbours(path: Path, characters: int) -> list[tuple[Path, str]]:
    """Files of the same kind beside a file, with so many characters together; the next by name first."""
    others = sorted(other for other in path.parent.glob(f"*{path.suffix}") if other != path)
    later = [other for other in others if other.name > path.name]
    found: list[tuple[Path, str]] = []
    for other in [*later, *others[: len(others) - len(later)]]:
        if sum(len(text) for _, text in found) >= characters:
            break
        if other.stat().st_size <= MOST_BYTES:
            found.append((other, other.read_text(encoding="utf-8", errors="replace")))
    return found


async def play(session: Session, uri: str, step: Step) -> Key:
    """Do a step as an editor tells of it, and ask for a completion behind it. Raises ModelError."""
    from context.snapshot import Change

    document = session.workspace.snapshot.documents[uri]
    start, end = (document.text.position(offset, "utf-16") for offset in (step.start, step.end))
    change = Change(range=(start, end), text=step.text)
    session.workspace.changed(uri, (document.version or 0) + 1, [change], "utf-16")
    return cost(step, await asked(session, uri, step.cursor))


async def asked(session: Session, uri: str, cursor: int) -> Completion:
    """A completion by the model, whatever is on the screen. Raises ModelError."""
    from lsp_server.features.complete import Place
    from lsp_server.features.shown import Shown
    from lsp_server.models.backend import ModelError

    session.memory.shown = Shown()
    completion = await session.complete(session.workspace.snapshot, Place(uri, cursor))
    if completion.reason in FAILURES:
        raise ModelError("bad-request", f"{completion.reason}: {completion.detail}")
    return completion


def cost(step: Step, completion: Completion) -> Key:
    """What a step cost."""
    usage, ms = completion.usage, completion.ms
    # A model that says nothing has read the prompt all the same.
    first = ms.first or ms.total
    shown = round(ms.total, 1) if completion.text else None
    return Key(step.kind, usage.prompt, usage.evaluated, round(first, 1), shown)
