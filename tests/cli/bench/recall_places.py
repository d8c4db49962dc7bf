"""Cases, places and tokens for tests of `fathom bench context`."""

from __future__ import annotations

from pathlib import Path

from lsp_server.cli.bench.recall.cases import Access, Case, Target
from lsp_server.cli.bench.recall.place import Place
from lsp_server.cli.bench.recall.vocabulary import Vocabulary


class Letters:
    """An encoding in which each character is a token."""

    def encode(self, text: str, allowed_special: str) -> list[int]:
        return [ord(character) for character in text]

    def decode(self, ids: list[int], errors: str) -> str:
        return "".join(map(chr, ids))


VOCABULARY = Vocabulary(Letters())  # type: ignore[arg-type]


def case(
    name: str = "widget",
    definition: str = "def widget(size):",
    *,
    path: str = "app.py",
    line: int = 3,
    access: Access = "imported",
    language: str = "python",
    half: str = "development",
    truth: str = "return widget(3)",
    extractor: str = "fathom",
) -> Case:
    return Case(
        repository="repository",
        half=half,
        path=path,
        language=language,
        line=line,
        character=4,
        truth=truth,
        name=name,
        access=access,
        extractor=extractor,
        targets=(Target("widgets.py", 7, definition),),
    )


def place(text: str, line: int, character: int, path: str = "app.py", root: Path = Path("/root")) -> Place:
    return Place(root, path, "python", text, line, character)
