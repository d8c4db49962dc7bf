"""Where the program's log goes: stderr, and a file that only its user can read.

It never holds text of the user's files.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
import traceback
from collections.abc import Callable
from functools import partial
from logging.handlers import QueueHandler, QueueListener, RotatingFileHandler
from pathlib import Path
from typing import Literal

import platformdirs

Level = Literal["debug", "info", "warning", "error"]

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
FILE_BYTES = 1_000_000
FILES_KEPT = 2
RECORDS_WAITING = 1000
"""Records that may wait for stderr; more are written to the file alone."""
FLUSH = 0.3
"""Seconds to wait for stderr at the end."""


def log_path() -> Path:
    """The log file of this user."""
    return platformdirs.user_state_path("fathom") / "fathom.log"


def start_log(level: Level) -> Callable[[], None]:
    """Send records of at least `level` to stderr, and to the file where it can be written.

    Nobody may read our stderr, and a full pipe must not hold up the program: a thread writes there. The
    function that is returned waits for it, a moment at most; call it at the end.
    """
    formatter = _Formatter(LINE) if level != "debug" else logging.Formatter(LINE)
    waiting: queue.Queue[logging.LogRecord] = queue.Queue(RECORDS_WAITING)
    handlers: list[logging.Handler] = [QueueHandler(waiting)]
    problem = None
    try:
        handlers.append(_private_file(log_path()))
    except OSError as error:
        problem = error.strerror
    for handler in handlers:
        handler.setFormatter(formatter)
    logging.basicConfig(level=level.upper(), handlers=handlers, force=True)
    logging.raiseExceptions = False
    if problem is not None:
        logging.getLogger(__name__).warning("there is no log file: %s", problem)
    listener = QueueListener(waiting, logging.StreamHandler())
    listener.start()
    return partial(_flush, listener)


def _flush(listener: QueueListener) -> None:
    def stop() -> None:
        with contextlib.suppress(queue.Full):  # nobody reads stderr, and nothing more fits
            listener.stop()

    stopping = threading.Thread(target=stop, name="flush the log", daemon=True)
    stopping.start()
    stopping.join(FLUSH)


def _private_file(path: Path) -> logging.Handler:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return _PrivateFile(path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8", errors="replace")


class _PrivateFile(RotatingFileHandler):
    def _open(self):  # type: ignore[no-untyped-def]
        os.close(os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        Path(self.baseFilename).chmod(0o600)
        return super()._open()


class _Formatter(logging.Formatter):
    """Shows where an error came from and of which kind it is.

    Its message is left out, since it may quote a document.
    """

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info:
            kind, _, trace = record.exc_info
            frames = "".join(traceback.format_tb(trace))
            record.exc_text = f"{frames}{kind.__name__ if kind else 'unknown error'}"
        return super().format(record)
