"""A model whose memory of a text cannot be shortened: it goes back to saved states, and is never wrong.

The weights are those of `hybrid.py`, at random, so that the architecture of Qwen3-Coder-Next can be tested on
any machine. A token is a byte.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from time import perf_counter

import pytest

from lsp_server.models.backend import Sampling
from lsp_server.models.local import LocalBackend
from tests.model.hosts import opened, said, until
from tests.model.hybrid import write_hybrid

pytest.importorskip("llama_cpp")
pytestmark = [pytest.mark.model, pytest.mark.timeout(120)]

TEXT = (Path(__file__).resolve().parents[2] / "lsp_server/models/host/stops.py").read_text()
HEAD, ENDS = TEXT[:900], (TEXT[900:1000], TEXT[1200:1300], TEXT[1300:1400])
SAYING = Sampling(max_tokens=40)


async def cold(folder: Path, text: str) -> str:
    """The answer of a host that has read nothing else."""
    # A file of its own, since the host before it may still be ending.
    async with opened(write_hybrid(folder / f"cold-{len(text)}-{hash(text)}.gguf"), linger=0.0) as backend:
        return (await said(backend, (text,), SAYING))[0]


async def test_a_common_beginning_is_read_once_and_every_answer_is_that_of_a_cold_start(
    tmp_path: Path,
) -> None:
    async with opened(write_hybrid(tmp_path / "warm.gguf"), linger=0.0) as backend:
        warm = [await said(backend, (HEAD + end,), SAYING) for end in (*ENDS, ENDS[0])]
    assert [usage.cached for _, usage in warm[:3]] == [0, 0, len(HEAD)]
    # The same again goes back a little from its end, not to where the others parted.
    assert warm[3][1].evaluated < 64
    assert len({answer for answer, _ in warm[:3]}) == 3
    assert warm[3][0] == warm[0][0]
    for end, (answer, _) in zip(ENDS[1:], warm[1:], strict=False):
        assert answer == await cold(tmp_path, HEAD + end)


async def test_typing_on_evaluates_what_is_new_although_an_answer_was_said(tmp_path: Path) -> None:
    typed = "def value(self, number"
    async with opened(write_hybrid(tmp_path / "typing.gguf"), linger=0.0) as backend:
        await said(backend, (HEAD + typed[:10],), SAYING)
        answers = []
        for length in range(11, len(typed) + 1):
            answer, usage = await said(backend, (HEAD + typed[:length],), SAYING)
            assert usage.evaluated <= 2
            answers.append(answer)
    assert answers[-1] == await cold(tmp_path, HEAD + typed)


async def test_requests_at_once_do_not_mix_their_states(tmp_path: Path) -> None:
    async with opened(write_hybrid(tmp_path / "several.gguf"), linger=0.0) as backend:
        await said(backend, (HEAD,), Sampling(max_tokens=0))

        async def ask(backend: LocalBackend, end: str) -> str:
            return (await said(backend, (HEAD + end,), SAYING, "chat"))[0]

        together = await asyncio.gather(*(ask(backend, end) for end in ENDS))
        one_by_one = [await ask(backend, end) for end in ENDS]
    assert together == one_by_one
    assert together[2] == await cold(tmp_path, HEAD + ENDS[2])


async def test_a_cancelled_prompt_stops_within_a_small_batch(tmp_path: Path) -> None:
    async with opened(write_hybrid(tmp_path / "cancelled.gguf"), linger=0.0) as backend:
        before, _ = await said(backend, (HEAD,), SAYING)
        reading = asyncio.create_task(said(backend, (TEXT[:100] * 35,), SAYING))
        await until(lambda: backend.state.phase == "busy")
        reading.cancel()
        began = perf_counter()
        with pytest.raises(asyncio.CancelledError):
            await reading
        again, usage = await said(backend, (HEAD,), SAYING)
        assert perf_counter() - began < 2
    assert again == before
    assert usage.queue_ms < 1000
