"""What the next host knows of a shortage of memory."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from lsp_server.models.host.settings import HostSettings, LocalOptions
from lsp_server.models.host.shortages import REMEMBERED, Shortages
from tests.models.gguf_writer import gguf, write


@pytest.fixture
def settings(tmp_path: Path) -> HostSettings:
    return HostSettings(str(write(tmp_path / "model.gguf", gguf())), "model")


def test_nothing_is_remembered_at_first(settings: HostSettings) -> None:
    assert Shortages.of(settings).rung() == 0


def test_the_next_host_of_the_model_begins_lower(settings: HostSettings) -> None:
    Shortages.of(settings).note(2)
    assert Shortages.of(settings).rung() == 2
    # After a fault it is started with plain code, and is short of memory all the same.
    assert Shortages.of(replace(settings, kernels="plain")).rung() == 2


def test_other_settings_or_another_file_begin_anew(settings: HostSettings) -> None:
    Shortages.of(settings).note(2)
    assert Shortages.of(replace(settings, local=LocalOptions(kv="q8_0"))).rung() == 0
    write(Path(settings.path), gguf() + bytes(32))
    assert Shortages.of(settings).rung() == 0


def test_an_old_shortage_is_forgotten(settings: HostSettings) -> None:
    shortages = Shortages.of(settings)
    shortages.note(2)
    told = json.loads(shortages.path.read_text())
    shortages.path.write_text(json.dumps({**told, "time": told["time"] - REMEMBERED}))
    assert shortages.rung() == 0


@pytest.mark.parametrize("content", ["", "null", "[]", "{}", '{"time": "x"}', '{"time": 1e999, "rung": 1}'])
def test_what_makes_no_sense_is_nothing(settings: HostSettings, content: str) -> None:
    shortages = Shortages.of(settings)
    shortages.path.write_text(content)
    assert shortages.rung() == 0


def test_a_place_that_cannot_be_written_is_no_error(settings: HostSettings) -> None:
    shortages = Shortages.of(settings)
    shortages.path.mkdir()
    shortages.note(1)
    assert shortages.rung() == 0
