"""SEARCH/REPLACE blocks in an answer: the old lines and the new ones, one block for each change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SEARCH = re.compile(r"<{5,9} ?SEARCH\b.*\Z")
_DIVIDER = re.compile(r"={5,9}\Z")
_REPLACE = re.compile(r">{5,9} ?REPLACE\b.*\Z")


@dataclass(frozen=True, slots=True)
class Block:
    """One change: lines that stand in the text, and what they become. Each ends with a line feed."""

    old: str
    new: str


def blocks_in(lines: Sequence[str]) -> tuple[Block, ...] | str:
    """The blocks of an answer; or what is wrong with it, as a sentence for the model.

    Lines between blocks are talk. A block that is not closed was cut off, and makes the answer useless.
    """
    blocks: list[Block] = []
    old: list[str] = []
    new: list[str] = []
    side: list[str] | None = None
    for line in lines:
        bare = line.rstrip()
        if side is None:
            side = old if _SEARCH.fullmatch(bare) else None
        elif side is old and _DIVIDER.fullmatch(bare):
            side = new
        elif side is new and _REPLACE.fullmatch(bare):
            blocks.append(Block(_text(old), _text(new)))
            old, new, side = [], [], None
        elif _SEARCH.fullmatch(bare) or _REPLACE.fullmatch(bare):
            return "The blocks are not complete: each needs SEARCH, =======, and REPLACE."
        else:
            side.append(line)
    if side is not None:
        return "The last block has no end."
    return tuple(blocks) if blocks else "There is no SEARCH/REPLACE block in the answer."


def _text(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
