"""`fathom stage clean` from outside."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from lsp_server.cli import main


def clean(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *lines: str, code: int = 0
) -> list[dict[str, Any]]:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines)))
    assert main(["stage", "clean", "--batch"]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_line_has_its_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = {"prefix": "print(", "suffix": ")\n", "language": "python", "raw": "x)"}
    second = {"prefix": "x = ", "suffix": "", "language": "go", "raw": ["<|fim_", "middle|>"]}
    assert clean(monkeypatch, capsys, json.dumps(first), "", json.dumps(second)) == [
        {"text": "x)", "covered": 1, "end": 7, "rule": "", "stop": "stop"},
        {"text": "", "covered": 0, "end": 4, "rule": "token", "stop": "token"},
    ]


def test_a_text_that_was_cut_off_can_be_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"prefix": "", "suffix": "", "raw": "first()\nsecon", "ending": "length"}
    (answer,) = clean(monkeypatch, capsys, json.dumps(given))
    assert answer["text"] == "first()"


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "3",
        "{}",
        '{"prefix": "", "suffix": "", "raw": 3}',
        '{"prefix":"","suffix":"","raw":"","ending":"x"}',
    ],
)
def test_a_line_that_makes_no_sense_is_named_and_the_others_go_on(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = json.dumps({"prefix": "", "suffix": "", "raw": "x"})
    answers = clean(monkeypatch, capsys, line, good, code=1)
    assert "--help" in answers[0]["error"]
    assert answers[1]["text"] == "x"


def test_without_batch_one_object_may_take_several_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = json.dumps({"prefix": "", "suffix": "", "raw": "x"}, indent=2)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert main(["stage", "clean"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "x"
