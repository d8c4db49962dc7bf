"""Imports with which an answer begins, taken to where the file imports.

A change of some lines may need an import, which a model writes where it can: at the top of its lines. Only
statements are taken away there that import and do nothing else; those that the file has already are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from context.grammars import LIKE
from context.parse import syntax_faults
from lsp_server.edits.imports import KEYWORDS, statements
from lsp_server.edits.lines import indentation
from lsp_server.edits.types import Edit
from lsp_server.features.import_block import Block, block_above
from lsp_server.features.import_names import Name, imports_of, is_used, name_of, one_by_one, with_new_names
from lsp_server.prompts.region import Region, is_import

LONGEST = 400_000
"""Characters of a document of which it is asked where it imports."""
OTHERWISE = re.compile(
    r"\b(?:no|not|don't|never|avoid|without|local|locally|lazy|lazily|inside|inline|here|within)\b[^.;]*\bimport"
    r"|\bimport\w*\b[^.;]*\b(?:local|locally|lazy|lazily|inside|inline|here|within)\b",
    re.IGNORECASE,
)
"""An instruction by which imports are to stay where the model writes them, or not to be there at all."""
_IMPORTS = re.compile(r"\bimport|\binclude|\busing\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Lifted:
    """An answer without its imports, and the edits that bring those to where they belong."""

    lines: tuple[str, ...]
    edits: tuple[Edit, ...] = ()


def lift_imports(
    text: str, language: str, start: int, here: Region, lines: Sequence[str], instruction: str
) -> Lifted:
    """The answer for a region that begins at `start`; as it is where nothing is to be lifted."""
    language = LIKE.get(language, language)
    as_it_is = Lifted(tuple(lines))
    if len(text) > LONGEST or language not in KEYWORDS or not _may_be_lifted(here, lines, instruction):
        return as_it_is
    found, rest = _leading(lines, language)
    block = block_above(text, language, start)
    if not found or not any(map(str.strip, rest)) or block is None:
        return as_it_is
    new = _new(found, "\n".join(rest), text, language, block, everything=bool(_IMPORTS.search(instruction)))
    return as_it_is if new is None else Lifted(tuple(rest), tuple(block.edits(new)))


def put_together(imports: Sequence[Edit], edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """The edits of imports and those of the lines below, of which the first may begin where those end."""
    if imports and edits and imports[-1].start == edits[0].start:
        both = Edit(edits[0].start, edits[0].end, imports[-1].text + edits[0].text)
        return (*imports[:-1], both, *edits[1:])
    return (*imports, *edits)


def _may_be_lifted(here: Region, lines: Sequence[str], instruction: str) -> bool:
    first = next((line.strip() for line in lines if line.strip()), "")
    old = next((line.strip() for line in here.lines if line.strip()), "")
    above = next((line for line in reversed(here.above) if line.strip()), "")
    # Beside an import in the same block, as in `try` and `if TYPE_CHECKING`, an import belongs there.
    among = here.indentation and indentation(above) == here.indentation and is_import(above.strip())
    return is_import(first) and not is_import(old) and not among and not OTHERWISE.search(instruction)


def _leading(lines: Sequence[str], language: str) -> tuple[list[str], list[str]]:
    """The statements that import at the start of the lines, and the lines behind them."""
    margin = indentation(next((line for line in lines if line.strip()), ""))
    source = "\n".join(line.removeprefix(margin) for line in lines)
    found, at = [], 0
    for span in statements(source, language):
        end = source.find("\n", span.end)
        end = len(source) if end < 0 else end
        if source[at : span.start].strip() or source[span.end : end].strip(" \t;"):
            break
        found.append(source[span.start : end].rstrip())
        at = end
    if syntax_faults("\n".join(found), language):
        return [], list(lines)
    rest = list(lines)[source[:at].count("\n") + 1 :] if found else list(lines)
    while rest and not rest[0].strip():
        rest = rest[1:]
    return found, rest


def _new(
    found: Iterable[str], rest: str, text: str, language: str, block: Block, *, everything: bool
) -> list[str] | None:
    """The statements that bring something that is used and not there; or all that is not there.

    None where that cannot be told apart.
    """
    there = {name for span in block.spans for name in _names(text[span.start : span.end], language)}
    words = frozenset(re.findall(r"\w+", rest))
    new = []
    for statement in (each for several in found for each in one_by_one(several, language)):
        names = _names(statement, language)
        if not (everything or is_used(statement, language, words)) or (names and names <= there):
            continue
        parted = with_new_names(statement, language, there)
        if parted is None:
            return None
        new.append(parted)
        there |= names
    return new


def _names(statement: str, language: str) -> set[Name]:
    return {name_of(each) for each in imports_of(statement, language)}
