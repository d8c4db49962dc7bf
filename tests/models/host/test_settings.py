"""What a host is started with crosses the border of the process whole."""

from __future__ import annotations

import pytest

from lsp_server.models.host.settings import HostSettings, LocalOptions, default_threads

SETTINGS = HostSettings("/m.gguf", "m", LocalOptions(32_768, "q8_0", 5, 2), kernels="plain")


def test_settings_are_the_same_on_the_other_side() -> None:
    assert HostSettings.load(SETTINGS.dump()) == SETTINGS


@pytest.mark.parametrize(
    "text", ["", "[1]", "null", '{"path": "m"}', '{"path": "m", "name": "m", "local": {"context": 1}}']
)
def test_what_is_no_settings_is_refused(text: str) -> None:
    with pytest.raises((TypeError, ValueError)):
        HostSettings.load(text)


def test_threads_are_those_that_are_set_or_all_but_one() -> None:
    assert SETTINGS.threads == 2
    assert HostSettings("/m.gguf", "m").threads == default_threads() >= 1


@pytest.mark.parametrize(
    ("own", "other", "told"),
    [
        (LocalOptions(), LocalOptions(), False),
        (LocalOptions(), LocalOptions(kv="q8_0"), True),
        (LocalOptions(threads=1), LocalOptions(threads=2), True),
    ],
)
def test_a_host_that_was_opened_with_other_settings_is_told_of(
    own: LocalOptions, other: LocalOptions, told: bool
) -> None:
    sentence = own.unlike(other.words())
    assert (other.words() in sentence) == told
    assert bool(sentence) == told
    assert own.unlike("") == ""
