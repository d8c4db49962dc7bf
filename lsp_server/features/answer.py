"""What the model says to the prompt of a completion: streamed, cleaned, and cut off when it is enough."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Literal, cast

from lsp_server.features.ask import Asked
from lsp_server.features.completion_options import CompletionOptions
from lsp_server.models.backend import Backend, Piece, Sampling, Usage
from lsp_server.prompts.clean import Cleaned, Cleaner
from lsp_server.prompts.scan import Ending
from lsp_server.prompts.scene import Scene


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said, cleaned; what it cost; whether the clock cut it off."""

    cleaned: Cleaned
    usage: Usage
    end: Literal["own", "clock"]
    spoke: float
    """When it began to speak, in seconds by `perf_counter`; 0.0 if it did not."""


def greedy(asked: Asked, options: CompletionOptions) -> Sampling:
    """How the one answer is sampled that is shown at once."""
    return Sampling(max_tokens=options.max_tokens, stop=asked.stop, heal=True)


async def answer(
    backend: Backend, asked: Asked, sampling: Sampling, scene: Scene, options: CompletionOptions
) -> Answer:
    """Let the model answer. Raises ModelError; cancelling it stops the model at once."""
    cleaner = Cleaner(scene, options.max_lines)
    usage, pieces, spoke = Usage(), 0, 0.0
    ending: Ending = "length"
    end: Literal["own", "clock"] = "own"
    try:
        async with asyncio.timeout(options.timeout_ms / 1000):
            # Every backend's stream is an async generator; only closing it stops the model at once.
            stream = cast("AsyncGenerator[Piece, None]", backend.stream(asked.prompt, sampling, "completion"))
            async with aclosing(stream):
                async for piece in stream:
                    spoke = spoke or (perf_counter() if piece.text else 0.0)
                    pieces += piece.text != ""
                    usage = piece.usage or usage
                    cleaner.feed(piece.text)
                    if cleaner.enough:
                        break
                    ending = "stop" if piece.finish == "stop" else "length"
    except TimeoutError:
        ending, end = "length", "clock"
    # What came with the first piece counts only that one.
    usage = replace(usage, generated=max(usage.generated, pieces))
    return Answer(cleaner.finish(ending), usage, end, spoke)
