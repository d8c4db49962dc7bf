"""From a streamed answer to text and calls; to add a case, write it into a page of tests/cases/tool_calls."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lsp_server.prompts.tool_arguments import ToolSpec
from lsp_server.prompts.tool_calls import Call, Ending, Event, Reader, Reason, Refused, Said
from tests.cases.calls import TOOLS, Case, read_cases

CASES = read_cases()
PIECES = (
    *("<tool_call>", "</tool_call>", "<function=read_file>", "<function=x>", "</function>", "</parameter>"),
    *("<parameter=path>", "<parameter=content>", "<parameter=x>", "<parameter=", "</b>", "<", ">", "`"),
    *(
        "\n",
        "\n",
        "\n",
        "\r\n",
        " ",
        "a",
        "text",
        '{"name": "read_file", "arguments": {}}',
        "```json\n",
        "ä\ud83e",
    ),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def read(pieces: Sequence[str], finish: Ending = "stop", tools: Sequence[ToolSpec] = TOOLS) -> list[Event]:
    """The events in an answer, pieces of text made one."""
    reader = Reader(tools)
    events = [event for piece in pieces for event in reader.feed(piece)] + list(reader.finish(finish))
    joined: list[Event] = []
    for event in events:
        if isinstance(event, Said) and joined and isinstance(joined[-1], Said):
            joined[-1] = Said(joined[-1].text + event.text)
        else:
            joined.append(event)
    return joined


def shown(event: Event) -> object:
    """An event as the cases have it."""
    match event:
        case Said(text):
            return text
        case Call(name, arguments, notes):
            return [name, arguments, list(notes)] if notes else [name, arguments]
        case Refused(name, reason):
            return [name, reason]


def called(name: str, arguments: Mapping[str, str]) -> str:
    """A call as the model's template writes it."""
    values = "".join(f"<parameter={key}>\n{value}\n</parameter>\n" for key, value in arguments.items())
    return f"<tool_call>\n<function={name}>\n{values}</function>\n</tool_call>"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    assert [shown(event) for event in read([case.raw], case.finish)] == list(case.expected)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@pytest.mark.parametrize("size", [1, 3, 7])
def test_the_pieces_in_which_a_case_comes_make_no_difference(case: Case, size: int) -> None:
    pieces = [case.raw[at : at + size] for at in range(0, len(case.raw), size)]
    assert read(pieces, case.finish) == read([case.raw], case.finish)


def test_there_are_cases_for_every_reason() -> None:
    lines = [line for case in CASES for line in case.expected if isinstance(line, list)]
    assert {line[1] for line in lines if isinstance(line[1], str)} == set(get_args(Reason))
    assert len({case.source for case in CASES}) >= 20


@given(TEXTS, st.lists(st.integers(0, 200), max_size=8), st.sampled_from(get_args(Ending)))
@settings(max_examples=150, deadline=None)
def test_the_pieces_in_which_any_text_comes_make_no_difference(
    text: str, cuts: list[int], finish: Ending
) -> None:
    ends = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[start:end] for start, end in pairwise(ends)]
    assert read(pieces, finish) == read([text], finish)
    assert read(list(text), finish, ()) == read([text], finish, ())


AMBIGUOUS = re.compile(
    r"\r\Z"  # a line end of two characters
    r"|</parameter>\s*(?:<parameter=|\Z)"  # the next value, or a closing tag that is doubled
    r"|^\s*<parameter=(?:old_string|new_string|content)>"  # a value behind one that is not closed
    r"|</function>|<function=|<tool_call>",  # another call
    re.MULTILINE,
)
VALUES = st.one_of(st.text(max_size=40), TEXTS).filter(lambda text: not AMBIGUOUS.search(text))


@given(st.lists(VALUES, min_size=3, max_size=3), st.text(max_size=9).filter(lambda text: "<" not in text))
@example(["a.py", "\n", "</b>\n<parameter=x>\n</tool_call>"], "")
@settings(max_examples=200, deadline=None)
def test_a_call_in_the_form_of_the_template_is_read_back(values: list[str], said: str) -> None:
    arguments = dict(zip(("path", "old_string", "new_string"), values, strict=True))
    text = f"{said}\n\n" + called("edit_file", arguments)
    expected = ([Said(said.rstrip())] if said.rstrip() else []) + [Call("edit_file", arguments)]
    assert read([text]) == expected
    assert read([f"{text}\n{called('list_files', {})}"]) == [*expected, Call("list_files", {})]


ENDED = re.compile(r"\r\Z|</parameter>\s*(?:<parameter=\w|\Z)|</function>\s*\Z|<tool_c|<fun")
"""Texts that could as well be the end of a value and what comes behind it, or another call."""


@given(TEXTS.filter(lambda text: not ENDED.search(text)))
@settings(max_examples=200, deadline=None)
def test_a_single_value_may_be_any_text_that_opens_no_call(value: str) -> None:
    assert read([called("run_command", {"command": value})]) == [Call("run_command", {"command": value})]


EXAMPLE = called("edit_file", {"path": "a", "new_string": "</parameter>"})
CUT = st.lists(
    st.sampled_from(["x\n", "<b>", "</parameter>", "\n", f"\n{EXAMPLE}\n", "</function>"]), max_size=5
)


CONTENTS = CUT.map("".join).filter(
    lambda text: not re.search(r"</(?:parameter|function)>\s*<(?!/p|b)", text.replace(EXAMPLE, "<E"))
)
"""Texts in which no value ends like one of a call that is over."""


@given(CONTENTS, st.integers(0, 400))
@settings(max_examples=200, deadline=None)
def test_what_is_cut_is_never_carried_out(content: str, size: int) -> None:
    text = called("write_file", {"path": "a.md", "content": content})
    whole = len(text) - len("\n</tool_call>")
    for event in read([text[: min(size, whole - 1)]], "length"):
        assert not isinstance(event, Call)


@pytest.mark.parametrize("finish", get_args(Ending))
def test_a_value_may_be_any_answer_that_has_whole_calls(finish: Ending) -> None:
    value = f"One:\n{called('edit_file', {'a': 'x', 'b': 'y'})}\nTwo:\n{called('x', {})}\n"
    twice = f"{value}{called('write_file', {'path': 'b', 'content': value})}\nEnd."
    for text in (value, twice):
        given = {"path": "a", "content": text}
        assert read([called("write_file", given)], finish) == [Call("write_file", given)]


def test_text_comes_as_soon_as_it_is_certain() -> None:
    reader = Reader(TOOLS)
    assert reader.feed("Let me ") == (Said("Let me"),)
    assert reader.feed("look. <b>") == (Said(" look. <b>"),)
    assert reader.feed("\n\n<tool_c") == ()
    assert reader.feed("all is a tag") == (Said("\n\n<tool_call is a tag"),)


def test_a_call_comes_when_the_next_begins() -> None:
    reader = Reader(TOOLS)
    assert reader.feed("<tool_call>\n<function=list_files>\n") == ()
    assert reader.writing == "list_files"
    assert reader.feed("</function>\n</tool_call>\n<tool_call>") == ()
    assert reader.feed("\n<function=diagnostics>") == (Call("list_files", {}),)
    assert reader.writing == "diagnostics"


def test_nothing_is_known_of_tools_that_are_not_given() -> None:
    text = called("any", {"path": "1", "n": "02134"})
    assert read([text], tools=()) == [Call("any", {"path": "1", "n": "02134"})]


def test_the_model_is_told_what_it_can_do() -> None:
    cut = called("write_file", {"path": "a", "content": "x"})[:-40]
    reader = Reader(TOOLS)
    reader.feed(cut)
    (refused,) = reader.finish("length", 4096)
    assert isinstance(refused, Refused)
    assert "`write_file` was cut off at 4,096 tokens" in refused.message
    assert "in parts" in refused.message
    (unknown, missing, invalid) = (
        read([called(name, given)])[0]
        for name, given in (
            ("readfile", {}),
            ("edit_file", {"path": "a"}),
            ("read_file", {"path": "a", "end_line": "x"}),
        )
    )
    assert isinstance(unknown, Refused)
    assert "Did you mean `read_file`? The tools are `read_file`, `list_files`" in unknown.message
    assert isinstance(missing, Refused)
    assert "has no `old_string`, `new_string`" in missing.message
    assert "`replace_all` (optional)" in missing.message
    assert isinstance(invalid, Refused)
    assert "`end_line` of `read_file` must be an integer, and was 'x'" in invalid.message


def test_a_long_call_in_many_pieces_is_read_in_time() -> None:
    content = "if a < b and c > d:\n    x['<parameter'] = 1\n" * 2_000
    text = called("write_file", {"path": "a.py", "content": content})
    began = time.perf_counter()
    events = read([text[at : at + 4] for at in range(0, len(text), 4)])
    assert events == [Call("write_file", {"path": "a.py", "content": content})]
    assert time.perf_counter() - began < 5
