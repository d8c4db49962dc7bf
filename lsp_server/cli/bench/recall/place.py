"""What finds context is given, and what it finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lsp_server.cli.bench.recall.cases import Case, buffer_of
from lsp_server.cli.bench.recall.vocabulary import Vocabulary

FILE_SEPARATOR = "<|file_sep|>"


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor in an unsaved buffer of a repository. The copy on disk holds the truth."""

    root: Path
    path: str
    language: str
    text: str
    line: int
    character: int

    @classmethod
    def of(cls, case: Case, root: Path, text: str) -> Place:
        """The place of a case, from the text of its file."""
        buffer, character, _ = buffer_of(text, case.line)
        return cls(root, case.path, case.language, buffer, case.line, character)

    @property
    def before(self) -> str:
        """The text before the cursor."""
        lines = self.text.split("\n")
        return "\n".join([*lines[: self.line], lines[self.line][: self.character]])

    @property
    def after(self) -> str:
        """The text after the cursor."""
        return self.text[len(self.before) :]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a file, by the file's path in the repository."""

    path: str
    text: str


class Provider(Protocol):
    """Something that finds context for places."""

    name: str

    def contexts(self, place: Place, budgets: Sequence[int], /) -> dict[int, str]:
        """The context in repository form for each budget, in tokens."""
        ...


def laid_out(snippets: Iterable[Snippet]) -> str:
    """Snippets in repository form."""
    return "".join(f"{FILE_SEPARATOR}{snippet.path}\n{snippet.text.rstrip()}\n" for snippet in snippets)


def parted(context: str) -> Iterator[Snippet]:
    """The files of a context in repository form."""
    for section in context.split(FILE_SEPARATOR)[1:]:
        path, _, text = section.partition("\n")
        yield Snippet(path, text)


def packed(ranked: Iterable[Snippet], budget: int, vocabulary: Vocabulary) -> str:
    """Snippets, the best first, within a budget in tokens. The best stands last, nearest to the cursor.

    The last one that still fits in part is cut after one of its lines.
    """
    chosen: list[Snippet] = []
    left = budget
    for snippet in ranked:
        needed = vocabulary.count(laid_out([snippet]))
        if needed <= left:
            chosen.append(snippet)
            left -= needed
            continue
        room = left - vocabulary.count(laid_out([Snippet(snippet.path, "")]))
        lines = vocabulary.head(snippet.text, max(0, room)).split("\n")[:-1]
        if any(line.strip() for line in lines):
            chosen.append(Snippet(snippet.path, "\n".join(lines)))
        break
    return laid_out(reversed(chosen))
