"""`fathom bench typing --cold`: the first suggestion in a file that is new to the model, and after a pause.

The first key is compared with the time in which the model reads 256 tokens, measured just before it. Then
nobody types until the model has read all that it reads in a pause, and after that some keys more.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from lsp_server.cli.bench import figures, player
from lsp_server.cli.bench.figures import Costs, Key
from lsp_server.cli.bench.keys import Script, forward

if TYPE_CHECKING:
    from lsp_server.config import Options
    from lsp_server.models.backend import Backend
    from lsp_server.session import Session

FILES, KEYS = 2, 12
TOKENS = 256
CHARACTERS = 3.5
"""Characters in a token, at least: the time that was measured is scaled to TOKENS."""

FORMAT = """\
With --cold:
  256 tokens  ms in which the model reads 256 tokens, measured just before the first key
  first       ms from the first key to the first token, and to the text that is shown
  ratio       of the time to the text that is shown (or, where nothing is, to the end) to 256 tokens
  pause       s until the model had read all that it reads in a pause
  then        tokens in the prompts of the keys after it, evaluated tokens a key, ms to the first token
"""


@dataclass(frozen=True, slots=True)
class Cold:
    """A file from its first key on."""

    file: str
    read_256_ms: float
    first: Key
    first_suggestion_ms: float
    ratio: float
    pause_s: float
    then: Costs


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    from lsp_server.models.backend import ModelError

    try:
        colds = asyncio.run(_measure(arguments))
    except (OSError, ValueError, ModelError) as error:
        print(f"fathom bench typing: {error}", file=sys.stderr)
        return 1
    print(json.dumps(_report(colds)) if arguments.json else "\n".join(_table(colds)))
    return 0


async def _measure(arguments: argparse.Namespace) -> list[Cold]:
    from lsp_server.config import config_path, read_own_file

    files = player.measured_files(arguments.file, FILES)
    scripts = [forward(path.read_text(encoding="utf-8"), arguments.line, KEYS + 1) for path in files]
    options = player.options_of(arguments.model, arguments.tokens)
    own, _ = read_own_file(config_path())
    options = _reading_ahead(options, own.completion.read_ahead_ms)
    async with player.measured_session(options) as session:
        return [await _file(session, path, played) for path, played in zip(files, scripts, strict=True)]


def _reading_ahead(options: Options, pause_ms: int) -> Options:
    return replace(options, completion=replace(options.completion, read_ahead_ms=pause_ms))


async def _file(session: Session, path: Path, played: Script) -> Cold:
    reading = await read_time(session.backend(), f"{path.name}: {played.text}")
    session.workspace.moved([path.parent])
    uri = player.open_file(session, path, played.text)
    step, *steps = played.steps
    began = perf_counter()
    first = await player.play(session, uri, step)
    suggestion = 1000 * (perf_counter() - began)
    paused = perf_counter()
    await session.rested()
    pause = perf_counter() - paused
    keys = [await player.play(session, uri, step) for step in steps]
    await session.rested()
    return Cold(
        file=path.name,
        read_256_ms=round(reading, 1),
        first=first,
        first_suggestion_ms=round(suggestion, 1),
        ratio=round(suggestion / reading, 2) if reading else 0.0,
        pause_s=round(pause, 1),
        then=figures.costs(keys),
    )


async def read_time(backend: Backend, text: str) -> float:
    """The time in ms that the model takes to read 256 tokens of a text."""
    from lsp_server.models.backend import Sampling

    usage = None
    async for piece in backend.stream(
        (text[: int(TOKENS * CHARACTERS)],), Sampling(max_tokens=1), "completion"
    ):
        usage = piece.usage or usage
    assert usage is not None
    return usage.prefill_ms * TOKENS / max(1, usage.evaluated)


def _report(colds: Sequence[Cold]) -> dict[str, Any]:
    return {
        "files": [asdict(cold) for cold in colds],
        "first_suggestion_ms": asdict(figures.spread(cold.first_suggestion_ms for cold in colds)),
        "read_256_ms": asdict(figures.spread(cold.read_256_ms for cold in colds)),
        "ratio": asdict(figures.spread(cold.ratio for cold in colds)),
    }


def _table(colds: Sequence[Cold]) -> Iterator[str]:
    from lsp_server.cli.table import lines_of

    head = ("", "256 tokens", "prompt", "first", "shown", "ratio", "pause", "then prompt", "tokens", "first")
    yield from lines_of([head, *map(_row, colds)])


def _row(cold: Cold) -> tuple[str, ...]:
    then = cold.then
    return (
        cold.file,
        f"{cold.read_256_ms:.0f}",
        str(cold.first.prompt),
        f"{cold.first.first_ms:.0f}",
        f"{cold.first_suggestion_ms:.0f}",
        f"{cold.ratio:.2f}",
        f"{cold.pause_s:.0f} s",
        f"{then.prompt_tokens:.0f}",
        f"{then.tokens_per_key.mean:.1f}",
        f"{then.first_token_ms.p50:.0f}",
    )
