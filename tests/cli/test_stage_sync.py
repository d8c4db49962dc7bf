"""`fathom stage sync` from outside."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from lsp_server.cli import main

GOOD = json.dumps({"text": "x", "changes": []})


def sync(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *lines: object, code: int = 0
) -> list[dict[str, Any]]:
    """What is answered to lines, which are bytes, or values to be written as JSON."""
    data = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    assert main(["stage", "sync", "--batch"]) == code
    out = capsys.readouterr().out
    assert out.isascii()
    return [json.loads(line) for line in out.splitlines()]


def edit(start: tuple[int, int], end: tuple[int, int], text: str) -> dict[str, Any]:
    ends = [{"line": line, "character": character} for line, character in (start, end)]
    return {"range": {"start": ends[0], "end": ends[1]}, "text": text}


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 4), ("utf-16", 2), ("utf-32", 1), (None, 2)])
def test_columns_are_counted_in_the_encoding_that_is_given(
    encoding: str | None, column: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"text": "🦊b\r\n", "changes": [edit((0, column), (0, column + 1), "c")]}
    if encoding is not None:
        given["encoding"] = encoding
    assert sync(monkeypatch, capsys, given) == [{"text": "🦊c\r\n"}]


def test_each_line_has_its_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first = {"text": "one", "changes": [edit((0, 3), (0, 3), "\n"), edit((1, 0), (9, 9), "two")]}
    second = {"text": "a", "changes": [{"text": "whole"}, {"range": None, "text": "again"}]}
    third = {"text": "f\f\u2028g", "changes": [edit((0, 4), (0, 0), "reversed")]}
    assert sync(monkeypatch, capsys, first, b"", second, third) == [
        {"text": "one\ntwo"},
        {"text": "again"},
        {"text": "reversed"},
    ]


def test_halves_of_surrogate_pairs_come_out_as_they_came_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"text": "a\ud83e", "changes": [edit((0, 1), (0, 1), "\udd8a")]}
    assert sync(monkeypatch, capsys, given) == [{"text": "a\udd8a\ud83e"}]


def test_json_may_be_written_in_utf_8_and_end_with_crlf(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = '{"text": "é\u2028🦊", "changes": []}\r'.encode()
    assert sync(monkeypatch, capsys, line, line) == [{"text": "é\u2028🦊"}] * 2


def test_a_range_that_makes_no_sense_puts_the_document_out_of_sync(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = [edit((0, 0), (0, 0), "a"), edit((0, -1), (0, 0), "b"), edit((0, 0), (0, 0), "c")]
    answers = sync(
        monkeypatch,
        capsys,
        {"text": "x", "changes": lost},
        {"text": "x", "changes": [*lost, {"text": "whole"}]},
    )
    assert answers == [{"text": "ax", "in_sync": False}, {"text": "whole"}]


@pytest.mark.parametrize(
    "line",
    [
        *(b"{", b"3", b"[]", b"null", b'"x"', b"{}", b"\xff\xfe{}", b"[" * 200_000),
        *(
            b'{"text": "x"}',
            b'{"changes": []}',
            b'{"text": 3, "changes": []}',
            b'{"text": "x", "changes": 3}',
        ),
        *(b'{"text": "x", "changes": [3]}', b'{"text": "x", "changes": [{}]}'),
        b'{"text": "x", "changes": [{"text": 3}]}',
        b'{"text": "x", "changes": [{"text": "", "range": {}}]}',
        b'{"text": "x", "changes": [{"text": "", "range": {"start": {"line": 0, "character": 0}}}]}',
        json.dumps({"text": "x", "changes": [edit((0, 0), (0, 0.5), "")]}).encode(),  # type: ignore[arg-type]
        json.dumps({"text": "x", "changes": [edit((0, True), (0, 1), "")]}).encode(),
        b'{"text": "x", "changes": [], "encoding": "latin-1"}',
        b'{"text": "x", "changes": [], "encoding": ["utf-8"]}',
    ],
    ids=lambda line: str(line[:80]),
)
def test_a_line_that_makes_no_sense_is_named_and_the_others_are_answered(
    line: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = sync(monkeypatch, capsys, GOOD.encode(), line, GOOD.encode(), code=1)
    assert [*answers[0], *answers[2]] == ["text", "text"]
    assert list(answers[1]) == ["error"]
    assert "--help" in answers[1]["error"]


@pytest.mark.process
def test_an_answer_does_not_wait_for_the_next_line() -> None:
    program = "import sys; from lsp_server.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "stage", "sync", "--batch"]
    # Where this is set nothing is held back anyhow.
    own = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=own) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(3):
            process.stdin.write(GOOD.encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == {"text": "x"}
        process.stdin.close()
        assert process.wait() == 0


def test_without_batch_one_object_may_take_several_lines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = json.dumps({"text": "x", "changes": [{"text": "y"}]}, indent=2)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert main(["stage", "sync"]) == 0
    assert json.loads(capsys.readouterr().out) == {"text": "y"}


def test_without_batch_nothing_at_all_is_no_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert main(["stage", "sync"]) == 1
    assert "error" in json.loads(capsys.readouterr().out)
