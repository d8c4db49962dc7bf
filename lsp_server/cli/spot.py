"""A place as the user names it on the command line: FILE:LINE:COL."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file. Line and column count from 1, in characters."""

    path: Path
    line: int
    column: int


class UnreadableError(Exception):
    """What is wrong with a file, as a sentence for the user."""


def spot_of(text: str) -> Spot:
    """Read FILE:LINE:COL; for argparse, whose error it raises."""
    name, *numbers = text.rsplit(":", 2)
    if not name or len(numbers) != 2 or not all(number.isdecimal() for number in numbers):
        raise argparse.ArgumentTypeError(f"{text!r} is not FILE:LINE:COL, such as src/app.py:12:5")
    line, column = map(int, numbers)
    if line < 1 or column < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: line and column count from 1")
    return Spot(Path(name), line, column)


def read(path: Path) -> str:
    """The text of a file. Raises UnreadableError."""
    if path.is_dir():
        raise UnreadableError(f"{path} is a directory; name a file in it.")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UnreadableError(f"there is no file {path}.") from None
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(f"{path} is no UTF-8 text (byte {error.start}).") from error
    if "\0" in text:
        raise UnreadableError(f"{path} is a binary file.")
    return text


def root_of(path: Path) -> Path:
    """The folder of the repository that a file belongs to; its own folder if there is none."""
    return next((folder for folder in path.parents if (folder / ".git").exists()), path.parent)
