"""Long windows for real: 32K tokens in every run, the whole 262,144 when asked for, and more with YaRN.

The model is a tiny one with Qwen3's architecture and vocabulary: what is tested is that the window opens,
that a prompt of this length is read as it is, and that what was read is kept.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest

from lsp_server.models.backend import ModelError, Sampling, Usage
from lsp_server.models.host.link import HostStatus, running_hosts
from lsp_server.models.local import LocalBackend
from tests.model.hosts import another, opened, said
from tests.model.tiny_qwen import WINDOW

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
FEW = Sampling(max_tokens=4)


def text() -> str:
    """Source code, over and over: each round begins with its number, so no two parts are the same."""
    files = sorted(ROOT.glob("lsp_server/**/*.py"))
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    return "".join(f"# round {number}\n{code}" for number in range(1 + 6_000_000 // len(code)))


async def of_length(backend: LocalBackend, tokens: int) -> str:
    """Code with so many tokens, or one or two less."""
    whole = text()[: tokens * 5]
    length = len(whole)
    while (count := await backend.count_tokens(whole[:length])) > tokens:
        length = int(length * tokens / count) - 8
    return whole[:length] + " x" * (tokens - count - 1)


async def host_of(model: Path) -> HostStatus:
    (host,) = [host for host in await running_hosts() if host.path == str(model)]
    return host


async def test_a_prompt_of_32k_tokens_is_read_and_kept(tiny_qwen: Path) -> None:
    async with opened(another(tiny_qwen, "tiny-32k"), linger=0.0, context=32_768) as backend:
        assert (await backend.info()).context == 32_768
        code = await of_length(backend, 32_700)
        _, usage = await said(backend, (code,), FEW)
        assert 32_690 < usage.prompt <= 32_700
        assert usage.evaluated == usage.prompt
        _, later = await said(backend, (code + " x",), FEW)
        assert later.evaluated <= 3
        _, again = await said(backend, (code,), FEW)
        assert again.evaluated == 1


async def test_a_prompt_above_the_window_is_refused_and_not_cut(tiny_qwen: Path) -> None:
    async with opened(another(tiny_qwen, "tiny-4k"), linger=0.0, context=4096) as backend:
        with pytest.raises(ModelError, match="4,096") as refused:
            await said(backend, ((await of_length(backend, 5000)),), FEW)
        assert refused.value.code == "too-long"
        assert refused.value.permanent


@pytest.mark.parametrize("kv", ["f16", "q8_0", "q4_0"])
async def test_every_kind_of_cache_opens_and_is_said(tiny_qwen: Path, kv: str) -> None:
    model = another(tiny_qwen, f"tiny-{kv}")
    async with opened(model, linger=0.0, kv=kv) as backend:
        await said(backend, (await of_length(backend, 1000),), FEW)
        assert f"a cache in {kv}" in (await host_of(model)).plan


@pytest.mark.parametrize("times", [2, 4])
async def test_a_window_beyond_the_trained_one_opens_and_answers_with_a_warning(
    tiny_qwen: Path, times: int
) -> None:
    model = another(tiny_qwen, f"tiny-yarn-{times}")
    async with opened(model, linger=0.0, context=times * WINDOW, kv="q8_0") as backend:
        info = await backend.info()
        assert info.context == times * WINDOW
        assert f"{times} times" in info.note
        assert "YaRN" in backend.state.message
        _, usage = await said(backend, (await of_length(backend, 3000),), FEW)
        assert usage.generated == 4
        assert (await host_of(model)).note == info.note


async def test_a_window_beyond_four_times_the_trained_one_is_refused(tiny_qwen: Path) -> None:
    async with opened(another(tiny_qwen, "tiny-far"), linger=0.0, context=4 * WINDOW + 1) as backend:
        with pytest.raises(ModelError, match="context = 1048576 or less"):
            await backend.info()


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_the_whole_window_of_262144_tokens_is_read_and_kept(
    tiny_qwen: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Takes about ten minutes; docs/BENCHMARKS.md has what it printed."""
    model = another(tiny_qwen, "tiny-whole")
    async with opened(model, linger=0.0, context=WINDOW) as backend:
        began = perf_counter()
        await backend.info()
        opened_in, at_start = perf_counter() - began, (await host_of(model)).memory
        code = await of_length(backend, WINDOW - 8)
        began = perf_counter()
        answer, usage = await said(backend, (code,), FEW)
        read_in = perf_counter() - began
        assert WINDOW - 20 < usage.prompt < WINDOW
        assert usage.evaluated == usage.prompt
        began = perf_counter()
        _, later = await said(backend, (code + " x",), Sampling(max_tokens=1))
        key_in = perf_counter() - began
        assert later.evaluated <= 3
        assert (await said(backend, (code,), FEW))[0] == answer
        with capsys.disabled():
            peak = _peak((await host_of(model)).pid)
            record = dict(_record(usage, opened_in, read_in, key_in, at_start, peak))
            sys.stdout.write(f"\n{json.dumps(record)}\n")


def _peak(pid: int) -> int:
    """The most memory that a process had, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def _record(
    usage: Usage, opened_in: float, read_in: float, key_in: float, at_start: int, peak: int
) -> Iterator[tuple[str, float]]:
    yield "prompt tokens", usage.prompt
    yield "opened in s", round(opened_in, 1)
    yield "read in s", round(read_in, 1)
    yield "a key later in ms", round(1000 * key_in, 1)
    yield "MB when opened", round(at_start / 1e6)
    yield "MB at most", round(peak / 1e6)
