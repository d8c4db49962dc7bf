"""Places for `fathom bench context`: what is lost at one, what has to be found, and which are chosen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lsp_server.cli.bench.recall.cases import (
    Access,
    Case,
    Target,
    Use,
    access_of,
    buffer_of,
    choose,
    may_be_asked,
    may_be_found,
    mentioned,
    needle,
    recalled,
)
from tests.cli.bench.recall_places import case


def use(path: str, line: int, name: str, access: Access = "imported") -> Use:
    return Use(path, line, 0, name, access, (Target("other.py", 0, f"def {name}():"),))


def test_a_buffer_lacks_the_line_but_for_its_indentation() -> None:
    text = "def f():\n    return g(1)\n\nx = 2\n"
    assert buffer_of(text, 1) == ("def f():\n    \n\nx = 2\n", 4, "return g(1)")


def test_a_buffer_keeps_the_line_ends_of_its_file() -> None:
    assert buffer_of("a()\r\n\tb()\r\nc()\r\n", 1) == ("a()\r\n\t\r\nc()\r\n", 1, "b()")


def test_the_last_line_may_lack_an_end() -> None:
    assert buffer_of("a()\n  b()", 1) == ("a()\n  ", 2, "b()")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("    def  f(a,  b):", "def f(a, b)"),
        ("int get() const { return value_; }", "int get() const"),
        ("function f({ a, b }) {", "function f({ a, b })"),
        ("export const f = (a) =>", "export const f = (a)"),
        ("LIMIT = 3,", "LIMIT = 3"),
        ("{", ""),
    ],
)
def test_of_a_defining_line_the_signature_is_wanted(line: str, wanted: str) -> None:
    assert needle(line) == wanted


def test_a_definition_is_recalled_however_it_is_indented_and_goes_on() -> None:
    asked = case(definition="    def widget(self,  size):")
    assert recalled(asked, "<|file_sep|>widgets.py\nclass W:\n  def widget(self, size): ...\n")


def test_a_call_mentions_a_name_and_recalls_nothing() -> None:
    assert mentioned(case(), "x = widget(3)")
    assert not recalled(case(), "x = widget(3)")


def test_part_of_a_longer_name_is_neither() -> None:
    asked = case("size", "size: int")
    assert not mentioned(asked, "font_size: int = 3")
    assert not recalled(asked, "font_size: int = 3")


def test_the_begin_of_a_long_definition_is_enough() -> None:
    definition = f"def widget({', '.join(f'parameter_{number}: int' for number in range(9))}):"
    assert recalled(case(definition=definition), definition[:85])


def test_one_of_several_definitions_is_enough() -> None:
    header = Target("widget.h", 1, "int widget(int size);")
    asked = replace(case(), targets=(*case().targets, header))
    assert recalled(asked, "int widget(int size)")


@pytest.mark.parametrize(
    ("line", "name", "access"),
    [
        ("x = widget(1)", "widget", "imported"),
        ("x = gadget(1)", "gadget", "not-imported"),
        ("x = self.widget(1)", "widget", "member"),
        ("p->widget(1)", "widget", "member"),
        ("Gadget::widget(1)", "widget", "member"),
    ],
)
def test_access_is_seen_from_what_stands_before_a_name(line: str, name: str, access: Access) -> None:
    assert access_of(line, line.index(name), name, {"widget"}) == access


@pytest.mark.parametrize(
    "line",
    [
        "from widgets import widget",
        "import { widget } from './widgets'",
        "#include <widget.h>",
        "use crate::widget;",
        "    widget,",
        "    widget as gadget,",
        "// calls widget(1)",
        "const widget = require('./widget');",
        "widget(1)",
    ],
)
def test_imports_comments_and_short_lines_are_not_asked_for(line: str) -> None:
    assert not may_be_asked("app.py", line, "widget")


def test_what_nobody_wrote_is_not_asked_for() -> None:
    line = "    return widget(1, 2)"
    assert may_be_asked("src/app.py", line, "widget")
    assert not may_be_asked("vendor/app.py", line, "widget")
    assert not may_be_asked("src/app_pb2.py", line, "widget")


def test_a_definition_has_to_be_elsewhere_and_to_say_more_than_its_name() -> None:
    assert may_be_found("app.py", Target("widgets.py", 1, "def widget(size):"), "widget")
    assert not may_be_found("app.py", Target("app.py", 1, "def widget(size):"), "widget")
    assert not may_be_found("app.py", Target("widgets.py", 1, "    widget,"), "widget")


def test_uses_are_chosen_evenly_by_access_and_few_of_a_file_and_of_a_name() -> None:
    many = [use("long.py", line, f"name_{line}") for line in range(50)]
    members = [
        use(f"{file}.py", line, f"m_{file}_{line}", "member") for file in range(9) for line in range(9)
    ]
    same = [use(f"s{file}.py", 1, "again") for file in range(9)]
    chosen = choose([*many, *members, *same], 10, "1")
    assert len(chosen) == 10
    assert sum(each.path == "long.py" for each in chosen) == 2
    assert sum(each.name == "again" for each in chosen) <= 1
    assert sum(each.access == "imported" for each in chosen) == 3


def test_the_same_uses_are_chosen_in_every_run_and_others_with_another_seed() -> None:
    uses = [use(f"{file}.py", line, f"n_{file}_{line}") for file in range(30) for line in range(3)]
    assert choose(uses, 10, "1") == choose(reversed(uses), 10, "1")
    assert choose(uses, 10, "1") != choose(uses, 10, "2")


def test_a_case_survives_json() -> None:
    assert Case.from_json(case().to_json()) == case()
