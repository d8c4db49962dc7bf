"""The figures of `fathom bench context`: rates, likelihoods, and what of a difference is chance."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from context.files import Found, walk
from lsp_server.cli import main
from lsp_server.cli.bench import context
from lsp_server.cli.bench.figures import Spread
from lsp_server.cli.bench.recall import likelihood, likely, outcomes, processes, providers, speed
from lsp_server.cli.bench.recall.outcomes import Answer, Outcome
from lsp_server.prompts.fim import Source
from tests.cli.bench.recall_places import VOCABULARY, case, place


class Fixed:
    """A provider with one context for all."""

    name = "fixed"

    def __init__(self, context: str) -> None:
        self._context = context

    def contexts(self, _: object, budgets: object, /) -> dict[int, str]:
        return {1024: self._context, 20: self._context}


def test_what_is_over_a_budget_is_cut_before_anything_is_looked_for() -> None:
    shown = "<|file_sep|>widgets.py\ndef widget(size): ...\n"
    answer = outcomes.answer_of(case(), place("x", 0, 0), Fixed(shown), [1024, 20], VOCABULARY)
    assert answer.outcomes[1024] == Outcome(True, True, len(shown))
    assert answer.outcomes[20] == Outcome(False, False, 20)
    assert answer.shown == shown


def test_the_true_line_may_only_come_from_somewhere_else() -> None:
    asked = case(truth="return make_widget(size, 3)")
    here = place("def f():\n    \n", 1, 4)
    own = "<|file_sep|>app.py\ndef f():\n    return make_widget(size, 3)\n"
    assert outcomes.leaks(asked, here, own)
    assert not outcomes.leaks(asked, here, own.replace("app.py", "other.py"))
    assert not outcomes.leaks(asked, place("    return make_widget(size, 3)\n\n", 1, 0), own)
    answer = outcomes.answer_of(asked, here, Fixed(own), [1024], VOCABULARY)
    assert any(
        "true line itself at 1 places" in line for line in context._table([asked], {"x": {asked: answer}})
    )


def test_answers_are_kept_for_the_same_case_and_program(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "ring.jsonl"
    answer = Answer({1024: Outcome(True, False, 5)}, "shown")
    outcomes.Kept(file, "1").keep(case(), answer)
    assert outcomes.Kept(file, "1").get(case(), [1024]) == answer
    assert outcomes.Kept(file, "1").get(case(), [1024, 2048]) is None
    assert outcomes.Kept(file, "2").get(case(), [1024]) is None
    assert outcomes.Kept(file, "1").get(case(line=9), [1024]) is None


def test_rates_are_in_percent() -> None:
    some = [Outcome(True, True, 1), Outcome(False, True, 1), Outcome(False, False, 1)]
    assert outcomes.rate(some) == outcomes.Rate(3, 33.3, 66.7)


def test_cases_are_grouped_by_access_language_extractor_and_half() -> None:
    groups = outcomes.groups_of(
        [case(), case(access="member", language="rust", extractor="jedi", half="held-out")]
    )
    assert {name: len(group) for name, group in groups.items()} == {
        "all": 2,
        "imported": 1,
        "member": 1,
        "not imported or member": 1,
        "python": 1,
        "rust": 1,
        "by fathom": 1,
        "by jedi": 1,
        "development": 1,
        "held-out": 1,
    }


def test_a_difference_that_is_always_the_same_has_no_spread() -> None:
    interval = likelihood.difference([3.0, 5.0, 9.0], [2.0, 4.0, 8.0], [1, 1, 1])
    assert interval == likelihood.Interval(1.0, 1.0, 1.0)


def test_the_interval_of_a_bootstrap_is_that_of_the_mean() -> None:
    """200 differences of 0 or 2 by turns: mean 1, standard deviation 1, so 1 ± 1.96 / √200."""
    nlls = [2.0 * (number % 2) for number in range(200)]
    interval = likelihood.difference(nlls, [0.0] * 200, [1] * 200)
    half = 1.96 / math.sqrt(200)
    assert interval.mean == 1.0
    assert interval.low == pytest.approx(1 - half, abs=0.02)
    assert interval.high == pytest.approx(1 + half, abs=0.02)


def test_long_lines_count_by_their_characters() -> None:
    assert likelihood.per_character([10.0, 2.0], [20, 4]) == 0.5


def test_the_way_leads_from_nothing_to_the_oracle() -> None:
    totals = {"none": 0.6, "ours": 0.45, "oracle": 0.4}
    assert likelihood.share_of_the_way(totals, "ours") == pytest.approx(0.75)
    assert likelihood.share_of_the_way({"none": 0.4, "ours": 0.4, "oracle": 0.4}, "ours") is None


def test_lines_for_the_model_come_evenly_from_languages_and_halves() -> None:
    cases = [case(line=number) for number in range(20)]
    cases += [case(line=number, language="rust") for number in range(3)]
    cases += [case(line=number, half="held-out", path="b.py") for number in range(9)]
    chosen = likelihood.some_of(cases, 9, 1)
    assert sum(each.language == "rust" for each in chosen) == 3
    assert sum(each.half == "held-out" for each in chosen) == 3
    assert set(chosen) <= set(likelihood.some_of(cases, 15, 1))


def test_a_line_is_asked_for_once() -> None:
    twice = [case(), replace(case(), extractor="jedi", name="other")]
    assert len(likelihood.some_of(twice, 5, 1)) == 1


def test_the_indentation_counts_as_typed_and_other_files_stand_in_front() -> None:
    text = "".join(f"line {number}\n" for number in range(100)) + "    \nafter\n"
    hole = likelihood.hole_of(place(text, 100, 4), "<|file_sep|>a.py\nx = 1\n", VOCABULARY)
    assert hole.typed == "    "
    assert hole.prefix.startswith("line ")
    assert hole.prefix.endswith("line 99\n")
    assert len(hole.prefix) <= likelihood.PREFIX
    assert hole.suffix == "\nafter\n"
    assert hole.sources == (Source("a.py", "x = 1"),)


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    kept = likelihood.Kept(tmp_path / "results" / "likelihoods.jsonl")
    kept.keep("a", 1.5)
    kept.keep("b", None)
    again = likelihood.Kept(tmp_path / "results" / "likelihoods.jsonl")
    assert "a" in again
    assert again["a"] == 1.5
    assert again["b"] is None
    assert "c" not in again


def measured() -> list[likely.Line]:
    nlls = {"none": 8.0, "ring": 7.5, "bm25": 7.0, "aider": 7.8, "fathom": 6.0, "oracle": 5.0}
    return [(case(line=number), nlls) for number in range(5)]


def test_likelihoods_are_reported_by_provider_and_language() -> None:
    report = likely.report(measured())
    rows = {row["name"]: row for row in report["providers"]}
    assert report["lines"] == 5
    assert rows["fathom"]["way"] == pytest.approx(2 / 3)
    assert rows["bm25"]["of_fathom"]["high"] < 0
    assert rows["none"]["to_none"] is None
    assert rows["fathom"]["of_fathom"] is None
    assert list(report["languages"]) == ["python"]


def test_likelihoods_are_shown_as_a_table() -> None:
    lines = list(likely.table(measured()))
    assert lines[0].startswith("5 lines, 80 characters")
    assert any(line.startswith("fathom") and "67 %" in line for line in lines)


def test_recall_is_shown_by_budget_and_by_group() -> None:
    cases = [case(), case(line=5, access="member")]
    answers = {
        each: Answer({1024: Outcome(True, True, 9), 2048: Outcome(False, True, 9)}, "") for each in cases
    }
    lines = list(context._table(cases, {"fathom": answers}))
    assert "2 places in 1 repositories" in lines[0]
    assert any(line.split() == ["fathom", "2", "100.0/100.0", "0.0/100.0"] for line in lines)
    assert any(line.split() == ["member", "1", "100.0/100.0"] for line in lines)
    report = context._report(cases, {"fathom": answers})
    assert report["providers"]["fathom"]["all"]["2048"] == {"cases": 2, "recall": 0.0, "mention": 100.0}


def test_a_slow_provider_is_asked_for_some_places_only() -> None:
    cases = [case(line=number) for number in range(300)]
    assert len(providers.asked_of("aider", cases, 1)) == 150
    assert providers.asked_of("bm25", cases, 1) == cases
    few = {cases[0]: Answer({1024: Outcome(True, True, 9)}, "")}
    assert context._cell(few, cases, 1024) == "100.0/100.0"
    assert context._cell(few, cases[1:], 1024) == "-"


def test_speed_is_shown_beside_ripgrep() -> None:
    spread = Spread(1.0, 1.0, 2.0)
    found = speed.Speed(
        "/tree", 1000, 10.0, 50_000, 0.1, 5.0, 7.5, 200.0, 12.0, 0.5, spread, spread, spread, spread, 90.0
    )
    lines = list(speed.table(found))
    assert any(line.split() == ["cold", "5.0", "200", "2.0", "200"] for line in lines)
    assert any(line.startswith("rg") for line in lines)
    assert speed.report(found)["cold_files_s"] == 200
    without = list(speed.table(replace(found, rg_s=None)))
    assert not any(line.startswith("rg") for line in without)


def test_keys_are_typed_in_long_lines_of_usual_files(tmp_path: Path) -> None:
    lines = [f"    value_{number} = some_function_with_a_name({number})" for number in range(100)]
    (tmp_path / "usual.py").write_text("def f():\n" + "\n".join(lines) + "\n")
    (tmp_path / "small.py").write_text("x = 1\n")
    found = [entry for entry in walk([tmp_path]) if isinstance(entry, Found)]
    [(path, text, cursor)] = speed._places(found)
    assert path.name == "usual.py"
    assert text[cursor:].startswith("value_")
    asked = speed._asked(path, text, cursor)["position"]
    assert text.split("\n")[asked["line"]][asked["character"] :].startswith("value_")


def test_a_tree_without_usual_files_gives_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "context", "--speed", str(tmp_path)]) == 1
    assert "no Python files" in capsys.readouterr().err


def test_a_process_has_memory_and_one_that_is_gone_has_none() -> None:
    import os

    assert processes.memory_of(os.getpid()) > 1
    assert os.getpid() in processes.family(os.getpid())
    assert processes.memory_of(2**22 + 1) == 0.0
    assert processes.processor_seconds(2**22 + 1) == 0.0


@pytest.mark.parametrize("arguments", [["--likelihood", "0"], ["--cases", "0"], ["--budgets", "1024", "-1"]])
def test_there_is_nothing_less_than_one(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "context", *arguments]) == 1
    assert "begin at 1" in capsys.readouterr().err


def test_without_a_model_there_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "context", "--model", "/nowhere/model.gguf"]) == 1
    assert capsys.readouterr().err.startswith("fathom bench context: ")
