"""`fathom models`: list the models that Fathom knows, choose, fetch, locate, verify and remove them."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_server.cli import INTERRUPTED
from lsp_server.cli.interrupt import insisting
from lsp_server.cli.table import lines_of
from lsp_server.features.offers import Here, Offer, offer_of
from lsp_server.models import catalogue, download
from lsp_server.models.backend import ModelError
from lsp_server.models.choose import not_installed, unknown
from lsp_server.models.fetch import OnProgress, Progress, megabytes
from lsp_server.models.host.settings import CONTEXT, default_threads
from lsp_server.models.memory import machine_memory
from lsp_server.models.model import Model
from lsp_server.models.obtain import fetched
from lsp_server.models.speed import Processors
from lsp_server.own_file import NotKeptError, keep_model

if TYPE_CHECKING:
    from tqdm import tqdm


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = subparsers.add_parser(
        "models", help="list, choose, fetch, verify and remove models", description=__doc__
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    listing = commands.add_parser("list", help="list the models, which are installed, and whether they fit")
    listing.add_argument("--json", action="store_true", help="one JSON array instead of a table")
    listing.set_defaults(run=_list)
    about = "fetch a model if it is not here, and use it from now on, in every editor"
    use = commands.add_parser("use", help=about, description=f"{about}: it is set in your file of settings")
    use.add_argument(
        "name", metavar="NAME", help="a name from `fathom models list`, or the path of a GGUF file"
    )
    use.set_defaults(run=_use)
    for name, run, about in (
        ("pull", _pull, "fetch a model and verify it"),
        ("path", _path, "print where an installed model is"),
        ("rm", _remove, "delete a model"),
        ("verify", _verify, "read an installed model and compare its hash"),
    ):
        command = commands.add_parser(name, help=about, description=about)
        if name == "rm":
            command.add_argument("name", metavar="NAME", help="a name from `fathom models list`")
        else:
            which = f"a name from `fathom models list` (default: {catalogue.DEFAULT})"
            command.add_argument("name", metavar="NAME", nargs="?", default=catalogue.DEFAULT, help=which)
        command.set_defaults(run=_reporting(run))


def _reporting(run: Callable[[Model], int]) -> Callable[[argparse.Namespace], int]:
    """Make a command of a function of a model: find it, and say its errors on stderr."""

    def command(args: argparse.Namespace) -> int:
        model = catalogue.find(args.name)
        if model is None:
            print(f"fathom: {unknown(args.name)}", file=sys.stderr)
            return 1
        try:
            return run(model)
        except ModelError as error:
            print(f"fathom: {error}", file=sys.stderr)
            return 1

    return command


def _list(args: argparse.Namespace) -> int:
    here = Here(machine_memory(), Processors(default_threads()))
    if args.json:
        print(
            json.dumps([_described(model, offer_of(model, here)) for model in catalogue.CATALOGUE], indent=2)
        )
        return 0
    rows = [["", "NAME", "SIZE", "LICENCE", "WINDOW", "FIM", "CHAT", "MEMORY", "INSTALLED"]]
    rows += [_row(model, offer_of(model, here)) for model in catalogue.CATALOGUE]
    print("\n".join(lines_of(rows)))
    total = "unknown" if here.memory.total is None else megabytes(here.memory.total)
    print(
        f"\n* is the default. MEMORY is for a window of {CONTEXT:,} tokens, or the whole window of a model "
        f"with less; this machine has {total}."
    )
    print(f"Models are kept in {download.models_dir()}.")
    return 0


def _row(model: Model, offer: Offer) -> list[str]:
    window = f"{model.context // 1024}K"
    if model.context_yarn:
        window += f" ({model.context_yarn // 1024}K)"
    return [
        "*" if offer.is_default else " ",
        model.name,
        megabytes(model.size) if model.size is not None else f"~{megabytes(model.weights)}",
        model.licence,
        window,
        model.fim,
        "yes" if model.chat else "no",
        f"{megabytes(offer.needed)}, {offer.fit or 'unknown'}",
        "yes" if offer.path else "no",
    ]


def _described(model: Model, offer: Offer) -> dict[str, Any]:
    return {
        "name": model.name,
        "title": model.title,
        "default": offer.is_default,
        "installed": offer.path is not None,
        "path": str(offer.path) if offer.path else None,
        "size": model.size,
        "licence": model.licence,
        "context": model.context,
        "context_yarn": model.context_yarn,
        "fim": model.fim,
        "chat": model.chat,
        "memory": {"window": offer.window, "needed": offer.needed, "fit": offer.fit},
        "files": [{"name": file.name, "size": file.size, "sha256": file.sha256} for file in model.files],
        "note": model.note,
    }


def _use(args: argparse.Namespace) -> int:
    model = catalogue.find(args.name)
    try:
        if model is not None and not _fetch(model):
            return INTERRUPTED
        with _Shown(args.name) as shown:
            name = fetched(args.name, shown)
        keep_model(name)
    except (ModelError, NotKeptError) as error:
        print(f"fathom: {error}", file=sys.stderr)
        return 1
    print(f"{name} is used from now on; an editor that is open uses it when it is started again.")
    return 0


def _pull(model: Model) -> int:
    path = _fetch(model)
    if path is None:
        return INTERRUPTED
    print(path)
    return 0


def _fetch(model: Model) -> Path | None:
    """Have a model here; None if the user stops it. Raises ModelError."""
    path = download.installed(model)
    if path is not None:
        return path
    if model.licence != "Apache-2.0":
        print(f"{model.title} has the licence {model.licence}. {model.note}".rstrip(), file=sys.stderr)
    try:
        with insisting(), _Shown(model.name) as shown:
            return download.pull(model, shown)
    except KeyboardInterrupt:
        print(f"\nStopped. `fathom models pull {model.name}` goes on from here.", file=sys.stderr)
        return None


def _path(model: Model) -> int:
    path = download.installed(model)
    if path is None:
        raise not_installed(model)
    print(path)
    return 0


def _remove(model: Model) -> int:
    with _Shown(model.name) as shown:
        freed = download.remove(model, shown)
    print(f"Removed {model.name}: {megabytes(freed)}." if freed else f"{model.name} was not there.")
    return 0


def _verify(model: Model) -> int:
    with _Shown(model.name) as shown:
        download.verify(model, shown)
    print(f"{model.name} is whole: every file has its sha256.")
    return 0


class _Shown:
    """Shows progress on stderr: a bar on a terminal, otherwise lines. stdout is for the answer."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._show: OnProgress = self._bar if sys.stderr.isatty() else self._lines
        self._open: tqdm[Any] | None = None
        self._kind = ""
        self._tenth = -1

    def __enter__(self) -> OnProgress:
        return self._report

    def __exit__(self, *_: object) -> None:
        self._close()

    def _report(self, progress: Progress) -> None:
        if progress.kind in ("note", "waiting"):
            self._close()
            print(progress.message, file=sys.stderr, flush=True)
            return
        self._show(progress)

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None

    def _bar(self, progress: Progress) -> None:
        from tqdm import tqdm

        if self._open is None or self._kind != progress.kind:
            self._close()
            self._kind = progress.kind
            self._open = tqdm(total=progress.total, initial=progress.done, unit="B", unit_scale=True)
            self._open.set_description(f"{progress.kind} {self._name}")
        self._open.set_postfix_str(progress.message, refresh=False)
        self._open.update(progress.done - self._open.n)

    def _lines(self, progress: Progress) -> None:
        tenth = 10 * progress.done // progress.total if progress.total else 0
        if progress.kind == "verifying":  # seconds, where fetching takes minutes
            tenth -= tenth % 10
        if (progress.kind, tenth) == (self._kind, self._tenth):
            return
        self._kind, self._tenth = progress.kind, tenth
        size = f" of {megabytes(progress.total)}" if progress.total else ""
        print(
            f"{progress.kind} {self._name}: {10 * tenth} %{size} ({progress.message})",
            file=sys.stderr,
            flush=True,
        )
