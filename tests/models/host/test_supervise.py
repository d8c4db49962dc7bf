"""How often a model host is started, and how its end is told."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lsp_server.models.backend import ModelError
from lsp_server.models.host import supervise
from lsp_server.models.host.places import place_of
from lsp_server.models.host.settings import HostSettings
from lsp_server.models.host.supervise import Child, Crashes, ending, in_thread, is_fault, plain, start, tail

SETTINGS = HostSettings(path="model.gguf", name="model")


def test_each_crash_doubles_the_pause() -> None:
    crashes, pauses = Crashes(), []
    for number in range(4):
        crashes.add(100.0 + number)
        pauses.append(crashes.wait(100.0 + number))
    assert pauses == [1, 2, 4, 8]


def test_the_pause_passes() -> None:
    crashes = Crashes()
    crashes.add(100.0)
    assert crashes.wait(100.75) == 0.25
    assert crashes.wait(200.0) == 0


def test_without_a_crash_there_is_no_pause() -> None:
    assert Crashes().wait(5.0) == 0


def crashed(*times: float) -> Crashes:
    crashes = Crashes()
    for time in times:
        crashes.add(time)
    return crashes


def test_five_crashes_in_ten_minutes_are_enough() -> None:
    assert not crashed(0, 1, 2, 3).too_many
    assert crashed(0, 1, 2, 3, 4).too_many
    assert not crashed(0, 1, 2, 3, 1000).too_many
    assert crashed(0, 500, 501, 502, 503, 504).too_many


def test_a_host_that_answers_between_its_crashes_is_started_again_after_longer_and_longer_pauses() -> None:
    crashes = crashed(0, 1, 2, 3)
    crashes.forgive()
    crashes.add(4)
    assert not crashes.too_many
    assert crashes.wait(4) == 16


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (-signal.SIGSEGV, "SIGSEGV"),
        (-signal.SIGKILL, "SIGKILL, perhaps for want of memory"),
        (-200, "signal 200"),
        (70, "exit code 70"),
        (None, "its process is gone"),
    ],
)
def test_an_end_is_told_in_words(code: int | None, told: str) -> None:
    assert ending(code) == told


def test_only_faults_of_native_code_lead_to_plain_kernels() -> None:
    assert [is_fault(code) for code in (-signal.SIGSEGV, -signal.SIGILL, -signal.SIGKILL, 1, None)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert plain(SETTINGS, Crashes(fault=True)).kernels == "plain"
    assert plain(SETTINGS, Crashes()).kernels == "fast"


def test_settings_survive_the_way_to_the_host() -> None:
    assert HostSettings.load(SETTINGS.dump()) == SETTINGS


def test_a_child_tells_how_it_ended() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    child = Child(process)
    assert child.how_it_ended() is None
    process.kill()
    process.wait()
    assert child.how_it_ended() == -signal.SIGKILL
    assert process.stdin is not None
    process.stdin.close()


@pytest.mark.process
def test_a_host_that_cannot_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = place_of(tmp_path / "model.gguf")
    monkeypatch.setattr(HostSettings, "dump", lambda self: '{"unknown": 1}')
    with pytest.raises(ModelError, match=r"exit code 64\): the settings are not understood"):
        start(SETTINGS, place)


def test_an_interpreter_that_is_gone_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "gone"))
    with pytest.raises(ModelError, match="cannot be started"):
        start(SETTINGS, place_of(tmp_path / "model.gguf"))


def test_the_log_is_for_its_user_and_begins_anew_when_it_is_long(tmp_path: Path) -> None:
    log = tmp_path / "deep/host.log"
    with supervise._open_log(log) as file:
        file.write(b"x" * (supervise.LOG_BYTES + 1))
    assert log.stat().st_mode & 0o777 == 0o600
    with supervise._open_log(log) as file:
        file.write(b"new\n")
    assert log.read_bytes() == b"new\n"
    assert tail(log) == "new"


async def test_what_blocks_runs_in_a_thread_of_its_own() -> None:
    name = await in_thread(lambda: threading.current_thread().name, "a name")
    assert name == "a name"
    with pytest.raises(ZeroDivisionError):
        await in_thread(lambda: 1 / 0, "fails")
