"""Memory runs out for real: processes with a limited address space open the default model."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lsp_server.models.host.settings import HostSettings
from lsp_server.models.host.shortages import Shortages
from tests.model.hosts import another, opened

pytestmark = [pytest.mark.model, pytest.mark.timeout(120)]

LIMIT = """
import asyncio, resource, sys
from pathlib import Path

def leave(room):
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + room, used + room))

model, room, context = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
"""
LADDER = (
    LIMIT
    + """
import llama_cpp
from lsp_server.models.gguf import check_file
from lsp_server.models.host.fit import choose
from lsp_server.models.host.ladder import descend, ladder
from lsp_server.models.host.llama import Llama
from lsp_server.models.host.opening import NativeLog
from lsp_server.models.host.plan import Figures, Machine
from lsp_server.models.host.settings import HostSettings, LocalOptions
from lsp_server.models.memory import Memory

wanted = LocalOptions(context=context)
figures = Figures.of("m", check_file(Path(model)))
plenty = Machine(Memory(10**13, 10**13))
plans = ladder(choose(figures, wanted, plenty), figures, wanted)
log, heard = NativeLog(), []
log.on_shortage = lambda: heard.append("out of memory")
leave(room)
rung, opened = descend(plans, lambda plan: Llama(HostSettings(model, "m", wanted), plan, log, bool))
assert bool(heard) == (rung > 0)
assert opened.evaluate(0, 0, opened.tokens_of(("x = ",)))
print(rung, plans[rung].kv, opened.window)
"""
)
HOST = (
    LIMIT
    + """
from lsp_server.models.backend import ModelError
from lsp_server.models.host.settings import HostSettings, LocalOptions
from lsp_server.models.local import LocalBackend

async def main():
    backend = LocalBackend(HostSettings(model, "m", LocalOptions(context=context)), linger=0.0)
    try:
        print((await backend.info()).plan)
    except ModelError as error:
        print(error.code, error)
    finally:
        await backend.close()

leave(room)
asyncio.run(main())
"""
)


def ran(program: str, model: Path, room: int, context: int = 0) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", program, str(model), str(room), str(context)],
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


@pytest.mark.parametrize(
    ("room", "opened"), [(3_000_000_000, "0 f16 131072"), (1_900_000_000, "1 q8_0 131072")]
)
def test_llama_cpp_that_is_short_of_memory_is_opened_a_step_lower(
    default_model: Path, room: int, opened: str
) -> None:
    """The chooser is told of memory that is not there, so that llama.cpp itself runs out of it."""
    assert ran(LADDER, default_model, room, 131_072) == opened


def test_a_model_gets_what_the_memory_allows_and_says_why(default_model: Path) -> None:
    # A file of its own: a host that other tests have opened is not short of memory.
    plan = ran(HOST, another(default_model, "short-of-memory"), 1_500_000_000)
    assert "16,384 tokens (the default) with a cache in q8_0" in plan
    assert "since f16 does not fit" in plan


def test_a_window_that_is_set_and_does_not_fit_is_refused_with_what_would(default_model: Path) -> None:
    said = ran(HOST, another(default_model, "far-too-long"), 2_000_000_000, 131_072)
    assert said.startswith("no-memory ")
    assert "131,072 tokens" in said
    assert "Set context = " in said
    assert 'or kv = "q4_0" under [local]' in said


async def test_a_host_after_one_that_ran_out_of_memory_begins_a_step_lower(tiny_qwen: Path) -> None:
    """On the note that a host leaves when llama.cpp runs out of memory while it computes."""
    model = another(tiny_qwen, "tiny-short")
    Shortages.of(HostSettings(str(model), "tiny")).note(1)
    async with opened(model, linger=0.0) as backend:
        info = await backend.info()
        assert info.note.startswith("Memory ran out with more")
        assert "a cache in q8_0" in info.plan
        assert backend.state.message == info.note
