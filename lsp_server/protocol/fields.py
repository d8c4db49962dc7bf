"""Reading parameters that clients do not always get right: a wrong part must not cost the whole message.

`initialize` and the document notifications are read with this. All others are structured strictly, since
they can be refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def pick(value: object, *path: str) -> object:
    """What lies at a path of keys; None if anything on the way is missing or no object."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def pick_text(value: object, *path: str) -> str | None:
    found = pick(value, *path)
    return found if isinstance(found, str) else None


def pick_integer(value: object, *path: str) -> int | None:
    found = pick(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def pick_list(value: object, *path: str) -> Iterator[object]:
    """The items of a list; none if there is no list."""
    found = pick(value, *path)
    yield from found if isinstance(found, list) else ()
