"""`fathom bench cancel`: its report, and what it says when there is nothing to cancel."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.cli import main


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "replies.jsonl"
    path.write_text('"x"\n')
    return f"scripted:{path}"


def test_a_model_that_is_faster_than_a_cancel_is_named_as_such(
    script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "cancel", "--model", script, "--tries", "1"]) == 1
    assert "before it could be cancelled" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--tries", "0"], ["--model", "no-such-model"]])
def test_what_cannot_be_measured_is_said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "cancel", *arguments]) == 1
    assert "fathom bench cancel: " in capsys.readouterr().err


@pytest.mark.model
def test_the_real_model_stops_reading(default_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "cancel", "--model", str(default_model), "--tries", "3", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["tries"] == 3
    # What is cancelled takes the model half a minute to read.
    assert report["stopped_ms"]["max"] < 5000
