"""`fathom stage context`: what of the repository would stand in a prompt at a place."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from context.pack import Packed
    from lsp_server.features.repository import Repositories
    from lsp_server.models.backend import Backend

FORMAT = """\
Reads a JSON object from standard input, or with --batch one a line:
  root, path            the folder of the repository, and a file in it
  line, character       the place, from 0; characters are code points
  text                  what the editor shows of the file (default: what is on disk)
  purpose               "fill" (default), "edit" or "chat"
  budget                in tokens (default: 2048)
Prints for each {"context", "tokens", "exact", "parts", "ms"}: the text in the repository form of the model,
its tokens, whether the model has counted them, and {"path", "start", "end", "tokens", "score", "reason"} of
each part, with offsets in the file. The index of a root is brought up to date before its first answer.
"""
ROUNDS = 4
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
    lines = sys.stdin if arguments.batch else [sys.stdin.read()]
    return asyncio.run(_answer_all(lines, arguments.estimate))


async def _answer_all(lines: Iterable[str], estimate: bool) -> int:
    from lsp_server.models.backend import ModelError
    from lsp_server.models.open import open_backend

    code, stage = 0, Stage()
    if not estimate:
        try:
            stage.backend = open_backend("")
        except ModelError as error:
            print(f"fathom stage context: tokens are estimated. {error}", file=sys.stderr)
    try:
        for line in lines:
            if not line.strip():
                continue
            try:
                answer = await stage.answer(json.loads(line))
            except (ValueError, TypeError, KeyError, OSError) as error:
                answer, code = {"error": f"the input is not as `--help` says: {error!r}"}, 1
            print(json.dumps(answer, ensure_ascii=False), flush=True)
    finally:
        await stage.close()
    return code


class Stage:
    """What is kept from one answer to the next: the indexes, and the model that counts."""

    def __init__(self) -> None:
        self.backend: Backend | None = None
        self._roots: dict[Path, Repositories] = {}

    async def answer(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The context of a place. Raises ValueError, TypeError, KeyError and OSError for what makes no sense."""
        from context.languages import language_of
        from context.snapshot import Workspace

        root, purpose = Path(given["root"]).resolve(strict=True), given.get("purpose", "fill")
        if purpose not in ("fill", "edit", "chat"):
            raise ValueError(f"purpose is {purpose!r}")
        path = root / given["path"]
        text = given["text"] if "text" in given else path.read_bytes().decode("utf-8", "replace")
        repositories = self._roots.get(root)
        if repositories is None:
            repositories = self._roots[root] = _opened(root)
        workspace = Workspace([root])
        workspace.opened(path.as_uri(), path, language_of(path, text[:200].split("\n")[0]), 1, text)
        snapshot = workspace.snapshot
        document = snapshot.documents[path.as_uri()]
        cursor = document.text.offset(int(given["line"]), int(given["character"]), "utf-32")
        budget, took = int(given.get("budget", 2048)), []
        for _ in range(ROUNDS):
            started = perf_counter()
            packed = await repositories.packed(snapshot, document, cursor, purpose, budget)
            took.append(perf_counter() - started)
            if self.backend is None or repositories.counts.are_exact:
                break
            await repositories.counts.learn(self.backend)
        return _described(packed, repositories.counts.are_exact, 1000 * took[0])

    async def close(self) -> None:
        for repositories in self._roots.values():
            repositories.close()
        if self.backend is not None:
            await self.backend.close()


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
        print(f"fathom stage context: another process keeps the index of {root}.", file=sys.stderr)
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
