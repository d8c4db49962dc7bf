"""Lines on their way to a model and back: indentation, and what a model repeats from around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.prompts.region import common_indentation, fitted, region, style_of

ABOVE = ["class A:", "    def f(self):", "        size = 1"]
BELOW = ["        return y", "", "    def g(self):"]
HERE = region(["        y = x", "        y += 1"], ABOVE, BELOW, "blanks")


def test_lines_are_shown_without_what_they_have_in_common() -> None:
    assert HERE.shown == ("y = x", "y += 1")
    assert region(["\tif x:", "", "\t\ty()"], [], []).shown == ("if x:", "", "\ty()")


def test_tabs_and_blanks_have_nothing_in_common() -> None:
    mixed = region(["\tif x:", "        y()"], [], [])
    assert mixed.shown == ("\tif x:", "        y()")
    assert fitted(mixed.shown, mixed) == mixed.lines


ANSWERS = {
    "as shown": ["y = 2", "y += 1"],
    "as it stands in the file": ["        y = 2", "        y += 1"],
    "with the line above": ["size = 1", "y = 2", "y += 1"],
    "with two lines above": ["    def f(self):", "        size = 1", "        y = 2", "        y += 1"],
    "with the line below": ["y = 2", "y += 1", "return y"],
    "with lines below": ["y = 2", "y += 1", "return y", "", "def g(self):"],
    "with both": ["size = 1", "y = 2", "y += 1", "return y"],
    "with a blank line between": ["size = 1", "", "y = 2", "y += 1", "", "return y"],
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_put_in_its_place(answer: list[str]) -> None:
    assert fitted(answer, HERE) == ("        y = 2", "        y += 1")


def test_a_line_like_the_one_above_stays_where_it_stood_before() -> None:
    here = region(["x = 1", "y = 2"], ["x = 1"], [])
    assert fitted(["x = 1", "y = 3"], here) == ("x = 1", "y = 3")


def test_a_lone_brace_repeats_nothing() -> None:
    here = region(["if (x) {", "  y();", "}"], [], ["}"])
    assert fitted(["if (x) {", "  z();", "}"], here) == ("if (x) {", "  z();", "}")


def test_what_is_left_of_deeper_lines_stays_deep() -> None:
    here = region(["        a()", "    b()"], [], [])
    assert fitted(["    a()"], here) == ("        a()",)


def test_lines_that_are_wrapped_go_deeper() -> None:
    here = region(["    a()"], [], [], "blanks")
    assert fitted(["if x:", "    a()"], here) == ("    if x:", "        a()")


def test_an_answer_in_blanks_is_turned_into_tabs() -> None:
    here = region(["\tif x {", "\t}"], [], [], "tabs")
    assert fitted(["if y {", "    z()", "}"], here) == ("\tif y {", "\t\tz()", "\t}")
    assert fitted(["if y {", "  if z {", "    z()"], here)[2] == "\t\t\tz()"


def test_an_answer_in_tabs_is_turned_into_blanks() -> None:
    here = region(["    if x:"], [], [], "blanks")
    assert fitted(["if y:", "\tz()"], here) == ("    if y:", "        z()")


def test_blank_lines_stay_empty() -> None:
    assert fitted(["a", "", "b"], region(["    x"], [], [])) == ("    a", "", "    b")


@pytest.mark.parametrize(
    ("lines", "style"),
    [(["\tx"], "tabs"), (["  x"], "blanks"), (["\tx", "  y"], ""), (["x"], ""), (["\tx", " * y"], "tabs")],
)
def test_the_style_of_indentation(lines: list[str], style: str) -> None:
    assert style_of(lines) == style


START = ["import os", "from shop import (", "    Cart,", ")", "#include <a.h>", "x = 1", ""]


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (["import os", "", "def f():"], ("def f():",)),
        (["#include <a.h>", "import os", "y = 1"], ("y = 1",)),
        (["import os", "import sys", "y = 1"], ("import sys", "y = 1")),
        (["x = 1", "y = 1"], ("x = 1", "y = 1")),
        (["import os"], ("import os",)),
    ],
)
def test_imports_that_the_file_has_are_left_out(answer: list[str], left: tuple[str, ...]) -> None:
    assert fitted(answer, region(["y = 0"], [], [], "blanks", START)) == left


def test_imports_that_are_rewritten_are_not_left_out() -> None:
    here = region(["import os", "import sys"], [], [], "blanks", START)
    assert fitted(["import os", "import json"], here) == ("import os", "import json")


LINES = st.lists(st.text(alphabet="ab \t", max_size=6), max_size=6)


@given(LINES)
def test_what_is_common_is_common(lines: list[str]) -> None:
    common = common_indentation(lines)
    assert all(line.startswith(common) for line in lines if line.strip())


@given(LINES)
def test_the_old_lines_come_back_as_they_were(lines: list[str]) -> None:
    filled = [line.rstrip() for line in lines if line.strip()]
    here = region(filled, [], [])
    assert fitted(here.shown, here) == here.lines
