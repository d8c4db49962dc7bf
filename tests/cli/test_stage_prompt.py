"""`fathom stage prompt` from outside."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from lsp_server.cli import main

PLACE = {"prefix": "def f(a):\n    return ", "suffix": "\n\nf(1)\n"}


def prompt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], given: object
) -> dict[str, Any]:
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(given)))
    assert main(["stage", "prompt"]) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_the_prompt_and_its_parts_are_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = prompt(monkeypatch, capsys, PLACE)
    assert answer["prompt"] == "<|fim_prefix|><|fim_suffix|>\n\nf(1)\n<|fim_middle|>def f(a):\n    return "
    assert answer["parts"] == [
        {"special": "fim_prefix"},
        {"special": "fim_suffix"},
        {"text": "\n\nf(1)\n"},
        {"special": "fim_middle"},
        {"text": "def f(a):\n    return "},
    ]
    assert (answer["form"], answer["stop"]) == ("file", [])


def test_an_anchor_of_before_can_be_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = "".join(f"value_{number} = {number}\n" for number in range(20))
    given = {"prefix": f"{lines}last = 1", "suffix": "\n", "anchor": len(lines)}
    before = prompt(monkeypatch, capsys, {**given, "prefix": lines})
    after = prompt(monkeypatch, capsys, given)
    assert after["parts"][:-1] == before["parts"][:-1]
    assert after["parts"][-1]["text"].endswith("last = 1")


def test_a_model_without_the_marks_gets_a_stop_string(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"prefix": "x = ", "suffix": "\nprint(x)\n", "fim": False, "repo": False}
    answer = prompt(monkeypatch, capsys, given)
    assert (answer["prompt"], answer["stop"], answer["form"]) == ("x = ", ["\nprint(x)"], "prefix")


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "3", "{}", '{"prefix": "a", "anchor": "x"}', '{"prefix": "", "sources": 3}']
)
def test_what_is_no_place_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert main(["stage", "prompt"]) == 1
    assert "--help" in capsys.readouterr().err
