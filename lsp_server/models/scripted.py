"""A backend that says what it was told to say: for tests and for demonstrations without a model.

It is a real backend in every respect but one: its text comes from a list or a file. `info().name` is
"scripted".
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path

from lsp_server.models.backend import (
    Lane,
    ModelError,
    ModelInfo,
    ModelState,
    Piece,
    Sampling,
    StateListener,
    Usage,
)
from lsp_server.prompts.types import Prompt

PIECE = 4
"""Characters in one piece, about what a token is."""


class ScriptedBackend:
    """Gives one reply a request, in order, and the last one again and again.

    `gate`, where given, is waited for before every piece: a test opens and closes it instead of sleeping.
    `delay` is the time in seconds between two pieces, for demonstrations. `reads` are percentages that are
    told of each prompt before it is answered, as of one that takes long to read.
    """

    def __init__(
        self,
        replies: Iterable[str],
        *,
        gate: asyncio.Event | None = None,
        delay: float = 0.0,
        fim: bool = True,
        reads: tuple[int, ...] = (),
    ) -> None:
        self.prompts: list[Prompt] = []
        """Every prompt so far, with the text that was asked for it."""
        self.read: list[Prompt] = []
        """Every prompt that was to be read only; a script reads it at once."""
        self.running = 0
        """Streams that are being read now."""
        self._replies: Iterator[str] = iter(replies)
        self._last: str | None = None
        self._gate = gate
        self._delay = delay
        self._fim = fim
        self._reads = reads
        self._listeners: list[StateListener] = []
        self._state = ModelState("stopped")

    @property
    def state(self) -> ModelState:
        return self._state

    def listen(self, listener: StateListener) -> None:
        self._listeners.append(listener)

    def enter(self, state: ModelState) -> None:
        """Take a state and tell the listeners; tests play a loading or failing model with it."""
        self._state = state
        for listener in self._listeners:
            listener(state)

    async def info(self) -> ModelInfo:
        return ModelInfo(
            name="scripted",
            path="",
            context=32_768,
            fim=self._fim,
            repo=self._fim,
            prefill_rate=1000.0,
            device="script",
        )

    async def stream(self, prompt: Prompt, sampling: Sampling, lane: Lane) -> AsyncIterator[Piece]:
        """Give the next reply in pieces, up to the first stop string.

        Raises ModelError when there is no reply at all.
        """
        del lane  # a script answers everyone alike
        if sampling.max_tokens == 0:
            self.read.append(prompt)
            yield Piece("", finish="length", usage=_usage(prompt, ""))
            return
        self.prompts.append(prompt)
        text = _until_stop(self._next_reply(), sampling.stop)
        self.running += 1
        self.enter(ModelState("busy"))
        try:
            async for piece in self._read():
                yield piece
            for start in range(0, len(text), PIECE):
                await self._wait()
                yield Piece(text[start : start + PIECE])
            await self._wait()
            yield Piece("", finish="stop", usage=_usage(prompt, text))
        finally:
            self.running -= 1
            if not self.running:
                self.enter(ModelState("ready"))

    async def count_tokens(self, text: str) -> int:
        return _tokens(text)

    async def close(self) -> None:
        self.enter(ModelState("stopped"))

    async def leave(self) -> None:
        await self.close()

    def _next_reply(self) -> str:
        self._last = next(self._replies, self._last)
        if self._last is None:
            raise ModelError(
                "bad-model", "The script of replies is empty; write at least one.", permanent=True
            )
        return self._last

    async def _read(self) -> AsyncIterator[Piece]:
        for percent in self._reads:
            await self._wait()
            self.enter(ModelState("reading", percent))
            yield Piece("", read=percent)
        if self._reads:
            await self._wait()
            self.enter(ModelState("busy"))

    async def _wait(self) -> None:
        if self._gate is not None:
            await self._gate.wait()
        await asyncio.sleep(self._delay)


def read_replies(path: Path) -> list[str]:
    """The replies in a file: one JSON string a line in a `.jsonl` file, else the whole text as one.

    Raises ModelError.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".jsonl":
            return [text]
        replies = [json.loads(line) for line in text.splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise ModelError(
            "bad-model", f"The script {path} cannot be read: {error}.", permanent=True
        ) from error
    if not all(isinstance(reply, str) for reply in replies):
        raise ModelError("bad-model", f"Every line of {path} has to be a JSON string.", permanent=True)
    return replies


def _until_stop(text: str, stop: tuple[str, ...]) -> str:
    ends = [text.find(string) for string in stop if string in text]
    return text[: min(ends)] if ends else text


def _tokens(text: str) -> int:
    return -(-len(text) // PIECE)


def _usage(prompt: Prompt, text: str) -> Usage:
    asked = sum(_tokens(part) if isinstance(part, str) else 1 for part in prompt)
    return Usage(prompt=asked, evaluated=asked, generated=_tokens(text))
