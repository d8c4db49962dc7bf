"""Cases of repositories: the uses that are found in them, a few of them chosen, and what is lost at each."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from lsp_server.cli.bench.recall import jedi_uses, own, typescript_uses
from lsp_server.cli.bench.recall.cases import Case, Use, buffer_of, choose
from lsp_server.cli.bench.recall.fetch import tree
from lsp_server.cli.bench.recall.outcomes import version_of
from lsp_server.cli.bench.recall.repositories import Repository

PROGRAM = (
    "build.py",
    "cases.py",
    "fetch.py",
    "jedi_uses.py",
    "own.py",
    "typescript_uses.cjs",
    "typescript_uses.py",
)
"""What decides which cases there are, with what jedi, TypeScript and Fathom's parser find."""


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


def built(
    repositories: Sequence[Repository], languages: Collection[str], count: int, seed: int, cache: Path
) -> list[Case]:
    """As `build`, but what was built by the same program before is read again.

    Raises OSError and ValueError.
    """
    program = version_of(*(Path(__file__).with_name(name) for name in PROGRAM))
    names = " ".join(f"{each.name} {each.archive.sha256}" for each in repositories)
    said = f"{program} {names} {' '.join(sorted(languages))} {count} {seed}"
    kept = cache / "cases" / f"{hashlib.blake2b(said.encode(), digest_size=8).hexdigest()}.jsonl"
    if kept.is_file():
        return [Case.from_json(json.loads(line)) for line in kept.read_text(encoding="utf-8").splitlines()]
    cases = build(repositories, languages, count, seed, cache)
    kept.parent.mkdir(parents=True, exist_ok=True)
    unfinished = kept.with_suffix(f".{os.getpid()}")
    lines = (json.dumps(case.to_json(), ensure_ascii=False) + "\n" for case in cases)
    unfinished.write_text("".join(lines), encoding="utf-8")
    unfinished.rename(kept)
    return cases
