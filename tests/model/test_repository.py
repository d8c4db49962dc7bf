"""What the default model can do because it is shown other files of a real project: of this repository.

Each case is a new file that needs what another file defines. Without the repository the model has to guess.
It is this repository as it was on one day, kept beside the cases: what a small model says at a close call
changes with every file that is added, and the cases are about finding, not about luck.
"""

from __future__ import annotations

import re
import tarfile
from functools import partial
from pathlib import Path

import pytest

from context.indexing import sweep
from lsp_server.config import Options
from lsp_server.features.complete import Place
from lsp_server.features.completion_options import CompletionOptions
from lsp_server.features.repository import IndexedRoot
from lsp_server.models.open import open_backend
from lsp_server.session import open_session
from tests.cases.reader import Case, read_cases

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

CASES = read_cases("repository")
REPOSITORY = Path(__file__).parents[1] / "cases/repository/fathom.tar.xz"
"""Our packages as of 25 November 2026; no model can have learned them."""
PATIENT = CompletionOptions(
    wait="for-model",
    timeout_ms=120_000,
    read_ms=30_000,
    read_ahead_ms=0,
    max_sources_tokens=1024,
    max_tokens=32,
    max_lines=1,
)
LINGER = 120.0
"""The host is shared by all tests that use the default model."""


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> IndexedRoot:
    """The packages, without these tests, which hold the answers."""
    folder = tmp_path_factory.mktemp("repository")
    root = folder / "fathom"
    with tarfile.open(REPOSITORY) as archive:
        archive.extractall(root, filter="data")
    sweep([root], folder / "index")
    return IndexedRoot(root, root, folder / "index")


async def said(case: Case, root: Path, *indexes: IndexedRoot) -> str:
    """What the model puts at the cursor of a case in a new file."""
    options = Options(completion=PATIENT, index=False)
    async with open_session(options, partial(open_backend, linger=LINGER)) as session:
        path = root / "lsp_server" / "new.py"
        session.workspace.moved([root])
        session.repositories.use(indexes)
        session.workspace.opened(path.as_uri(), path, case.language, 1, case.text)
        completion = await session.complete(
            session.workspace.snapshot, Place(path.as_uri(), len(case.before))
        )
    return completion.text


def test_there_are_ten_cases(indexed: IndexedRoot) -> None:
    assert len(CASES) == 10
    assert [case.name for case in CASES if not (indexed.root / case.source).is_file()] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_the_repository_makes_the_difference(
    default_model: Path, indexed: IndexedRoot, case: Case
) -> None:
    with_it, without = await said(case, indexed.root, indexed), await said(case, indexed.root)
    assert re.search(case.pattern, with_it), f"it said {with_it!r}"
    assert not re.search(case.pattern, without), f"it said {without!r} without the repository"
