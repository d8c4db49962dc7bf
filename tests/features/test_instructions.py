"""Actions as data, the user's own ones, and instructions in comments."""

from __future__ import annotations

import pytest

from lsp_server.features.instructions import (
    BUILT_IN,
    RESERVED,
    actions_in,
    find,
    instruction_in,
)


def test_the_actions_that_fathom_brings() -> None:
    ids = [action.id for action in BUILT_IN]
    assert ids == [
        "fix",
        "rewrite",
        "simplify",
        "types",
        "errors",
        "document",
        "tests",
        "explain",
        "convert",
    ]
    assert not any(action.kind.startswith(RESERVED) for action in BUILT_IN)
    assert find("types") == BUILT_IN[3]
    assert find("none") is None


COMMENTS = {
    "python": "# fathom: make it async",
    "typescript": "  // Fathom:  make it async",
    "css": "/* fathom: make it async */",
    "html": "<!-- fathom: make it async -->",
    "lua": "-- FATHOM: make it async",
    "rust": "/// fathom: make it async",
    "latex": "% fathom: make it async",
    "ocaml": "(* fathom: make it async *)",
    "plaintext": "fathom: make it async",
}


@pytest.mark.parametrize(("language", "line"), COMMENTS.items(), ids=COMMENTS)
def test_a_comment_at_the_top_is_the_instruction(language: str, line: str) -> None:
    found = instruction_in(["", line, "x = 1"], language)
    assert found is not None
    assert (found.instruction, found.line) == ("make it async", 1)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["x = 1", "# fathom: y"],
        ["# fathom is deep: 1,000 m"],
        ["# fathom:"],
        ["x = 1  # fathom: y"],
        ["fathom: y"],
        ["// fathom: y"],
    ],
)
def test_other_lines_are_no_instruction(lines: list[str]) -> None:
    assert instruction_in(lines, "python") is None


GOOD = {"name": "A", "instruction": "B"}
WRONG: list[tuple[object, str]] = [
    (1, "is no table"),
    ({"instruction": "B"}, "has no name"),
    ({"name": "A"}, "has no instruction"),
    ({**GOOD, "name": "A\nB"}, "more than one line"),
    ({**GOOD, "name": "!"}, "has no name"),
    ({**GOOD, "scope": "line"}, "has the scope 'line'; there are selection"),
    ({**GOOD, "kind": "refactoring"}, "has the kind 'refactoring'"),
    ({**GOOD, "kind": "source.fixAll.x"}, "editors run by themselves"),
    ({**GOOD, "result": "song"}, "has the result"),
    ({**GOOD, "instruction": 7}, "has a instruction that is no text"),
    ({**GOOD, "prompt": "x"}, "has 'prompt', which means nothing"),
    ({**GOOD, "instruction": "x" * 5000}, "more than 4,000 characters"),
]


@pytest.mark.parametrize(("table", "problem"), WRONG)
def test_a_table_that_is_wrong_is_left_out_and_the_others_stay(table: object, problem: str) -> None:
    actions, problems = actions_in({"action": [table, {"name": "C", "instruction": "D"}]})
    assert [action.title for action in actions] == ["C"]
    assert problem in problems[0]
    assert problems[0].startswith("action 1 ")


def test_two_actions_of_one_name_are_one() -> None:
    actions, problems = actions_in({"action": [GOOD, {**GOOD, "name": "a"}]})
    assert len(actions) == 1
    assert "same name" in problems[0]


def test_what_is_no_list_of_actions_says_so() -> None:
    assert actions_in({"action": GOOD})[1]
    assert "nothing called 'actions'" in actions_in({"actions": [GOOD]})[1][0]
