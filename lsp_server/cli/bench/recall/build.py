"""Cases of repositories: the uses that are found in them, a few of them chosen, and what is lost at each."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from lsp_server.cli.bench.recall import own
from lsp_server.cli.bench.recall.cases import Case, Use, buffer_of, choose
from lsp_server.cli.bench.recall.fetch import tree
from lsp_server.cli.bench.recall.repositories import Repository


def build(
    repositories: Sequence[Repository], languages: Sequence[str], count: int, seed: int, cache: Path
) -> list[Case]:
    """Cases of repositories in some languages, `count` of each extractor for each language of a repository.

    Fetches what is not there yet. Raises OSError and ValueError.
    """
    cases: list[Case] = []
    for repository in repositories:
        wanted = [language for language in repository.languages if language in languages]
        if wanted:
            print(f"fathom bench context: looking for places in {repository.name}", file=sys.stderr)
            root = tree(repository, cache)
            files = own.files_of(root)
            for language in wanted:
                uses = own.uses_of(files, language)
                cases += chosen(uses, files, repository, language, "fathom", count, seed)
    return cases


def chosen(
    uses: Iterable[Use],
    files: Sequence[own.File],
    repository: Repository,
    language: str,
    extractor: str,
    count: int,
    seed: int,
) -> Iterator[Case]:
    """Choose among uses and make cases of them."""
    texts = {file.path: file.text for file in files}
    for use in choose(uses, count, f"{seed} {repository.name} {language} {extractor}"):
        _, character, truth = buffer_of(texts[use.path], use.line)
        yield Case(
            repository=repository.name,
            half=repository.half,
            path=use.path,
            language=language,
            line=use.line,
            character=character,
            truth=truth,
            name=use.name,
            access=use.access,
            extractor=extractor,
            targets=use.targets,
        )
