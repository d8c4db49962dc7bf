"""`fathom bench edit`: how many edits land, and whether they are what was asked for."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.cli.bench import player
from lsp_server.cli.bench.edit_cases import EditCase, read_edit_cases

if TYPE_CHECKING:
    from context.snapshot import Document
    from lsp_server.edits.types import Edit
    from lsp_server.features.edit_request import Edited, EditRequest, Outcome
    from lsp_server.session import Session

CASES = Path("tests/cases/edits")
SHOWN = 72
"""Characters of what is missing in a change."""

FORMAT = """\
landed    there is a change that nothing speaks against
first     it landed at the first try
valid     the text after the change has no new syntax error; of all cases with a change
right     the change is what the case expects
outside   characters that changed outside of the selection, but for imports that came: has to be 0
seconds   from the request to the change; each case is read anew, but for the fixed words in front
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of one case. `missing` is why it is not right, `diff` what was changed."""

    case: str
    landed: bool
    first: bool
    valid: bool | None
    right: bool
    outside: int
    tries: int
    tokens: int
    seconds: float
    missing: str
    diff: str


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the benchmark."""
    parser = subparsers.add_parser(
        "edit",
        help="how many edits land and are right",
        description=__doc__,
        epilog=FORMAT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folder", type=Path, nargs="?", default=CASES, help="Markdown files with cases (default: %(default)s)"
    )
    parser.add_argument("--only", metavar="TEXT", default="", help="cases with this text in their name")
    parser.add_argument("--diffs", action="store_true", help="print each change, too")
    parser.add_argument("--model", help="a model's name or path (default: as set)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; returns 1 where that failed, or where anything outside of a selection changed."""
    from lsp_server.models.backend import ModelError

    try:
        cases = [case for case in read_edit_cases(arguments.folder) if arguments.only in case.name]
        if not cases:
            raise ValueError(f"there are no such cases in {arguments.folder}")
        model, found = asyncio.run(_measure(arguments, cases))
    except (OSError, ValueError, ModelError) as error:
        print(f"fathom bench edit: {error}", file=sys.stderr)
        return 1
    if arguments.json:
        print(json.dumps({"model": model, "cases": [asdict(each) for each in found]}))
    else:
        print("\n".join(_table(model, found, arguments.diffs)))
    return int(any(each.outside for each in found))


async def _measure(arguments: argparse.Namespace, cases: Sequence[EditCase]) -> tuple[str, list[Figures]]:
    found = []
    with tempfile.TemporaryDirectory() as folder:
        async with player.measured_session(player.options_of(arguments.model, None)) as session:
            info = await session.backend().info()
            session.workspace.moved([Path(folder)])
            for case in cases:
                found.append(await _measured(session, Path(folder), case))
                print(f"fathom bench edit: {len(found)} of {len(cases)}", file=sys.stderr)
    return info.name, found


async def _measured(session: Session, folder: Path, case: EditCase) -> Figures:
    from lsp_server.features.edit_request import Edited

    path = folder / _file_name(case.language)
    session.workspace.opened(path.as_uri(), path, case.language, 1, case.text)
    snapshot = session.workspace.snapshot
    outcome = await session.edit(snapshot, request_of(case, snapshot.documents[path.as_uri()]))
    session.workspace.closed(path.as_uri())
    return figures_of(case, outcome) if isinstance(outcome, Edited) else _none(case, outcome)


def _file_name(language_id: str) -> str:
    """A file name by which the language is known again."""
    from context.languages import language

    known = language(language_id)
    return f"case.{known.extensions[0]}" if known.extensions else "case.txt"


def request_of(case: EditCase, document: Document) -> EditRequest:
    """What is asked for a case."""
    from lsp_server.features.edit_request import Diagnostic, EditRequest
    from lsp_server.features.instructions import find

    action = find(case.action)
    start = (
        case.start + len(case.text[case.start : case.end]) - len(case.text[case.start : case.end].lstrip())
    )
    problem = (Diagnostic(start, start, case.problem),) if case.problem else ()
    instruction = action.instruction if action else case.instruction
    return EditRequest(document.uri, case.start, case.end, instruction, diagnostics=problem)


def figures_of(case: EditCase, outcome: Edited) -> Figures:
    """How good a change is."""
    from lsp_server.edits.apply import spliced
    from lsp_server.edits.check import syntax_refusal
    from lsp_server.edits.diff import unified

    edits = outcome.edits.files[0].edits
    after, without = spliced(case.text, edits), spliced(case.text, _without_imports(case, outcome))
    assert isinstance(after, str)
    assert isinstance(without, str)
    misses = case.misses(after)
    landed = not outcome.doubts
    return Figures(
        case=case.name,
        landed=landed,
        first=landed and outcome.tries == 1,
        valid=syntax_refusal(case.text, after, case.language) is None,
        right=landed and not misses,
        outside=outside(case, without),
        tries=outcome.tries,
        tokens=outcome.usage.generated,
        seconds=round(outcome.ms / 1000, 1),
        missing=", ".join([*(doubt.reason for doubt in outcome.doubts), *misses]),
        diff=unified(case.text, after, case.name.partition(":")[0]),
    )


def _without_imports(case: EditCase, outcome: Edited) -> tuple[Edit, ...]:
    """The edits but for those that only import something above the selection."""
    from context.outline import Span
    from lsp_server.edits.apply import spliced
    from lsp_server.edits.imports import beside, bring_only_imports

    file = outcome.edits.files[0]
    scope = file.scope or Span(case.start, case.end)
    after = spliced(case.text, file.edits)
    assert isinstance(after, str)
    if not bring_only_imports(case.text, after, file.edits, scope, case.language):
        return file.edits
    imports = beside(file.edits, scope)
    return tuple(edit for edit in file.edits if edit not in imports)


def outside(case: EditCase, after: str) -> int:
    """Characters before and behind the selected lines that are not as they were.

    Blanks before the selection on its first line belong to it: a line is indented as a whole.
    """
    line = case.text.rfind("\n", 0, case.start) + 1
    start = line if not case.text[line : case.start].strip() else case.start
    head, tail = case.text[:start], case.text[case.end :]
    changed = 0 if after.startswith(head) else len(head)
    return changed + (0 if after[min(start, len(after)) :].endswith(tail) else len(tail))


def _none(case: EditCase, outcome: Outcome) -> Figures:
    from lsp_server.features.edit_request import NotEdited

    assert isinstance(outcome, NotEdited)
    if outcome.reason in ("no-model", "model-failed"):
        raise ValueError(outcome.message)
    return Figures(
        case=case.name,
        landed=False,
        first=False,
        valid=None,
        right=False,
        outside=0,
        tries=outcome.tries,
        tokens=outcome.usage.generated,
        seconds=round(outcome.ms / 1000, 1),
        missing=outcome.reason,
        diff="",
    )


def _table(model: str, found: Sequence[Figures], diffs: bool) -> Iterator[str]:
    from lsp_server.cli.table import lines_of

    changed = [each for each in found if each.valid is not None]
    seconds = sorted(each.seconds for each in found)
    yield f"{len(found)} cases with {model}"
    summary = [
        ("landed", f"{sum(each.landed for each in found)}"),
        ("at the first try", f"{sum(each.first for each in found)}"),
        ("valid", f"{sum(bool(each.valid) for each in changed)} of {len(changed)}"),
        ("right", f"{sum(each.right for each in found)}"),
        ("changed outside", f"{sum(each.outside for each in found)}"),
        ("seconds, median and most", f"{seconds[len(seconds) // 2]:.1f}, {seconds[-1]:.1f}"),
    ]
    yield from lines_of([("", ""), *summary])
    yield ""
    rows = [["case", "tries", "landed", "right", "s", "missing"]]
    for each in found:
        signs = ["yes" if fact else "no" for fact in (each.landed, each.right)]
        rows.append([each.case, str(each.tries), *signs, f"{each.seconds:.1f}", each.missing[:SHOWN]])
    yield from lines_of(rows)
    if diffs:
        yield from (f"\n## {each.case}\n\n{each.diff}" for each in found if each.diff)
