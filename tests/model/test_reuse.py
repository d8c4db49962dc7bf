"""Whatever the host has read before, and in which order, a greedy answer is the one of a cold start.

The texts are those of `fathom bench soak`: each breaks off in a line that it has repeated, so its answer is
known and beyond doubt. In other texts two tokens can be as good as equally likely. llama.cpp then says one or
the other, depending on how many tokens it computes at once: with Qwen2.5-Coder-0.5B the distance of two
logits changed by up to 0.35.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lsp_server.cli.bench.soak_client import texts
from lsp_server.models.backend import Lane, Sampling
from lsp_server.models.host.settings import HostSettings
from lsp_server.models.local import LocalBackend
from tests.model.hosts import LINGER, said

pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]

TEXTS = 6
"""Two groups of texts that begin alike."""
LANES: tuple[Lane, ...] = ("completion", "action", "chat", "background")

Asked = tuple[int, int, Lane, int]
"""Which text, how many characters more or less are typed of its line, the lane, and the answer's length."""

DOUBTFUL = {(2, 1), (2, 8), (4, 5), (4, 20)}
"""Texts and places inside of a word at which the model goes on with another word, also from a cold start."""

ASKED = st.tuples(
    st.integers(0, TEXTS - 1), st.integers(-6, 24), st.sampled_from(LANES), st.integers(0, 10)
).filter(lambda asked: asked[:2] not in DOUBTFUL)


@settings(
    max_examples=8,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(asked=st.lists(ASKED, min_size=2, max_size=6))
def test_an_answer_does_not_depend_on_what_was_asked_before(default_model: Path, asked: list[Asked]) -> None:
    asyncio.run(_ask_all(default_model, asked))


async def _ask_all(model: Path, asked: list[Asked]) -> None:
    """One after the other: typing on, taking back, jumping to other texts, in any lane."""
    backend = LocalBackend(HostSettings(str(model), model.name), linger=LINGER)
    try:
        for number, more, lane, length in asked:
            await _ask(backend, number, more, lane, length)
    finally:
        await backend.close()


async def _ask(backend: LocalBackend, number: int, more: int, lane: Lane, length: int) -> None:
    text = texts()[number]
    line = f"{text.prompt[-1]}{text.rest}"
    cut = len(line) - len(text.rest) + more
    prompt = (*text.prompt[:-1], line[:cut])
    answer, usage = await said(backend, prompt, Sampling(max_tokens=length, heal=True), lane)
    assert line[cut:].startswith(answer)
    # A few tokens may be spent on what was taken back, so that nothing new is said.
    assert answer or length < 4
    # The last token is taken back and not read, where healing can do so.
    assert usage.prompt - 1 <= usage.cached + usage.evaluated <= usage.prompt
