"""`fathom status`, for people and for programs."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from lsp_server.cli import main
from lsp_server.cli.table import duration
from lsp_server.models.backend import ModelError
from lsp_server.models.host import link
from lsp_server.models.host.link import HostStatus
from tests.context.trees import write

HOST = HostStatus(4321, "qwen2.5-coder-0.5b", "/m.gguf", "ready", 2, "CPU", 16384, 3725.0, 679_000_000, 120)


def running(monkeypatch: pytest.MonkeyPatch, *hosts: HostStatus) -> None:
    async def look() -> list[HostStatus]:
        return list(hosts)

    monkeypatch.setattr(link, "running_hosts", look)


def test_no_host_is_said_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    running(monkeypatch)
    assert main(["status"]) == 0
    first = capsys.readouterr().out.partition("\n")[0]
    assert first == "No model is loaded; the first completion loads one."


def test_each_host_is_a_row_below_its_head(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    running(monkeypatch, HOST, replace(HOST, pid=7, model="other", phase="loading"))
    assert main(["status"]) == 0
    head, first, second, *_ = capsys.readouterr().out.splitlines()
    assert head.split() == [
        "PID",
        "MODEL",
        "STATE",
        "CLIENTS",
        "DEVICE",
        "WINDOW",
        "MEMORY",
        "REQUESTS",
        "UP",
    ]
    shown = "4321  qwen2.5-coder-0.5b  ready  2  CPU  16,384  679.0 MB  120  1 h 2 min"
    assert first.split() == shown.split()
    assert second.split()[:3] == ["7", "other", "loading"]
    assert head.index("STATE") == first.index("ready") == second.index("loading")


def test_how_a_model_was_opened_stands_below_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    running(monkeypatch, replace(HOST, plan="A window of 8 tokens.", note="Mind this."), HOST)
    assert main(["status"]) == 0
    assert capsys.readouterr().out.splitlines()[3:5] == ["", "4321: A window of 8 tokens. Mind this."]


def test_a_host_that_does_not_answer_can_be_ended(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    running(monkeypatch, HostStatus(99, "", "", "silent", 0, "", 0, 0.0, 0, 0), HOST)
    assert main(["status"]) == 0
    shown = capsys.readouterr().out
    assert "`kill 99`" in shown
    assert "silent" in shown


def test_how_the_index_of_this_folder_is_stands_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    running(monkeypatch)
    write(tmp_path, "project/.git/HEAD", "project/in/a.py")
    monkeypatch.chdir(tmp_path / "project/in")
    assert main(["status"]) == 0
    assert f"Index:\n  {tmp_path}/project has none yet" in capsys.readouterr().out
    assert main(["index", str(tmp_path / "project")]) == 0
    capsys.readouterr()
    assert main(["status"]) == 0
    assert f"Index:\n  {tmp_path}/project: 1 files" in capsys.readouterr().out


@pytest.mark.parametrize("hosts", [(), (HOST,), (HOST, HOST)])
def test_json_has_everything(
    hosts: tuple[HostStatus, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    running(monkeypatch, *hosts)
    assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [asdict(host) for host in hosts]


def test_a_directory_that_is_not_safe_is_said_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def look() -> list[HostStatus]:
        raise ModelError("no-backend", "The model host cannot use /tmp/x.")

    monkeypatch.setattr(link, "running_hosts", look)
    assert main(["status"]) == 1
    assert capsys.readouterr() == ("", "fathom: The model host cannot use /tmp/x.\n")


def test_a_machine_without_hosts_is_looked_at_for_real(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "0 s"),
        (0.9, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (303, "5 min 3 s"),
        (7500, "2 h 5 min"),
        (86_400, "1 d"),
        (3 * 86_400 + 4 * 3600 + 59, "3 d 4 h"),
    ],
)
def test_a_duration_has_two_units_at_most(seconds: float, said: str) -> None:
    assert duration(seconds) == said
