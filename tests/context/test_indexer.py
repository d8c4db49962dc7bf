"""The process that keeps an index fresh, from the outside: files change, and the index says so."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from context.index import Index
from tests.context.trees import rules, write

pytestmark = pytest.mark.process

QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


class Running:
    """An indexer, and the index that it keeps."""

    def __init__(self, root: Path, log: Path) -> None:
        self.root = root
        self.log = log
        folder = root.parent / "index"
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-I", "-m", "context.indexer", "--index", str(folder), str(root)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd="/",
            )
        self.index = Index(folder)
        self._said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._reading = threading.Thread(target=self._read, name="read what it says")
        self._reading.start()

    def until_phase(self, phase: str, seconds: float = 20.0) -> dict[str, Any]:
        """The next report of this phase."""
        end = time.monotonic() + seconds
        while True:
            said = self._said.get(timeout=end - time.monotonic())
            if said["phase"] == phase:
                return said

    def until(self, is_it: Callable[[], object], seconds: float = 40.0) -> None:
        end = time.monotonic() + seconds
        while not is_it():
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.002)

    def until_names(self, *names: str) -> None:
        self.until(lambda: self.names() == {*names})

    def until_defined(self, *names: str) -> None:
        self.until(lambda: self.index.named(names).keys() == {*names})

    def names(self) -> set[str]:
        return {os.path.relpath(path, self.root) for path in self.index.paths()}

    def end(self) -> None:
        """Close its input, as the server does, and wait for its end."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            self._reading.join()
            self.process.stdout.close()
            self.index.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._said.put(json.loads(line))


@contextmanager
def running(root: Path) -> Iterator[Running]:
    found = Running(root, root.parent / "log")
    try:
        yield found
    finally:
        found.end()


def write_different(root: Path, count: int) -> None:
    """Make files of which each has to be read."""
    for number in range(count):
        define(root / f"{number}.py", f"number_{number}")


def define(path: Path, *names: str) -> None:
    path.write_text("".join(f"def {name}():\n    return 1\n" for name in names))


# --- freshness ---


def test_a_saved_file_is_soon_in_the_index(root: Path) -> None:
    define(root / "a.py", "first")
    with running(root) as found:
        found.until_phase("ready")
        found.until_defined("first")
        took = []
        for number in range(10):
            define(root / "a.py", f"saved_{number}")
            began = time.monotonic()
            found.until_defined(f"saved_{number}")
            took.append(time.monotonic() - began)
            time.sleep(0.05)
        # A busy machine makes some of them late; what it takes is measured elsewhere.
        assert sorted(took)[len(took) // 2] < 0.5
        (root / "a.py").rename(root / "b.py")
        found.until_names("b.py")
        (root / "b.py").unlink()
        found.until_names()


def test_a_path_on_its_standard_input_is_read(root: Path) -> None:
    with running(root) as found:
        found.until_phase("ready")
        assert found.process.stdin is not None
        write(root, "a.py")
        for line in (b"nonsense", b'["a"]', b'"relative.py"', json.dumps(str(root / "a.py")).encode()):
            found.process.stdin.write(line + b"\n")
        found.process.stdin.flush()
        found.until_names("a.py")


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_another_branch_with_very_many_files_is_in_the_index_a_moment_later(root: Path) -> None:
    def git(*arguments: str) -> None:
        quiet = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *quiet, *arguments], cwd=root, check=True, capture_output=True)

    git("init", "--initial-branch=one")
    names = [f"{number % 40}/{number}.py" for number in range(1200)]
    write(root, *names)
    git("add", ".")
    git("commit", "-m", "one")
    git("checkout", "-b", "two")
    for number, name in enumerate(names):
        if number % 4:
            (root / name).write_text("def on_two():\n    pass\n")
        else:
            (root / name).unlink()
    write(root, *(f"new/{number}.py" for number in range(300)))
    git("add", ".")
    git("commit", "-m", "two")
    two = {
        *(name for number, name in enumerate(names) if number % 4),
        *(f"new/{each}.py" for each in range(300)),
    }
    with running(root) as found:
        found.until_phase("ready", 60)
        found.until_names(*two)
        git("checkout", "one")
        found.until_names(*names)
        found.until(lambda: not found.index.named(["on_two"]))
        git("checkout", "two")
        found.until_names(*two)
        found.until_defined("on_two")
        define(root / "1/1.py", "saved")
        found.until_defined("saved")


@pytest.mark.skipif(not QUEUE.exists(), reason="this system has no inotify")
def test_events_that_the_system_lost_are_made_up_for(root: Path) -> None:
    many = int(QUEUE.read_text())
    if many > 50_000:
        pytest.skip("it takes too many files to make this system lose events")
    write(root, "src/a.py", "other/a.py")
    with running(root) as found:
        found.until_phase("ready")
        found.process.send_signal(signal.SIGSTOP)
        os.waitpid(found.process.pid, os.WUNTRACED)
        noise = [root / "other" / str(number) for number in (0, 1)]
        for number in range(many + 100):  # events that are alike and in a row are one: so two files in turn
            noise[number % 2].write_bytes(b"")
        write(root, "src/b.py", "src/new/c.py")
        for path in noise:
            path.unlink()
        found.process.send_signal(signal.SIGCONT)
        found.until_names("src/a.py", "other/a.py", "src/b.py", "src/new/c.py")
        assert "overflow" in found.log.read_text()
        write(root, "src/new/d.py")
        found.until(lambda: "src/new/d.py" in found.names())


# --- beginnings and ends ---


def test_it_says_how_far_it_is_and_not_too_often(root: Path) -> None:
    write_different(root, 300)
    with running(root) as found:
        began = time.monotonic()
        said = 0
        ready = None
        while ready is None:
            report = found._said.get(timeout=20)
            said += 1
            ready = report if report["phase"] == "ready" else None
        assert said <= (time.monotonic() - began) / 0.1 + 2
        assert ready["files"] == 300


def test_it_is_nice_and_keeps_the_index_to_its_user(root: Path) -> None:
    write(root, "a.py")
    with running(root) as found:
        found.until_phase("ready")
        assert os.getpriority(os.PRIO_PROCESS, found.process.pid) == 10
        assert all(path.stat().st_mode & 0o077 == 0 for path in (root.parent / "index").rglob("*"))


def test_it_ends_when_its_input_does_also_in_the_middle_of_its_work(root: Path) -> None:
    write_different(root, 2000)
    with running(root) as found:
        found.until_phase("reading")
        began = time.monotonic()
        assert found.process.stdin is not None
        found.process.stdin.close()
        assert found.process.wait(10) == 0
        assert time.monotonic() - began < 1.5


def test_a_killed_one_loses_nothing_but_time(root: Path) -> None:
    write_different(root, 700)
    with running(root) as found:
        found.until_phase("reading")
        found.process.kill()
        found.process.wait()
    with running(root) as found:
        found.until_phase("ready")
        assert len(found.names()) == 700
        define(root / "0.py", "saved")
        found.until_defined("saved")


def test_a_second_one_waits_and_takes_over_when_the_first_is_killed(root: Path) -> None:
    define(root / "a.py", "first")
    with running(root) as one:
        one.until_phase("ready")
        with running(root) as two:
            assert two.until_phase("shared")["message"] == "Another window keeps this index."
            define(root / "a.py", "second")
            two.until_defined("second")
            one.process.kill()
            one.process.wait()
            define(root / "b.py", "third")
            two.until_phase("ready")
            two.until_defined("third")
            define(root / "b.py", "fourth")
            two.until_defined("fourth")


def test_a_second_one_that_waits_ends_with_its_input(root: Path) -> None:
    with running(root) as one:
        one.until_phase("ready")
        with running(root) as two:
            two.until_phase("shared")
            began = time.monotonic()
            two.end()
            assert time.monotonic() - began < 1.5


def test_an_index_that_is_damaged_while_it_is_kept_is_made_anew(root: Path) -> None:
    define(root / "a.py", "first")
    with running(root) as found:
        found.until_phase("ready")
        shutil.rmtree(root.parent / "index")
        define(root / "b.py", "second")
        found.until_defined("first", "second")


def test_an_index_that_cannot_be_written_is_a_failure_with_a_reason(root: Path) -> None:
    (root.parent / "index").write_text("a file where a folder should be\n")
    with running(root) as found:
        failed = found.until_phase("failed")
        assert str(root.parent / "index") in failed["message"]


def test_what_a_walk_leaves_out_is_left_out_of_what_is_saved(root: Path) -> None:
    rules(root / ".gitignore", "*.log")
    with running(root) as found:
        found.until_phase("ready")
        write(root, "a.log", "b.py", ".env", "node_modules/c.js")
        found.until_names(".gitignore", "b.py")
        write(root, "a.log", "d.py")
        found.until_names(".gitignore", "b.py", "d.py")
