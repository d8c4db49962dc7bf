"""The prompt of a question about lines of a file, which is answered in words and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsp_server.prompts.chatml import Turn, chat
from lsp_server.prompts.fences import fence_for, fenced
from lsp_server.prompts.rewrite import Excerpt
from lsp_server.prompts.types import Prompt

SYSTEM = (
    "You are an experienced programmer. You are shown a part of a file and asked about some of its lines. "
    "Answer briefly and exactly, in Markdown, with code in fenced blocks. Say so where you are not sure."
)


def lay_out(path: str, language: str, lines: Excerpt, around: Sequence[Excerpt], instruction: str) -> Prompt:
    """The prompt for lines with what stands around them, and what is asked at the end."""
    mark = fence_for([lines.text, instruction, *(each.text for each in around)], language)
    told = tuple(_told(path, language, lines, around, mark))
    return chat([Turn("system", (SYSTEM,)), Turn("user", (*told, instruction))])


def _told(path: str, language: str, lines: Excerpt, around: Sequence[Excerpt], mark: str) -> Iterator[str]:
    for excerpt in around:
        yield f"File {path}, lines {excerpt.line}-{excerpt.last}:\n{fenced(excerpt.text, mark, language)}\n"
    head = f"The lines in question, {lines.line}-{lines.last} of {path}:\n"
    yield f"{head}{fenced(lines.text, mark, language)}\n"
