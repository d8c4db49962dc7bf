"""Having a model here: what is missing is fetched, and how far that is becomes the state of a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.models.backend import ModelError, ModelState
from lsp_server.models.fetch import Progress
from lsp_server.models.obtain import States, fetched, obtain
from tests.models.gguf_writer import gguf, write
from tests.models.tiny import Heard, install, listed, put, tiny, tiny_file

TINY = tiny()


@pytest.fixture(autouse=True)
def one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    listed(monkeypatch, TINY)


def test_a_model_that_is_here_is_not_fetched() -> None:
    install(TINY)
    heard = Heard()
    assert fetched(" Tiny ", heard) == "tiny"
    assert heard.reports == []


def test_a_file_of_the_users_own_is_looked_at(tmp_path: Path) -> None:
    path = write(tmp_path / "own.gguf", gguf())
    assert fetched(str(path), Heard()) == str(path)
    with pytest.raises(ModelError, match=r"broken\.gguf"):
        fetched(str(write(tmp_path / "broken.gguf", b"x")), Heard())


def test_a_name_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ModelError, match=r"No model is called 'tinny'\. Did you mean tiny"):
        fetched("tinny", Heard())


def test_a_script_is_read(tmp_path: Path) -> None:
    name = f"scripted:{write(tmp_path / 'replies.txt', b'x')}"
    assert fetched(name, Heard()) == name
    with pytest.raises(ModelError, match="cannot be read"):
        fetched("scripted:/no/such/file", Heard())


async def test_of_a_file_that_is_adopted_it_is_told_until_it_is_over() -> None:
    put(TINY)
    told: list[ModelState | None] = []
    assert await obtain("tiny", told.append) == "tiny"
    assert told == [ModelState("downloading", message="tiny is being verified."), None]


async def test_nothing_is_told_of_a_model_that_is_here() -> None:
    install(TINY)
    told: list[ModelState | None] = []
    await obtain("tiny", told.append)
    assert told == []


def test_each_percent_is_told_once_and_over_all_files(monkeypatch: pytest.MonkeyPatch) -> None:
    listed(monkeypatch, tiny(tiny_file(bytes(600)), tiny_file(bytes(400), name="second.gguf")))
    told: list[ModelState] = []
    states = States("tiny", told.append)
    for done in (0, 5, 300, 600):
        states(Progress("fetching", "the hub", done, 600))
    states(Progress("verifying", "tiny.gguf", 600, 600))
    for done in (0, 400):
        states(Progress("fetching", "the hub", done, 400))
    states(Progress("note", "Something is said once."))
    assert [state.percent for state in told] == [0, 30, 60, None, 60, 100, None]
    assert [state.message for state in told][-4:] == [
        "tiny is being verified.",
        "tiny is being downloaded.",
        "tiny is being downloaded.",
        "Something is said once.",
    ]
    assert {state.phase for state in told} == {"downloading"}


def test_a_source_that_breaks_off_is_not_counted_twice() -> None:
    told: list[ModelState] = []
    states = States("own", told.append)
    for done in (50, 0, 20):
        states(Progress("fetching", "a source", done, 100))
    assert [state.percent for state in told] == [50, 0, 20]
