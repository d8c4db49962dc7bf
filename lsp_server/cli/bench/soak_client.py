"""A client of `fathom bench soak`: asks at random, cancels some, and prints what it was told."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.models.backend import Backend, Lane, Sampling
    from lsp_server.prompts.types import Prompt

GROUPS, GROUP = 8, 3
"""Texts, and how many of them begin alike."""
WORDS, SHARED_WORDS = 12, 60
"""Made-up words in the line that is to be repeated, and in the lines that a group shares."""
TIMES = 4
"""How often a line stands there before it has to be repeated."""
CANCELLED = 0.25
"""Part of the requests that is cancelled."""
LONG = 0.03
"""Part of the requests that only have a long text read, so that others are evicted."""
LONG_CHARACTERS = 8000

LANES: tuple[Lane, ...] = ("completion", "completion", "action", "chat", "background")


@dataclass(frozen=True, slots=True)
class Text:
    """A prompt that breaks off inside a line that it has repeated several times, and what is missing of it.

    Every line has words of its own. So the answer is beyond doubt, whatever the order is in which numbers are
    added up, and an answer that was mixed up with another one shows at once.
    """

    prompt: Prompt
    rest: str


@lru_cache
def texts() -> Sequence[Text]:
    """The texts that clients ask for, the same in every process."""
    chance = random.Random(7)
    made = []
    for _ in range(GROUPS):
        shared = " ".join(_word(chance) for _ in range(SHARED_WORDS))
        for _ in range(GROUP):
            line = " ".join(_word(chance) for _ in range(WORDS))
            cut = chance.randint(len(line) // 6, len(line) // 3)
            made.append(Text((f"{shared}\n" + f"{line}\n" * TIMES, line[:cut]), line[cut:]))
    return made


def _word(chance: random.Random) -> str:
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(3))


async def undisturbed(backend: Backend) -> dict[int, str]:
    """The answers when nothing else goes on, of the texts that the model does go on as it should."""
    answers = {number: await _answer(backend, text.prompt, "chat") for number, text in enumerate(texts())}
    return {
        number: answer
        for number, answer in answers.items()
        if answer and texts()[number].rest.startswith(answer)
    }


def run(model: str, seed: int) -> int:
    """Ask until somebody kills this process."""
    return asyncio.run(_ask_on(model, random.Random(seed)))


async def _ask_on(model: str, chance: random.Random) -> int:
    from lsp_server.models.backend import ModelError
    from lsp_server.models.open import open_backend

    backend = open_backend(model, linger=0.0)
    while True:
        try:
            print(json.dumps(await _ask(backend, chance)), flush=True)
        except ModelError as error:
            print(json.dumps({"error": str(error)}), flush=True)
        except BrokenPipeError:
            return 1


async def _ask(backend: Backend, chance: random.Random) -> dict[str, object]:
    """One request, whichever it is."""
    if chance.random() < LONG:
        text = f"# {chance.random()}\n" + "".join(
            f"{chance.random()}\n" for _ in range(LONG_CHARACTERS // 20)
        )
        return await _cancelled(backend, (text,), chance)
    number = chance.randrange(len(texts()))
    if chance.random() < CANCELLED:
        return await _cancelled(backend, texts()[number].prompt, chance)
    return {"text": number, "answer": await _answer(backend, texts()[number].prompt, chance.choice(LANES))}


async def _cancelled(backend: Backend, prompt: Prompt, chance: random.Random) -> dict[str, object]:
    asking = asyncio.create_task(_answer(backend, prompt, chance.choice(LANES)))
    await asyncio.wait([asking], timeout=chance.uniform(0.0, 1.0))
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    return {"cancelled": asking.cancelled()}


async def _answer(backend: Backend, prompt: Prompt, lane: Lane) -> str:
    return "".join([piece.text async for piece in backend.stream(prompt, _sampling(), lane)])


def _sampling() -> Sampling:
    from lsp_server.models.backend import Sampling

    return Sampling(max_tokens=12, heal=True)
