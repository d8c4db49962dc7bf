"""`fathom bench context --likelihood`: how likely the model finds the true line with each context."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from lsp_server.cli.bench.recall import likelihood, oracle, outcomes
from lsp_server.cli.bench.recall.cases import Case
from lsp_server.cli.bench.recall.likelihood import CONTEXT, Interval, Kept
from lsp_server.cli.bench.recall.providers import OURS, Setting, answers, teller

ENDS = ("none", "oracle")
"""Where the way begins and ends; these are always measured."""

FORMAT = """\
With --likelihood:
  nll           negative logarithm of the probability of the true line, per character: the less, the better
  to none       difference to no context, and between what it lies in 95 of 100 samples of the lines
  of fathom     the same, of Fathom to the row: below zero where Fathom is better
  way           part of the way from no context to the oracle, which is the definition that the line uses
"""


Line = tuple[Case, Mapping[str, float]]
"""A case, and the nll of its true line by provider."""


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one provider."""

    name: str
    nll: float
    to_none: Interval | None
    of_fathom: Interval | None
    way: float | None


def measure(
    cases: Sequence[Case], names: Sequence[str], setting: Setting, count: int, seed: int
) -> list[Line]:
    """The nll of some cases by provider, of those named and of the ends; nothing is asked twice.

    Raises OSError and ValueError.
    """
    from lsp_server.cli.bench.judge import judge

    compared = (ENDS[0], *(name for name in names if name not in ENDS), ENDS[1])
    chosen = likelihood.some_of(cases, count, seed)
    kept = Kept(setting.cache / "results" / f"likelihoods-{setting.model.stem}.jsonl")
    found: dict[Case, dict[str, float]] = {case: {} for case in chosen}
    with judge(str(setting.model)) as judging:
        for name in compared:
            contexts = _contexts(name, chosen, setting)
            tell = teller(f"likelihood with {name}", len(chosen), "lines")
            for number, (case, place) in enumerate(outcomes.places_of(chosen, setting.root_of)):
                tell(number)
                nll = likelihood.nll_of(case, place, contexts[case], setting.vocabulary, judging, kept)
                if nll is not None:
                    found[case][name] = nll
    if not any(len(nlls) == len(compared) for nlls in found.values()):
        raise ValueError("the model can judge none of the lines")
    return [(case, nlls) for case, nlls in found.items() if len(nlls) == len(compared)]


def _contexts(name: str, cases: Sequence[Case], setting: Setting) -> dict[Case, str]:
    if name == "oracle":
        return {
            case: oracle.context(case, setting.root_of(case.repository), setting.vocabulary) for case in cases
        }
    return {case: answer.shown for case, answer in answers(name, cases, [CONTEXT], setting).items()}


def rows_of(measured: Sequence[Line]) -> list[Row]:
    """The figures of each provider over cases, of which there is at least one."""
    characters = [len(case.truth) for case, _ in measured]
    nlls = {name: [each[name] for _, each in measured] for name in measured[0][1]}
    totals = {name: likelihood.per_character(nlls[name], characters) for name in nlls}

    def difference(name: str, other: str) -> Interval | None:
        if name == other or name not in nlls:
            return None
        return likelihood.difference(nlls[name], nlls[other], characters)

    return [
        Row(
            name,
            totals[name],
            difference(name, "none"),
            difference(OURS, name),
            likelihood.share_of_the_way(totals, name),
        )
        for name in nlls
    ]


def report(measured: Sequence[Line]) -> dict[str, Any]:
    """What `--json` prints."""
    by_language = {
        language: [
            asdict(row) for row in rows_of([pair for pair in measured if pair[0].language == language])
        ]
        for language in dict.fromkeys(case.language for case, _ in measured)
    }
    return {
        "lines": len(measured),
        "context_tokens": CONTEXT,
        "providers": [asdict(row) for row in rows_of(measured)],
        "languages": by_language,
    }


def table(measured: Sequence[Line]) -> Iterator[str]:
    """What people are shown."""
    from lsp_server.cli.table import lines_of

    characters = sum(len(case.truth) for case, _ in measured)
    yield f"{len(measured)} lines, {characters} characters, contexts of {CONTEXT} tokens\n"
    head = ("", "nll", "to none", "", "of fathom", "", "way")
    rows = [
        (
            row.name,
            f"{row.nll:.3f}",
            *_cells(row.to_none),
            *_cells(row.of_fathom),
            "" if row.way is None else f"{100 * row.way:.0f} %",
        )
        for row in rows_of(measured)
    ]
    yield from lines_of([head, *rows])


def _cells(interval: Interval | None) -> tuple[str, str]:
    if interval is None:
        return "", ""
    return f"{interval.mean:+.3f}", f"[{interval.low:+.3f}, {interval.high:+.3f}]"
