"""Definitions that only a diagnostic names, in the prompts of quick fixes and of suggestions beside it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from context.complaints import Complaint
from context.indexing import sweep
from lsp_server.features.edit_options import EditOptions
from lsp_server.features.edit_request import Diagnostic, EditRequest, Progress, Reading
from lsp_server.features.repository import IndexedRoot, Repositories
from lsp_server.features.rewrite import rewrite
from lsp_server.models.scripted import ScriptedBackend
from lsp_server.prompts.fim import Source
from tests.context.places import CURSOR, write
from tests.features.test_repository import ROOM, seen, text_of

ZEBRA = "def zebra_stripes(count):\n    return '|' * count\n"
FILLER = "".join(
    f"\n\ndef word_{number}(text, number):\n    return text * {number}\n" for number in range(60)
)
MAIN = f"def draw(width):\n    return pattern(width)\n{CURSOR}\n" + 20 * "\n" + "done = 1\n"
MESSAGE = "No overload of `zebra_stripes` takes that"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    write(root, {"far/animals.py": FILLER + ZEBRA, "main.py": MAIN})
    sweep([root], tmp_path / "index", workers=0)
    return root


@pytest.fixture
async def repositories(root: Path) -> AsyncIterator[Repositories]:
    found = Repositories(patience=30.0)
    found.use([IndexedRoot(root, root, root.parent / "index")])
    yield found
    found.close()


async def sources_of_edit(
    repositories: Repositories, root: Path, diagnostics: tuple[Diagnostic, ...]
) -> tuple[Source, ...]:
    snapshot, document, _ = seen(root, "main.py", MAIN)
    start = document.text.string.index("pattern")
    request = EditRequest(document.uri, start, start + 7, "Fix it", diagnostics=diagnostics)
    told: list[Progress] = []
    backend, options = ScriptedBackend(["```\n    return 1\n```"]), EditOptions(max_sources_tokens=300)
    await rewrite(snapshot, backend, request, options, repositories.for_edit, told.append)
    (reading,) = [each for each in told if isinstance(each, Reading)][:1]
    assert reading.task is not None
    return reading.task.sources


async def test_a_quick_fix_has_the_definition_that_only_the_message_names(
    repositories: Repositories, root: Path
) -> None:
    at = MAIN.index("pattern")
    assert ZEBRA not in text_of(await sources_of_edit(repositories, root, ()))
    sources = await sources_of_edit(repositories, root, (Diagnostic(at, at + 7, MESSAGE),))
    assert ZEBRA in text_of(sources)
    (source,) = [each for each in sources if ZEBRA in each.text]
    reasons = {part.reason for part in repositories.parts_of(source) if part.text in ZEBRA}
    assert reasons == {"named in a diagnostic"}


async def test_what_is_said_of_other_lines_is_no_reason(repositories: Repositories, root: Path) -> None:
    end = len(MAIN) - 2
    sources = await sources_of_edit(repositories, root, (Diagnostic(end - 5, end, MESSAGE),))
    assert ZEBRA not in text_of(sources)


@pytest.mark.parametrize(("line", "is_shown"), [(1, True), (5, True), (6, False)])
async def test_a_suggestion_has_it_within_a_few_lines_of_the_cursor(
    repositories: Repositories, root: Path, line: int, is_shown: bool
) -> None:
    snapshot, document, cursor = seen(root, "main.py", MAIN)
    complaints = {document.uri: (Complaint(line, line, MESSAGE),)}
    snapshot = replace(snapshot, complaints=complaints)
    sources = await repositories.sources(snapshot, document, cursor, 600, ())
    assert ("def zebra_stripes" in text_of(sources)) == is_shown


async def test_what_is_said_is_seen_without_a_key(repositories: Repositories, root: Path) -> None:
    snapshot, document, cursor = seen(root, "main.py", MAIN)
    before = await repositories.sources(snapshot, document, cursor, ROOM // 8, ())
    complaints = {document.uri: (Complaint(1, 1, MESSAGE),)}
    told = replace(snapshot, complaints=complaints)
    after = await repositories.sources(told, document, cursor, ROOM // 8, ())
    assert "def zebra_stripes" in text_of(after)
    assert await repositories.sources(snapshot, document, cursor, ROOM // 8, ()) == before
