"""What is shown of a model's text, case by case; to add one, write it into a page of tests/cases/clean."""

from __future__ import annotations

import pytest

from lsp_server.prompts.clean import RULES, Cleaner, clean
from lsp_server.prompts.scene import Scene
from tests.cases.reader import Case, read_cases

CASES = read_cases("clean")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case) -> None:
    cleaned = clean(case.raw, Scene(case.before, case.after, case.language))
    assert (cleaned.text, cleaned.covered, cleaned.rule) == (case.expected, case.covers, case.rule)
    if case.stop is not None:
        assert cleaned.stop == case.stop


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_pieces_in_which_the_text_comes_make_no_difference(case: Case) -> None:
    scene = Scene(case.before, case.after, case.language)
    cleaner = Cleaner(scene)
    for character in case.raw:
        cleaner.feed(character)
        if cleaner.enough:
            break
    assert cleaner.finish() == clean(case.raw, scene)


def test_there_are_cases_for_the_four_languages() -> None:
    assert len(CASES) >= 40
    assert {"python", "typescript", "rust", "go"} <= {case.language for case in CASES}


def test_every_rule_that_a_case_names_exists() -> None:
    assert {case.rule for case in CASES if case.rule} <= RULES.keys()
