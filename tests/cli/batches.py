"""Runs a stage that reads lines, as from outside."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from lsp_server.cli import main


def answered(
    stage: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *lines: object,
    code: int = 0,
) -> list[dict[str, Any]]:
    """What a stage answers to lines, which are bytes, or values to be written as JSON."""
    data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    assert main(["stage", stage, "--batch"]) == code
    out = capsys.readouterr().out
    assert out.isascii()
    return [json.loads(line) for line in out.splitlines()]
