"""Ctrl-C that is heard: libraries swallow a KeyboardInterrupt that reaches them at a bad moment."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

AGAIN = 0.5
"""Seconds from one KeyboardInterrupt to the next, as long as nobody has heard it."""


@contextmanager
def insisting() -> Iterator[None]:
    """Raise KeyboardInterrupt at Ctrl-C again and again, until it has left the `with`. Main thread only."""
    main, heard = threading.get_ident(), threading.Event()

    def insist() -> None:
        while not heard.wait(AGAIN):
            signal.pthread_kill(main, signal.SIGINT)

    def interrupt(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Thread(target=insist, name="insist on ctrl-c", daemon=True).start()
        raise KeyboardInterrupt

    if not hasattr(signal, "pthread_kill"):  # Windows
        yield
        return
    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        heard.set()
        signal.signal(signal.SIGINT, before)
