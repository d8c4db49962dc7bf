"""`fathom stage tool-calls` from outside."""

from __future__ import annotations

from functools import partial

import pytest

from .batches import answered

TEXT = (
    "I look.\n<tool_call>\n<function=read_file>\n"
    "<parameter=path>\na.py\n</parameter>\n</function>\n</tool_call>"
)
TOOL = {
    "name": "read_file",
    "description": "Read a file.",
    "parameters": {
        "type": "object",
        "properties": {"path": {"type": "string"}, "start_line": {"type": "integer"}},
        "required": ["path"],
    },
}
GOOD = {"text": TEXT, "tools": [TOOL]}
READ = {
    "text": "I look.",
    "calls": [{"name": "read_file", "arguments": {"path": "a.py"}, "notes": []}],
    "problems": [],
}


answers = partial(answered, "tool-calls")
"""What is answered to lines."""


def test_each_line_has_its_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrapped = {"pieces": list(TEXT), "tools": [{"type": "function", "function": TOOL}]}
    coerced = TEXT.replace("parameter=path", "parameter=file").replace(
        "</function>", "<parameter=start_line>5.0"
    )
    read, same, free, noted, cut, none = answers(
        monkeypatch,
        capsys,
        GOOD,
        wrapped,
        b"",
        {"text": TEXT},
        {"text": coerced, "tools": [TOOL]},
        {"text": TEXT[:60], "tools": [TOOL], "finish": "length", "limit": 30},
        {"pieces": []},
    )
    assert read == same == free == READ
    (call,) = noted["calls"]
    assert (call["arguments"], len(call["notes"])) == ({"path": "a.py", "start_line": 5}, 2)
    (problem,) = cut["problems"]
    assert (problem["name"], problem["reason"], cut["calls"]) == ("read_file", "cut", [])
    assert "at 30 tokens" in problem["message"]
    assert none == {"text": "", "calls": [], "problems": []}


@pytest.mark.parametrize(
    "line",
    [
        *(b"{", b"3", b"[]", b"null", b"{}", b"\xff", b"[" * 200_000),
        *({"text": 3}, {"pieces": "x"}, {**GOOD, "finish": "end"}, {**GOOD, "limit": "9"}),
        *({**GOOD, "tools": [{}]}, {**GOOD, "tools": [3]}, {**GOOD, "tools": [{"name": 3}]}),
        {**GOOD, "tools": [{"name": "x", "parameters": {"properties": {"p": {"type": "date"}}}}]},
        {**GOOD, "tools": [{"name": "x", "parameters": {"properties": {"p": {"type": ["string", "null"]}}}}]},
    ],
    ids=lambda line: str(line)[:60],
)
def test_a_line_that_makes_no_sense_is_named_and_the_others_are_answered(
    line: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    first, named, last = answers(monkeypatch, capsys, GOOD, line, GOOD, code=1)
    assert first == last == READ
    assert "--help" in named["error"]
