"""Which models there are for a machine, and what it makes of each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lsp_server.features.offers import Here, Offer, current_model, offer_of, offers
from lsp_server.models.host.devices import Device
from lsp_server.models.memory import Memory
from lsp_server.models.speed import Processors
from tests.models.gguf_writer import gguf, write
from tests.models.tiny import install, listed, tiny

GB = 10**9
HERE = Here(Memory(16 * GB, 12 * GB), Processors(4))
LARGE = replace(tiny(name="large"), weights=8 * GB)
TINY = tiny()


@pytest.fixture(autouse=True)
def two_models(monkeypatch: pytest.MonkeyPatch) -> None:
    listed(monkeypatch, TINY, LARGE)


def with_memory(total: int | None) -> Here:
    return replace(HERE, memory=Memory(total, None))


@pytest.mark.parametrize(
    ("total", "fit", "why"),
    [
        (
            16 * GB,
            "fits",
            "It needs 8.4 GB of 16.0 GB of memory; it reads about 25 tokens a second.",
        ),
        (
            9 * GB,
            "tight",
            "It needs 8.4 GB of 9.0 GB of memory, which leaves little for anything else; it reads about 25 "
            "tokens a second.",
        ),
        (8 * GB, "no", "It needs 8.4 GB of memory, and this machine has 8.0 GB."),
        (None, None, "It needs 8.4 GB of memory, and this system does not say how much it has."),
    ],
)
def test_a_model_says_whether_it_fits_and_why(total: int | None, fit: str | None, why: str) -> None:
    offer = offer_of(LARGE, with_memory(total))
    assert (offer.fit, offer.why(with_memory(total))) == (fit, why)


def test_what_fits_onto_a_gpu_takes_nothing_of_the_memory() -> None:
    gpu = Device("Large", "GPU", 24 * GB, GB)
    assert offer_of(LARGE, Here(Memory(4 * GB, GB), Processors(4, (gpu,)))).fit == "fits"


def test_each_model_of_the_catalogue_is_offered_and_says_whether_it_is_here() -> None:
    path = install(TINY)
    first, second = offers("tiny", HERE)
    assert (first.name, first.path, first.is_default) == ("tiny", path, True)
    assert (second.name, second.path, second.is_default) == ("large", None, False)


def test_only_the_current_model_has_the_speed_that_was_measured() -> None:
    first, second = offers("large", HERE, measured=120.0)
    assert (second.rate, second.speed) == (120.0, "fast")
    assert first.rate == offer_of(TINY, HERE).rate


def test_a_file_of_the_users_own_in_use_is_offered_first(tmp_path: Path) -> None:
    path = write(tmp_path / "own.gguf", gguf())
    own, *known = offers(str(path), HERE)
    assert (own.name, own.title, own.licence, own.path) == (str(path), "Tiny", "", path)
    assert own.size == len(gguf())
    assert [offer.name for offer in known] == ["tiny", "large"]


@pytest.mark.parametrize("content", [b"", b"nothing of a model"])
def test_a_file_that_is_no_model_is_not_offered(tmp_path: Path, content: bytes) -> None:
    assert len(offers(str(write(tmp_path / "own.gguf", content)), HERE)) == 2


def test_a_script_in_use_is_offered() -> None:
    script: Offer = offers("scripted:replies.jsonl", HERE)[0]
    assert (script.name, script.speed, script.fit) == ("scripted:replies.jsonl", "fast", "fits")


def test_the_current_model_is_the_one_that_would_be_opened(tmp_path: Path) -> None:
    path = write(tmp_path / "own.gguf", gguf())
    assert current_model("") == ""
    install(TINY)
    assert (current_model(""), current_model(" TINY ")) == ("tiny", "tiny")
    assert (current_model("large"), current_model("no such")) == ("", "")
    assert current_model(str(path)) == str(path)
    assert current_model("scripted:a") == "scripted:a"
