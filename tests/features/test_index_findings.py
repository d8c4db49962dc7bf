"""What is found about the index of a folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from context.figures import Figures
from lsp_server.features.findings import Finding
from lsp_server.features.index_findings import Indexed, index

FIGURES = Figures(12_345, 678, 5_600_000, 1_764_000_000.0, is_readable=True, is_kept=True)
INDEXED = Indexed(
    root=Path("/project"),
    folder=Path("/cache/index/0123"),
    log=Path("/state/0123.log"),
    is_wanted=True,
    refusal="",
    shelf="",
    figures=FIGURES,
    watches=1000,
    last_words="",
)
"""An index with which all is well."""


def found(name: str, **different: Any) -> Finding:
    """The one finding of this name where this is different from INDEXED."""
    (finding,) = (finding for finding in index(replace(INDEXED, **different)) if finding.name == name)
    return finding


def test_an_index_is_described_with_its_size_and_its_age() -> None:
    said = found("index").message
    assert said.startswith("/project: 12,345 files, 5.6 MB in /cache/index/0123, last changed on 2025-11-2")
    assert said.endswith("; a process keeps it fresh.")
    assert found("watches").message == "678 folders to watch, 1,000 may be."
    assert [finding.mark for finding in index(INDEXED)] == ["ok", "ok"]


def test_an_index_that_nobody_keeps_now_is_all_right() -> None:
    finding = found("index", figures=replace(FIGURES, is_kept=False))
    assert finding.mark == "ok"
    assert "whoever opens the folder brings it up to date" in finding.message


@pytest.mark.parametrize(
    ("different", "said", "advised"),
    [
        ({"figures": None}, "/project has none yet", ""),
        ({"is_wanted": False}, "suggestions know the open files only", "`index = true`"),
        ({"refusal": "It is your home directory."}, "your home directory", "Open the folder of a project."),
        ({"figures": replace(FIGURES, is_readable=False)}, "cannot be read", "made anew"),
    ],
)
def test_an_index_that_does_not_serve_is_noted_and_keeps_nothing_else_from_working(
    different: dict[str, Any], said: str, advised: str
) -> None:
    finding = found("index", **different)
    assert finding.mark == "note"
    assert said in finding.message
    assert advised in finding.advice
    assert bool(finding.advice) == bool(advised)


def test_a_cache_that_cannot_be_written_is_noted_beside_the_index() -> None:
    shelf, state, _ = index(replace(INDEXED, shelf="/cache cannot be written."))
    assert (shelf.name, shelf.mark, shelf.message) == ("index", "note", "/cache cannot be written.")
    assert state.mark == "ok"


def test_too_few_watches_are_noted_with_the_command_that_helps() -> None:
    finding = found("watches", watches=677)
    assert finding.mark == "note"
    assert "lets Fathom watch 677" in finding.message
    assert "fs.inotify.max_user_watches=524288" in finding.advice
    many = found("watches", figures=replace(FIGURES, folders=600_000))
    assert "fs.inotify.max_user_watches=1200000" in many.advice


def test_of_watches_nothing_is_said_where_the_system_has_no_limit() -> None:
    assert [finding.name for finding in index(replace(INDEXED, watches=None))] == ["index"]


def test_what_the_indexer_said_last_is_passed_on_with_the_place_of_its_log() -> None:
    finding = found("indexer", last_words="It broke.")
    assert (finding.mark, finding.advice) == ("note", "All that it said is in /state/0123.log.")
    assert "It broke." in finding.message
