"""`fathom index`: brings the index of a folder up to date; says which files are in, which not, and why."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from context.files import Folder, Found, Out, explain, walk
from context.index import Index
from context.indexing import Progress, writing
from context.languages import LANGUAGES, Language
from context.parse import how_parsed
from context.store import BusyError, DamagedError, StoreError
from lsp_server.cli.find import find, print_found
from lsp_server.cli.index_clean import clean_and_print
from lsp_server.cli.table import lines_of
from lsp_server.index_places import index_folder
from lsp_server.models.fetch import megabytes

FILES_SHOWN = 4
EVERY = 5.0
"""Seconds between two lines of progress, where no terminal shows a line that changes."""


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
    about = "bring the index up to date; say which files are read, and why others are not"
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
    instead.add_argument(
        "--clean",
        action="store_true",
        help="remove the indexes of folders that are gone, or that nobody has opened for 60 days",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Walk, explain or list; returns 1 for a path that is out and for a root that is no folder."""
    if arguments.languages:
        _list(LANGUAGES.values(), arguments.json)
        return 0
    if arguments.clean:
        return clean_and_print(arguments.json)
    roots: list[Path] = arguments.roots or [Path()]
    for root in roots:
        if not root.is_dir():
            print(f"fathom index: there is no folder {_shown(root)}.", file=sys.stderr)
            return 1
    if arguments.explain:
        return _explain(explain(arguments.explain, roots), arguments.json)
    started = time.perf_counter()
    try:
        figures, progress = _brought_up_to_date(roots)
    except StoreError as error:
        print(f"fathom index: {error}", file=sys.stderr)
        return 1
    seconds = time.perf_counter() - started
    if arguments.find is not None:
        print_found(*find(Index(index_folder(roots)), arguments.find), arguments.json)
    elif arguments.json:
        print(json.dumps(_described(figures, progress, roots, seconds), indent=2))
    else:
        _print(figures, progress, seconds)
    return 0


def _brought_up_to_date(roots: list[Path]) -> tuple[Figures, Progress | None]:
    """Make also an index anew that turns out to be damaged. Raises StoreError."""
    try:
        return _swept(roots)
    except DamagedError as error:
        print(f"{error} It is made anew.", file=sys.stderr)
        return _swept(roots)


def _swept(roots: list[Path]) -> tuple[Figures, Progress | None]:
    """Bring the index up to date; no progress where another process does that. Raises StoreError."""
    figures, progress = Figures(), Progress()
    show = _shower()
    try:
        with writing(index_folder(roots), roots) as indexing:
            for progress in indexing.sweep(figures.add):
                show(progress)
            return figures, progress
    except BusyError:
        print("Another process keeps this index up to date.", file=sys.stderr)
    for entry in walk(roots):
        figures.add(entry)
    return figures, None


def _shower() -> Callable[[Progress], None]:
    """What says on stderr how far it is: stdout is for the answer."""
    shown_at = time.monotonic()

    def show(progress: Progress) -> None:
        nonlocal shown_at
        on_terminal = sys.stderr.isatty()
        if progress.done:
            print("\r\x1b[K" if on_terminal and progress.parsed else "", end="", file=sys.stderr)
        elif on_terminal or time.monotonic() - shown_at >= EVERY:
            shown_at = time.monotonic()
            start, end = ("\r\x1b[K", "") if on_terminal else ("", "\n")
            print(f"{start}{_speed(progress)}", end=end, file=sys.stderr, flush=True)

    return show


def _speed(progress: Progress) -> str:
    rate = progress.parsed_bytes / 1e6 / max(progress.seconds, 0.001)
    return (
        f"{progress.files:,} files, {progress.parsed:,} parsed, {megabytes(progress.parsed_bytes)},"
        f" {rate:.1f} MB/s, {progress.seconds:.0f} s"
    )


def _print(figures: Figures, progress: Progress | None, seconds: float) -> None:
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
    print()
    if progress is not None:
        parsed = f"{progress.parsed:,} parsed ({megabytes(progress.parsed_bytes)})"
        print(f"{parsed}, {progress.unchanged:,} unchanged, {progress.removed:,} removed.")
    total = megabytes(figures.sizes.total())
    print(f"{figures.files.total():,} files, {total}, in {figures.folders:,} folders; {seconds:.2f} s.")


def _described(
    figures: Figures, progress: Progress | None, roots: Sequence[Path], seconds: float
) -> dict[str, Any]:
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
        "index": {"folder": str(index_folder(roots)), **(asdict(progress) if progress else {})},
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
