"""Pictures of a budget of tokens in SVG: a bar by reason, and a map in which files have their areas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from lsp_server.cli.treemap import Box, divide
from lsp_server.cli.visible import in_a_line

WIDTH, HEIGHT, BAR = 1000.0, 460.0, 30.0
"""Units of the pictures, about pixels."""
HEAD = 20.0
"""The height of a file's name above its parts."""
GAP = 2.0
LETTER = 6.6
"""The width of a letter at the size that labels have."""

OPENING = re.compile(
    r"^(?:(?:abstract|async|auto|class|const|constexpr|def|default|enum|export|extern|final|fn|fun|func|function"
    r"|impl|inline|interface|internal|let|local|object|open|override|private|protected|pub(?:\([a-z]+\))?|public"
    r"|static|struct|trait|type|unsafe|val|var|virtual)\s+)*"
)
"""Words before a name that say nothing where there is little room."""

COLOURS = (
    "#7db5ec",
    "#f2a65a",
    "#74c69d",
    "#e39bc7",
    "#e6c84f",
    "#a99be8",
    "#6fc9c9",
    "#f08a8a",
    "#b3c76a",
    "#c9a98a",
    "#9fb4c7",
    "#d6a5f0",
)
"""Black text on any of these can be read, and neighbours can be told apart by their lightness too."""
OTHER = "#b5b5b5"
"""For reasons beyond those, and for what has none."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A share of the budget: what it is, how much, and where the page says more of it."""

    label: str
    tokens: int
    reason: str = ""
    says: str = ""
    """What is told of it when someone points at it."""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A file with its pieces."""

    label: str
    pieces: tuple[Piece, ...]
    link: str = ""

    @property
    def tokens(self) -> int:
        """What all pieces take."""
        return sum(piece.tokens for piece in self.pieces)


def colours_of(reasons: Sequence[str]) -> dict[str, str]:
    """A colour for each reason, the first ones most unlike each other."""
    return {reason: COLOURS[at] if at < len(COLOURS) else OTHER for at, reason in enumerate(reasons)}


def bar(pieces: Sequence[Piece], colours: Mapping[str, str], free: int) -> str:
    """A bar that is divided among pieces; what is free stays empty."""
    total = sum(piece.tokens for piece in pieces) + free
    return (
        f'<svg class="bar" viewBox="0 0 {WIDTH:g} {BAR:g}" preserveAspectRatio="none" role="img"'
        f' aria-label="{_attribute(_said(pieces, free))}">{"".join(_bar(pieces, colours, total))}</svg>'
    )


def _bar(pieces: Sequence[Piece], colours: Mapping[str, str], total: int) -> Iterator[str]:
    # Ends are rounded, not widths, so that no rounding adds up.
    at, before = 0, 0.0
    for piece in pieces:
        at += piece.tokens
        end = round(WIDTH * at / total, 3) if total else 0.0
        yield (
            f'<rect x="{before:g}" y="0" width="{end - before:.3f}" height="{BAR:g}"'
            f' fill="{colours.get(piece.reason, OTHER)}"><title>{_text(piece.says)}</title></rect>'
        )
        before = end
    yield f'<rect class="free" x="{before:g}" y="0" width="{WIDTH - before:.3f}" height="{BAR:g}"/>'


def _said(pieces: Sequence[Piece], free: int) -> str:
    return "; ".join([*(piece.says for piece in pieces), f"{free:,} tokens are free"])


def treemap(files: Sequence[Group], others: Sequence[Piece], colours: Mapping[str, str], free: int) -> str:
    """A map of the budget: a field for each file, in it one for each part; at the right what is no file's."""
    used = sum(group.tokens for group in files)
    beside = [*others, *([Piece("free", free, says=f"{free:,} tokens are free")] if free else [])]
    total = used + sum(piece.tokens for piece in beside)
    width = WIDTH * used / total if total else 0.0
    boxes = divide(Box(0, 0, width, HEIGHT), [group.tokens for group in files])
    drawn = [_group(group, box, colours) for group, box in zip(files, boxes, strict=True)]
    drawn += _beside(beside, Box(width, 0, WIDTH - width, HEIGHT))
    return (
        f'<svg class="map" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="group"'
        f' aria-label="The share of the budget that each file takes">{"".join(drawn)}</svg>'
    )


def _beside(pieces: Sequence[Piece], box: Box) -> Iterator[str]:
    """One above the other."""
    total, y = sum(piece.tokens for piece in pieces), box.y
    for piece in pieces:
        height = box.height * piece.tokens / total
        field = _inset(Box(box.x, y, box.width, height))
        kind = "free" if piece.label == "free" else "other"
        yield (
            f'<g><title>{_text(piece.says)}</title><rect class="{kind}" {_place(field)}/>'
            f"{_label(field, piece.label, f'{piece.tokens:,}')}</g>"
        )
        y += height


def _group(group: Group, box: Box, colours: Mapping[str, str]) -> str:
    """A file: its name above its parts where there is room for it."""
    outer, head = _inset(box), ""
    inner = outer
    if outer.height >= 2.5 * HEAD and outer.width >= 60:
        name = _fitting(_short(group.label, outer.width), outer.width)
        head = _linked(
            f'<rect class="head" {_place(Box(outer.x, outer.y, outer.width, HEAD))}/>'
            + _line(outer.x + 5, outer.y + 14, name, "name"),
            group.link,
            group.label,
        )
        inner = Box(outer.x, outer.y + HEAD, outer.width, outer.height - HEAD)
    fields = divide(inner, [piece.tokens for piece in group.pieces])
    drawn = "".join(_piece(piece, field, colours) for piece, field in zip(group.pieces, fields, strict=True))
    title = f"<title>{_text(group.label)}: {group.tokens:,} tokens</title>"
    return f"<g>{title}{head}{drawn}</g>"


def _piece(piece: Piece, box: Box, colours: Mapping[str, str]) -> str:
    fill = colours.get(piece.reason, OTHER)
    drawn = f'<title>{_text(piece.says)}</title><rect class="field" {_place(box)} fill="{fill}"/>' + _label(
        box, piece.label, f"{piece.tokens:,}"
    )
    return _linked(drawn, piece.link, piece.says)


def _linked(drawn: str, link: str, says: str) -> str:
    if not link:
        return f"<g>{drawn}</g>"
    return f'<a href="#{_attribute(link)}" aria-label="{_attribute(says)}">{drawn}</a>'


def _label(box: Box, label: str, below: str) -> str:
    """A label and a line below it, as far as there is room."""
    if box.width < 34 or box.height < 16:
        return ""
    if len(label) * LETTER > box.width - 10:
        label = OPENING.sub("", label, count=1)
    drawn = _line(box.x + 5, box.y + 14, _fitting(label, box.width), "label")
    if box.height >= 32:
        drawn += _line(box.x + 5, box.y + 28, below, "small")
    return drawn


def _line(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.2f}" y="{y:.2f}">{_text(text)}</text>'


def _short(path: str, width: float) -> str:
    """A path without its first folders where there is no room for them."""
    names = in_a_line(path).split("/")
    while len(names) > 1 and len("/".join(names)) * LETTER > width - 10:
        names = ["…", *names[2:]] if names[0] == "…" else ["…", *names[1:]]
        if len(names) == 2:
            break
    return "/".join(names)


def _fitting(text: str, width: float) -> str:
    text = in_a_line(text)
    most = max(1, int((width - 10) / LETTER))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _inset(box: Box) -> Box:
    gap = min(GAP, box.width / 4, box.height / 4)
    return Box(box.x + gap / 2, box.y + gap / 2, box.width - gap, box.height - gap)


def _place(box: Box) -> str:
    return f'x="{box.x:.2f}" y="{box.y:.2f}" width="{box.width:.2f}" height="{box.height:.2f}"'


def _text(text: str) -> str:
    return escape(in_a_line(text), quote=False)


def _attribute(text: str) -> str:
    return escape(in_a_line(text), quote=True)
