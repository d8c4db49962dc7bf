"""The model host with real weights: shared, streamed, cancelled, and right whatever it has kept."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import aclosing
from pathlib import Path
from time import perf_counter

import pytest

from lsp_server.models.backend import ModelError, Piece, Sampling
from lsp_server.models.host.link import running_hosts
from lsp_server.models.host.settings import HostSettings
from lsp_server.models.local import LocalBackend
from lsp_server.prompts.types import Prompt, Special
from tests.model.hosts import SHORT, another, opened, said, until

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

TEXT = Path(__file__).resolve().parents[2] / "lsp_server/models/host/sequences.py"


def hole(prefix: str, typed: str, suffix: str = "\n") -> Prompt:
    return (Special("fim_prefix"), prefix, Special("fim_suffix"), suffix, Special("fim_middle"), typed)


async def test_a_hole_is_filled_and_its_cost_is_told(default_model: Path) -> None:
    async with opened(default_model) as backend:
        text, usage = await said(backend, hole("def add(a, b):\n    return a ", "+ "))
        assert text.strip().startswith("b")
        assert usage.prompt == usage.cached + usage.evaluated
        assert usage.generated >= 1
        assert 0 < usage.prefill_ms <= usage.first_ms <= usage.total_ms


async def test_it_is_told_how_far_a_long_prompt_is_read(default_model: Path) -> None:
    states: list[tuple[str, int | None]] = []
    async with opened(another(default_model, "told"), linger=0.0) as backend:
        await backend.info()
        backend.listen(lambda state: states.append((state.phase, state.percent)))
        prompt = hole("".join(f"def told_{number}(x):\n    return x\n" for number in range(80)), "told_")
        pieces = [piece async for piece in backend.stream(prompt, SHORT, "completion")]
    read = [percent for phase, percent in states if phase == "reading" and percent is not None]
    assert read
    assert read == sorted({*read})
    assert [phase for phase, _ in states if phase != "reading"][:2] == ["busy", "busy"]
    assert [piece.read for piece in pieces if piece.read is not None] == read


async def test_a_key_more_costs_a_token_or_two(default_model: Path) -> None:
    text = TEXT.read_text()
    async with opened(default_model) as backend:
        await said(backend, hole(text[:2000], "def fre", text[2100:2300]), Sampling(max_tokens=1, heal=True))
        for typed in ("def free", "def free_", "def free_c", "def free_ce"):
            _, usage = await said(
                backend, hole(text[:2000], typed, text[2100:2300]), Sampling(max_tokens=8, heal=True)
            )
            assert usage.evaluated <= 3


@pytest.mark.parametrize(
    "typed", ["    pri", "    return os.pa", "    if x:\n        retur", "    ", "ä = 'ü"]
)
async def test_a_healed_answer_goes_on_from_what_is_typed(default_model: Path, typed: str) -> None:
    prompt = hole("import os\n\n\ndef f(x):\n", typed, "\n\nprint(f(1))\n")
    async with opened(default_model) as backend:
        healed, _ = await said(backend, prompt, Sampling(max_tokens=6, heal=True))
        assert healed
        assert "\ufffd" not in healed


async def test_healing_completes_the_word_that_typing_has_cut(default_model: Path) -> None:
    async with opened(default_model) as backend:
        prompt = hole("import os\n\nhere = os.path.join(os.getcwd(), 'a')\nparent = os.pa", "th.dirn")
        text, _ = await said(backend, prompt, Sampling(max_tokens=4, heal=True))
        assert text.startswith("ame(")


async def test_text_that_spells_a_control_token_is_text(default_model: Path) -> None:
    async with opened(default_model) as backend:
        for spelled in ("<|fim_middle|>", "<|im_end|>", "<|endoftext|>", "<tool_call>"):
            assert await backend.count_tokens(spelled) > 1


async def test_what_was_kept_never_changes_the_answer(default_model: Path) -> None:
    """Greedy answers on a host full of other texts are those of a host that has read nothing.

    The text leaves no doubt what comes next. Where two tokens are as likely, the pieces in which a prompt is
    read decide: llama.cpp computes a batch of many tokens with other last digits than a batch of few.
    """
    text = "".join(f"number_{number} = {number}\n" for number in range(100, 300))
    prompts = [hole(text[:900], text[900:cut], text[1400:1600]) for cut in (980, 990, 1000, 940, 1100, 985)]
    sampling = Sampling(max_tokens=16, heal=True)
    async with opened(default_model) as backend:
        warm = [await said(backend, prompt, sampling) for prompt in prompts]
    assert sum(usage.cached for _, usage in warm) > sum(usage.evaluated for _, usage in warm)
    cold = []
    for number, prompt in enumerate(prompts[:3]):
        async with opened(another(default_model, f"cold-{number}"), linger=0.0) as backend:
            cold.append((await said(backend, prompt, sampling))[0])
    assert cold == [answer for answer, _ in warm[:3]]


async def test_two_windows_share_one_host_and_each_calls_the_model_as_its_user_does(
    default_model: Path,
) -> None:
    async with opened(default_model) as one, opened(default_model, name="mine") as two:
        infos = await asyncio.gather(one.info(), two.info())
        assert [info.name for info in infos] == [default_model.name, "mine"]
        (host,) = await running_hosts()
        assert host.clients == 2
        assert host.phase in ("ready", "busy")
        assert host.memory > 300_000_000
        answers = await asyncio.gather(*(said(backend, hole("x = ", "1 +")) for backend in (one, two)))
        assert answers[0][0] == answers[1][0]


async def test_a_completion_goes_before_a_chat_and_the_chat_goes_on(default_model: Path) -> None:
    counting = ", ".join(map(str, range(1, 150)))
    async with opened(default_model) as backend:
        await said(backend, ("warm",))
        order: list[str] = []

        async def chat() -> str:
            answer, _ = await said(backend, (counting,), Sampling(max_tokens=40), "chat")
            order.append("chat")
            return answer

        chatting = asyncio.create_task(chat())
        async for _ in backend.stream((TEXT.read_text()[:40],), SHORT, "completion"):
            pass
        order.append("completion")
        assert (await chatting).startswith(", 150, 151, 152, 153, 154")
        assert order == ["completion", "chat"]


async def test_a_cancelled_prompt_stops_within_a_step(default_model: Path) -> None:
    text = TEXT.read_text()
    async with opened(default_model) as backend:
        await said(backend, ("warm",))
        reading = asyncio.create_task(said(backend, (f"# {perf_counter()}\n{text}",)))
        await until(lambda: backend.state.phase == "busy")
        reading.cancel()
        began = perf_counter()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await said(backend, ("warm",), Sampling(max_tokens=1))
        # The prompt that was cancelled takes far longer than this.
        assert perf_counter() - began < 3


async def test_a_closed_stream_frees_the_model(default_model: Path) -> None:
    async with opened(default_model) as backend:
        async with aclosing(backend.stream(("1, 2, 3,",), Sampling(max_tokens=4000), "chat")) as pieces:
            first = await anext(pieces)
            assert isinstance(first, Piece)
            assert first.usage is not None
        _, usage = await said(backend, ("1, 2, 3,",), Sampling(max_tokens=2))
        assert usage.queue_ms < 1000


async def test_sampling_with_a_seed_can_be_repeated(default_model: Path) -> None:
    sampling = Sampling(max_tokens=12, temperature=0.9, top_k=40, top_p=0.95, min_p=0.01, seed=7)
    prompt = ("Names of animals: ",)
    async with opened(default_model) as backend:
        first, _ = await said(backend, prompt, sampling)
        again, _ = await said(backend, prompt, sampling)
        others = {
            (await said(backend, prompt, Sampling(max_tokens=12, temperature=0.9, seed=n)))[0]
            for n in (1, 2, 3)
        }
    assert first == again
    assert len(others) > 1


async def test_a_stop_string_ends_the_answer_before_it(default_model: Path) -> None:
    async with opened(default_model) as backend:
        text, _ = await said(backend, ("1, 2, 3, 4,",), Sampling(max_tokens=30, stop=(" 7",)))
        assert text == " 5, 6,"


async def test_a_prompt_longer_than_the_window_is_refused_with_its_length(default_model: Path) -> None:
    async with opened(default_model) as backend:
        with pytest.raises(ModelError, match=r"16,384") as refused:
            await said(backend, ("word " * 20_000,))
        assert refused.value.code == "too-long"
        assert (await said(backend, ("1, 2,",)))[0]


async def test_the_host_ends_when_its_last_client_has_gone(default_model: Path) -> None:
    backend = LocalBackend(HostSettings(str(another(default_model, "leased")), "leased"), linger=0.0)
    await backend.info()
    (host,) = [host for host in await running_hosts() if host.model == "leased"]
    await backend.close()
    await until(lambda: not Path(f"/proc/{host.pid}").exists())
    assert not any(host.model == "leased" for host in await running_hosts())


async def test_a_restarted_model_has_a_new_process_unless_others_use_it(default_model: Path) -> None:
    model = another(default_model, "restarted")
    backend = LocalBackend(HostSettings(str(model), "restarted"), linger=60.0)
    await backend.info()
    (before,) = [host for host in await running_hosts() if host.path == str(model)]
    await backend.leave()
    async with opened(model, linger=0.0) as again:
        await again.info()
        (after,) = [host for host in await running_hosts() if host.path == str(model)]
        assert after.pid != before.pid
        other = LocalBackend(HostSettings(str(model), "restarted"), linger=0.0)
        await other.info()
        await other.leave()
        assert (await said(again, ("1, 2,",)))[0]
        assert [host.pid for host in await running_hosts() if host.path == str(model)] == [after.pid]


async def test_an_idle_host_ends_and_the_next_request_starts_it_again(default_model: Path) -> None:
    settings = HostSettings(str(another(default_model, "idle")), "idle", idle_s=0.5)
    backend = LocalBackend(settings, linger=0.0)
    stopped = asyncio.Event()
    backend.listen(lambda state: stopped.set() if state.phase == "stopped" else None)
    await said(backend, ("1, 2,",))
    await asyncio.wait_for(stopped.wait(), 30)
    assert (await said(backend, ("1, 2,",)))[0]
    await backend.close()


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "empty"), (b"GGUF", "cut off"), (b"not a model at all" * 100, "GGUF"), (None, "no")],
    ids=["empty", "cut", "other", "missing"],
)
async def test_a_file_that_is_no_model_gives_one_sentence_and_no_loop(
    default_model: Path, tmp_path: Path, content: bytes | None, told: str
) -> None:
    path = tmp_path / "broken.gguf"
    if content is not None:
        path.write_bytes(content)
    async with opened(path) as backend:
        with pytest.raises(ModelError, match=told) as first:
            await backend.info()
        assert str(path) in str(first.value)
        assert first.value.permanent
        states = []
        backend.listen(states.append)
        with pytest.raises(ModelError) as second:
            await said(backend, ("x",))
        assert str(second.value) == str(first.value)
        assert [state.phase for state in states] in ([], ["failed"])


async def test_a_truncated_model_is_found_before_it_is_opened_and_works_once_it_is_whole(
    default_model: Path, tmp_path: Path
) -> None:
    path = tmp_path / "model.gguf"
    with default_model.open("rb") as whole:
        path.write_bytes(whole.read(100_000_000))
    async with opened(path, linger=0.0) as backend:
        with pytest.raises(ModelError) as refused:
            await backend.info()
        assert refused.value.code == "bad-model"
        shutil.copy(default_model, path)
        assert (await said(backend, ("1, 2,",)))[0]
