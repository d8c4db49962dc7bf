"""When changes are told, and how many become one."""

from __future__ import annotations

import threading
import time

from context.changes import LATEST, LONGEST, MANY, QUIET, STORM, STORM_LONGEST, STORM_QUIET, Changes, Pending


class Clock:
    """A time that passes when the test says so."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_file_is_told_of_after_a_short_quiet() -> None:
    clock = Clock()
    pending = Pending(clock)
    pending.file("/a")
    assert not pending.take(0)
    clock.now += QUIET
    assert pending.take(0) == Changes(frozenset({"/a"}))
    assert not pending.take(0)


def test_files_that_change_without_a_pause_are_told_of_all_the_same() -> None:
    clock = Clock()
    pending = Pending(clock)
    told_after = None
    began = clock.now
    while told_after is None:
        pending.file("/a")
        clock.now += QUIET / 2
        told_after = clock.now - began if pending.take(0) else None
    assert LONGEST <= told_after <= LONGEST + QUIET


def test_one_file_is_told_of_once_however_often_it_changed() -> None:
    clock = Clock()
    pending = Pending(clock)
    for name in ("/a", "/b", "/a"):
        pending.file(name)
    pending.folder("/new")
    clock.now += QUIET
    assert pending.take(0) == Changes(frozenset({"/a", "/b"}), frozenset({"/new"}))


def test_very_many_files_are_one_sweep_when_the_storm_is_over() -> None:
    clock = Clock()
    pending = Pending(clock)
    for number in range(STORM + 1):
        pending.file(f"/{number}")
    clock.now += QUIET
    assert not pending.take(0)
    for number in range(10_000):
        pending.file(f"/{number}")
    pending.folder("/folder")
    clock.now += STORM_QUIET
    latest = frozenset(f"/{number}" for number in range(10_000 - LATEST, 10_000))
    assert pending.take(0) == Changes(latest, sweep=MANY)
    pending.file("/after")
    clock.now += QUIET
    assert pending.take(0).files == {"/after"}


def test_a_storm_that_does_not_end_is_swept_all_the_same() -> None:
    clock = Clock()
    pending = Pending(clock)
    began = clock.now
    number = 0
    while not (sweep := pending.take(0).sweep):
        clock.now += QUIET / 20
        number += 10
        for each in range(10):
            pending.file(f"/{number + each}")
    assert sweep == MANY
    assert STORM_LONGEST <= clock.now - began <= STORM_LONGEST + LONGEST


def test_a_file_does_not_wait_for_a_sweep_that_is_wanted() -> None:
    clock = Clock()
    pending = Pending(clock)
    pending.sweep("rules")
    pending.file("/a")
    clock.now += QUIET
    assert pending.take(0) == Changes(frozenset({"/a"}))
    clock.now += STORM_QUIET
    assert pending.take(0) == Changes(sweep="rules")


def test_a_storm_is_not_forgotten_when_there_is_another_reason() -> None:
    clock = Clock()
    pending = Pending(clock)
    for number in range(STORM + 1):
        pending.file(f"/{number}")
    pending.sweep("rules")
    clock.now += STORM_QUIET
    assert pending.take(0).sweep == MANY


def test_that_events_were_lost_is_not_forgotten_in_a_storm() -> None:
    clock = Clock()
    pending = Pending(clock)
    pending.lost()
    for number in range(STORM + 1):
        pending.file(f"/{number}")
    clock.now += STORM_QUIET
    assert pending.take(0).lost
    pending.sweep("rules")
    clock.now += STORM_QUIET
    assert pending.take(0) == Changes(sweep="rules")


def test_a_hint_is_passed_on() -> None:
    clock = Clock()
    pending = Pending(clock)
    pending.hint()
    clock.now += QUIET
    assert pending.take(0) == Changes(hint=True)


def test_somebody_who_waits_gets_what_another_thread_adds() -> None:
    pending = Pending()
    adding = threading.Thread(target=pending.file, args=("/a",))
    adding.start()
    assert pending.take(5).files == {"/a"}
    adding.join()


def test_a_wait_without_changes_ends() -> None:
    began = time.monotonic()
    assert not Pending().take(0.05)
    assert time.monotonic() - began >= 0.05


def test_a_wait_can_be_ended() -> None:
    pending = Pending()
    waking = threading.Thread(target=pending.wake)
    waking.start()
    assert not pending.take(30)
    waking.join()
    pending.wake()
    pending.file("/a")
    assert not pending.take(30)
    assert pending.take(30).files == {"/a"}
