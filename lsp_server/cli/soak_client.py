"""A client of `fathom bench soak`: asks at random, cancels some, and prints what it was told."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.models.backend import Backend, Lane, Sampling
    from lsp_server.prompts.types import Prompt

TEXTS = 24
NEAR, FAR = 200, 1500
"""Characters of a text before its hole."""
AFTER = 160
CANCELLED = 0.25
"""Part of the requests that is cancelled."""
LONG = 0.03
"""Part of the requests that only have a long text read, so that others are evicted."""
LONG_CHARACTERS = 8000

LANES: tuple[Lane, ...] = ("completion", "completion", "action", "chat", "background")


@lru_cache
def texts() -> Sequence[Prompt]:
    """Holes in Fathom's own files; several in a file, so that they begin alike."""
    from lsp_server.prompts.types import Special

    chance = random.Random(7)
    files = sorted(Path(__file__).parent.parent.rglob("*.py"), key=lambda file: file.stat().st_size)
    prompts: list[Prompt] = []
    for number in range(TEXTS):
        text = files[-1 - number // 3].read_text(encoding="utf-8")
        end = chance.randint(NEAR, FAR)
        before, typed, after = text[:end], text[end : end + 30], text[end + 90 : end + 90 + AFTER]
        prompts.append(
            (Special("fim_prefix"), before, Special("fim_suffix"), after, Special("fim_middle"), typed)
        )
    return prompts


async def undisturbed(backend: Backend) -> dict[int, str]:
    """The answers for the texts when nothing else goes on.

    Sums in another order differ in the last digit, so a text whose best two tokens are equally likely has two
    right answers: it is left out if reading it in two parts changes its answer.
    """
    answers: dict[int, str] = {}
    for number, prompt in enumerate(texts()):
        answer = await _answer(backend, prompt, "chat")
        other = (*prompt[:-1], f"{prompt[-1]}#")
        await _answer(backend, (*prompt[:1], str(prompt[1])[: len(str(prompt[1])) // 2]), "chat")
        await _answer(backend, other, "chat")
        if answer == await _answer(backend, prompt, "completion"):
            answers[number] = answer
    return answers


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
    number = chance.randrange(TEXTS)
    if chance.random() < CANCELLED:
        return await _cancelled(backend, texts()[number], chance)
    return {"text": number, "answer": await _answer(backend, texts()[number], chance.choice(LANES))}


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
