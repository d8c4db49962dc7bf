"""What is offered for a part of a document, and to which lines it applies."""

from __future__ import annotations

from pathlib import Path

import pytest

from context.snapshot import Document
from context.text import Text
from lsp_server.features.actions import MOST_FIXES, Question, is_wanted, offered, span_for
from lsp_server.features.edit_options import EditOptions
from lsp_server.features.edit_request import Diagnostic
from lsp_server.features.instructions import BUILT_IN, RESERVED, Action, find

SHOP = '''\
import math


class Shop:
    """A shop."""

    def area(
        self,
        radius: float,
    ) -> float:
        return math.pi * radius


if math:
    print(Shop())
'''
OWN = Action("own.shout", "Shout", "refactor.rewrite", "Make it loud.", "file")
FIX = Diagnostic(0, 6, "`math` is  not\n used")


def document(text: str = SHOP, language: str = "python", name: str = "shop.py") -> Document:
    path = Path("/project") / name
    return Document(path.as_uri(), path, language, 1, Text(text))


def at(mark: str, text: str = SHOP) -> Question:
    """A cursor before a mark."""
    return Question(text.index(mark), text.index(mark))


def over(part: str, text: str = SHOP) -> Question:
    """A selection of a part."""
    return Question(text.index(part), text.index(part) + len(part))


def titles(question: Question, shown: Document | None = None, own: tuple[Action, ...] = ()) -> list[str]:
    offers = offered(shown or document(), question, EditOptions(), own)
    return [offer.title.removeprefix("Fathom: ") for offer in offers]


def test_a_selection_gets_all_that_can_be_done_with_one() -> None:
    assert titles(over("print(Shop())")) == [
        "Rewrite with an instruction",
        "Simplify",
        "Add types",
        "Add error handling",
        "Document",
        "Generate tests",
        "Explain",
        "Convert the selection",
    ]


@pytest.mark.parametrize("mark", ["def area", "radius: float", "return math", ") -> float"])
def test_a_cursor_in_a_definition_gets_what_can_be_done_with_that(mark: str) -> None:
    assert titles(at(mark)) == ["Add types: area", "Document: area", "Generate tests: area"]


def test_a_cursor_in_a_class_outside_of_its_methods_gets_the_class() -> None:
    assert titles(at('"""A shop')) == ["Add types: Shop", "Document: Shop", "Generate tests: Shop"]


@pytest.mark.parametrize("mark", ["import math", "if math", "print"])
def test_a_cursor_outside_of_all_definitions_gets_nothing(mark: str) -> None:
    assert titles(at(mark)) == []


def test_blanks_are_no_selection() -> None:
    assert titles(Question(SHOP.index("\n\n\n"), SHOP.index("\n\n\n") + 3)) == []


def test_each_diagnostic_gets_a_fix_that_names_it() -> None:
    question = Question(0, 0, (FIX, Diagnostic(7, 9, "x" * 200)))
    first, second = offered(document(), question, EditOptions())
    assert first.title == "Fathom: Fix this problem: `math` is not used"
    assert (first.diagnostic, second.diagnostic) == (0, 1)
    assert len(second.title) < 100


def test_a_hundred_diagnostics_do_not_fill_the_menu() -> None:
    assert len(titles(Question(0, 0, (FIX,) * 100))) == MOST_FIXES


def test_actions_of_the_user_come_last() -> None:
    assert titles(at("import"), own=(OWN,)) == ["Shout"]
    assert titles(over("print(Shop())"), own=(OWN,))[-1] == "Shout"


@pytest.mark.parametrize(
    ("only", "count"),
    [
        (None, 9),
        (("",), 9),
        (("quickfix",), 1),
        (("refactor",), 8),
        (("refactor.rewrite",), 6),
        (("refactor.rewrite.document",), 1),
        (("refactor.explain", "refactor.tests"), 2),
        (("refactor.re",), 0),
        (("source",), 0),
        (("source.fixAll",), 0),
        ((), 0),
    ],
)
def test_only_the_kinds_that_were_asked_for_are_offered(only: tuple[str, ...] | None, count: int) -> None:
    start, end = SHOP.index("print"), SHOP.index("print") + 5
    assert len(titles(Question(start, end, (FIX,), only))) == count


def test_a_kind_is_below_itself_and_not_below_one_that_begins_like_it() -> None:
    assert is_wanted("refactor.rewrite", ["refactor.rewrite"])
    assert not is_wanted("refactor.rewriter", ["refactor.rewrite"])


def test_nothing_that_editors_run_when_they_save_is_offered() -> None:
    assert not [action for action in BUILT_IN if action.kind.startswith(RESERVED)]


def test_an_editor_that_looks_by_itself_gets_one_entry_at_most() -> None:
    start, end = SHOP.index("print"), SHOP.index("print") + 5
    assert titles(Question(start, end, trigger="automatic")) == []
    found = titles(Question(start, end, (FIX, FIX), trigger="automatic"))
    assert found == ["Fix this problem: `math` is not used"]


def test_an_instruction_that_is_missing_disables_the_rewrite_with_a_reason() -> None:
    rewrite, *others = offered(document(), over("print(Shop())"), EditOptions())
    assert "fathom: make this async" in rewrite.disabled
    assert not any(other.disabled for other in others)


def test_a_client_that_asks_for_instructions_can_rewrite_everywhere() -> None:
    here = SHOP.index("import")
    question = Question(here, here, instructions="asks")
    assert titles(question) == ["Rewrite with an instruction"]
    selected = Question(here, here + 6, instructions="asks")
    assert not offered(document(), selected, EditOptions())[0].disabled


def test_an_instruction_in_a_comment_is_enough() -> None:
    text = "# fathom: make this async\ndef area():\n    pass\n"
    shown = document(text)
    whole = offered(shown, Question(0, len(text)), EditOptions())
    assert (whole[0].action.id, whole[0].disabled) == ("rewrite", "")
    at_cursor = offered(shown, Question(4, 4), EditOptions())
    assert [offer.action.id for offer in at_cursor] == ["rewrite"]
    rewrite = find("rewrite")
    assert rewrite is not None
    span = span_for(shown, rewrite, 4, 4)
    assert span is not None
    assert text[span.start : span.end] == "# fathom: make this async"


@pytest.mark.parametrize(
    "shown",
    [
        document(name=".env"),
        Document("file:///project/a.py", None, "python", 1, Text(SHOP), in_sync=False),
        document("x" * 4_000_001),
    ],
)
def test_nothing_is_offered_where_nothing_can_be_edited(shown: Document) -> None:
    assert titles(Question(0, 6, (FIX,)), shown) == []


def test_prose_has_no_definitions() -> None:
    text = "# Title\n\nThe function def area( is here.\n"
    assert titles(at("function", text), document(text, "markdown", "a.md")) == []


def test_braces_are_definitions_as_well() -> None:
    text = "int area(int r) {\n  return r * r;\n}\n\nint x;\n"
    shown = document(text, "c", "a.c")
    assert titles(at("return", text), shown)[1] == "Document: area"
    assert titles(at("int x", text), shown) == []


# --- The lines of an action ---


def part(action_id: str, question: Question, shown: Document | None = None) -> str | None:
    shown = shown or document()
    action = find(action_id, (OWN,))
    assert action is not None
    span = span_for(shown, action, question.start, question.end)
    return None if span is None else shown.text.slice(span.start, span.end)


def test_a_selection_is_taken_as_it_is() -> None:
    assert part("simplify", over("rint(Sh")) == "rint(Sh"
    assert part("document", over("rint(Sh")) == "rint(Sh"


def test_the_innermost_definition_is_taken_from_the_start_of_its_line() -> None:
    found = part("document", at("return"))
    assert found is not None
    assert found.startswith("    def area(\n")
    assert found.endswith("return math.pi * radius")
    around = part("document", at('"""A shop'))
    assert around is not None
    assert around.startswith("class Shop")


def test_a_place_outside_of_all_definitions_has_no_lines() -> None:
    assert part("document", at("if math")) is None


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_diagnostic_has_its_lines_without_the_last_line_end(end: str) -> None:
    text = SHOP.replace("\n", end)
    shown = document(text)
    start = text.index("if math")
    assert part("fix", Question(start + 3, start + 3), shown) == "if math:"
    next_line = text.index("print")
    assert part("fix", Question(start + 3, next_line - 4), shown) == "if math:"
    assert part("fix", Question(start + 3, next_line), shown) == f"if math:{end}    print(Shop())"


def test_a_whole_file_is_taken_whole() -> None:
    assert part("own.shout", at("print")) == SHOP
