"""docs/FILES.md names every reason, every ignore file and the limits, as they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from context.contents import BEGIN, HEADER, LONGEST_LINE
from context.exclusions import DENYING, MOST_BYTES, NO_AI
from context.files import MARKERS, WalkOptions, Why

PAGE = (Path(__file__).parents[2] / "docs/FILES.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`\n]+)`", PAGE))


def test_every_reason_has_a_row_and_no_other_has() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted(get_args(Why))


@pytest.mark.parametrize("name", [*DENYING, NO_AI, *MARKERS])
def test_every_file_that_says_something_about_others_is_named(name: str) -> None:
    assert name in NAMED


def test_the_limits_are_those_of_the_program() -> None:
    options = WalkOptions()
    assert f"({options.max_bytes:,} bytes)" in PAGE
    assert f"more than {options.max_depth} folders" in PAGE
    assert f"more than {LONGEST_LINE:,} bytes" in PAGE
    assert f"the first {HEADER} lines" in PAGE
    assert (BEGIN, MOST_BYTES) == (16 * 1024, 1_000_000)
