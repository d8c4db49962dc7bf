"""`fathom bench context --speed`: how long an index and a context take in a tree of two million lines.

The index is written as for an editor, by a process that watches the tree. Nothing else should run meanwhile.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any

from context.files import Found, walk
from lsp_server.cli.bench.figures import Spread, spread
from lsp_server.cli.bench.recall import processes
from lsp_server.cli.bench.recall.language_server import LanguageServer
from lsp_server.cli.bench.recall.own import text_at
from lsp_server.cli.bench.recall.place import Place
from lsp_server.cli.bench.recall.stage import Stage

UPDATES = 20
FILES, KEYS = 6, 25
"""Files in which is typed, and keys in each."""
BUDGET = 2048
KEY_SECONDS = 0.2
PING_SECONDS = 0.02
TRIES = 120
"""Completions that are asked for until the model is there, one a second."""
PATIENCE = 1800.0
"""Seconds in which an index has to be there."""
SMALL, LARGE = 3_000, 40_000
"""Bytes of a file in which is typed, or which is saved."""

FORMAT = """\
With --speed:
  rg        ripgrep counts the lines of all files of the tree, hidden ones excepted; the best of three
  cold      until the index of the tree is complete, from nothing; the memory is that of all its processes
  warm      the same when nothing has changed since
  update    a file is saved: until what was written is found in the index
  context   gather and pack at successive keys in files of the tree, as `fathom stage context` measures it
  ping      until a server answers a request that costs nothing, while its index is made, and while somebody
            types five keys a second and asks for completions
"""


@dataclass(frozen=True, slots=True)
class Speed:
    """What was measured. Times in s for the index, in ms for the rest; memory in MB."""

    tree: str
    files: int
    megabytes: float
    lines: int
    rg_s: float | None
    cold_s: float
    cold_processor_s: float
    cold_memory: float
    index_megabytes: float
    warm_s: float
    update_ms: Spread
    context_ms: Spread
    ping_indexing_ms: Spread
    ping_typing_ms: Spread
    server_memory: float


def measure(root: Path) -> Speed:
    """Measure in a tree. Raises OSError and ValueError."""
    found = [entry for entry in walk([root]) if isinstance(entry, Found)]
    _usual(found)
    lines, rg_s = _ripgrep(root)
    with tempfile.TemporaryDirectory(prefix="fathom-bench-") as temporary:
        folder = Path(temporary, "index")
        _say("the cold index")
        with _indexer(folder, root) as (cold_s, memory, processor_s):
            pass
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        _say("the warm index, and updates")
        with _indexer(folder, root) as (warm_s, _, _):
            updates = [_update_ms(folder, root, found, number) for number in range(UPDATES)]
        _say("keys")
        context_ms = _typed(root, found)
        _say("pings")
        indexing, typing, server_memory = _pinged(root, found, Path(temporary, "cache"))
    return Speed(
        tree=str(root),
        files=len(found),
        megabytes=round(sum(each.size for each in found) / 1e6, 1),
        lines=lines,
        rg_s=rg_s,
        cold_s=round(cold_s, 1),
        cold_processor_s=round(processor_s, 1),
        cold_memory=round(memory.megabytes),
        index_megabytes=round(size / 1e6, 1),
        warm_s=round(warm_s, 2),
        update_ms=spread(updates),
        context_ms=spread(context_ms),
        ping_indexing_ms=spread(indexing),
        ping_typing_ms=spread(typing),
        server_memory=round(server_memory),
    )


def _say(what: str) -> None:
    print(f"fathom bench context: {what}", file=sys.stderr)


def _ripgrep(root: Path) -> tuple[int, float | None]:
    """The lines of all files as ripgrep counts them, and how long that takes; without it, as counted here."""
    program = shutil.which(
        "rg", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    )
    if program is None:
        _say("ripgrep is not installed (pip install 'fathom-ls[bench]'), and left out")
        files = (path for path in root.rglob("*") if path.is_file())
        return sum(path.read_bytes().count(b"\n") for path in files), None
    times, lines = [], 0
    for _ in range(3):
        began = perf_counter()
        done = subprocess.run(
            [program, "--count", "--no-filename", "", str(root)],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        times.append(perf_counter() - began)
        lines = sum(map(int, done.stdout.split()))
    return lines, round(min(times), 2)


@contextmanager
def _indexer(folder: Path, root: Path) -> Iterator[tuple[float, processes.Peak, float]]:
    """An index kept by a process: the time until it was complete, its memory and processor time till then."""
    began = monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "context.indexer", "--index", str(folder), str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        with processes.peak_of(process.pid) as peak:
            _wait_until_ready(process)
        took = monotonic() - began
        yield took, peak, sum(map(processes.processor_seconds, processes.family(process.pid)))
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()


def _wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        report = json.loads(line)
        if report["phase"] == "ready":
            drain = threading.Thread(target=process.stdout.read, daemon=True)
            drain.start()
            return
        if report["phase"] in ("failed", "shared", "missing"):
            raise ValueError(f"the index cannot be made: {report['message'] or report['phase']}")
    raise ValueError("the process that makes the index has ended")


def _usual(found: Sequence[Found]) -> list[Found]:
    """Python files of the usual size. Raises ValueError if there are none."""
    files = [each for each in found if each.language == "python" and SMALL < each.size < LARGE]
    if not files:
        raise ValueError("there are no Python files of the usual size to type in")
    return files


def _update_ms(folder: Path, root: Path, found: Sequence[Found], number: int) -> float:
    """Save a file with one definition more, and wait until it is found. The file is restored."""
    from context.index import Index

    files = _usual(found)
    path = files[(number * 7919) % len(files)].path
    name, before = f"bench_probe_{number}_{os.getpid()}", path.read_bytes()
    index = Index(folder)
    try:
        began = perf_counter()
        path.write_bytes(before + f"\n\ndef {name}():\n    return {number}\n".encode())
        while not index.named([name]).get(name):
            if perf_counter() - began > PATIENCE:
                raise ValueError(f"a change of {path.relative_to(root)} was never found in the index")
            sleep(0.001)
        return 1000 * (perf_counter() - began)
    finally:
        index.close()
        path.write_bytes(before)
        sleep(1.0)


def _typed(root: Path, found: Sequence[Found]) -> list[float]:
    """What `fathom stage context` says that each key took, but for the first in each file."""
    stage, times = Stage("--estimate"), list[float]()
    try:
        for path, text, cursor in _places(found):
            for end in range(cursor, cursor + KEYS):
                typed = text[:end] + text[text.find("\n", cursor) :]
                line, character = text.count("\n", 0, end), end - text.rfind("\n", 0, end) - 1
                place = Place(root, str(path.relative_to(root)), "python", typed, line, character)
                stage.ask(place, BUDGET)
            times += stage.milliseconds[-KEYS + 1 :]
    finally:
        stage.close()
    return times


def _places(found: Sequence[Found]) -> Iterator[tuple[Path, str, int]]:
    """Files with a place in the middle at which a long line begins, after its indentation."""
    files = _usual(found)
    step = max(1, len(files) // FILES)
    for each in files[step // 2 :: step][:FILES]:
        text = text_at(each.path)
        if not text.isascii():
            continue
        at = text.find("\n", len(text) // 2)
        while at >= 0 and len(text[at + 1 : text.find("\n", at + 1)].strip()) < KEYS:
            at = text.find("\n", at + 1)
        if at >= 0:
            line = text[at + 1 : text.find("\n", at + 1)]
            yield each.path, text, at + 1 + len(line) - len(line.lstrip())


def _pinged(root: Path, found: Sequence[Found], cache: Path) -> tuple[list[float], list[float], float]:
    """Pings of a server while it indexes and while somebody types, and its memory at last."""
    server = LanguageServer(root, {**os.environ, "XDG_CACHE_HOME": str(cache)})
    try:
        indexing = _pings_until(server, lambda: server.status.get("index", {}).get("phase") == "ready")
        _load_model(server, found)
        typing = _pings_while_typing(server, found)
        return indexing, typing, processes.memory_of(server.process.pid)
    finally:
        server.close()


def _pings_until(server: LanguageServer, done: Callable[[], bool]) -> list[float]:
    """Pings until something is true. Raises ValueError if it never is."""
    pings, end = [server.ping()], monotonic() + PATIENCE
    while not done():
        if monotonic() > end:
            raise ValueError("the server did not say that its index is complete")
        sleep(PING_SECONDS)
        pings.append(server.ping())
    return pings


def _load_model(server: LanguageServer, found: Sequence[Found]) -> None:
    """Ask for a completion until one can be had; without a model, nothing of the repository is gathered."""
    path, text, cursor = next(_places(found))
    _open(server, path, text)
    for _ in range(TRIES):
        server.ask("textDocument/inlineCompletion", _asked(path, text, cursor))
        if server.status.get("model") or server.status.get("reason") == "no-model":
            break
        sleep(1.0)
    server.tell("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})


def _pings_while_typing(server: LanguageServer, found: Sequence[Found]) -> list[float]:
    pings: list[float] = []
    for path, text, cursor in _places(found):
        _open(server, path, text[:cursor] + text[text.find("\n", cursor) :])
        for end in range(cursor + 1, cursor + KEYS + 1):
            asked = _asked(path, text, end)
            before = {**asked["position"], "character": asked["position"]["character"] - 1}
            change = {"range": {"start": before, "end": before}, "text": text[end - 1]}
            document = {"uri": path.as_uri(), "version": end}
            server.tell("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
            server.begin("textDocument/inlineCompletion", asked)
            until = monotonic() + KEY_SECONDS
            pings += _pings_until(server, partial(_is_past, until))
        server.tell("textDocument/didClose", {"textDocument": {"uri": path.as_uri()}})
    return pings


def _is_past(until: float) -> bool:
    return monotonic() >= until


def _open(server: LanguageServer, path: Path, text: str) -> None:
    document = {"uri": path.as_uri(), "languageId": "python", "version": 0, "text": text}
    server.tell("textDocument/didOpen", {"textDocument": document})


def _asked(path: Path, text: str, cursor: int) -> dict[str, Any]:
    """The parameters of a request for ghost text."""
    line, start = text.count("\n", 0, cursor), text.rfind("\n", 0, cursor) + 1
    return {
        "textDocument": {"uri": path.as_uri()},
        "position": {"line": line, "character": cursor - start},
        "context": {"triggerKind": 1},
    }


def report(speed: Speed) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        **asdict(speed),
        "cold_files_s": round(speed.files / speed.cold_s),
        "cold_megabytes_s": round(speed.megabytes / speed.cold_s, 1),
    }


def table(speed: Speed) -> Iterator[str]:
    """What people are shown."""
    from lsp_server.cli.table import lines_of

    yield f"{speed.files:,} files, {speed.megabytes:.1f} MB, {speed.lines:,} lines\n"
    rows = [("", "s", "files/s", "MB/s", "MB memory")]
    if speed.rg_s is not None:
        rows.append(("rg", f"{speed.rg_s:.2f}", *_rates(speed, speed.rg_s), ""))
    rows.append(("cold", f"{speed.cold_s:.1f}", *_rates(speed, speed.cold_s), f"{speed.cold_memory:.0f}"))
    rows.append(("warm", f"{speed.warm_s:.2f}", *_rates(speed, speed.warm_s), ""))
    yield from lines_of(rows)
    yield f"\nprocessor time of the cold index: {speed.cold_processor_s:.1f} s"
    yield f"size of the index: {speed.index_megabytes} MB"
    yield f"memory of the server at the end: {speed.server_memory:.0f} MB\n"
    spreads = (
        ("update", speed.update_ms),
        ("context", speed.context_ms),
        ("ping, indexing", speed.ping_indexing_ms),
        ("ping, typing", speed.ping_typing_ms),
    )
    head = ("ms", "mean", "p50", "p95")
    cells = [(name, f"{each.mean:.1f}", f"{each.p50:.1f}", f"{each.p95:.1f}") for name, each in spreads]
    yield from lines_of([head, *cells])


def _rates(speed: Speed, seconds: float) -> tuple[str, str]:
    seconds = max(seconds, 0.01)
    return f"{speed.files / seconds:,.0f}", f"{speed.megabytes / seconds:.1f}"
