"""`fathom doctor` as people and programs see it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from lsp_server import __version__
from lsp_server.cli import doctor, indexed, main
from lsp_server.config import config_path
from lsp_server.models.backend import ModelError
from lsp_server.models.describe import Build
from lsp_server.models.host.devices import Device
from tests.context import trees
from tests.models.gguf_writer import gguf, write
from tests.models.tiny import install, listed, tiny

BUILD = Build("0.3.36", False, (Device("Fast CPU", "CPU", 16 * 10**9, 10**9),), 3, "AVX2 = 1")


def described(monkeypatch: pytest.MonkeyPatch, build: Build | ModelError) -> None:
    """Let the process that describes llama.cpp say this."""

    async def describe() -> Build:
        if isinstance(build, ModelError):
            raise build
        return build

    monkeypatch.setattr(doctor, "describe", describe)


@pytest.fixture
def healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine with llama.cpp and a small default model."""
    model = tiny(name="tiny-coder")
    listed(monkeypatch, model)
    install(model)
    described(monkeypatch, BUILD)


def answer(*arguments: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    code = main(["doctor", "--json", *arguments])
    return code, json.loads(capsys.readouterr().out)


def check(told: dict[str, Any], name: str) -> dict[str, str]:
    (found,) = (found for found in told["checks"] if found["name"] == name)
    return found


@pytest.mark.usefixtures("healthy")
def test_a_healthy_machine_ends_with_0_and_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    *findings, empty, plan = capsys.readouterr().out.splitlines()
    assert empty == ""
    assert plan.startswith("A completion would load tiny-coder on the CPU with 3 threads")
    assert {line.split()[0] for line in findings} <= {"ok", "note", "->"}
    assert any(f"Fathom {__version__}" in line for line in findings)


def test_a_machine_with_nothing_ends_with_1_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    described(monkeypatch, ModelError("no-backend", "There is no llama.cpp."))
    assert main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert shown.count("problem") >= 2
    assert "pip install 'fathom-ls[local]'" in shown
    assert "`fathom models pull qwen2.5-coder-0.5b`" in shown


@pytest.mark.usefixtures("healthy")
def test_programs_get_checks_and_facts(capsys: pytest.CaptureFixture[str]) -> None:
    code, told = answer(capsys=capsys)
    assert code == 0
    assert told["ok"] is True
    assert told["llama_cpp"]["devices"][0]["name"] == "Fast CPU"
    assert told["versions"]["fathom-ls"] == metadata.version("fathom-ls")
    assert told["versions"]["pygls"]
    assert told["executable"] == sys.executable
    assert told["hosts"] == []
    assert set(told["memory"]) == {"total", "available"}


def test_checks_have_the_states_of_health_checks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    described(monkeypatch, ModelError("no-backend", "There is no llama.cpp."))
    code, told = answer("--model", "scripted:x", capsys=capsys)
    assert code == 1
    assert told["ok"] is False
    assert check(told, "llama.cpp")["status"] == "error"
    assert check(told, "llama.cpp")["advice"]
    assert check(told, "model") == {
        "name": "model",
        "status": "info",
        "message": "scripted:x answers from a script, without a model.",
    }
    assert check(told, "settings")["status"] == "ok"


@pytest.mark.usefixtures("healthy")
def test_another_model_can_be_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = write(tmp_path / "own.gguf", gguf())
    assert f"load {own}" in answer("--model", str(own), capsys=capsys)[1]["plan"]
    assert answer("--model", str(tmp_path), capsys=capsys)[0] == 1


@pytest.mark.usefixtures("healthy")
def test_the_users_settings_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = write(tmp_path / "own.gguf", gguf())
    write(config_path(), f'model = "{own}"\nno_such_setting = 1\n'.encode())
    code, told = answer(capsys=capsys)
    assert code == 0
    assert f"load {own}" in told["plan"]
    assert "no_such_setting" in check(told, "settings")["message"]
    assert check(told, "settings")["status"] == "warn"


@pytest.mark.usefixtures("healthy")
def test_what_editors_would_start_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "no `fathom` on the PATH" in check(answer(capsys=capsys)[1], "PATH")["message"]
    other = write(tmp_path / "fathom", b"#!/bin/sh\n")
    other.chmod(0o755)
    assert "another one" in check(answer(capsys=capsys)[1], "PATH")["message"]
    other.unlink()
    other.symlink_to(Path(sys.executable).with_name("fathom"))
    assert shutil.which("fathom") == str(other)
    assert check(answer(capsys=capsys)[1], "PATH")["status"] == "ok"


@pytest.mark.usefixtures("healthy")
def test_the_index_of_a_folder_can_be_looked_at(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trees.write(tmp_path, "one/.git/HEAD", "one/in/a.py")
    _, told = answer("--root", str(tmp_path / "one/in"), capsys=capsys)
    assert told["index"] == {
        "root": str(tmp_path / "one"),
        "folder": told["index"]["folder"],
        "figures": None,
    }
    assert main(["index", str(tmp_path / "one")]) == 0
    capsys.readouterr()
    code, told = answer("--root", str(tmp_path / "one/in"), capsys=capsys)
    assert code == 0
    assert told["index"]["figures"]["files"] == 1
    assert check(told, "index")["status"] == "ok"
    log = indexed.look_at_index(tmp_path / "one", is_wanted=True).log
    write(log, b"one\nit broke\n")
    _, told = answer("--root", str(tmp_path / "one"), capsys=capsys)
    assert "it broke" in check(told, "indexer")["message"]


@pytest.mark.usefixtures("healthy")
def test_an_own_index_of_a_folder_in_the_repository_is_the_nearer_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trees.write(tmp_path, "one/.git/HEAD", "one/in/deep/a.py")
    assert main(["index", str(tmp_path / "one/in")]) == 0
    capsys.readouterr()
    assert answer("--root", str(tmp_path / "one/in/deep"), capsys=capsys)[1]["index"]["root"] == str(
        tmp_path / "one/in"
    )


@pytest.mark.usefixtures("healthy")
def test_that_there_is_no_index_of_the_home_directory_is_said_with_the_reason(
    own_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (own_home, Path("/")):
        _, told = answer("--root", str(folder), capsys=capsys)
        assert "more than a project" in check(told, "index")["message"]
        assert check(told, "index")["status"] == "warn"


@pytest.mark.usefixtures("healthy")
def test_a_cache_that_cannot_be_written_is_noticed(
    own_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (own_home / "cache_home/fathom").write_text("a file where a folder should be\n")
    _, told = answer("--root", str(tmp_path), capsys=capsys)
    assert any(
        "cannot be written" in found["message"] for found in told["checks"] if found["name"] == "index"
    )


REAL = """
import sys
from lsp_server.cli import main
code = main(["doctor", "--json"])
sys.exit(99 if "llama_cpp" in sys.modules else code)
"""


@pytest.mark.process
def test_a_real_doctor_keeps_llama_cpp_out_of_its_own_process() -> None:
    ended = subprocess.run([sys.executable, "-c", REAL], capture_output=True, text=True, timeout=40)
    told = json.loads(ended.stdout)
    assert ended.returncode == 1  # in this home no model is installed
    assert check(told, "model")["status"] == "error"
    assert told["llama_cpp"] or check(told, "llama.cpp")["status"] == "error"
