"""An edit that is under way while the user types on."""

from __future__ import annotations

from pathlib import Path

from context.outline import Span
from lsp_server.edits.apply import apply
from lsp_server.edits.types import Edit, FileEdit, Refusal, file_edit
from lsp_server.features.open_edit import OpenEdit

TEXT = "a = 1\nb = 2\nc = 3\n"
EDIT = file_edit(Path("/a.py"), TEXT, [Edit(10, 11, "9")], version=1, scope=Span(6, 12))
OPEN = OpenEdit(EDIT.uri, EDIT.scope)


def test_typing_elsewhere_moves_the_edit() -> None:
    typed = OPEN.after([Edit(0, 0, "# x\n")]).after([Edit(16, 16, "c2 = 0\n")])
    assert typed.span == Span(10, 16)
    text = "# x\na = 1\nb = 2\nc2 = 0\nc = 3\n"
    landed = typed.landing(EDIT, text, 3)
    assert isinstance(landed, FileEdit)
    assert apply(landed, text, 3) == text.replace("b = 2", "b = 9")


def test_typing_inside_stops_it_for_good() -> None:
    typed = OPEN.after([Edit(8, 8, "x")]).after([Edit(8, 9, "")])
    assert typed.stopped
    landed = typed.landing(EDIT, TEXT, 3)
    assert isinstance(landed, Refusal)
    assert landed.reason == "typed-inside"


def test_nothing_typed_leaves_all_as_it_is() -> None:
    landed = OPEN.landing(EDIT, TEXT, 1)
    assert landed == EDIT
