"""Processes that read contents for the index, so that two cores work and a fault of a grammar ends one only.

Both ends: `Pool` here, and `python -m context.pool` over there, which answers each job on its standard input
with the rows of its content on standard output. It ends when its input does, so that none outlives its
parent, however that dies. A content that ends a process or takes too long is read once more, by its words.
"""

from __future__ import annotations

import gc
import marshal
import os
import queue
import select
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import IO, Any

from context import words
from context.extract import Extract, extract
from context.parse import parse

LONGEST_TIME = 20.0
"""Seconds for one content, on a machine that has other things to do. A megabyte of source takes one."""
NICE = 10
"""The user types meanwhile."""
COMMAND = (sys.executable, "-P", "-m", "context.pool")
"""`-P`: the folder one is in may be any, and has nothing to say here."""
READY = b"ready"
_SIZE = 4


@dataclass(frozen=True, slots=True)
class Job:
    """A content to be read."""

    hash: bytes
    language: str
    stem: str
    data: bytes


_Results = queue.SimpleQueue[tuple[Job, Extract | OSError]]


class Pool:
    """Some processes, each with a thread that waits for it. They are started when there is work for them.

    Without any, contents are read in this process, which a grammar may end then.
    """

    def __init__(self, workers: int, command: Sequence[str] = COMMAND) -> None:
        self._jobs: queue.SimpleQueue[tuple[Job, _Results] | None] = queue.SimpleQueue()
        self._workers = [_Worker(command) for _ in range(workers)]
        self._spare = list(self._workers)
        self._threads: list[threading.Thread] = []
        self._serving = 0

    def extracted(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, Extract]]:
        """Yield each job with what was read, in any order. Jobs are taken as they are needed.

        Raises OSError where no process can be started.
        """
        if not self._workers:
            yield from ((job, extract(job.data, job.language, job.stem)) for job in jobs)
            return
        results: _Results = queue.SimpleQueue()
        most, waiting = 2 * len(self._workers), 0
        try:
            for job in jobs:
                if waiting >= self._serving and self._spare:
                    self._start(self._spare.pop())
                self._jobs.put((job, results))
                waiting += 1
                while waiting >= most or (waiting and not results.empty()):
                    waiting -= 1
                    yield _result(results)
            while waiting:
                waiting -= 1
                yield _result(results)
        finally:
            for _ in range(waiting):
                results.get()

    def prepare(self, languages: Iterable[str]) -> None:
        """Have a process ready that has read these languages already: the first content takes longest."""
        if self._serving or not self._spare:
            return
        self._start(self._spare.pop())
        for language in languages:
            self._jobs.put((Job(b"", language, "", b"\n"), queue.SimpleQueue()))

    def rest(self) -> None:
        """End all processes but one, which is ready for what comes next."""
        while self._serving > 1:
            self._jobs.put(None)
            self._serving -= 1

    def close(self) -> None:
        """End all processes."""
        for _ in range(self._serving):
            self._jobs.put(None)
        self._serving = 0
        for worker in self._workers:
            worker.end()
        for thread in self._threads:
            thread.join()
        self._threads = []

    def pids(self) -> list[int]:
        """The processes that run."""
        return [pid for worker in self._workers if (pid := worker.pid())]

    def _start(self, worker: _Worker) -> None:
        self._serving += 1
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=self._serve, args=(worker,), name="read for the index", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self, worker: _Worker) -> None:
        while (wanted := self._jobs.get()) is not None:
            job, results = wanted
            try:
                results.put((job, worker.read(job)))
            except OSError as error:
                results.put((job, error))
        worker.stop()
        self._spare.append(worker)


def _result(results: _Results) -> tuple[Job, Extract]:
    job, result = results.get()
    if isinstance(result, OSError):
        raise result
    return job, result


class _Worker:
    """One process, started anew when it has died."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = False

    def read(self, job: Job) -> Extract:
        """What a content says; by its words if the parser fails, and nothing at all if these fail too.

        Raises OSError where no process can be started.
        """
        for how in ("parse", "words"):
            if (rows := self._asked(job, how)) is not None:
                return Extract(*rows)
        return extract(b"", job.language, job.stem, words.read)

    def pid(self) -> int | None:
        process = self._process
        return None if process is None or process.poll() is not None else process.pid

    def end(self) -> None:
        """End the process for good, whatever it does."""
        self._ended = True
        if (process := self._process) is not None:
            process.kill()

    def _asked(self, job: Job, how: str) -> list[Any] | None:
        if self._ended:
            return None
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            _write(process.stdin, (how, job.language, job.stem, job.data))
            waiting = select.poll()
            waiting.register(process.stdout, select.POLLIN)
            if waiting.poll(LONGEST_TIME * 1000):
                answer: list[Any] = _read(process.stdout)
                return answer
        except (OSError, EOFError, ValueError, TypeError):
            pass
        self.stop()
        return None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            # Where none can work, no content is to blame.
            if process.stdout is None or process.stdout.read(len(READY)) != READY:
                self.stop()
                raise OSError("no process can be started that reads files")
        return self._process

    def stop(self) -> None:
        """End the process and let go of it. For the thread that reads, or when there is none."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with suppress(OSError):
                    if stream is not None:
                        stream.close()


# --- over there ---


def serve(incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    """Answer jobs until there are no more."""
    while True:
        try:
            how, language, stem, data = _read(incoming)
        except EOFError:
            return
        rows = extract(data, language, stem, parse if how == "parse" else words.read)
        _write(outgoing, [getattr(rows, field.name) for field in fields(rows)])


def main() -> None:
    """Be such a process."""
    # Whoever started us may be nice already, and niceness adds up: at 19 nothing gets done on a busy machine.
    os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))
    # Most of what a parser makes lives as long as its content: there is little to look for.
    gc.set_threshold(50_000, 20, 20)
    # What a grammar prints must not get between the answers.
    wire = os.dup(1)
    os.dup2(2, 1)
    with (
        suppress(BrokenPipeError, KeyboardInterrupt),
        os.fdopen(0, "rb") as incoming,
        os.fdopen(wire, "wb") as outgoing,
    ):
        outgoing.write(READY)
        outgoing.flush()
        serve(incoming, outgoing)


def _write(stream: IO[bytes], rows: Any) -> None:
    data = marshal.dumps(rows)
    stream.write(len(data).to_bytes(_SIZE, "big") + data)
    stream.flush()


def _read(stream: IO[bytes]) -> Any:
    """Raises EOFError at the end, and ValueError for what is cut off."""
    size = stream.read(_SIZE)
    if len(size) < _SIZE:
        raise EOFError
    return marshal.loads(stream.read(int.from_bytes(size, "big")))


if __name__ == "__main__":
    main()
