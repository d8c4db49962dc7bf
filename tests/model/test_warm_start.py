"""A host that starts again takes what the one before has read from the disk, with real weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import platformdirs
import pytest

from lsp_server.models.backend import Sampling, Usage
from lsp_server.models.host.link import running_hosts
from lsp_server.prompts.types import Prompt
from tests.model.hosts import another, opened, said, until
from tests.model.hybrid import write_hybrid

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

REPOSITORY = "".join(f"number_{number} = {number}\n" for number in range(100, 240))
"""It leaves no doubt what comes next: else the pieces in which it is read decide between likely tokens."""
KEEPING = Sampling(max_tokens=16, warm=2)


def prompt(rest: str) -> Prompt:
    """Two parts that stay, and one that does not."""
    return (REPOSITORY, "\n\n", rest)


def files() -> dict[Path, int]:
    """What is kept on disk of all models, and when it was written."""
    found = (platformdirs.user_cache_path("fathom") / "warm").rglob("*.warm")
    return {path: path.stat().st_mtime_ns for path in found}


async def asked(model: Path, rest: str, sampling: Sampling) -> tuple[str, Usage]:
    """What a host says that is started for this request alone, and its cost."""
    async with opened(model, linger=0.0, name=model.name) as backend:
        before = files()
        answer = await said(backend, prompt(rest), sampling)
        if sampling.warm and not answer[1].cached:
            await until(lambda: bool(files().items() - before.items()))
        (host,) = [host for host in await running_hosts() if host.model == model.name]
    # The next one is to be a new process, not this one on its way out.
    await until(lambda: not Path(f"/proc/{host.pid}").exists())
    return answer


@pytest.mark.parametrize("kind", ["default", "hybrid"])
async def test_the_stable_part_is_read_once_and_the_answer_is_that_of_a_cold_start(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    if kind == "hybrid":
        models = [write_hybrid(tmp_path / f"{name}.gguf") for name in ("warm", "cold")]
    else:
        default = request.getfixturevalue("default_model")
        models = [another(default, f"{name}-start") for name in ("warm", "cold")]
    rests = ("number_240 = 240\nnumber", "number_240 = 240\nnumber_241 = 241\n")
    _, cost = await asked(models[0], rests[0], KEEPING)
    assert cost.cached == 0
    answer, less = await asked(models[0], rests[1], KEEPING)
    assert less.evaluated < 40
    assert less.prefill_ms < cost.prefill_ms / 3
    cold, whole = await asked(models[1], rests[1], KEEPING)
    assert whole.cached == 0
    assert answer == cold


async def test_a_damaged_file_is_read_over_and_removed(default_model: Path) -> None:
    model = another(default_model, "damaged-start")
    there = files()
    await asked(model, "x = ", KEEPING)
    (file,) = files().keys() - there.keys()
    whole = bytearray(file.read_bytes())
    whole[-1] ^= 1
    file.write_bytes(whole)
    _, cost = await asked(model, "x = ", replace(KEEPING, max_tokens=1))
    assert cost.cached == 0


async def test_nothing_is_kept_of_a_prompt_whose_caller_does_not_ask_for_it(default_model: Path) -> None:
    there = files()
    await asked(another(default_model, "silent-start"), "y = ", Sampling(max_tokens=1))
    assert files() == there
