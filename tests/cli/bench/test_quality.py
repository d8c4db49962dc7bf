"""`fathom bench typing --quality`: the places that it chooses, and what the model says about them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.cli import main
from lsp_server.cli.bench.quality import choose_gaps, holes

TEXT = "".join(
    f"def number_{number}(first: int, second: int) -> int:\n    return first + second * {number}\n\n\n"
    for number in range(40)
)


def test_places_lie_inside_of_lines_and_are_the_same_in_every_run() -> None:
    gaps = choose_gaps([TEXT, "short"], 30)
    assert gaps == choose_gaps([TEXT, "short"], 30)
    assert len(gaps) == 30
    for gap in gaps:
        assert gap.before + gap.rest + gap.after == TEXT
        assert "\n" not in gap.rest
        assert len(gap.rest) >= 4
        assert gap.after.startswith("\n")


def test_texts_without_long_lines_have_no_places() -> None:
    assert choose_gaps(["a\n" * 1000], 3) == []


def test_both_forms_say_the_same_and_leave_the_rest_of_the_line_out() -> None:
    gap = choose_gaps([TEXT], 1)[0]
    found = holes(gap)
    usual, anchored = found["usual"], found["anchored"]
    assert usual.prefix == anchored.prefix + anchored.typed
    assert gap.before.endswith(usual.prefix)
    assert usual.typed == ""
    assert anchored.typed.count("\n") == 5
    assert usual.suffix == anchored.suffix
    assert gap.after.startswith(usual.suffix)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["missing.py"], "missing.py"),
        (["short.py"], "no line that is long enough"),
        (["--model", "none"], "none"),
    ],
)
def test_what_cannot_be_measured_is_said(
    tmp_path: Path,
    arguments: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "short.py").write_text("pass\n")
    monkeypatch.chdir(tmp_path)
    assert main(["bench", "typing", "--quality", *arguments]) == 1
    assert told in capsys.readouterr().err


@pytest.mark.model
@pytest.mark.timeout(300)
def test_the_model_finds_what_repeats_likely_in_every_form(
    default_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "numbers.py"
    path.write_text(TEXT)
    arguments = [str(path), "--places", "3", "--model", str(default_model), "--json"]
    assert main(["bench", "typing", "--quality", *arguments]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["places"] == 3
    nll = report["nll_per_character"]
    assert set(nll) == {"usual", "anchored", "healed"}
    # Characters drawn at random from a keyboard would have more than 4 each.
    assert all(0 < value < 2 for value in nll.values())
