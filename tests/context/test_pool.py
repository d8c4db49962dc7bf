"""The processes that read contents: they may crash, hang or not start, and only the one content suffers."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from context import pool as pools
from context.extract import Extract, extract
from context.pool import Job, Pool

pytestmark = pytest.mark.process

FAULTY = """
import os, sys, time
from context import pool
real = pool.extract

def extract(data, language, stem, read):
    if read is pool.parse or b"always" in data:
        if b"crash" in data:
            os.abort()
        if b"hang" in data:
            time.sleep(60)
        if b"print" in data:
            os.write(1, b"printed by a grammar")
        if b"raise" in data:
            raise RuntimeError
    return real(data, language, stem, read)

pool.extract = extract
pool.main()
"""
PARENT = """
import time
from context.pool import Job, Pool

pool = Pool(1)
list(pool.extracted([Job(b"", "python", "a", b"a = 1")]))
print(pool.pids()[0], flush=True)
time.sleep(60)
"""
FAULTY_COMMAND = (sys.executable, "-c", FAULTY)


def jobs(*texts: str) -> list[Job]:
    return [
        Job(bytes([number]), "python", f"file{number}", text.encode()) for number, text in enumerate(texts)
    ]


@pytest.fixture
def faulty() -> Iterator[Pool]:
    pool = Pool(2, FAULTY_COMMAND)
    yield pool
    pool.close()


def read(pool: Pool, *texts: str) -> list[Extract]:
    """What is read of each text, in their order."""
    found = {job.hash: extract for job, extract in pool.extracted(jobs(*texts))}
    return [found[job.hash] for job in jobs(*texts)]


def test_what_is_read_elsewhere_is_what_is_read_here() -> None:
    texts = [f"def total{number}(cart):\n    return cart.total\n" for number in range(20)]
    pool = Pool(2)
    try:
        assert read(pool, *texts) == [
            extract(text.encode(), "python", f"file{number}") for number, text in enumerate(texts)
        ]
        assert len(pool.pids()) == 2
    finally:
        pool.close()
    assert pool.pids() == []


@pytest.mark.parametrize("fault", ["crash", "raise"])
def test_a_content_that_ends_its_process_is_read_by_its_words(faulty: Pool, fault: str) -> None:
    texts = [f"def total{number}(): pass\n" for number in range(9)]
    texts[4] = f"def bad():\n    x = '''{fault}\n"
    extracts = read(faulty, *texts)
    names = [[row[1] for row in each.definitions] for each in extracts]
    assert names == [["bad"] if number == 4 else [f"total{number}"] for number in range(9)]


def test_a_content_that_never_ends_is_given_up(faulty: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "LONGEST_TIME", 0.3)
    (bad,) = read(faulty, "def bad(): 'hang'\n")
    assert [row[1] for row in bad.definitions] == ["bad"]


def test_a_content_whose_words_are_too_much_says_nothing(faulty: Pool) -> None:
    bad, good = read(faulty, "def bad(): 'crash always'\n", "def good(): pass\n")
    assert (bad.definitions, bad.length) == ([], 0)
    assert [row[1] for row in good.definitions] == ["good"]


def test_what_a_grammar_prints_does_not_get_between_the_answers(faulty: Pool) -> None:
    first, second = read(faulty, "def first(): 'print'\n", "def second(): pass\n")
    assert [row[1] for each in (first, second) for row in each.definitions] == ["first", "second"]


def test_a_process_that_is_killed_meanwhile_is_started_again() -> None:
    pool = Pool(1)
    try:
        (first,) = read(pool, "def first(): pass\n")
        (pid,) = pool.pids()
        os.kill(pid, signal.SIGKILL)
        (second,) = read(pool, "def second(): pass\n")
        assert [row[1] for each in (first, second) for row in each.definitions] == ["first", "second"]
    finally:
        pool.close()


def test_processes_are_started_as_they_are_needed_and_one_is_kept() -> None:
    pool = Pool(3)
    try:
        read(pool, "first = 1\n")
        (first,) = pool.pids()
        read(pool, *[f"def total{number}(): pass\n" * 200 for number in range(20)])
        assert len(pool.pids()) == 3
        pool.rest()
        _until(lambda: len(pool.pids()) == 1)
        (kept,) = pool.pids()
        read(pool, "last = 1\n")
        assert pool.pids() == [kept]
        read(pool, *[f"def total{number}(): pass\n" * 200 for number in range(20)])
        assert len(pool.pids()) == 3
        assert kept in pool.pids()
    finally:
        pool.close()
    assert not _runs(first)


def test_a_process_can_be_ready_before_there_is_work() -> None:
    pool = Pool(2)
    try:
        pool.prepare(["python", "rust"])
        _until(lambda: len(pool.pids()) == 1)
        ready = pool.pids()
        pool.prepare(["python"])
        read(pool, "first = 1\n")
        assert pool.pids() == ready
    finally:
        pool.close()


@pytest.mark.parametrize(("ours", "theirs"), [(0, 10), (10, 10), (15, 15)])
def test_a_process_is_nice_but_no_nicer_for_being_started_by_a_nice_one(ours: int, theirs: int) -> None:
    ours = max(ours, os.getpriority(os.PRIO_PROCESS, 0))
    pool = Pool(
        1,
        [
            shutil.which("nice") or "nice",
            "-n",
            str(ours - os.getpriority(os.PRIO_PROCESS, 0)),
            *pools.COMMAND,
        ],
    )
    try:
        read(pool, "first = 1\n")
        assert os.getpriority(os.PRIO_PROCESS, pool.pids()[0]) == max(ours, theirs)
    finally:
        pool.close()


def test_where_no_process_starts_no_content_is_blamed() -> None:
    for command in ([sys.executable, "-c", "import none"], ["/none/there"]):
        pool = Pool(2, command)
        with pytest.raises(OSError, match=r"no process|No such file"):
            read(pool, "def first(): pass\n")
        pool.close()


def test_jobs_that_are_not_wanted_any_longer_leave_nothing_behind(faulty: Pool) -> None:
    for _ in faulty.extracted(jobs(*["a = 1\n"] * 8)):
        break
    assert [row[1] for row in read(faulty, "def next(): pass\n")[0].definitions] == ["next"]


def test_the_folder_one_is_in_has_nothing_to_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "context").mkdir()
    (tmp_path / "context/__init__.py").write_text("raise SystemExit")
    (tmp_path / "json.py").write_text("raise SystemExit")
    monkeypatch.chdir(tmp_path)
    pool = Pool(1)
    try:
        assert [row[1] for row in read(pool, "def first(): pass\n")[0].definitions] == ["first"]
    finally:
        pool.close()


def test_a_process_ends_with_its_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.kill()
    _until(lambda: not _runs(child))


def _runs(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def _until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)
