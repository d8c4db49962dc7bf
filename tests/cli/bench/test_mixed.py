"""`fathom bench mixed`: typing during a chat."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.cli import main

CHAT = "a hash table " * 200


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.py"
    path.write_text("def one():\n    return 1\n\n\n" * 40)
    return path


def replies(folder: Path, *texts: str) -> str:
    path = folder / "replies.jsonl"
    path.write_text("\n".join(map(json.dumps, texts)))
    return f"scripted:{path}"


def test_it_compares_keys_with_and_without_a_chat(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--model", replies(tmp_path, CHAT), "--keys", "3", "--pause", "0", "--json"]
    assert main(["bench", "mixed", str(file), *arguments]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["idle"]["keys"] == 6
    assert 1 <= report["chat"]["keys"] <= 3
    assert report["ratio_first_token_p50"] > 0
    assert report["chat_tokens"] == len(CHAT) / 4
    assert report["chat_same_text"]


def test_a_chat_that_says_something_else_is_a_failure(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = replies(tmp_path, CHAT, "x", "x", "x", CHAT + "!")
    assert main(["bench", "mixed", str(file), "--model", model, "--keys", "2", "--pause", "0"]) == 1
    assert "NOT THE SAME TEXT" in capsys.readouterr().out


def test_a_chat_that_is_too_short_is_said(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = replies(tmp_path, "", "x")
    assert main(["bench", "mixed", str(file), "--model", model, "--keys", "0"]) == 1
    assert "--chat-tokens" in capsys.readouterr().err
