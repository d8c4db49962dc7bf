"""docs/PROTOCOL.md says what the server does."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import get_args

import pytest

from lsp_server.features.complete import Reason
from lsp_server.features.instructions import BUILT_IN
from lsp_server.indexers import Phase
from lsp_server.protocol import connection, extensions, indexes
from lsp_server.protocol.methods import METHODS
from lsp_server.protocol.running import Stopped

PAGE = (Path(__file__).parents[2] / "docs/PROTOCOL.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text below a headline, up to the next."""
    match = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert match, f"there is no section {title!r}"
    return match[1]


def first_column(text: str) -> list[str]:
    return [
        name
        for row in re.findall(r"^\|([^|]*)\|", text, re.MULTILINE)
        for name in re.findall(r"`([^`]+)`", row)
    ]


def test_the_page_lists_every_method_of_the_table_and_no_other() -> None:
    listed = first_column(section("What the server understands"))
    assert sorted(listed) == sorted([*METHODS, "$/cancelRequest"])


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("`fathom/status`", extensions.Status),
        ("`index` in `fathom/status`", extensions.IndexStatus),
        ("`fathom/edit`", extensions.EditEvent),
        ("Argument of `fathom.edit`", extensions.EditArguments),
        ("`fathom/restart`", extensions.Restarted),
        ("`fathom/models`", extensions.Models),
        ("Result of `fathom/context`", extensions.Context),
        ("`parts` in `fathom/context`", extensions.ContextPart),
        ("`machine` in `fathom/models`", extensions.Machine),
        ("`models` in `fathom/models`", extensions.ModelEntry),
    ],
)
def test_the_page_lists_every_field_of_our_own_methods(title: str, kind: type) -> None:
    fields = [field.name for field in dataclasses.fields(kind)]
    others = {*reasons(), *get_args(extensions.IndexPhase)} - {*fields}
    listed = [name for name in first_column(section(title)) if name not in others]
    assert sorted(listed) == sorted(fields)


def test_the_page_lists_the_parameters_and_the_result_of_a_choice_of_a_model() -> None:
    kinds = extensions.UseModel, extensions.Used
    fields = [field.name for kind in kinds for field in dataclasses.fields(kind)]
    assert first_column(section("`fathom/useModel`")) == fields


def test_the_page_lists_every_state_and_every_reason() -> None:
    text = section("`fathom/status`")
    assert [state for state in get_args(extensions.State) if f"`{state}`" not in text] == []
    assert [reason for reason in reasons() if f"| `{reason}` |" not in text] == []


def test_the_page_lists_the_phases_of_an_index_in_the_order_in_which_they_are_told() -> None:
    rows = first_column(section("`index` in `fathom/status`"))
    assert tuple(name for name in rows if name in get_args(extensions.IndexPhase)) == indexes.PHASES
    assert {*get_args(Phase)} - {"stopped"} == {*indexes.PHASES}


def test_the_page_lists_how_models_fit_and_how_fast_they_are() -> None:
    text = section("`models` in `fathom/models`")
    words = (*get_args(extensions.Fits), *get_args(extensions.Speed))
    assert [word for word in words if f"`{word}`" not in text] == []


def test_the_page_lists_every_error_code() -> None:
    codes = {value for name, value in vars(connection).items() if name.isupper() and isinstance(value, int)}
    listed = {int(code) for code in re.findall(r"^\| (-\d+) \|", section("Errors"), re.MULTILINE)}
    assert listed == codes


def test_the_page_names_no_method_of_ours_that_does_not_exist() -> None:
    named = set(re.findall(r"`(fathom[/.][a-zA-Z]+)`", PAGE))
    assert named == {
        extensions.STATUS,
        extensions.EDIT,
        extensions.RESTART,
        extensions.MODELS,
        extensions.USE_MODEL,
        extensions.CONTEXT,
        *extensions.COMMANDS,
    }


def test_the_page_lists_every_command_and_every_action() -> None:
    assert sorted(first_column(section("Commands"))) == sorted(extensions.COMMANDS)
    actions = section("Argument of `fathom.edit`")
    assert [action.id for action in BUILT_IN if f"`{action.id}`" not in actions] == []


def test_the_page_lists_every_event_and_outcome_of_an_edit() -> None:
    text = section("`fathom/edit`")
    words = (*get_args(extensions.EditKind), *get_args(extensions.EditOutcome), *get_args(Stopped))
    assert [word for word in words if f"`{word}`" not in text] == []


def reasons() -> set[str]:
    """As the page lists them: all filters in one row."""
    return {"filtered:RULE" if reason.startswith("filtered:") else reason for reason in get_args(Reason)}
