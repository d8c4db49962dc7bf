"""What is kept of a definition, on disk and of an open document: all that a `Site` has but the path."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from context.outline import Definition, Kind

LONGEST_DOC = 300
"""Characters that are kept of a comment."""

Head = tuple[str, Kind, str, str, str, int, int, int, int, bool]
"""Name, kind, qualified name, signature, comment, start, end, start of the signature, line, has a body."""

_LINE_END = re.compile(r"\r\n?|\n")


def heads_of(definitions: Iterable[Definition], text: str) -> Iterator[Head]:
    """Yield what is kept of the definitions of a text, in their order."""
    ends = [match.end() for match in _LINE_END.finditer(text)]
    for each in definitions:
        yield (
            each.name,
            each.kind,
            each.qualified,
            each.signature,
            _short(each.doc),
            each.start,
            each.end,
            _signature_at(each, text),
            bisect_right(ends, each.name_at),
            each.body is not None,
        )


def _signature_at(definition: Definition, text: str) -> int:
    """Where the signature stands: a comment before it may say the same, so that the last place counts."""
    signature = definition.signature
    end = definition.name_at + len(signature)
    if definition.body is not None:
        end = min(end, definition.body.start)
    return max(text.rfind(signature, definition.start, end), definition.start)


def _short(doc: str) -> str:
    """The first lines of a comment."""
    if len(doc) <= LONGEST_DOC:
        return doc
    return doc[: max(doc.rfind("\n", 0, LONGEST_DOC), 0) or LONGEST_DOC].rstrip()
