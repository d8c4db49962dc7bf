"""`fathom bench typing`: what a key costs the model while somebody types in a file.

A piece of a real file is taken out and typed in again, key by key, through the same sync layer, prompts and
model host as in an editor. Every key asks the model: what typing along with shown text saves is not counted.
The peer is the usual prompt, with all text before the cursor in front, in the same run, window and host.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.models.backend import Usage
    from lsp_server.session import Session

KEYS, PEER_KEYS = 120, 20
PATIENCE_MS = 300_000
"""For the first key, which may load the model and reads the file."""
KEY = re.compile(r"(?:\r\n|\r|\n)[ \t]*|.", re.DOTALL)
"""What one key types: a character, or a line end with the indentation that editors add."""

FORMAT = """\
Tokens are those that the model had to evaluate before its first new one, times are in milliseconds:
  first key     a file that the model has not read yet
  keys          all later keys
  usual prompt  the same keys with all text before the cursor in front; fewer keys, since it takes long
  ratio         usual prompt to keys, by mean tokens
"""


@dataclass(frozen=True, slots=True)
class Costs:
    """What keys cost."""

    keys: int
    tokens_mean: float
    tokens_median: float
    tokens_max: int
    first_ms_median: float
    first_ms_max: float


@dataclass(frozen=True, slots=True)
class Report:
    """A run of the benchmark."""

    file: str
    model: str
    device: str
    first_key: Costs
    keys: Costs
    usual_prompt: Costs | None
    ratio: float | None


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the benchmark."""
    parser = subparsers.add_parser(
        "typing",
        help="tokens and time for each key",
        description=__doc__,
        epilog=FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, nargs="?", help="a text file (default: one of Fathom's own)")
    parser.add_argument("--line", type=int, default=0, help="where typing begins (default: the middle)")
    parser.add_argument("--keys", type=int, default=KEYS, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--peer-keys", type=int, default=PEER_KEYS, metavar="N", help="0 for none (default: %(default)s)"
    )
    parser.add_argument("--model", help="a model's name or path (default: as set)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    from lsp_server.models.backend import ModelError

    file = arguments.file or Path(__file__).parent.parent / "features" / "anchor.py"
    try:
        text = file.read_text(encoding="utf-8")
        report = asyncio.run(_measure(arguments, file.absolute(), text))
    except (OSError, ValueError, ModelError) as error:
        print(f"fathom bench typing: {error}", file=sys.stderr)
        return 1
    print(json.dumps(asdict(report)) if arguments.json else "\n".join(_table(report)))
    return 0


def cut(text: str, line: int, keys: int) -> tuple[int, list[str]]:
    """The offset of a line, 1-based and the middle for 0, and the keys that type what follows there.

    Raises ValueError if nothing follows.
    """
    starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]
    line = line or len(starts) // 2 + 1
    if not 1 <= line <= len(starts):
        raise ValueError(f"the file has {len(starts)} lines, not {line}")
    offset = starts[line - 1]
    found = [match[0] for match, _ in zip(KEY.finditer(text, offset), range(keys + 1), strict=False)]
    if len(found) < 2:
        raise ValueError(f"there is nothing to type at line {line}")
    return offset, found


async def _measure(arguments: argparse.Namespace, file: Path, text: str) -> Report:
    from dataclasses import replace
    from functools import partial

    from lsp_server.config import config_path, read_own_file
    from lsp_server.models.open import open_backend
    from lsp_server.session import open_session

    options, _ = read_own_file(config_path())
    completion = replace(options.completion, wait="for-model", timeout_ms=PATIENCE_MS, max_tokens=1)
    model = options.model if arguments.model is None else arguments.model
    options = replace(options, completion=completion, model=model, enabled=True, disabled_languages=())
    offset, keys = cut(text, arguments.line, arguments.keys)
    async with open_session(options, partial(open_backend, linger=60.0)) as session:
        info = await session.backend().info()
        before, after = text[:offset], text[offset + sum(map(len, keys)) :]
        uri = file.as_uri()
        session.workspace.moved([file.parent])
        session.workspace.opened(uri, file, file.suffix.lstrip("."), 1, before + after)
        costs = [await _type(session, uri, offset, typed) for typed in _growing(keys)]
        peer = await _usual(session, before, after, keys[: arguments.peer_keys])
    first, later, usual = _costs(costs[:1]), _costs(costs[1:]), _costs(peer[1:]) if peer[1:] else None
    ratio = usual.tokens_mean / later.tokens_mean if usual and later.tokens_mean else None
    return Report(str(file), info.name, info.device, first, later, usual, ratio)


def _growing(keys: list[str]) -> Iterator[tuple[str, str]]:
    """What stands typed before each key, and the key."""
    typed = ""
    for key in keys:
        yield typed, key
        typed += key


async def _type(session: Session, uri: str, offset: int, typed: tuple[str, str]) -> Usage:
    """Type a key as an editor would, and ask for a completion behind it."""
    from context.snapshot import Change
    from lsp_server.features.complete import Place
    from lsp_server.features.shown import Shown
    from lsp_server.models.backend import ModelError

    document = session.workspace.snapshot.documents[uri]
    before, key = typed
    at = document.text.position(offset + len(before), "utf-32")
    change = Change(range=(at, at), text=key)
    session.workspace.changed(uri, (document.version or 0) + 1, [change], "utf-32")
    session.memory.shown = Shown()
    place = Place(uri, offset + len(before) + len(key))
    completion = await session.complete(session.workspace.snapshot, place)
    if completion.reason in ("no-model", "model-failed", "excluded", "too-large", "not-open"):
        raise ModelError("bad-request", completion.detail)
    return completion.usage


async def _usual(session: Session, before: str, after: str, keys: list[str]) -> list[Usage]:
    """The same keys with the usual prompt: prefix to the cursor, suffix, middle; the window does not move."""
    from lsp_server.features.completion_options import budget
    from lsp_server.models.backend import Sampling
    from lsp_server.prompts.types import Special

    backend = session.backend()
    room = budget(session.options.completion, await backend.info())
    prefix, suffix = before[-room.prefix :], after[: room.suffix]
    costs = []
    for typed, key in _growing(keys):
        prompt = (
            Special("fim_prefix"),
            prefix + typed + key,
            Special("fim_suffix"),
            suffix,
            Special("fim_middle"),
        )
        async for piece in backend.stream(prompt, Sampling(max_tokens=1), "completion"):
            usage = piece.usage
        assert usage is not None
        costs.append(usage)
    return costs


def _costs(usages: list[Usage]) -> Costs:
    tokens, times = [usage.evaluated for usage in usages], [usage.first_ms for usage in usages]
    return Costs(
        keys=len(usages),
        tokens_mean=round(fmean(tokens), 2),
        tokens_median=median(tokens),
        tokens_max=max(tokens),
        first_ms_median=round(median(times), 1),
        first_ms_max=round(max(times), 1),
    )


def _table(report: Report) -> Iterator[str]:
    from lsp_server.cli.table import lines_of

    yield f"{report.file} with {report.model} on {report.device}\n"
    head = ("", "keys", "tokens mean", "median", "max", "ms median", "max")
    rows = [("first key", report.first_key), ("keys", report.keys), ("usual prompt", report.usual_prompt)]
    cells = [(name, *(f"{value:g}" for value in asdict(costs).values())) for name, costs in rows if costs]
    yield from lines_of([head, *cells])
    if report.ratio is not None:
        yield f"\nratio {report.ratio:.0f}"
