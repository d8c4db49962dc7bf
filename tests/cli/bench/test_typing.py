"""`fathom bench typing`: what it types, and its report."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from lsp_server.cli import main

TEXT = "def one():\n    return 1\n\n\ndef two():\r\n    return 2\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.py"
    path.write_text(TEXT * 40)
    return path


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "replies.jsonl"
    path.write_text('"x"\n')
    return f"scripted:{path}"


def test_every_key_asks_the_model(file: Path, script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "typing", str(file), "--model", script, "--keys", "140", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    kinds = {kind: costs["keys"] for kind, costs in report["kinds"].items()}
    assert sum(kinds.values()) == 140
    assert set(kinds) == {"first", "forward", "newline", "correction", "paste", "jump"}
    assert report["keys"] == kinds["forward"] + kinds["newline"]
    assert report["all"]["keys"] == 139
    # The script reads all of its prompt every time, so each key costs what the text is long.
    assert report["tokens_per_key"]["mean"] > 10
    assert report["first_token_ms"]["p50"] > 0
    assert report["peer"] is None


def test_the_texts_that_are_shown_are_counted(
    file: Path, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--model", script, "--keys", "9", "--script", "forward", "--json"]
    assert main(["bench", "typing", str(file), *arguments]) == 0
    all_keys = json.loads(capsys.readouterr().out)["all"]
    assert all_keys["shown"] > 0
    assert all_keys["shown_ms"]["p50"] >= all_keys["first_token_ms"]["p50"]


def test_a_prompt_can_be_made_longer_with_files_beside_the_file(
    file: Path, script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(8):
        (file.parent / f"shop_{number}.py").write_text(f"# {number}\n" + TEXT * 60)
    arguments = ["--model", script, "--keys", "5", "--context", "3000", "--json"]
    assert main(["bench", "typing", str(file), *arguments]) == 0
    assert json.loads(capsys.readouterr().out)["prompt_tokens"] == pytest.approx(3000, rel=0.03)


def test_it_prints_a_table(file: Path, script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "typing", str(file), "--model", script, "--keys", "5"]) == 0
    shown = capsys.readouterr().out
    assert "shop.py with scripted on script" in shown
    assert "typing on" in shown
    assert "llama-server" not in shown


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="matplotlib is not installed")
def test_it_draws_a_picture(file: Path, script: str, tmp_path: Path) -> None:
    picture = tmp_path / "made" / "typing.png"
    assert main(["bench", "typing", str(file), "--model", script, "--keys", "5", "--plot", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.py"], "missing.py"),
        (["shop.py", "--line", "9999"], "lines, not 9999"),
        (["shop.py", "--model", "no-such-model"], "no-such-model"),
        (["shop.py", "--context", "1000000"], "does not fit"),
        (["shop.py", "--peer", "llama-server"], "needs a model that is a file"),
    ],
)
def test_what_cannot_be_measured_is_said(
    file: Path,
    script: str,
    arguments: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(file.parent)
    assert main(["bench", "typing", "--model", script, *arguments]) == 1
    assert told in capsys.readouterr().err
