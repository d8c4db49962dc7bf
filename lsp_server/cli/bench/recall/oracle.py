"""The best that a small context can do: the definition that the line uses, its signature and its body."""

from __future__ import annotations

from pathlib import Path

from context.languages import language_of
from context.parse import parse
from lsp_server.cli.bench.recall.cases import Case, Target
from lsp_server.cli.bench.recall.place import Snippet, laid_out
from lsp_server.cli.bench.recall.vocabulary import Vocabulary

TOKENS = 120
LINES = 12
"""Lines of a definition of which no one can say where it ends."""


def context(case: Case, root: Path, vocabulary: Vocabulary) -> str:
    """The definition of a case, of several the first."""
    target = case.targets[0]
    text = (root / target.path).read_text(encoding="utf-8", errors="replace")
    snippet = vocabulary.head(definition(text, target, case.name), TOKENS)
    return laid_out([Snippet(target.path, snippet)])


def definition(text: str, target: Target, name: str) -> str:
    """From the line with the name to the end of what it defines."""
    text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    start = sum(len(line) + 1 for line in lines[: target.line])
    end = start + len(lines[target.line])
    for each in parse(text, language_of(Path(target.path))).definitions:
        if each.name == name and start <= each.name_at < end:
            return text[start : max(end, each.end)]
    return "\n".join(lines[target.line : target.line + LINES])
