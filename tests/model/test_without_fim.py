"""A real model without fill-in-the-middle tokens: it goes on from the text before, up to the text after."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from lsp_server.config import Options
from lsp_server.features.ask import ask
from lsp_server.features.complete import Place
from lsp_server.features.completion_options import CompletionOptions
from lsp_server.models.open import open_backend
from lsp_server.session import open_session

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

URI = "file:///project/count.js"
BEFORE = "const count = [\n  1,\n  2,\n  3,\n  4,\n  5,\n  6,\n"
AFTER = "\n  9,\n  10,\n];\nconsole.log(count);\n"


async def test_it_continues_the_text_before_and_ends_before_the_text_after(model_without_fim: Path) -> None:
    completion = CompletionOptions(wait="for-model", timeout_ms=120_000, read_ms=30_000)
    options = Options(model=str(model_without_fim), completion=completion)
    async with open_session(options, partial(open_backend, linger=0.0)) as session:
        info = await session.backend().info()
        assert not info.fim
        session.workspace.opened(URI, None, "javascript", 1, BEFORE + AFTER)
        snapshot = session.workspace.snapshot
        asked = await ask(snapshot, snapshot.documents[URI], len(BEFORE), "", info, completion)
        assert asked.form == "prefix"
        assert "".join(map(str, asked.prompt)) == BEFORE
        assert asked.stop == ("\nconsole.log(count);",)
        shown = await session.complete(snapshot, Place(URI, len(BEFORE)))
    assert shown.reason == "shown", shown.detail
    assert shown.text.split() == ["7,", "8,"]
