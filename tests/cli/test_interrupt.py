"""Ctrl-C in the middle of libraries that swallow it."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress

import pytest

from lsp_server.cli.interrupt import insisting


@pytest.fixture
def never() -> threading.Event:
    return threading.Event()


def swallow_one_and_wait(never: threading.Event) -> None:
    """What a library may do: lose an interrupt, and wait on."""
    with suppress(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        never.wait(10)
    never.wait(10)


def test_an_interrupt_that_was_swallowed_comes_again(never: threading.Event) -> None:
    with pytest.raises(KeyboardInterrupt), insisting():
        swallow_one_and_wait(never)


def test_afterwards_all_is_as_it_was(never: threading.Event) -> None:
    before = signal.getsignal(signal.SIGINT)
    with insisting():
        pass
    assert signal.getsignal(signal.SIGINT) == before
    with suppress(KeyboardInterrupt), insisting():
        os.kill(os.getpid(), signal.SIGINT)
        never.wait(10)
    assert signal.getsignal(signal.SIGINT) == before
    assert not never.wait(0.7)  # nobody insists any longer
