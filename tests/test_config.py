"""Reading settings: what is right is taken, what is wrong is named and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from lsp_server.config import OWN, Options, config_path, read_own_file, update


@dataclass(frozen=True, slots=True)
class Inner:
    count: int = 3
    share: float = 0.5

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("count is below 0")


@dataclass(frozen=True, slots=True)
class Sample:
    model: str = field(default="", metadata=OWN)
    on: bool = True
    names: tuple[str, ...] = ()
    mode: Literal["fast", "good"] = "fast"
    limit: int | None = None
    inner: Inner = field(default_factory=Inner)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"on": False}, Sample(on=False)),
        ({"names": ["a", "b"]}, Sample(names=("a", "b"))),
        ({"mode": "good"}, Sample(mode="good")),
        ({"limit": 5}, Sample(limit=5)),
        ({"limit": None}, Sample()),
        ({"inner": {"count": 1, "share": 1}}, Sample(inner=Inner(count=1, share=1.0))),
        ({"model": "mine"}, Sample(model="mine")),
        ({}, Sample()),
    ],
)
def test_what_fits_is_taken(values: dict[str, object], expected: Sample) -> None:
    assert update(Sample(), values, source="own") == (expected, [])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"on": "yes"}, "on is neither true nor false; it stays True"),
        ({"on": 1}, "on is neither true nor false"),
        ({"names": "a"}, "names is no list"),
        ({"names": [1]}, "names is no text"),
        ({"mode": "slow"}, "mode is none of fast, good"),
        ({"mode": ["fast"]}, "mode is none of fast, good"),
        ({"limit": True}, "limit is "),
        ({"inner": 3}, "inner is "),
        ({"inner": {"count": 1.5}}, "inner.count is no whole number"),
        ({"inner": {"count": -1}}, "count is below 0"),
        ({"inner": {"share": True}}, "inner.share is no number"),
        ({"of": 1}, "there is no setting of"),
        ({"inner": {"of": 1}}, "there is no setting inner.of"),
        ({"model": 3}, "model is no text"),
    ],
)
def test_what_does_not_fit_is_named_and_changes_nothing(values: dict[str, object], words: str) -> None:
    options, problems = update(Sample(), values, source="own")
    assert options == Sample()
    assert len(problems) == 1
    assert words in problems[0]


def test_a_wrong_setting_does_not_take_the_right_ones_with_it() -> None:
    options, problems = update(Sample(), {"on": False, "mode": "slow", "limit": 2}, source="own")
    assert options == Sample(on=False, limit=2)
    assert len(problems) == 1


def test_an_editor_cannot_choose_what_runs() -> None:
    options, problems = update(Sample(model="mine"), {"model": "theirs"}, source="editor")
    assert options.model == "mine"
    assert "model can only be set in" in problems[0]


def test_a_missing_file_means_the_defaults(tmp_path: Path) -> None:
    assert read_own_file(tmp_path / "none.toml") == (Options(), [])


@pytest.mark.parametrize("content", [b"x = = 1", b"\xff\xfe", b"enabled = 3"])
def test_a_broken_file_means_the_defaults_and_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    options, problems = read_own_file(path)
    assert options == Options()
    assert len(problems) == 1
    assert str(path) in problems[0]


def test_a_directory_in_place_of_the_file_means_the_defaults(tmp_path: Path) -> None:
    options, problems = read_own_file(tmp_path)
    assert options == Options()
    assert len(problems) == 1


def test_the_users_file_lies_where_the_system_keeps_settings() -> None:
    assert config_path().parts[-2:] == ("fathom", "config.toml")


# --- how a model is opened ---


def test_how_much_memory_a_model_takes_is_not_for_an_editor_to_say() -> None:
    options, problems = update(Options(), {"local": {"context": 1_048_576}}, source="editor")
    assert options == Options()
    assert "local can only be set in" in problems[0]


@pytest.mark.parametrize(
    ("local", "said"),
    [
        ({"context": 100}, "context has to be 0 or at least 2048"),
        ({"context": -1}, "context has to be 0"),
        ({"kv": "q5_0"}, "local.kv is none of auto, f16, q8_0, q4_0"),
        ({"gpu_layers": -2}, "gpu_layers has to be at least -1"),
        ({"threads": -1}, "threads is below 0"),
        ({"layers": 1}, "there is no setting local.layers"),
    ],
)
def test_what_cannot_be_set_of_a_model_keeps_its_default(local: dict[str, object], said: str) -> None:
    options, problems = update(Options(), {"local": local}, source="own")
    assert options == Options()
    assert said in problems[0]
