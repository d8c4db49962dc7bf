"""llama.cpp's server as a peer: what it is asked, and a few keys with real weights."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from lsp_server.cli import main
from lsp_server.cli.bench.peer import request_for

LINES = "".join(f"line {number}\n" for number in range(1000))


def test_the_peer_gets_the_lines_around_the_cursor() -> None:
    cursor = LINES.index("line 500\n") + len("line")
    request = request_for(LINES, cursor, [("a.py", "text of a")])
    assert str(request["input_prefix"]).splitlines() == [f"line {number}" for number in range(244, 500)]
    assert request["prompt"] == "line"
    suffix = [" 500", *(f"line {number}" for number in range(501, 565))]
    assert str(request["input_suffix"]).splitlines() == suffix
    assert request["input_extra"] == [{"filename": "a.py", "text": "text of a"}]


def test_the_peer_begins_a_line_of_blanks_at_its_start() -> None:
    request = request_for("a\n    \nb\n", 6, [])
    assert (request["input_prefix"], request["prompt"], request["input_suffix"]) == ("a\n", "", "\nb\n")


def test_the_peer_gets_the_last_line_without_a_line_end() -> None:
    request = request_for("a\nb", 3, [])
    assert (request["input_prefix"], request["prompt"], request["input_suffix"]) == ("a\n", "b", "\n")


@pytest.mark.model
@pytest.mark.timeout(300)
@pytest.mark.skipif(find_spec("xllamacpp") is None, reason="xllamacpp is not installed")
def test_both_type_the_same_keys(default_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--keys", "6", "--tokens", "2", "--line", "8", "--peer", "llama-server", "--json"]
    assert main(["bench", "typing", *arguments, "--model", str(default_model)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["keys"] == report["peer"]["keys"] == 5
    assert report["tokens_per_key"]["mean"] <= 4
    # Behind what is typed stands the suffix, which the usual prompt reads again with every key.
    assert report["peer"]["tokens_per_key"]["mean"] > 100
    assert report["ratio_first_token_p50"] < 1
