"""A page that shows what would stand in a prompt: the budget as a picture, the parts, the text.

One file that needs no network and runs nothing. What comes from a repository is escaped, and its invisible
characters are spelled out, so that a page says what is there, whatever a file tries to make of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from context.pack import Packed, Part, Section
from lsp_server.cli.context_picture import OTHER, Group, Piece, bar, colours_of, treemap
from lsp_server.cli.context_style import STYLE
from lsp_server.cli.visible import in_a_line, visible

MOST_OPEN = 40
"""Files whose text is shown at once; with more all are folded."""
LONGEST = 120
"""Characters of a part's first line that are shown in the table."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Nothing is fetched and no script is run, even if one should get into the page."""
MARKS = "paths and marks"
"""What stands between the parts of a prompt."""


@dataclass(frozen=True, slots=True)
class Place:
    """What was asked for: a place in a file, and how the answer was made."""

    path: str
    line: int
    column: int
    """Both count from 1."""
    purpose: str = "fill"
    root: str = ""
    around: tuple[str, str] = ("", "")
    """Some lines before and after the place."""
    is_exact: bool = True
    """Whether the model has counted the tokens."""
    lines: Mapping[tuple[str, int, int], tuple[int, int]] = field(default_factory=dict)
    """The first and the last line of each part, by its path, start and end."""

    def lines_of(self, part: Part) -> str:
        """The lines of a part, for people: "12" or "12–20"."""
        first, last = self.lines.get((part.path, part.start, part.end), (0, 0))
        return "" if not first else f"{first}" if first == last else f"{first}–{last}"


@dataclass(frozen=True, slots=True)
class _Shown:
    """A part with its section's path, the number in its links, and its text as it stands in the prompt."""

    number: int
    path: str
    part: Part
    text: str
    lines: str

    @property
    def where(self) -> str:
        return f"{self.path}:{self.lines}" if self.lines else self.path

    @property
    def first_line(self) -> str:
        return next((line.strip() for line in self.text.splitlines() if line.strip()), "")[:LONGEST]


def page(packed: Packed, place: Place) -> str:
    """The page, as HTML."""
    files = _shown(packed, place)
    parts = [shown for _, shown_parts in files for shown in shown_parts]
    reasons = Counter[str]()
    for shown in parts:
        reasons[shown.part.reason] += shown.part.tokens
    colours = colours_of([reason for reason, _ in reasons.most_common()])
    where = f"{place.path}:{place.line}:{place.column}"
    body = "".join(
        (
            _head(packed, place, where),
            _budget(packed, reasons, colours),
            _map(packed, files, colours),
            _table(parts, colours),
            _texts(files, colours),
        )
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{_text(where)} – Fathom</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )


def _shown(packed: Packed, place: Place) -> list[tuple[Section, list[_Shown]]]:
    files, number = [], 0
    for section in packed.sections:
        shown, at = [], 0
        for part in section.parts:
            number += 1
            # Where parts overlap, the later one stands there without what the earlier one says.
            text = part.text[max(0, at - part.start) :]
            at = max(at, part.end)
            shown.append(_Shown(number, section.path, part, text, place.lines_of(part)))
        files.append((section, shown))
    return files


def _head(packed: Packed, place: Place, where: str) -> str:
    about = "" if place.is_exact else "about "
    count = sum(len(section.parts) for section in packed.sections)
    facts = (
        f"<b>{about}{packed.tokens:,}</b> of {packed.budget:,} tokens",
        f"{count:,} {'part' if count == 1 else 'parts'}",
        f"{len(packed.sections):,} {'file' if len(packed.sections) == 1 else 'files'}",
        f"purpose: {_text(place.purpose)}",
        *([f"in <bdi>{_text(place.root)}</bdi>"] if place.root else []),
    )
    before, after = (escape(visible(text.replace("\r\n", "\n"))) for text in place.around)
    cursor = '<span class="cursor" role="img" aria-label="the place"></span>'
    around = f'<pre class="around" tabindex="0">\n{before}{cursor}{after}</pre>\n' if before + after else ""
    return (
        f"<header>\n<p>What the model is shown of other files at</p>\n<h1><bdi>{_text(where)}</bdi></h1>\n"
        f'<p class="facts">{" · ".join(facts)}</p>\n{around}</header>\n'
    )


def _free(packed: Packed) -> int:
    return max(0, packed.budget - max(packed.tokens, sum(part.tokens for part in packed.parts)))


def _marks(packed: Packed) -> list[Piece]:
    """What of the budget goes to none of the parts."""
    tokens = packed.tokens - sum(part.tokens for part in packed.parts)
    return [Piece(MARKS, tokens, says=f"{MARKS}: {tokens:,} tokens")] if tokens > 0 else []


def _budget(packed: Packed, reasons: Counter[str], colours: Mapping[str, str]) -> str:
    pieces = [
        Piece(reason, tokens, reason, f"{reason}: {tokens:,} tokens")
        for reason, tokens in reasons.most_common()
    ] + _marks(packed)
    free = _free(packed)
    total = sum(piece.tokens for piece in pieces) + free
    entries = [_entry(piece.label, piece.tokens, total, colours.get(piece.reason, OTHER)) for piece in pieces]
    entries.append(_entry("free", free, total, ""))
    return (
        "<section>\n<h2>Why: the budget by reason</h2>\n"
        f'{bar(pieces, colours, free)}\n<ul class="legend">\n{"".join(entries)}</ul>\n</section>\n'
    )


def _entry(label: str, tokens: int, total: int, colour: str) -> str:
    share = 100 * tokens / total if total else 0.0
    return f"<li>{_swatch(colour)}{_text(label)} <span>{tokens:,} · {share:.1f} %</span></li>\n"


def _swatch(colour: str) -> str:
    fill = f'fill="{colour}"' if colour else 'class="free"'
    drawn = f'<rect width="12" height="12" {fill}/>'
    return f'<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true">{drawn}</svg>'


def _map(packed: Packed, files: Sequence[tuple[Section, list[_Shown]]], colours: Mapping[str, str]) -> str:
    groups = [
        Group(
            section.path,
            tuple(
                Piece(
                    shown.first_line,
                    shown.part.tokens,
                    shown.part.reason,
                    _told(shown),
                    f"part-{shown.number}",
                )
                for shown in parts
            ),
            f"part-{parts[0].number}",
        )
        for section, parts in files
        if parts
    ]
    if not groups:
        return ""
    drawn = treemap(groups, _marks(packed), colours, _free(packed))
    return f"<section>\n<h2>What: the budget by file</h2>\n{drawn}\n</section>\n"


def _told(shown: _Shown) -> str:
    part = shown.part
    return f"{shown.where}: {part.reason}, {part.tokens:,} tokens, score {part.score:.2f}"


def _table(parts: Sequence[_Shown], colours: Mapping[str, str]) -> str:
    if not parts:
        return "<section>\n<h2>Parts</h2>\n<p>No other file has anything to say here.</p>\n</section>\n"
    rows = "".join(
        f'<tr><td class="number">{shown.part.score:.2f}</td><td class="number">{shown.part.tokens:,}</td>'
        f"<td>{_swatch(colours.get(shown.part.reason, OTHER))}{_text(shown.part.reason)}</td>"
        f'<td><a href="#part-{shown.number}"><bdi>{_text(shown.where)}</bdi></a></td>'
        f"<td><code><bdi>{_text(shown.first_line)}</bdi></code></td></tr>\n"
        for shown in sorted(parts, key=lambda shown: (-shown.part.score, shown.number))
    )
    return (
        '<section>\n<h2>Parts, the best first</h2>\n<div class="scroll" tabindex="0">\n<table>\n<thead><tr>'
        '<th class="number" scope="col">Score</th><th class="number" scope="col">Tokens</th>'
        '<th scope="col">Reason</th><th scope="col">Place</th><th scope="col">Begins with</th></tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table>\n</div>\n</section>\n"
    )


def _texts(files: Sequence[tuple[Section, list[_Shown]]], colours: Mapping[str, str]) -> str:
    if not files:
        return ""
    opened = " open" if len(files) <= MOST_OPEN else ""
    texts = "".join(
        f"<details{opened}>\n<summary><bdi>{_text(section.path)}</bdi>"
        f" <span>{sum(shown.part.tokens for shown in parts):,} tokens</span></summary>\n"
        f"{''.join(_in_order(section, parts, colours))}</details>\n"
        for section, parts in files
    )
    return f"<section>\n<h2>Text, in the order of the prompt</h2>\n{texts}</section>\n"


def _in_order(section: Section, parts: Sequence[_Shown], colours: Mapping[str, str]) -> Iterator[str]:
    if not parts:
        yield f'<pre tabindex="0">{_block(section.text)}</pre>\n'
    for shown in parts:
        lines = (
            f"lines {shown.lines} · "
            if "–" in shown.lines
            else f"line {shown.lines} · "
            if shown.lines
            else ""
        )
        yield (
            f'<div class="part" id="part-{shown.number}">'
            f'<pre tabindex="0">{_block(shown.text)}</pre>\n'
            f"<p>{_swatch(colours.get(shown.part.reason, OTHER))}{_text(shown.part.reason)}"
            f" <span>{lines}{shown.part.tokens:,} tokens · score {shown.part.score:.2f}</span></p></div>\n"
        )


def _text(text: str) -> str:
    return escape(in_a_line(text), quote=True)


def _block(text: str) -> str:
    # A line break at the start of <pre> would be swallowed.
    return "\n" + escape(visible(text.replace("\r\n", "\n")), quote=True)
