"""`fathom stage context`: what of the repository would stand in a prompt at a place."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, get_args

if TYPE_CHECKING:
    from context.pack import Packed
    from context.signs import Purpose
    from context.snapshot import Document, Snapshot
    from lsp_server.features.repository import Repositories
    from lsp_server.models.backend import Backend

FORMAT = """\
Reads a JSON object from standard input, or with --batch one a line:
  root, path            the folder of the repository, and a file in it
  line, character       the place, from 0; characters are code points, one past the end is its end
  text                  what the editor shows of the file (default: what is on disk)
  purpose               "fill" (default), "edit" or "chat"
  budget                in tokens (default: 2048)
Prints for each {"context", "tokens", "exact", "parts", "ms"}: the text in the repository form of the model,
its tokens, whether the model has counted them, and {"path", "start", "end", "tokens", "score", "reason"} of
each part, with offsets in the file, in the order of the context. What looks like a control token in a file is
text: where it matters, take the parts. What makes no sense gives {"error"}.
The index of a root is brought up to date before its first answer.
"""
BUDGET = 2048
ROUNDS = 8
"""Times that a pack is made anew with better counts."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the stage."""
    parser = subparsers.add_parser(
        "context",
        help="gather and pack what the repository says",
        description=__doc__,
        epilog=FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--batch", action="store_true", help="read one object a line")
    parser.add_argument(
        "--estimate", action="store_true", help="do not ask the model how many tokens a text has"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the context; a line that makes no sense gives {"error"} and the exit code 1."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    lines = filter(str.strip, sys.stdin) if arguments.batch else [sys.stdin.read()]
    return asyncio.run(_answer_all(lines, arguments.estimate))


async def _answer_all(lines: Iterable[str], estimate: bool) -> int:
    from context.store import StoreError

    code, stage = 0, Stage(None if estimate else _backend())
    try:
        for line in lines:
            try:
                answer = await stage.answer(json.loads(line))
            except (ValueError, TypeError, KeyError, OSError, RecursionError) as error:
                answer, code = {"error": f"the input is not as `--help` says: {error!r}"}, 1
            except StoreError as error:
                answer, code = {"error": str(error)}, 1
            # In ASCII, since names of files need not be characters.
            print(json.dumps(answer), flush=True)
    finally:
        await stage.close()
    return code


def _backend() -> Backend | None:
    """The model that counts; None, and a word to the user, where there is none."""
    from lsp_server.models.backend import ModelError
    from lsp_server.models.open import open_backend

    try:
        return open_backend("")
    except ModelError as error:
        _say(f"tokens are estimated. {error}")
        return None


def _say(what: str) -> None:
    print(f"fathom stage context: {what}", file=sys.stderr)


@dataclass(frozen=True, slots=True)
class Asked:
    """A place, and what is wanted for it."""

    root: Path
    snapshot: Snapshot
    document: Document
    cursor: int
    purpose: Purpose
    budget: int


def asked(given: Mapping[str, Any]) -> Asked:
    """Read a place. Raises ValueError, TypeError, KeyError or OSError for what makes no sense."""
    from context.contents import text_of
    from context.languages import language_of
    from context.secrets import is_secret_path
    from context.signs import Purpose
    from context.snapshot import Workspace

    root = Path(given["root"]).resolve(strict=True)
    path = (root / given["path"]).resolve()
    if not path.is_relative_to(root) or not root.is_dir():
        raise ValueError(f"{path} is no file in {root}")
    if is_secret_path(path):
        raise ValueError(f"{path} is never read: its name says that it is secret")
    purpose = given.get("purpose", "fill")
    if purpose not in get_args(Purpose):
        raise ValueError(f"purpose is {purpose!r}")
    text = given["text"] if "text" in given else text_of(path.read_bytes())
    if not isinstance(text, str):
        raise TypeError("text is no string")
    workspace = Workspace([root])
    workspace.opened(path.as_uri(), path, language_of(path, text[:200].split("\n")[0]), 1, text)
    (document,) = workspace.snapshot.documents.values()
    line, budget = _number(given, "line"), _number({"budget": BUDGET, **given}, "budget")
    if line >= document.text.line_count:
        raise ValueError(f"line is {line}, but the text has {document.text.line_count}")
    cursor = document.text.offset(line, _number(given, "character"), "utf-32")
    return Asked(root, workspace.snapshot, document, cursor, purpose, budget)


def _number(given: Mapping[str, Any], name: str) -> int:
    number = given[name]
    if not isinstance(number, int) or number < 0:
        raise ValueError(f"{name} is {number!r}")
    return number


class Stage:
    """What is kept from one answer to the next: the indexes, and the model that counts."""

    def __init__(self, backend: Backend | None = None) -> None:
        self._backend = backend
        self._roots: dict[Path, Repositories] = {}

    async def answer(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The context of a place. Raises StoreError, and for what makes no sense as `asked` does."""
        place = asked(given)
        repositories = self._roots.get(place.root)
        if repositories is None:
            repositories = self._roots[place.root] = _opened(place.root)
        started = perf_counter()
        packed = await _packed(repositories, place)
        milliseconds = 1000 * (perf_counter() - started)
        for _ in range(ROUNDS):
            if not await self._learns(repositories):
                break
            packed = await _packed(repositories, place)
        exact = self._backend is not None and repositories.counts.are_exact
        return _described(packed, exact, milliseconds)

    async def _learns(self, repositories: Repositories) -> bool:
        """Let the model count; whether it had to, and could."""
        from lsp_server.models.backend import ModelError

        if self._backend is None or repositories.counts.are_exact:
            return False
        try:
            await repositories.counts.learn(self._backend)
        except ModelError as error:
            _say(f"tokens are estimated. {error}")
            await self._backend.close()
            self._backend = None
        return self._backend is not None

    async def close(self) -> None:
        """Let go of the indexes and of the model."""
        for repositories in self._roots.values():
            repositories.close()
        if self._backend is not None:
            await self._backend.close()


async def _packed(repositories: Repositories, place: Asked) -> Packed:
    return await repositories.packed(
        place.snapshot, place.document, place.cursor, place.purpose, place.budget
    )


def _opened(root: Path) -> Repositories:
    """The repository of a root, its index up to date unless another process is at it."""
    from context.indexing import sweep
    from context.store import BusyError
    from lsp_server.features.repository import IndexedRoot, Repositories
    from lsp_server.index_places import index_folder

    folder = index_folder([root])
    try:
        sweep([root], folder)
    except BusyError:
        _say(f"another process keeps the index of {root}.")
    repositories = Repositories()
    repositories.use([IndexedRoot(root, root, folder)])
    return repositories


def _described(packed: Packed, exact: bool, ms: float) -> dict[str, Any]:
    from lsp_server.prompts.fim import Source, spelled, written

    sources = [Source(section.path, section.text) for section in packed.sections]
    return {
        "context": spelled(written(sources)),
        "tokens": packed.tokens,
        "exact": exact,
        "parts": [
            {
                "path": part.path,
                "start": part.start,
                "end": part.end,
                "tokens": part.tokens,
                "score": round(part.score, 4),
                "reason": part.reason,
            }
            for part in packed.parts
        ],
        "ms": round(ms, 2),
    }
