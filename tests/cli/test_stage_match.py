"""`fathom stage match` from outside."""

from __future__ import annotations

import io
import json
from functools import partial

import pytest

from lsp_server.cli import main

from .batches import answered

GOOD = {"text": "a\r\nb\r\n", "old": "a\nb", "new": "a\nc"}


matched = partial(answered, "match")
"""What is answered to lines."""


def test_each_line_has_its_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = matched(
        monkeypatch,
        capsys,
        GOOD,
        b"",
        {"text": "x  \ny\n", "old": "x\ny\n", "new": "z\n"},
        {"text": "a a", "old": "a", "new": "b", "replace_all": True},
    )
    assert answers == [
        {"text": "a\r\nc\r\n", "step": "line-ends", "note": ""},
        {
            "text": "z\n",
            "step": "trailing-space",
            "note": "matched ignoring trailing whitespace at lines 1-2",
        },
        {"text": "b b", "step": "exact", "note": ""},
    ]


def test_what_cannot_be_replaced_comes_with_the_nearest_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "def f():\n    return 1\n\n\ndef g():\n    return 2\n"
    (nowhere, twice, same) = matched(
        monkeypatch,
        capsys,
        {"text": text, "old": "def f():\n    return 3\n", "new": "x"},
        {"text": text, "old": "return", "new": "x"},
        {"text": text, "old": "return 1", "new": "return 1"},
    )
    assert (nowhere["reason"], nowhere["nearest"][0]) == (
        "no-match",
        {"line": 1, "text": "def f():\n    return 1"},
    )
    assert "   2→    return 1" in nowhere["error"]
    assert (twice["reason"], [place["line"] for place in twice["nearest"]]) == ("many-matches", [1, 5])
    assert (same["reason"], same["nearest"]) == ("identical", [])


@pytest.mark.parametrize(
    "line",
    [
        *(b"{", b"3", b"[]", b"null", b"{}", b"\xff", b"[" * 200_000),
        *({"text": "x", "old": "x"}, {"text": 3, "old": "x", "new": "y"}, {**GOOD, "replace_all": "yes"}),
    ],
    ids=lambda line: str(line)[:60],
)
def test_a_line_that_makes_no_sense_is_named_and_the_others_are_answered(
    line: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = matched(monkeypatch, capsys, GOOD, line, GOOD, code=1)
    assert ["text" in answer for answer in answers] == [True, False, True]
    assert "--help" in answers[1]["error"]


def test_halves_of_surrogate_pairs_come_out_as_they_came_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (answer,) = matched(monkeypatch, capsys, {"text": "a\ud83e", "old": "a", "new": "\udd8a"})
    assert answer["text"] == "\udd8a\ud83e"


def test_without_batch_one_object_may_take_several_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(json.dumps(GOOD, indent=2).encode())))
    assert main(["stage", "match"]) == 0
    assert json.loads(capsys.readouterr().out)["text"] == "a\r\nc\r\n"
