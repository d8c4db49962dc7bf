"""Places in public projects that the real default model fills sensibly, and what a completion costs there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from lsp_server.config import Options
from lsp_server.features.complete import Completion, Place
from lsp_server.features.completion_options import CompletionOptions
from lsp_server.models.open import open_backend
from lsp_server.session import Session, open_session
from tests.cases.reader import Case, read_cases

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

CASES = read_cases("real")

LINGER = 120.0
"""The host is shared by all tests that use the default model."""

PATIENT = CompletionOptions(wait="for-model", timeout_ms=120_000, read_ms=30_000)
"""The whole of a case is read, however slow the machine is."""


@asynccontextmanager
async def opened(options: CompletionOptions = PATIENT) -> AsyncIterator[Session]:
    async with open_session(Options(completion=options), partial(open_backend, linger=LINGER)) as session:
        yield session


async def filled(session: Session, case: Case) -> Completion:
    """What the model puts at the cursor of a case."""
    uri = f"file:///project/case.{case.language}"
    session.workspace.opened(uri, None, case.language, 1, case.text)
    return await session.complete(session.workspace.snapshot, Place(uri, len(case.before)))


def test_there_are_cases_of_public_projects_in_four_languages() -> None:
    assert {case.language for case in CASES} >= {"python", "typescript", "rust", "go"}
    assert [case.name for case in CASES if not (case.source and case.pattern)] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_the_default_model_fills_it_sensibly(default_model: Path, case: Case) -> None:
    async with opened() as session:
        completion = await filled(session, case)
    assert completion.reason == "shown", completion.detail
    assert re.search(case.pattern, completion.text), f"it said {completion.text!r}"
    assert completion.model == "qwen2.5-coder-0.5b"
