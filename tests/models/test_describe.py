"""Asking another process what llama.cpp can do here."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from lsp_server.models.backend import ModelError
from lsp_server.models.describe import COMMAND, describe
from lsp_server.models.host.devices import Device

pytestmark = pytest.mark.process

TOLD = {
    "gpu_offload": True,
    "devices": [{"name": "CPU", "kind": "CPU", "total": 16, "free": 12}],
    "system": "AVX2 = 1",
    "threads": 3,
    "version": "0.3.36",
}


def python(program: str) -> tuple[str, ...]:
    return (sys.executable, "-c", program)


async def complaint(command: tuple[str, ...], patience: float = 20.0) -> str:
    with pytest.raises(ModelError) as error:
        await describe(command, patience)
    assert error.value.code == "no-backend"
    return str(error.value)


async def test_the_answer_is_the_last_line() -> None:
    build = await describe(python(f"print('noise'); print({json.dumps(TOLD)!r})"))
    assert build.devices == (Device("CPU", "CPU", 16, 12),)
    assert (build.version, build.gpu_offload, build.threads, build.system) == ("0.3.36", True, 3, "AVX2 = 1")


async def test_a_missing_llama_cpp_is_said_in_the_words_of_the_process() -> None:
    sentence = "llama-cpp-python cannot be used: No module named 'llama_cpp'"
    said = await complaint(python(f"import sys; print({sentence!r}, file=sys.stderr); sys.exit(69)"))
    assert said == f"{sentence}."


async def test_a_process_that_dies_is_said_with_its_last_words() -> None:
    said = await complaint(
        python("import os, sys; print('GGML_ASSERT', file=sys.stderr, flush=True); os.abort()")
    )
    assert "ended with -6, GGML_ASSERT" in said


@pytest.mark.parametrize("answer", ["", "nothing", "[]", '{"version": "1"}', '{"devices": [{"size": 1}]}'])
async def test_an_answer_that_makes_no_sense_is_refused(answer: str) -> None:
    assert "makes sense" in await complaint(python(f"print({answer!r})"))


async def test_a_program_that_is_not_there_is_refused() -> None:
    assert "cannot be started" in await complaint(("/no/such/program",))


async def test_a_process_that_hangs_is_ended(tmp_path: Path) -> None:
    hanging = (
        f"import os, pathlib, time; pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))"
    )
    assert "did not answer" in await complaint(python(f"{hanging}; time.sleep(60)"), patience=0.5)
    pid = tmp_path / "pid"
    if pid.exists():  # else it was ended before it could say who it is
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid.read_text()), 0)


async def test_the_real_process_answers_or_says_what_is_missing() -> None:
    try:
        build = await describe(COMMAND)
    except ModelError as error:
        assert str(error).startswith("llama-cpp-python cannot be used: ")  # noqa: PT017
    else:
        assert build.threads >= 1
        assert build.version
