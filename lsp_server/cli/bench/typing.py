"""`fathom bench typing`: what a key costs the model while somebody types in a real file.

Pieces of the file are taken out and typed in again, with corrections, pastes and a jump to another place,
through the same sync layer, prompts and model host as in an editor. Every key asks the model: what typing
along with shown text saves is not counted, and nothing is read in pauses.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_server.cli.bench import cold, figures, player, quality
from lsp_server.cli.bench.figures import Costs, Key
from lsp_server.cli.bench.keys import ABOUT, Script, Step, forward, script

if TYPE_CHECKING:
    from lsp_server.cli.bench.peer import Peer
    from lsp_server.session import Session

KEYS, PLACES = 120, 60
PROGRESS = 20
"""Keys between two lines that say how far it is: a long prompt and a peer take a quarter of an hour."""
SCRIPTS = {"all": script, "forward": forward}

FORMAT = "\n".join(
    (
        "Kinds of keys:",
        *(f"  {kind:<12}{about}" for kind, about in ABOUT.items()),
        "  typing on   forward and newline together",
        "  all         every key but the first one of each file",
        "",
        "prompt   tokens in the prompt (median)",
        "tokens   those of them that the model had to evaluate before its first new one",
        "first    ms from the request to the first token of the answer",
        "shown    keys after which text was shown, and ms from the request to it",
        "",
        "With --json, the figures at the top are those of typing on; `kinds` and `all` have the others.",
        "The peer is asked for one token only, with the same keys in the same text, one key after the other.",
    )
)


@dataclass(frozen=True, slots=True)
class Run:
    """What was measured: the keys of Fathom, and those of the peer, if there is one."""

    files: tuple[str, ...]
    model: str
    device: str
    threads: int
    keys: tuple[Key, ...]
    peer: tuple[Key, ...]


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the benchmark."""
    parser = subparsers.add_parser(
        "typing",
        help="tokens and time for each key",
        description=__doc__,
        epilog=f"{FORMAT}\n\n{cold.FORMAT}\n{quality.FORMAT}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, nargs="*", help="text files (default: one of Python's own)")
    parser.add_argument("--line", type=int, default=0, help="where typing begins (default: the middle)")
    parser.add_argument(
        "--keys", type=int, default=KEYS, metavar="N", help="in each file (default: %(default)s)"
    )
    parser.add_argument("--script", choices=sorted(SCRIPTS), default="all", help="default: %(default)s")
    parser.add_argument(
        "--context", type=int, metavar="N", help="make prompts of about N tokens (default: as set)"
    )
    parser.add_argument(
        "--tokens", type=int, metavar="N", help="the longest suggestion, in tokens (default: as set)"
    )
    parser.add_argument("--peer", choices=("llama-server",), help="type the same with another server, too")
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument(
        "--cold", action="store_true", help="measure the first key of files and what follows a pause, instead"
    )
    modes.add_argument(
        "--quality", action="store_true", help="measure how well the model knows what was written, instead"
    )
    parser.add_argument(
        "--places", type=int, default=PLACES, metavar="N", help="with --quality (default: %(default)s)"
    )
    parser.add_argument("--model", help="a model's name or path (default: as set)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the figures into a PNG file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    from lsp_server.models.backend import ModelError

    if arguments.cold:
        return cold.run(arguments)
    if arguments.quality:
        return quality.run(arguments)
    try:
        measured = asyncio.run(_measure(arguments))
        if arguments.plot:
            from lsp_server.cli.bench.plot import draw

            draw(measured.keys, measured.peer, _title(measured), arguments.plot)
    except (OSError, ValueError, ModelError) as error:
        print(f"fathom bench typing: {error}", file=sys.stderr)
        return 1
    print(json.dumps(report(measured)) if arguments.json else "\n".join(_table(measured)))
    return 0


async def _measure(arguments: argparse.Namespace) -> Run:
    from lsp_server.models.host.settings import default_threads

    files = player.measured_files(arguments.file, 1)
    make = SCRIPTS[arguments.script]
    scripts = [make(path.read_text(encoding="utf-8"), arguments.line, arguments.keys) for path in files]
    options = player.options_of(arguments.model, arguments.tokens)
    threads = options.local.threads or default_threads()
    async with player.measured_session(options) as session:
        info = await session.backend().info()
        with _peer(arguments.peer, info.path, threads, info.context) as peer:
            pairs = [
                pair
                for path, typed in zip(files, scripts, strict=True)
                for pair in await _type(session, peer, path, typed, arguments.context)
            ]
    keys, others = [own for own, _ in pairs], [other for _, other in pairs if other]
    names = tuple(path.name for path in files)
    return Run(names, info.name, info.device, threads, tuple(keys), tuple(others))


def _peer(name: str | None, path: str, threads: int, context: int) -> AbstractContextManager[Peer | None]:
    """The server that types along. Raises ValueError."""
    if name is None:
        return nullcontext()
    from lsp_server.cli.bench.peer import PeerSettings, llama_server

    if not path:
        raise ValueError("a peer needs a model that is a file")
    return llama_server(PeerSettings(path, threads, context))


async def _type(
    session: Session, peer: Peer | None, path: Path, typed: Script, context: int | None
) -> list[tuple[Key, Key | None]]:
    """Type a script in a file: each step with Fathom, then with the peer."""
    from lsp_server.cli.bench.long_prompts import lengthen
    from lsp_server.models.host.supervise import in_thread

    if context is not None:
        await lengthen(session, path, typed.text, typed.steps[0].start, context)
    else:
        session.workspace.moved([path.parent])
    uri = player.open_file(session, path, typed.text)
    keys: list[tuple[Key, Key | None]] = []
    for number, step in enumerate(typed.steps):
        if number % PROGRESS == 0:
            print(f"fathom bench typing: {path.name}, {number} of {len(typed.steps)} keys", file=sys.stderr)
        own = await player.play(session, uri, step)
        other = await in_thread(partial(_ask, session, uri, step, peer), "ask the peer") if peer else None
        keys.append((own, other))
    return keys


def _ask(session: Session, uri: str, step: Step, peer: Peer) -> Key:
    """What the step costs the peer. It is given the same other files as our model."""
    from lsp_server.cli.bench.peer import request_for

    anchor = next(iter(session.memory.anchors(uri)), None)
    sources = [(source.path, source.text) for source in anchor.sources] if anchor else []
    text = session.workspace.snapshot.documents[uri].text.string
    return peer.ask(step.kind, request_for(text, step.cursor, sources))


def report(measured: Run) -> dict[str, Any]:
    """What `--json` prints."""
    own, others = _figures(measured.keys), _figures(measured.peer)
    peer: dict[str, Any] = {"name": "llama-server", **others} if others else {}
    return {
        "files": measured.files,
        "model": measured.model,
        "device": measured.device,
        "threads": measured.threads,
        **own,
        "peer": peer or None,
        "ratio_first_token_p50": _ratio(own, others),
        "ratio_first_token_p50_all": _ratio(own.get("all"), others.get("all")),
    }


def _figures(keys: Sequence[Key]) -> dict[str, Any]:
    """The figures of typing on, and those of each kind and of all together."""
    if not keys:
        return {}
    on, warm = figures.on(keys), figures.warm(keys)
    return {
        **(asdict(figures.costs(on)) if on else {}),
        "all": asdict(figures.costs(warm)) if warm else None,
        "kinds": {kind: asdict(costs) for kind, costs in figures.by_kind(keys).items()},
    }


def _ratio(own: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> float | None:
    """Our median time to the first token as a part of the peer's."""
    if not own or not other or "first_token_ms" not in own or not other.get("first_token_ms"):
        return None
    ratio: float = own["first_token_ms"]["p50"] / other["first_token_ms"]["p50"]
    return round(ratio, 3)


def _title(measured: Run) -> str:
    return f"{measured.model} on {measured.device}, {measured.threads} threads"


def _table(measured: Run) -> Iterator[str]:
    from lsp_server.cli.table import lines_of

    yield f"{', '.join(measured.files)} with {_title(measured)}\n"
    rows: list[tuple[str, ...]] = [figures.HEAD]
    for name, keys in (("", measured.keys), ("llama-server: ", measured.peer)):
        rows += figures.rows((f"{name}{kind}", costs) for kind, costs in _named(keys))
    yield from lines_of(rows)
    own, others = _figures(measured.keys), _figures(measured.peer)
    for about, ratio in (
        ("typing on", _ratio(own, others)),
        ("all", _ratio(own.get("all"), others.get("all"))),
    ):
        if ratio is not None:
            yield f"first token, median of {about}: {ratio:.3f} of the time of llama-server"


def _named(keys: Sequence[Key]) -> Iterator[tuple[str, Costs]]:
    yield from figures.by_kind(keys).items()
    for name, group in (("typing on", figures.on(keys)), ("all", figures.warm(keys))):
        if group:
            yield name, figures.costs(group)
