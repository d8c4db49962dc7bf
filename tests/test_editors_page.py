"""The table in docs/EDITORS.md claims of each editor what a test shows, neither more nor less."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .shown import PREFIX

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/EDITORS.md"
TESTED = "**tested**"
WORDS = {TESTED, "by hand", "untested", "–"}

Cell = tuple[str, str]
"""An editor and what it can do, by the names in the table."""


def table() -> dict[Cell, str]:
    """What the page says: the first table, whose columns are editors."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    first = next(index for index, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[first:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    head, _, *body = rows
    return {(editor, row[0]): word for row in body for editor, word in zip(head[1:], row[1:], strict=True)}


@pytest.fixture(scope="module")
def shown() -> dict[Cell, list[str]]:
    """What the tests say of themselves: for each cell those that show it."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "tests.shown"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*command, "tests/editors"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[Cell, list[str]] = {}
    for line in done.stdout.splitlines():
        if line.startswith(PREFIX):
            _, editor, feature, test = line.split("\t")
            found.setdefault((editor, feature), []).append(test)
    return found


def test_each_cell_says_one_of_four_words() -> None:
    assert {cell: word for cell, word in table().items() if word not in WORDS} == {}


def test_no_cell_claims_more_than_a_test_shows(shown: dict[Cell, list[str]]) -> None:
    assert sorted(cell for cell, word in table().items() if word == TESTED and cell not in shown) == []


def test_what_a_test_shows_stands_in_the_table(shown: dict[Cell, list[str]]) -> None:
    said = table()
    assert {cell: tests for cell, tests in shown.items() if said.get(cell) != TESTED} == {}
