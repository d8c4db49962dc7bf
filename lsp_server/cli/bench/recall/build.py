"""Cases of repositories: the uses that are found in them, a few of them chosen, and what is lost at each."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from lsp_server.cli.bench.recall import jedi_uses, own, typescript_uses
from lsp_server.cli.bench.recall.cases import Case, Use, buffer_of, choose
from lsp_server.cli.bench.recall.fetch import tree
from lsp_server.cli.bench.recall.repositories import Repository


def build(
    repositories: Sequence[Repository], languages: Collection[str], count: int, seed: int, cache: Path
) -> list[Case]:
    """Cases of repositories in some languages, `count` of each extractor for each language of a repository.

    Fetches what is not there yet. Raises OSError and ValueError.
    """
    cases: list[Case] = []
    for repository in repositories:
        if wanted := [language for language in repository.languages if language in languages]:
            print(f"fathom bench context: looking for places in {repository.name}", file=sys.stderr)
            cases += _built(repository, wanted, count, seed, cache)
    return cases


def _built(
    repository: Repository, languages: Sequence[str], count: int, seed: int, cache: Path
) -> Iterator[Case]:
    root = tree(repository, cache)
    files = own.files_of(root)
    for language in languages:
        texts = {file.path: file.text for file in files if file.language in own.family_of(language)}
        label = f"{seed} {repository.name} {language}"
        uses: Iterable[Use] = own.uses_of(files, language)
        yield from chosen(uses, texts, repository, language, "fathom", count, label)
        if language == "python":
            uses = jedi_uses.uses_of(root, texts, count, label)
            yield from chosen(uses, texts, repository, language, jedi_uses.NAME, count, label)
        elif language in typescript_uses.ENDINGS:
            uses = typescript_uses.uses_of(root, texts, language, count, label, cache)
            yield from chosen(uses, texts, repository, language, typescript_uses.NAME, count, label)


def chosen(
    uses: Iterable[Use],
    texts: Mapping[str, str],
    repository: Repository,
    language: str,
    extractor: str,
    count: int,
    label: str,
) -> Iterator[Case]:
    """Choose among uses and make cases of them."""
    for use in choose(uses, count, f"{label} {extractor}"):
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
