"""An answer in words: what the model is shown and asked, and why there may be none."""

from __future__ import annotations

from pathlib import Path

import pytest

from context.snapshot import Workspace
from lsp_server.features.edit_options import EditOptions
from lsp_server.features.edit_request import EditRequest, NotEdited, Progress, Reading, Written
from lsp_server.features.explain import Explained, explain
from lsp_server.models.scripted import ScriptedBackend

TEXT = "import math\n\n\ndef area(r):\n    return math.pi * r * r\n\n\nprint(area(2))\n"
ANSWER = "It gives the area.\n\n```python\narea(1)\n```\n"


async def ask(
    text: str = TEXT, name: str = "shop.py", options: EditOptions | None = None, reply: str = ANSWER
) -> tuple[Explained | NotEdited, ScriptedBackend, list[Progress]]:
    workspace, path = Workspace([Path("/project")]), Path("/project") / name
    workspace.opened(path.as_uri(), path, "python", 1, text)
    start = text.find("def")
    request = EditRequest(path.as_uri(), start, start + 12, "Explain what this code does.")
    backend, heard = ScriptedBackend([reply]), list[Progress]()
    result = await explain(workspace.snapshot, backend, request, options or EditOptions(), heard.append)
    return result, backend, heard


async def test_the_model_is_shown_whole_lines_and_asked_at_the_end() -> None:
    result, backend, _ = await ask()
    assert result == Explained(ANSWER, "scripted")
    prompt = "".join(str(part) for part in backend.prompts[0])
    assert "The lines in question, 4-4 of shop.py:\n```python\ndef area(r):\n```" in prompt
    assert "import math" in prompt
    texts = [part for part in backend.prompts[0] if isinstance(part, str)]
    assert "Explain what this code does." in texts
    assert prompt.rindex("Explain what") > prompt.rindex("return math.pi")


async def test_lines_are_told_as_they_come() -> None:
    _, _, heard = await ask()
    assert isinstance(heard[0], Reading)
    lines = [line for each in heard if isinstance(each, Written) for line in each.lines]
    assert lines == ANSWER.splitlines()


@pytest.mark.parametrize(
    ("name", "options", "reply", "reason"),
    [
        (".env", EditOptions(), ANSWER, "excluded"),
        ("a.py", EditOptions(max_document_chars=3), ANSWER, "too-large"),
        ("a.py", EditOptions(), " \n", "empty"),
    ],
)
async def test_there_may_be_a_reason_for_no_answer(
    name: str, options: EditOptions, reply: str, reason: str
) -> None:
    result, _, _ = await ask(name=name, options=options, reply=reply)
    assert isinstance(result, NotEdited)
    assert result.reason == reason


async def test_lines_that_do_not_fit_into_the_window_are_not_asked_about() -> None:
    result, backend, _ = await ask(text="def " + "x" * 4_000 * 40)
    assert isinstance(result, NotEdited)
    assert result.reason == "too-long"
    assert backend.prompts == []


async def test_a_model_that_fails_is_a_reason() -> None:
    workspace = Workspace()
    workspace.opened("file:///a.py", Path("/a.py"), "python", 1, TEXT)
    request = EditRequest("file:///a.py", 0, 5, "Explain.")
    result = await explain(workspace.snapshot, ScriptedBackend([]), request, EditOptions())
    assert isinstance(result, NotEdited)
    assert result.reason == "model-failed"
