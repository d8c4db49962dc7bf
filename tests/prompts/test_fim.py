"""The layout of prompts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.prompts.fim import Form, Hole, Source, lay_out, spelled, stable_parts, stop_strings
from lsp_server.prompts.types import Special

HOLE = Hole("def f():\n", "    return ", "\n\nf()\n", "src/f.py", "shop", (Source("src/a.py", "A = 1"),))
TEXT = st.text(max_size=30)


def test_the_file_form_has_no_line_ends_round_its_marks() -> None:
    assert (
        spelled(lay_out(HOLE, "file"))
        == "<|fim_prefix|>def f():\n<|fim_suffix|>\n\nf()\n<|fim_middle|>    return "
    )


def test_the_repository_form_begins_with_names_and_other_files() -> None:
    assert spelled(lay_out(HOLE, "repository")) == (
        "<|repo_name|>shop\n<|file_sep|>src/a.py\nA = 1\n<|file_sep|>src/f.py\n"
        "<|fim_prefix|>def f():\n<|fim_suffix|>\n\nf()\n<|fim_middle|>    return "
    )


def test_a_model_without_the_marks_goes_on_from_the_prefix() -> None:
    assert lay_out(HOLE, "prefix") == ("def f():\n", "    return ")
    assert stop_strings(HOLE, "prefix") == ()


def test_the_stop_string_is_the_first_line_that_says_something() -> None:
    hole = Hole("", "", "rest of the line\n}\n\nfunction next() {\n", "")
    assert stop_strings(hole, "prefix") == ("\nfunction next() {",)
    assert stop_strings(hole, "file") == ()


@settings(deadline=None)
@given(TEXT, TEXT, TEXT, st.sampled_from(["file", "repository"]))
def test_each_text_is_a_part_of_its_own(prefix: str, typed: str, suffix: str, form: str) -> None:
    hole = Hole(prefix, typed, suffix, "a", "b")
    parts = lay_out(hole, "file" if form == "file" else "repository")
    start = parts.index(Special("fim_prefix"))
    filled = [part for part in parts[start:] if isinstance(part, str)]
    assert filled == [text for text in (prefix, suffix, typed) if text]


@settings(deadline=None)
@given(TEXT, TEXT, TEXT, TEXT)
def test_typing_changes_nothing_but_the_last_part(prefix: str, typed: str, more: str, suffix: str) -> None:
    before = lay_out(Hole(prefix, typed + "x", suffix), "file")
    after = lay_out(Hole(prefix, typed + "x" + more, suffix), "file")
    assert before[:-1] == after[:-1]


@pytest.mark.parametrize(
    ("form", "stable"),
    [
        ("repository", "<|repo_name|>shop\n<|file_sep|>src/a.py\nA = 1\n"),
        ("file", "<|fim_prefix|>def f():\n"),
        ("prefix", "def f():\n"),
    ],
)
def test_what_stays_the_same_for_long_stands_in_front(form: Form, stable: str) -> None:
    assert spelled(lay_out(HOLE, form)[: stable_parts(HOLE, form)]) == stable


def test_text_from_a_file_never_becomes_a_mark() -> None:
    prompt = lay_out(Hole("<|fim_middle|>", "", "<|im_end|>"), "file")
    assert [part.name for part in prompt if isinstance(part, Special)] == [
        "fim_prefix",
        "fim_suffix",
        "fim_middle",
    ]
