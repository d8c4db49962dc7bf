"""Edits with the real default model: some land as they should, and what was read is read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.cli.bench.edit import figures_of, request_of
from lsp_server.cli.bench.edit_cases import EditCase, read_edit_cases
from lsp_server.features.edit_options import EditOptions
from lsp_server.features.edit_request import Edited, NotEdited, Outcome
from lsp_server.features.rewrite import rewrite
from tests.features.edits import world
from tests.model.hosts import opened

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]

CASES = read_edit_cases(Path(__file__).parents[1] / "cases/edits")
EASY = (
    "python: Type hints for a function",
    "python: A new method on a blank line",
    "python: An f-string instead of a format call",
    "typescript: An arrow function",
    "go: A field of a struct",
)


async def edited(model: Path, case: EditCase, folder: Path, instruction: str = "") -> Outcome:
    ending = {"python": "py", "typescript": "ts", "javascript": "js", "go": "go"}[case.language]
    snapshot = world(case.text, folder / f"case.{ending}", case.language)
    request = request_of(case, next(iter(snapshot.documents.values())))
    request = type(request)(request.uri, request.start, request.end, instruction or request.instruction)
    async with opened(model) as backend:
        return await rewrite(snapshot, backend, request, EditOptions())


@pytest.mark.parametrize("name", EASY)
async def test_an_easy_edit_is_right(default_model: Path, tmp_path: Path, name: str) -> None:
    case = next(case for case in CASES if case.name == name)
    outcome = await edited(default_model, case, tmp_path)
    assert isinstance(outcome, Edited), outcome
    figures = figures_of(case, outcome)
    assert (figures.right, figures.valid, figures.outside) == (True, True, 0), figures.diff


async def test_a_second_instruction_reads_only_the_instruction(default_model: Path, tmp_path: Path) -> None:
    case = next(case for case in CASES if case.name == EASY[0])
    await edited(default_model, case, tmp_path, "Add a docstring")
    outcome = await edited(default_model, case, tmp_path, "Add type hints")
    assert isinstance(outcome, (Edited, NotEdited))
    assert outcome.usage.prompt - outcome.usage.cached < 60 * outcome.tries
