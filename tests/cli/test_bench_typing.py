"""`fathom bench typing`: the keys that it types, and its report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.cli import main
from lsp_server.cli.bench_typing import cut

TEXT = "def one():\n    return 1\n\n\ndef two():\r\n    return 2\n"


def test_a_line_end_and_its_indentation_are_one_key() -> None:
    offset, keys = cut(TEXT, 5, 100)
    assert "".join(keys) == TEXT[offset:]
    assert keys[10] == "\r\n    "


def test_typing_begins_in_the_middle_unless_a_line_is_named() -> None:
    assert cut(TEXT, 0, 5)[0] == TEXT.index("\ndef two")
    assert cut(TEXT, 1, 5) == (0, list("def on"))


@pytest.mark.parametrize(("line", "told"), [(8, "7 lines"), (7, "nothing to type"), (-1, "7 lines")])
def test_a_line_that_is_not_there_is_named(line: int, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        cut(TEXT, line, 5)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.py"
    path.write_text(TEXT * 20)
    return path


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "replies.jsonl"
    path.write_text('"x"\n')
    return f"scripted:{path}"


def test_every_key_asks_the_model(file: Path, script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "typing", str(file), "--model", script, "--keys", "30", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["keys"]["keys"] == 30
    # The script reads all of its prompt every time, so both prompts cost what their texts are long.
    assert report["keys"]["tokens_mean"] > 10
    assert report["usual_prompt"]["keys"] == 19


def test_it_prints_a_table(file: Path, script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "typing", str(file), "--model", script, "--keys", "5", "--peer-keys", "0"]) == 0
    shown = capsys.readouterr().out
    assert "scripted on script" in shown
    assert "usual prompt" not in shown


@pytest.mark.parametrize(
    "arguments", [["missing.py"], ["shop.py", "--line", "9999"], ["shop.py", "--model", "no-such-model"]]
)
def test_what_cannot_be_measured_is_said(
    file: Path, arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    assert main(["bench", "typing", *arguments]) == 1
    assert "fathom bench typing: " in capsys.readouterr().err
