"""SEARCH/REPLACE blocks."""

from __future__ import annotations

import pytest

from lsp_server.prompts.blocks import Block, blocks_in

ONE = ["<<<<<<< SEARCH", "a = 1", "=======", "a = 2", ">>>>>>> REPLACE"]


def test_blocks_are_read_and_talk_between_them_is_not() -> None:
    two = ["<<<<<<< SEARCH", "b", "=======", ">>>>>>> REPLACE"]
    assert blocks_in([*ONE, "", "And then:", *two]) == (Block("a = 1\n", "a = 2\n"), Block("b\n", ""))


def test_a_row_of_signs_inside_of_the_new_lines_is_text() -> None:
    lines = ["<<<<<<< SEARCH", "a", "=======", "b", "=======", ">>>>>>> REPLACE"]
    assert blocks_in(lines) == (Block("a\n", "b\n=======\n"),)


@pytest.mark.parametrize("lines", [[], ["x = 1"], ONE[:-1], ONE[:2], [*ONE[:2], *ONE], [*ONE[:2], ONE[4]]])
def test_what_is_not_whole_is_of_no_use(lines: list[str]) -> None:
    assert isinstance(blocks_in(lines), str)
