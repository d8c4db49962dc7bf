"""`fathom bench sync` on documents that are short enough for a test; no time is judged here."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lsp_server.cli import main
from lsp_server.cli.bench.sync import document, edits, places


def bench(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["bench", "sync", *arguments]) == 0
    return capsys.readouterr().out


def test_the_json_has_every_place_and_what_was_measured(capsys: pytest.CaptureFixture[str]) -> None:
    answer: dict[str, Any] = json.loads(bench(capsys, "--json", "--lines", "2000", "--edits", "30"))
    assert (answer["lines"], answer["edits"]) == (2000, 30)
    assert answer["characters"] == len(document(2000))
    assert [each["place"] for each in answer["places"]] == ["start", "middle", "end", "random"]
    for each in answer["places"]:
        for what in ("edit", "edit_and_string", "pygls"):
            assert 0 < each[what]["p50"] <= each[what]["p95"] <= each[what]["max"]
        assert each["edit"]["max"] <= each["edit_and_string"]["max"]
        assert each["ratio"] > 0


def test_both_documents_have_the_same_text_after_the_same_edits(capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(bench(capsys, "--json", "--lines", "300", "--edits", "200"))
    assert [each["same_text"] for each in answer["places"]] == [True] * 4


def test_a_text_that_is_kept_shares_nearly_all_with_the_one_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer = json.loads(bench(capsys, "--json", "--lines", "8000", "--edits", "20"))
    assert 0 < answer["memory"]["text"] < answer["characters"] / 10
    assert answer["memory"]["string"] >= answer["characters"]


def test_people_get_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    out = bench(capsys, "--lines", "200", "--edits", "4")
    assert [line.split()[0] for line in out.splitlines()[1:13:3]] == ["start", "middle", "end", "random"]
    assert out.count("pygls") == 4
    assert "200 lines" in out


@pytest.mark.parametrize("lines", [1, 2, 19, 20, 1000])
def test_edits_are_made_where_they_are_said_to_be_and_are_always_the_same(lines: int) -> None:
    chosen = places(lines)
    for choose in chosen.values():
        changes = edits(choose, 50)
        assert changes == edits(choose, 50)
        assert all(0 <= change.range[0][0] < lines for change in changes if change.range)
    last = {change.range[0][0] for change in edits(chosen["end"], 50) if change.range}
    assert min(last) >= lines - 20


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", ""])
def test_a_number_that_is_none_is_refused(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["bench", "sync", f"--lines={number}"])
    assert stopped.value.code == 2
    assert "no number" in capsys.readouterr().err
