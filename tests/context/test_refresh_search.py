"""When the text search learns of what has changed."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.context.kept import NEVER, define, kept

pytestmark = pytest.mark.process


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def test_the_search_learns_of_several_changes_at_once_when_it_is_quiet(root: Path) -> None:
    with kept(root, replace(NEVER, quiet=1.0, unsettled=3600)) as found:
        found.until_ready()
        settled = found.count_settled()
        for number in range(5):
            define(root / f"{number}.py", f"saved_{number}")
            found.until_defined(f"saved_{number}")
        found.until(lambda: all(found.index.find([f"saved_{number}"], 1) for number in range(5)))
        assert len(settled) < 5


def test_the_search_does_not_wait_for_quiet_for_ever(root: Path) -> None:
    with kept(root, replace(NEVER, quiet=3600, unsettled=0.2)) as found:
        found.until_ready()
        define(root / "a.py", "saved")
        found.until(lambda: found.index.find(["saved"], 1))


def test_what_the_search_has_still_to_learn_is_not_left_to_the_next_start(root: Path) -> None:
    with kept(root, replace(NEVER, quiet=3600, unsettled=3600)) as found:
        found.until_ready()
        define(root / "a.py", "saved")
        found.until_defined("saved")
        assert not found.index.find(["saved"], 1)
        found.stop()
        assert found.index.find(["saved"], 1)


def test_a_search_that_has_learned_everything_is_left_alone(root: Path) -> None:
    with kept(root, replace(NEVER, quiet=0.01)) as found:
        found.until_ready()
        settled = found.count_settled()
        define(root / "a.py", "saved")
        found.until(lambda: settled)
        time.sleep(4 * NEVER.look)
        assert len(settled) < 5  # a file may be told of more than once
