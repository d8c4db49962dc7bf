"""`fathom bench mixed`: what a key costs while the same model writes the answer of a chat.

The same keys are typed three times: with nothing else to do, while a chat is answered, and with nothing else
again. The chat's answer is compared with one that nobody disturbed. Where two tokens are as good as equally
likely, it may be another one; so the model is asked, too, whether it would say each token of the answer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, cast

from lsp_server.cli.bench import figures, player
from lsp_server.cli.bench.figures import Costs, Key
from lsp_server.cli.bench.keys import Step, forward

if TYPE_CHECKING:
    from lsp_server.models.backend import Backend, Piece
    from lsp_server.prompts.types import Prompt
    from lsp_server.session import Session

KEYS, TOKENS, CHAT_TOKENS = 60, 4, 400
TIE = 0.5
"""Logits between two tokens, up to which either may be chosen: sums of floats depend on where in its memory
llama.cpp has put a text, and so on what else was read. A token that is lost costs ten and more."""
PAUSE_MS = 200
"""Between an answer and the next key: five keys a second is fast typing."""
QUESTION = "Explain in detail, with many examples in Python, how a hash table works and when it is slow."

FORMAT = """\
idle    with nothing else to do, before and after the chat
chat    the keys that were typed while the chat was being answered
first   ms from the request to the first token of the answer
tokens  tokens of the prompt that the model had to evaluate before it
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a chat."""

    text: str
    tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Mixed:
    """What was measured."""

    file: str
    model: str
    device: str
    idle: Costs
    chat: Costs
    ratio_first_token_p50: float | None
    chat_tokens: int
    chat_seconds: float
    chat_seconds_alone: float
    chat_same_text: bool
    """Whether the chat says what it says when nobody types."""
    chat_gap: float | None
    """By how many logits a token of the chat was less likely than the likeliest, at most."""
    chat_lost: bool
    """Whether the chat said what the model does not say there."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the benchmark."""
    parser = subparsers.add_parser(
        "mixed",
        help="typing while a chat is answered",
        description=__doc__,
        epilog=FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, nargs="?", help="a text file (default: one of Python's own)")
    parser.add_argument("--keys", type=int, default=KEYS, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--chat-tokens", type=int, default=CHAT_TOKENS, metavar="N", help="default: %(default)s"
    )
    parser.add_argument(
        "--pause", type=int, default=PAUSE_MS, metavar="MS", help="between keys (default: %(default)s)"
    )
    parser.add_argument("--model", help="a model's name or path (default: as set)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; returns 1 where that failed, or where the chat has lost text."""
    from lsp_server.models.backend import ModelError

    try:
        mixed = asyncio.run(_measure(arguments))
    except (OSError, ValueError, ModelError) as error:
        print(f"fathom bench mixed: {error}", file=sys.stderr)
        return 1
    print(json.dumps(asdict(mixed)) if arguments.json else "\n".join(_table(mixed)))
    return int(mixed.chat_lost)


async def _measure(arguments: argparse.Namespace) -> Mixed:
    path = player.measured_files([arguments.file] if arguments.file else [], 1)[0]
    played = forward(path.read_text(encoding="utf-8"), 0, arguments.keys + 1)
    options = player.options_of(arguments.model, TOKENS)
    async with player.measured_session(options) as session:
        info = await session.backend().info()

        async def typed(goes_on: Callable[[], bool]) -> list[Key]:
            uri = player.open_file(session, path, played.text)
            return await _type(session, uri, played.steps, goes_on, arguments.pause / 1000)

        alone = await _chat(session.backend(), arguments.chat_tokens, asyncio.Event())
        before = await typed(lambda: True)
        during, answer = await _while_chatting(session.backend(), arguments.chat_tokens, typed)
        after = await typed(lambda: True)
    if not during:
        raise ValueError("the chat was over before a key was typed: make it longer with --chat-tokens")
    gap = None if answer.text == alone.text or not info.path else _gap(info.path, answer.text)
    idle, chat = figures.costs([*before, *after]), figures.costs(during)
    base = idle.first_token_ms.p50
    return Mixed(
        file=path.name,
        model=info.name,
        device=info.device,
        idle=idle,
        chat=chat,
        ratio_first_token_p50=round(chat.first_token_ms.p50 / base, 2) if base else None,
        chat_tokens=answer.tokens,
        chat_seconds=answer.seconds,
        chat_seconds_alone=alone.seconds,
        chat_same_text=answer.text == alone.text,
        chat_gap=gap,
        chat_lost=answer.text != alone.text and (gap is None or gap > TIE),
    )


async def _while_chatting(
    backend: Backend, tokens: int, typed: Callable[[Callable[[], bool]], Awaitable[list[Key]]]
) -> tuple[list[Key], Answer]:
    """The keys that were typed during a chat, and what the chat said. Raises ModelError."""
    from lsp_server.models.backend import ModelError

    speaks = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as tasks:
            chat = tasks.create_task(_chat(backend, tokens, speaks), name="chat")
            await speaks.wait()
            keys = await typed(lambda: not chat.done())
    except* ModelError as failed:
        raise failed.exceptions[0] from None
    return keys, chat.result()


async def _type(
    session: Session, uri: str, steps: Sequence[Step], goes_on: Callable[[], bool], pause: float
) -> list[Key]:
    """The keys but the first one, which reads the file, for as long as something goes on."""
    keys = []
    for number, step in enumerate(steps):
        key = await player.play(session, uri, step)
        if not goes_on():
            break
        keys += [key] if number else []
        await asyncio.sleep(pause)
    return keys


async def _chat(backend: Backend, tokens: int, speaks: asyncio.Event) -> Answer:
    """Ask, and set `speaks` as soon as the answer begins."""
    from lsp_server.models.backend import Sampling

    began, said, generated = perf_counter(), "", 0
    stream = cast(
        "AsyncGenerator[Piece, None]", backend.stream(_prompt(), Sampling(max_tokens=tokens), "chat")
    )
    try:
        async with aclosing(stream):
            async for piece in stream:
                said += piece.text
                generated = piece.usage.generated if piece.usage else generated
                speaks.set()
    finally:
        speaks.set()
    return Answer(said, generated, round(perf_counter() - began, 1))


def _prompt() -> Prompt:
    from lsp_server.prompts.types import Special

    return (
        *(Special("im_start"), f"user\n{QUESTION}", Special("im_end"), "\n"),
        *(Special("im_start"), "assistant\n"),
    )


def _gap(path: str, text: str) -> float | None:
    """By how many logits a token of an answer was less likely than the likeliest, at most."""
    from lsp_server.cli.bench.judge import judge

    with judge(path) as judging:
        likelihood = judging.likelihood(_prompt(), text, heal=False)
    return None if likelihood is None else round(likelihood.gap, 3)


def _table(mixed: Mixed) -> Iterator[str]:
    from lsp_server.cli.table import lines_of

    yield f"{mixed.file} with {mixed.model} on {mixed.device}\n"
    head = ("", "keys", "tokens mean", "first p50", "p95")
    rows = [
        (
            name,
            str(costs.keys),
            f"{costs.tokens_per_key.mean:.1f}",
            f"{costs.first_token_ms.p50:.0f}",
            f"{costs.first_token_ms.p95:.0f}",
        )
        for name, costs in (("idle", mixed.idle), ("chat", mixed.chat))
    ]
    yield from lines_of([head, *rows])
    if mixed.ratio_first_token_p50 is not None:
        yield f"first token, median: {mixed.ratio_first_token_p50:.2f} times as long while a chat is answered"
    yield (
        f"the chat said {mixed.chat_tokens} tokens in {mixed.chat_seconds} s, alone in "
        f"{mixed.chat_seconds_alone} s: {_verdict(mixed)}"
    )


def _verdict(mixed: Mixed) -> str:
    if mixed.chat_same_text:
        return "the same text"
    if mixed.chat_lost:
        return "NOT THE SAME TEXT"
    return f"another text from a tie on, each token within {mixed.chat_gap} logits of the likeliest"
