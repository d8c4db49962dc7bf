"""A change is checked again where the user has typed elsewhere while it was made: it may not fit any more."""

from __future__ import annotations

from typing import Any

import pytest

from lsp_server.models.scripted import ScriptedBackend
from tests.protocol.author import ALL, TEXT, URI, Author, begun, gated, open_author

NEW = 'def area(r):\n    """Say."""\n    return math.pi * r * r\n'
BODY = "def area(r):\n    return math.pi * r * r\n"
ANNOTATIONS: dict[str, Any] = {
    **ALL,
    "workspace": {
        "applyEdit": True,
        "workspaceEdit": {"documentChanges": True, "changeAnnotationSupport": {}},
    },
}
APPLY, CANCEL = {"title": "Apply"}, {"title": "Cancel"}
QUOTED = TEXT.replace(BODY, f'"""\n{BODY}"""\n')


def comment_out(author: Author) -> None:
    """Put the function into quotes: what has quotes of its own does not fit there."""
    author.type(5, 0, 5, 0, '"""\n')
    author.type(3, 0, 3, 0, '"""\n')
    assert author.text() == QUOTED


@pytest.mark.parametrize("answer", [APPLY, CANCEL])
async def test_a_syntax_error_that_comes_of_what_was_typed_elsewhere_is_asked_about(
    answer: dict[str, str],
) -> None:
    gate, backend = gated(f"{NEW}```")
    async with open_author(backend) as author:
        await author.start()
        author.answers_to["window/showMessageRequest"] = answer
        await begun(author, backend, gate)
        comment_out(author)
        gate.set()
        await author.rest()
        (asked,) = author.sent("window/showMessageRequest")
        assert "syntax error" in asked["message"]
        applied = answer == APPLY
        assert author.text() == (QUOTED.replace(BODY, NEW) if applied else QUOTED)
        assert author.ending() == (("applied", None) if applied else ("refused", "declined"))


async def test_a_client_with_annotations_asks_by_them() -> None:
    gate, backend = gated(f"{NEW}```")
    async with open_author(backend) as author:
        await author.start(ANNOTATIONS)
        await begun(author, backend, gate)
        comment_out(author)
        gate.set()
        await author.rest()
        (sent,) = author.sent("workspace/applyEdit")
        (annotation,) = sent["edit"]["changeAnnotations"].values()
        assert annotation["needsConfirmation"]
        assert "syntax error" in annotation["description"]


async def test_what_fits_as_well_as_before_is_not_asked_about() -> None:
    gate, backend = gated(f"{NEW}```")
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        author.type(0, 0, 0, 0, "def broken(:\n")
        gate.set()
        await author.rest()
        assert author.sent("window/showMessageRequest") == []
        assert author.text() == "def broken(:\n" + TEXT.replace(BODY, NEW)


async def test_a_doubt_that_is_gone_is_not_asked_about() -> None:
    gate, backend = gated(f"{NEW}```")
    async with open_author(backend) as author:
        await author.start()
        author.open(QUOTED)
        await author.act("simplify", (4, 0, 6, 0))
        await author.until_asked("fathom/edit")
        author.type(6, 0, 7, 0, "")
        author.type(3, 0, 4, 0, "")
        gate.set()
        await author.rest()
        assert author.sent("window/showMessageRequest") == []
        assert author.text() == TEXT.replace(BODY, NEW)


async def test_lines_that_may_go_may_still_go() -> None:
    text = "def f():\n    a()\n    b()\n    c()\n    d()\n    e()\n"
    gate, backend = gated("def f():\n    a()\n```")
    async with open_author(backend) as author:
        await author.start()
        author.open(text)
        await author.act("simplify", (0, 0, 6, 0))
        await author.until_asked("fathom/edit")
        author.type(6, 0, 6, 0, "\n\nx = 1\n")
        gate.set()
        await author.rest()
        assert author.sent("window/showMessageRequest") == []
        assert author.text() == "def f():\n    a()\n\n\nx = 1\n"


async def test_what_was_typed_right_before_the_change_arrived_is_looked_at_before_the_second_time() -> None:
    async with open_author(ScriptedBackend([f"{NEW}```"])) as author:
        await author.start()
        author.answers_to["window/showMessageRequest"] = CANCEL
        author.before_applying = [(3, 0, 3, 0, 'notes = """\n')]
        text = TEXT + '# """\n'
        author.open(text)
        await author.act("simplify")
        await author.rest()
        assert len(author.sent("workspace/applyEdit")) == 1
        assert "syntax error" in author.sent("window/showMessageRequest")[0]["message"]
        assert author.ending() == ("refused", "declined")
        assert author.text() == text.replace("def area", 'notes = """\ndef area')


async def test_what_is_typed_while_the_user_is_asked_is_looked_at_and_the_same_is_not_asked_twice() -> None:
    gate, backend = gated(f"{NEW}```")
    async with open_author(backend) as author:
        await author.start()
        await begun(author, backend, gate)
        comment_out(author)
        gate.set()
        asked = await author.until_asked("window/showMessageRequest")
        author.type(0, 0, 0, 0, "# new\n")
        author.receive(id=asked["id"], result=APPLY)
        await author.rest()
        assert len(author.sent("window/showMessageRequest")) == 1
        assert author.text() == "# new\n" + QUOTED.replace(BODY, NEW)
        (sent,) = author.sent("workspace/applyEdit")
        assert sent["edit"]["documentChanges"][0]["textDocument"] == {"uri": URI, "version": 4}
