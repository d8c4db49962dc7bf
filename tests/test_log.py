"""The log: private, and silent about what the user writes."""

from __future__ import annotations

import io
import logging
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lsp_server.log import log_path, start_log


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Give the root logger back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers, logging.raiseExceptions = handlers, True
    root.setLevel(level)


def fail(level: str) -> str:
    """Log an error whose text quotes a document; returns what the file says."""
    try:
        raise ValueError("text of a document")
    except ValueError:
        logging.getLogger("sample").exception("it failed")
    return log_path().read_text()


def test_a_stderr_that_nobody_reads_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    read = threading.Event()

    class Stuck(io.StringIO):
        def write(self, text: str) -> int:
            read.wait()
            return 0

    monkeypatch.setattr("sys.stderr", Stuck())
    flush = start_log("warning")
    try:
        for number in range(2000):
            logging.getLogger("sample").warning("%d", number)
        flush()
        assert log_path().read_text().count("\n") == 2000
    finally:
        # At its end, the interpreter waits for whoever is in the middle of writing.
        read.set()


def test_the_file_is_only_for_its_user() -> None:
    start_log("warning")
    logging.getLogger("sample").warning("said")
    assert stat.S_IMODE(log_path().stat().st_mode) == 0o600
    assert "WARNING sample: said" in log_path().read_text()


def test_an_error_is_logged_with_its_place_and_kind_but_not_its_words() -> None:
    start_log("info")
    logged = fail("info")
    assert "in fail" in logged
    assert "ValueError" in logged
    assert "text of a document" not in logged.replace('raise ValueError("text of a document")', "")


def test_at_debug_the_words_are_there_as_well() -> None:
    start_log("debug")
    assert "ValueError: text of a document" in fail("debug")


def test_less_than_the_level_is_not_written() -> None:
    start_log("warning")
    logging.getLogger("sample").info("quiet")
    assert log_path().read_text() == ""


def test_without_a_place_for_the_file_stderr_is_enough(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("lsp_server.log.log_path", lambda: tmp_path / "file/fathom.log")
    flush = start_log("warning")
    logging.getLogger("sample").warning("said")
    flush()
    assert "said" in capsys.readouterr().err
