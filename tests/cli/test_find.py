"""`fathom index --find`: definitions first, then the pieces that say most of the words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.cli import main


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "cart.py").write_text("import mail\n\n\nclass Cart:\n    def empty(self):\n        pass\n")
    (tmp_path / "mail.py").write_text("def send(receiver):\n    deliver(receiver)\n")
    (tmp_path / ".env").write_text("RECEIVER=secret\n")
    return tmp_path


def test_definitions_and_pieces_are_named_by_their_line(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["index", str(root), "--find", "Cart receiver"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"{root}/cart.py:4: class: class Cart:"
    assert any(line.startswith(f"{root}/mail.py:1: ") for line in lines[1:])


def test_json_has_both(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(root), "--find", "deliver", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["definitions"] == []
    assert [(place["path"], place["line"]) for place in said["pieces"]] == [(f"{root}/mail.py", 1)]


def test_what_is_secret_is_not_found(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(root), "--find", "RECEIVER secret"]) == 0
    assert ".env" not in capsys.readouterr().out


def test_what_is_nowhere_gives_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["index", str(root), "--find", "zebra"]) == 0
    assert capsys.readouterr().out == ""
