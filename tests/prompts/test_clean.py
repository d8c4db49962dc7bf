"""Cleaning in general: what holds for every text and every place."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.prompts.brackets import balance
from lsp_server.prompts.clean import Cleaner, clean, covering
from lsp_server.prompts.scan import Ending
from lsp_server.prompts.scene import Scene

CODE = st.text(
    alphabet=st.one_of(
        st.sampled_from(list("ab10 \n\t(){}[]\"'`:;,.=<>|\\#/\r_")), st.characters(blacklist_categories=())
    ),
    max_size=80,
)
LANGUAGE = st.sampled_from(["python", "typescript", "rust", "go", "markdown", "", "cobol"])
SCENES = st.builds(Scene, CODE, CODE, LANGUAGE)
ENDING: st.SearchStrategy[Ending] = st.sampled_from(["stop", "length"])


@settings(deadline=None)
@given(SCENES, CODE, st.lists(st.integers(0, 80)), ENDING)
def test_the_result_depends_on_the_text_alone_and_not_on_its_pieces(
    scene: Scene, raw: str, cuts: list[int], ending: Ending
) -> None:
    whole, pieces = Cleaner(scene), Cleaner(scene)
    whole.feed(raw)
    places = [0, *sorted(cut for cut in cuts if cut < len(raw)), len(raw)]
    for start, end in pairwise(places):
        pieces.feed(raw[start:end])
        if pieces.enough:
            break
    assert pieces.finish(ending) == whole.finish(ending)


@settings(deadline=None)
@given(SCENES, CODE)
def test_only_closers_on_the_cursors_line_are_replaced(scene: Scene, raw: str) -> None:
    cleaned = clean(raw, scene)
    assert set(scene.after[: cleaned.covered]) <= set(")]}>\"'`;:, \t\f\v\x1c\x1d\x1e\x1f\x85\xa0") | {
        character for character in scene.rest if character.isspace()
    }
    assert 0 <= cleaned.covered <= len(scene.rest)


@settings(deadline=None)
@given(SCENES, CODE)
def test_a_text_is_shown_or_it_is_said_why_not(scene: Scene, raw: str) -> None:
    cleaned = clean(raw, scene)
    assert bool(cleaned.text.strip()) == bool(cleaned.text)
    assert not (cleaned.text and cleaned.rule)
    assert cleaned.text or cleaned.covered == 0


@settings(deadline=None)
@given(SCENES, CODE)
def test_no_control_character_is_shown(scene: Scene, raw: str) -> None:
    shown = clean(raw, scene).text.replace(scene.line_end, "")
    assert [character for character in shown if ord(character) < 32 and character != "\t"] == []


@settings(deadline=None)
@given(SCENES, CODE)
def test_no_more_lines_are_shown_than_are_allowed(scene: Scene, raw: str) -> None:
    assert clean(raw, scene, max_lines=3).text.count("\n") < 3


@settings(deadline=None)
@given(CODE, LANGUAGE, st.sampled_from(["", '"', "'", "`"]))
def test_a_bracket_without_partner_stands_where_it_is_said_to_stand(
    text: str, language: str, quote: str
) -> None:
    found = balance(text, language, quote)
    assert all(text.startswith(mark.character, mark.at) for mark in (*found.closers, *found.openers))


def test_reading_may_stop_as_soon_as_nothing_can_change_the_result() -> None:
    cleaner = Cleaner(Scene("x = ", " + 1", "python"))
    cleaner.feed("2")
    assert not cleaner.enough
    cleaner.feed("\n")
    assert cleaner.enough


def test_half_a_line_after_whole_ones_is_left_out_when_the_model_was_cut_off() -> None:
    cleaner = Cleaner(Scene("def f():\n    ", "", "python"))
    cleaner.feed("first()\n    seco")
    assert cleaner.finish("length").text == "first()"


def test_half_a_line_is_shown_when_there_is_nothing_else() -> None:
    cleaner = Cleaner(Scene("x = ", "", "python"))
    cleaner.feed("first(sec")
    assert cleaner.finish("length").text == "first(sec"


def test_half_a_control_token_is_not_shown() -> None:
    cleaner = Cleaner(Scene("x = ", "", "python"))
    cleaner.feed("1<|fim_mid")
    assert cleaner.finish("length").text == "1"


def test_a_long_text_ends_after_so_many_lines() -> None:
    raw = "\n".join(f"line_{number}()" for number in range(100))
    cleaned = clean(raw, Scene("", "", "python"), max_lines=4)
    assert cleaned.text.count("\n") == 3
    assert cleaned.stop == "max-lines"


def test_an_endless_line_is_withheld() -> None:
    cleaned = clean(", ".join(map(str, range(500))), Scene("x = [", "", "python"))
    assert (cleaned.text, cleaned.rule) == ("", "too-long")


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_the_line_end_of_the_document_is_used(line_end: str) -> None:
    scene = Scene(f"a = 1{line_end}if a:", f"{line_end}b = 2{line_end}", "python")
    assert clean("\n    c()\r\n    d()", scene).text == f"{line_end}    c(){line_end}    d()"


@pytest.mark.parametrize(
    ("text", "rest", "covered"),
    [
        ("x)", ")", 1),
        ("x", ")", 0),
        ("x))", "))", 2),
        ("f(x)", ")", 0),
        ("x)", ");", 1),
        ("x);", ");", 2),
        ("x):\n    y", "):", 2),
        ("x]", ")", 0),
        ("x;", ";", 1),
        ("x)", ") + 1", 0),
    ],
)
def test_what_the_text_says_itself_is_covered(text: str, rest: str, covered: int) -> None:
    assert covering(text, Scene("call(", rest, "python")) == covered


def test_a_closer_is_covered_only_as_far_as_the_string_goes() -> None:
    scene = Scene('open("', '")', "python")
    assert covering('a", "b', scene) == 1
    assert covering("a", scene) == 0
    assert covering('a")', scene) == 2
    assert covering("a", replace(scene, before="open(")) == 0
