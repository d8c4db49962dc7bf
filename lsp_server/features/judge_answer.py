"""Whether a model's answer can be used, and which lines it gives; else what to tell user and model."""

from __future__ import annotations

from dataclasses import dataclass

from lsp_server.edits.check import REMOVES
from lsp_server.edits.match import match
from lsp_server.edits.types import Refusal
from lsp_server.features.edit_request import NotEditedReason
from lsp_server.prompts.answer import Answer
from lsp_server.prompts.blocks import blocks_in
from lsp_server.prompts.region import TELLING, Region, fitted
from lsp_server.prompts.rewrite import SEARCH, Task


@dataclass(frozen=True, slots=True)
class Unusable:
    """An answer of no use. `for_model` is what it is told if it may try again; "" where that is in vain."""

    reason: NotEditedReason
    message: str
    for_model: str = ""


ECHO = Unusable(
    "echo",
    "The model answered with other lines of the file.",
    "These are other lines of the file, which must not be in the answer.",
)


def new_lines(answer: Answer, here: Region, task: Task, instruction: str) -> tuple[str, ...] | Unusable:
    """The lines for the place of the region; none only where the instruction is to remove something."""
    if answer.stop == "no-change":
        reason = f": {answer.reason}" if answer.reason else "."
        return Unusable("no-change", f"The model would change nothing{reason}")
    if answer.stop == "length":
        return Unusable("cut", "The answer was too long and was cut off. Select fewer lines.")
    if answer.stop == "repetition":
        return Unusable("repetition", "The model went round in circles.")
    if answer.stop == "echo":
        return ECHO
    lines = _from_blocks(answer.lines, here) if task.form == "blocks" else answer.lines
    if isinstance(lines, Unusable):
        return lines
    new = fitted(lines, here)
    if _is_from_around(new, here):
        return ECHO
    if not new and (task.form == "insert" or not REMOVES.search(instruction)):
        return Unusable("empty", "The model gave no lines.", "There is nothing in the answer.")
    return new


def _is_from_around(lines: tuple[str, ...], here: Region) -> bool:
    """Whether these are lines from above and below the region, and nothing else."""
    told = [line.strip() for line in lines if sum(map(str.isalnum, line)) >= TELLING]
    around = {line.strip() for line in (*here.above, *here.below)}
    old = {line.strip() for line in here.lines}
    return len(told) > 1 and all(line in around and line not in old for line in told)


def _from_blocks(lines: tuple[str, ...], here: Region) -> tuple[str, ...] | Unusable:
    """The region's lines, as they are shown, with the changes of SEARCH/REPLACE blocks."""
    if not lines or not lines[0].startswith(SEARCH):
        lines = (SEARCH, *lines)  # the prompt has begun the first block
    blocks = blocks_in(lines)
    if isinstance(blocks, str):
        return Unusable("no-match", "The model's changes could not be read.", blocks)
    text = "".join(f"{line}\n" for line in here.shown)
    for block in blocks:
        found = match(text, block.old, block.new)
        if isinstance(found, Refusal):
            return Unusable("no-match", "The model's changes fit nowhere in these lines.", found.message)
        for edit in reversed(found.edits):
            text = text[: edit.start] + edit.text + text[edit.end :]
    return tuple(text.removesuffix("\n").split("\n"))
