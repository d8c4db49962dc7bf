"""The table in docs/EDITORS.md claims what tests show: one that is out of date is written anew.

Which cells say that they are tested follows from the marks of the tests alone. The other words are written by
hand; a cell that loses its test is untested.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .shown import PREFIX

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/EDITORS.md"
TESTED, UNTESTED = "**tested**", "untested"
WORDS = {TESTED, UNTESTED, "by hand", "–"}

Cell = tuple[str, str]
"""An editor and what it can do, by the names in the table."""


def table() -> list[list[str]]:
    """The first table of the page: a row of editors, a row of dashes, and a row for each thing to do."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    first = next(index for index, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[first:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def marked(rows: list[list[str]], shown: set[Cell]) -> list[list[str]]:
    """The rows with what tests show."""
    head, dashes, *body = rows
    return [head, dashes, *([row[0], *_words(head, row, shown)] for row in body)]


def _words(head: list[str], row: list[str], shown: set[Cell]) -> list[str]:
    untested = {TESTED: UNTESTED}
    return [
        TESTED if (editor, row[0]) in shown else untested.get(word, word)
        for editor, word in zip(head[1:], row[1:], strict=True)
    ]


def lines_of(rows: list[list[str]]) -> str:
    head, dashes, *body = (f"| {' | '.join(row)} |\n" for row in rows)
    return head.replace("|  |", "| |") + dashes.replace(" ", "") + "".join(body)


@pytest.fixture(scope="module")
def shown() -> set[Cell]:
    """What the tests say of themselves."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "tests.shown"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "tests/editors"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = [line.split("\t") for line in done.stdout.splitlines() if line.startswith(PREFIX)]
    return {(editor, feature) for _, editor, feature, _ in said}


def test_each_cell_says_one_of_four_words() -> None:
    assert {word for row in table()[2:] for word in row[1:]} <= WORDS


def test_each_mark_names_a_column_and_a_row(shown: set[Cell]) -> None:
    head, _, *body = table()
    assert {editor for editor, _ in shown} <= {*head[1:]}
    assert {feature for _, feature in shown} <= {row[0] for row in body}


def test_the_table_says_what_tests_show(shown: set[Cell]) -> None:
    rows = table()
    right = marked(rows, shown)
    if right != rows:
        page = PAGE.read_text(encoding="utf-8")
        begin, end = page.index("| |"), page.index("\n\n", page.index("| |")) + 1
        PAGE.write_text(page[:begin] + lines_of(right) + page[end:], encoding="utf-8")
    assert right == rows, "the table was out of date and has been written anew"


def test_a_cell_follows_the_marks() -> None:
    rows = [["", "One", "Two", "Three"], ["---"] * 4, ["ghost text", TESTED, UNTESTED, "–"]]
    assert marked(rows, {("Two", "ghost text")})[2] == ["ghost text", UNTESTED, TESTED, "–"]
