"""From what the user calls a model to its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.models.backend import ModelError
from lsp_server.models.choose import choose
from tests.models.tiny import install, listed, tiny


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Path:
    model = tiny(name="tiny-coder")
    listed(monkeypatch, model, tiny(name="other"))
    return install(model)


def error(wanted: str) -> ModelError:
    with pytest.raises(ModelError) as refused:
        choose(wanted)
    return refused.value


@pytest.mark.parametrize("wanted", ["tiny-coder", "Tiny-Coder", "", "  "])
def test_a_name_leads_to_its_file(installed: Path, wanted: str) -> None:
    chosen = choose(wanted)
    assert (chosen.name, chosen.path) == ("tiny-coder", installed)
    assert chosen.model
    assert chosen.model.title == "Tiny"


def test_a_model_that_is_not_here_says_how_to_get_it(installed: Path) -> None:
    refused = error("other")
    assert refused.code == "no-model"
    assert "`fathom models pull other`" in str(refused)


def test_a_name_that_is_nearly_right_gets_a_hint(installed: Path) -> None:
    assert "Did you mean tiny-coder?" in str(error("tiny-codr"))


@pytest.mark.parametrize("wanted", ["/models/own.gguf", "own.gguf", "./own", "~/own.GGUF"])
def test_a_path_is_taken_as_it_is(wanted: str, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(own_home)
    chosen = choose(wanted)
    assert chosen.path.is_absolute()
    assert chosen.path.name == wanted.rpartition("/")[2]
    assert "~" not in str(chosen.path)
    assert chosen.model is None


def test_the_home_of_nobody_is_no_path() -> None:
    assert "is no path" in str(error("~no-such-user/own.gguf"))
