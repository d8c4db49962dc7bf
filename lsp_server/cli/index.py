"""`fathom index`: which files of a folder Fathom reads, which it does not, and why."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from context.files import Folder, Found, Out, explain, walk
from context.languages import LANGUAGES, Language
from context.parse import how_parsed
from lsp_server.cli.find import find, print_found
from lsp_server.cli.table import lines_of
from lsp_server.models.fetch import megabytes

FILES_SHOWN = 4
EVERY = 10_000
"""Entries between two lines of progress, where no terminal shows a line that changes."""


@dataclass(slots=True)
class Figures:
    """What a walk has come upon."""

    folders: int = 0
    files: Counter[str] = field(default_factory=Counter)
    """By language, as is the next one."""
    sizes: Counter[str] = field(default_factory=Counter)
    out: Counter[str] = field(default_factory=Counter)
    """Files and folders that were left out, by the reason; what is in such a folder is not counted."""

    def add(self, entry: Found | Folder | Out) -> None:
        """Count an entry."""
        match entry:
            case Found():
                self.files[entry.language] += 1
                self.sizes[entry.language] += entry.size
            case Folder():
                self.folders += 1
            case Out():
                self.out[entry.why] += 1


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    about = "say which files are read, and why others are not"
    parser = subparsers.add_parser("index", help=about, description=__doc__)
    parser.add_argument(
        "roots", type=Path, nargs="*", metavar="ROOT", help="folders of the workspace (default: this one)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--explain", type=Path, metavar="PATH", help="say why a path is in (exit code 0) or out (1)"
    )
    instead.add_argument("--languages", action="store_true", help="list the languages that are known")
    instead.add_argument(
        "--find", metavar="WORDS", help="say where these names are defined, and which pieces say the words"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Walk, explain or list; returns 1 for a path that is out and for a root that is no folder."""
    if arguments.languages:
        _list(LANGUAGES.values(), arguments.json)
        return 0
    roots: list[Path] = arguments.roots or [Path()]
    for root in roots:
        if not root.is_dir():
            print(f"fathom index: there is no folder {_shown(root)}.", file=sys.stderr)
            return 1
    if arguments.explain:
        return _explain(explain(arguments.explain, roots), arguments.json)
    if arguments.find is not None:
        files = (entry for entry in _with_progress(walk(roots)) if isinstance(entry, Found))
        print_found(*find(files, arguments.find), arguments.json)
        return 0
    started = time.perf_counter()
    figures = Figures()
    for entry in _with_progress(walk(roots)):
        figures.add(entry)
    seconds = time.perf_counter() - started
    if arguments.json:
        print(json.dumps(_described(figures, roots, seconds), indent=2))
    else:
        _print(figures, seconds)
    return 0


def _with_progress(entries: Iterator[Found | Folder | Out]) -> Iterator[Found | Folder | Out]:
    """Say on stderr how far it is. stdout is for the answer."""
    if sys.stderr.isatty():
        from tqdm import tqdm

        yield from tqdm(entries, unit=" entries", leave=False)
        return
    for count, entry in enumerate(entries, 1):
        if count % EVERY == 0:
            print(f"{count:,} entries, in {_shown(entry.path.parent)}", file=sys.stderr, flush=True)
        yield entry


def _print(figures: Figures, seconds: float) -> None:
    rows = [["LANGUAGE", "FILES", "SIZE", "PARSED AS"]]
    rows += [
        [language, f"{count:,}", megabytes(figures.sizes[language]), how_parsed(language)]
        for language, count in figures.files.most_common()
    ]
    print("\n".join(lines_of(rows)))
    if figures.out:
        print()
        rows = [["LEFT OUT", "ENTRIES"]]
        rows += [[why, f"{count:,}"] for why, count in figures.out.most_common()]
        print("\n".join(lines_of(rows)))
    total = megabytes(figures.sizes.total())
    print(f"\n{figures.files.total():,} files, {total}, in {figures.folders:,} folders; {seconds:.2f} s.")


def _described(figures: Figures, roots: Iterable[Path], seconds: float) -> dict[str, Any]:
    return {
        "roots": [str(root.absolute()) for root in roots],
        "files": figures.files.total(),
        "bytes": figures.sizes.total(),
        "folders": figures.folders,
        "seconds": round(seconds, 3),
        "languages": {
            language: {"files": count, "bytes": figures.sizes[language], "parsed_as": how_parsed(language)}
            for language, count in figures.files.most_common()
        },
        "out": dict(figures.out.most_common()),
    }


def _explain(entry: Found | Folder | Out, as_json: bool) -> int:
    if as_json:
        print(json.dumps(_explained(entry), indent=2))
    else:
        print(f"{_shown(entry.path)}: {_sentence(entry)}")
    return 1 if isinstance(entry, Out) else 0


def _sentence(entry: Found | Folder | Out) -> str:
    match entry:
        case Found():
            return f"in, as {entry.language}, {entry.size:,} bytes"
        case Folder():
            return "in, a folder"
        case Out():
            return f"out, {entry.why}" + (f": {reason}" if (reason := _reason(entry)) else "")


def _reason(entry: Out) -> str:
    rule = entry.rule
    if rule is None:
        return _escaped(entry.detail)
    place = f"{_shown(rule.file)}:{rule.line}" if rule.line else f"{_shown(rule.file)} as a whole"
    return f"{place}: {_escaped(rule.text)}"


def _explained(entry: Found | Folder | Out) -> dict[str, Any]:
    described: dict[str, Any] = {"path": str(entry.path), "in": not isinstance(entry, Out)}
    match entry:
        case Found():
            return described | {"language": entry.language, "bytes": entry.size, "root": str(entry.root)}
        case Folder():
            return described | {"root": str(entry.root)}
        case Out():
            rule = entry.rule
            shown = {"file": str(rule.file), "line": rule.line, "text": rule.text} if rule else None
            return described | {"why": entry.why, "detail": entry.detail, "rule": shown}


def _list(languages: Iterable[Language], as_json: bool) -> None:
    if as_json:
        print(json.dumps([_language(each) for each in languages], indent=2))
        return
    rows = [["ID", "NAME", "FILES", "PARSED AS"]]
    for each in languages:
        files = [f".{extension}" for extension in each.extensions] + list(each.file_names)
        more = " …" if len(files) > FILES_SHOWN else ""
        rows.append([each.id, each.name, " ".join(files[:FILES_SHOWN]) + more, how_parsed(each.id)])
    print("\n".join(lines_of(rows)))


def _language(language: Language) -> dict[str, Any]:
    return {
        "id": language.id,
        "name": language.name,
        "extensions": language.extensions,
        "file_names": language.file_names,
        "line_comments": language.line_comments,
        "block_comments": language.block_comments,
        "blocks": language.blocks,
        "parsed_as": how_parsed(language.id),
    }


def _shown(path: Path) -> str:
    return _escaped(str(path))


def _escaped(text: str) -> str:
    """A name or a rule on one line; what cannot be shown, or would move the cursor, is spelled out."""
    return text if text.isprintable() else repr(text)[1:-1]
