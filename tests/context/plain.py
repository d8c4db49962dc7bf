"""What edits and positions mean, on a plain string, one character after the other: slow, plainly right."""

from __future__ import annotations

from context.text import Encoding


def width(character: str, encoding: Encoding) -> int:
    """How many units a code point has; a half of a surrogate pair has what it would be written with."""
    if encoding == "utf-8":
        return len(character.encode("utf-8", "surrogatepass"))
    if encoding == "utf-16":
        return 2 if ord(character) > 0xFFFF else 1
    return 1


def lines(string: str) -> list[str]:
    """The lines with their breaks, of which the protocol knows three."""
    found, line = [], ""
    for at, character in enumerate(string):
        line += character
        if character == "\n" or (character == "\r" and string[at + 1 : at + 2] != "\n"):
            found.append(line)
            line = ""
    return [*found, line]


def offset(string: str, line: int, column: int, encoding: Encoding) -> int:
    """Where a position is: go along its line as long as whole characters fit into the column."""
    all_lines = lines(string)
    if line >= len(all_lines):
        return len(string)
    at = sum(len(before) for before in all_lines[:line])
    for character in all_lines[line].rstrip("\r\n"):
        column -= width(character, encoding)
        if column < 0:
            break
        at += 1
    return at


def position(string: str, offset: int, encoding: Encoding) -> tuple[int, int]:
    """The position of an offset; the place inside of a CRLF is taken as the place before it."""
    if string[offset - 1 : offset + 1] == "\r\n":
        offset -= 1
    before = lines(string[:offset])
    return len(before) - 1, sum(width(character, encoding) for character in before[-1])


def replaced(string: str, start: tuple[int, int], end: tuple[int, int], new: str, encoding: Encoding) -> str:
    """The string with a range replaced; a reversed one is turned round."""
    one, other = offset(string, *start, encoding), offset(string, *end, encoding)
    return string[: min(one, other)] + new + string[max(one, other) :]
