"""A file that the real model has not read: a small window at once, the full budget after a pause."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

import lsp_server.models.host.server as long_file
from context.snapshot import Change
from lsp_server.config import Options
from lsp_server.features.complete import Completion, Place
from lsp_server.features.completion_options import CompletionOptions
from lsp_server.models.open import open_backend
from lsp_server.session import Session, open_session
from tests.model.hosts import LINGER

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

# Small budgets, so that the test is over before it is boring; the proportions are those of the defaults.
FEW = CompletionOptions(
    wait="for-model",
    timeout_ms=120_000,
    read_ms=100,
    read_ahead_ms=1,
    max_prefix_tokens=512,
    max_suffix_tokens=128,
    max_sources_tokens=384,
    max_tokens=2,
)
FILE = Path(long_file.__file__)
TEXT = FILE.read_text(encoding="utf-8")
URI, OTHER = FILE.as_uri(), "file:///project/other.py"


async def typed(session: Session, offset: int, text: str) -> Completion:
    """Type where the cursor is, and ask for a completion behind it."""
    document = session.workspace.snapshot.documents[URI]
    at = document.text.position(offset, "utf-32")
    version = (document.version or 0) + 1
    session.workspace.changed(URI, version, [Change((at, at), text)], "utf-32")
    return await session.complete(session.workspace.snapshot, Place(URI, offset + len(text)))


async def test_the_context_grows_in_pauses_and_no_key_after_them_is_slow(default_model: Path) -> None:
    cursor = TEXT.index("    def _status(self)")
    async with open_session(Options(completion=FEW), partial(open_backend, linger=LINGER)) as session:
        session.workspace.opened(OTHER, None, "python", 1, "def other(value):\n    return value\n" * 60)
        session.workspace.opened(URI, FILE, "python", 1, TEXT)
        first = await session.complete(session.workspace.snapshot, Place(URI, cursor))
        assert first.usage.prompt <= 300
        await session.rested()
        keys = [await typed(session, cursor + at, key) for at, key in enumerate("#qz7")]
        assert min(key.usage.prompt for key in keys) > 2.5 * first.usage.prompt
        assert max(key.usage.evaluated for key in keys) <= 8
