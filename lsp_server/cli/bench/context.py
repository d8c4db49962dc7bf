"""`fathom bench context`: whether what a model needs of other files stands in its context.

Places are looked for in public repositories at which a line uses something that another file defines. The
line is taken out, and each provider of context is asked for what a model should read to write it again. The
definitions are found by Fathom's own parser, and for some languages by jedi and by TypeScript's language
service, which share nothing with it. The first run fetches the repositories with pip and npm.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lsp_server.cli.bench.recall.cases import Case
    from lsp_server.cli.bench.recall.outcomes import Answer, Rate
    from lsp_server.cli.bench.recall.providers import Setting

BUDGETS = (1024, 2048, 4096, 8192, 16_384)
SHOWN = (1024, 4096)
"""Budgets of the tables by group."""
LANGUAGES = ("python", "typescript", "javascript", "rust", "go", "java", "c", "cpp")
CASES, LINES, SEED = 14, 150, 1

FORMAT = """\
recall    places, in percent, for which a line that defines the name stands in the context
mention   places for which the name stands in it, anywhere: in a call, for one
Both are "recall/mention" in a cell. The budget is in tokens of the model; what is over it is cut off.

none      no context
ring      chunks of 64 lines of files that were opened, as llama.vim keeps them; here of the nearest files
bm25      chunks of 25 lines, found by the words of the 20 lines before the cursor
aider     the repository map of aider, with the names in these 20 lines as mentioned ones; as it takes
          seconds for each place, it is asked for 150 of them, evenly over languages
fathom    what `fathom stage context` prints

A place is called imported if its line uses a name that its file imports, member if the name stands behind a
dot, an arrow or two colons. One half of the repositories is for work on the engine, the other is held out.
"""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the benchmark."""
    from lsp_server.cli.bench.recall.likely import FORMAT as LIKELY
    from lsp_server.cli.bench.recall.providers import PROVIDERS
    from lsp_server.cli.bench.recall.repositories import HALVES, REPOSITORIES
    from lsp_server.cli.bench.recall.speed import FORMAT as SPEED

    parser = subparsers.add_parser(
        "context",
        help="what other files say, found for a model",
        description=__doc__,
        epilog=f"{FORMAT}\n{LIKELY}\n{SPEED}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [repository.name for repository in REPOSITORIES]
    parser.add_argument(
        "--cases",
        type=int,
        default=CASES,
        metavar="N",
        help="of each language of a repository, by each that finds definitions (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=SEED, metavar="N", help="chooses other places")
    parser.add_argument("--half", choices=HALVES, help="only these repositories (default: both halves)")
    parser.add_argument(
        "--languages", nargs="+", choices=LANGUAGES, default=LANGUAGES, metavar="L", help=", ".join(LANGUAGES)
    )
    parser.add_argument(
        "--repositories", nargs="+", choices=names, default=names, metavar="R", help=", ".join(names)
    )
    parser.add_argument(
        "--providers", nargs="+", choices=PROVIDERS, default=PROVIDERS, metavar="P", help=", ".join(PROVIDERS)
    )
    parser.add_argument(
        "--budgets", nargs="+", type=int, default=BUDGETS, metavar="N", help="in tokens (default: 1K to 16K)"
    )
    parser.add_argument("--model", help="whose tokens are counted: a name or path (default: as set)")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--likelihood",
        nargs="?",
        type=int,
        const=LINES,
        metavar="N",
        help=f"ask the model how likely N of the lines are, instead (default: {LINES}); that takes an hour"
        " and more at first, and goes on where it was stopped",
    )
    instead.add_argument(
        "--speed",
        nargs="?",
        type=Path,
        const=Path(),
        metavar="FOLDER",
        help="measure how fast index and context are in a folder, instead (default: two million lines)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    from lsp_server.models.backend import ModelError

    try:
        return _speed(arguments) if arguments.speed is not None else _measure(arguments)
    except (OSError, ValueError, ModelError) as error:
        print(f"fathom bench context: {error}", file=sys.stderr)
        return 1


def _measure(arguments: argparse.Namespace) -> int:
    from lsp_server.cli.bench.recall import likely
    from lsp_server.cli.bench.recall.build import built

    if min(arguments.cases, *arguments.budgets, arguments.likelihood or 1) < 1 or arguments.likelihood == 0:
        raise ValueError("numbers of places, lines and tokens begin at 1")
    setting = _setting(arguments)
    setting.vocabulary.count("")  # before anything is fetched
    cases = built(setting.repositories, arguments.languages, arguments.cases, arguments.seed, setting.cache)
    if not cases:
        raise ValueError("none of these repositories has places in these languages")
    if arguments.likelihood:
        measured = likely.measure(cases, arguments.providers, setting, arguments.likelihood, arguments.seed)
        report, table = likely.report(measured), likely.table(measured)
    else:
        found = _found(arguments, cases, setting)
        report, table = _report(cases, found), _table(cases, found)
    print(json.dumps(report) if arguments.json else "\n".join(table))
    return 0


def _speed(arguments: argparse.Namespace) -> int:
    from lsp_server.cli.bench.recall import speed
    from lsp_server.cli.bench.recall.big_tree import big_tree
    from lsp_server.cli.bench.recall.fetch import cache_folder

    root = big_tree(cache_folder()) if arguments.speed == Path() else arguments.speed.resolve(strict=True)
    measured = speed.measure(root)
    print(json.dumps(speed.report(measured)) if arguments.json else "\n".join(speed.table(measured)))
    return 0


def _setting(arguments: argparse.Namespace) -> Setting:
    """Raises ModelError where there is no model."""
    from lsp_server.cli.bench.recall.fetch import cache_folder
    from lsp_server.cli.bench.recall.providers import Setting
    from lsp_server.cli.bench.recall.repositories import REPOSITORIES
    from lsp_server.config import config_path, read_own_file
    from lsp_server.models.choose import choose

    name = read_own_file(config_path())[0].model if arguments.model is None else arguments.model
    wanted = tuple(
        each
        for each in REPOSITORIES
        if each.name in arguments.repositories and arguments.half in (None, each.half)
    )
    return Setting(Path(choose(name).path), cache_folder(), wanted)


def _found(
    arguments: argparse.Namespace, cases: Sequence[Case], setting: Setting
) -> dict[str, dict[Case, Answer]]:
    from lsp_server.cli.bench.recall.providers import answers, asked_of

    return {
        name: answers(name, asked_of(name, cases, arguments.seed), arguments.budgets, setting)
        for name in arguments.providers
    }


def _report(cases: Sequence[Case], found: Mapping[str, Mapping[Case, Answer]]) -> dict[str, Any]:
    """What `--json` prints."""
    from lsp_server.cli.bench.recall.outcomes import groups_of

    return {
        "places": len(cases),
        "leaked": {name: sum(each.leaked for each in answers.values()) for name, answers in found.items()},
        "repositories": sorted({case.repository for case in cases}),
        "providers": {
            name: {
                group: {
                    str(budget): asdict(_rate(answers, members, budget)) for budget in _budgets([answers])
                }
                for group, members in groups_of(list(answers)).items()
            }
            for name, answers in found.items()
        },
    }


def _table(cases: Sequence[Case], found: Mapping[str, Mapping[Case, Answer]]) -> Iterator[str]:
    from lsp_server.cli.bench.recall.outcomes import groups_of
    from lsp_server.cli.table import lines_of

    repositories = {case.repository for case in cases}
    yield f"{len(cases)} places in {len(repositories)} repositories; recall/mention in percent\n"
    budgets = _budgets(found.values())
    rows = [
        (name, str(len(answers)), *(_cell(answers, cases, budget) for budget in budgets))
        for name, answers in found.items()
    ]
    yield from lines_of([("", "places", *(f"{budget:,}" for budget in budgets)), *rows])
    for name, answers in found.items():
        if leaked := sum(answer.leaked for answer in answers.values()):
            yield f"{name} showed the true line itself at {leaked} places, from the copy on disk"
    for budget in [budget for budget in budgets if budget in SHOWN] or budgets[:1]:
        yield f"\nwithin {budget:,} tokens\n"
        rows = [
            (group, str(len(members)), *(_cell(answers, members, budget) for answers in found.values()))
            for group, members in groups_of(cases).items()
        ]
        yield from lines_of([("", "places", *found), *rows])


def _budgets(found: Iterable[Mapping[Case, Answer]]) -> list[int]:
    """The budgets for which there are answers of all; answers that were kept may be for more."""
    every = [set(next(iter(answers.values())).outcomes) for answers in found]
    return sorted(set.intersection(*every))


def _cell(answers: Mapping[Case, Answer], cases: Sequence[Case], budget: int) -> str:
    """Recall and mention for those of the cases that there are answers for."""
    if not any(case in answers for case in cases):
        return "-"
    rate = _rate(answers, cases, budget)
    return f"{rate.recall:.1f}/{rate.mention:.1f}"


def _rate(answers: Mapping[Case, Answer], cases: Sequence[Case], budget: int) -> Rate:
    from lsp_server.cli.bench.recall.outcomes import rate

    return rate([answers[case].outcomes[budget] for case in cases if case in answers])
