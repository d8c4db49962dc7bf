"""What is offered to nine real clients is what docs/PROTOCOL.md says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.protocol.client import Client, read_client
from lsp_server.protocol.initialize import capabilities
from tests.protocol.editor import CLIENTS

PAGE = Path(__file__).parents[2] / "docs/PROTOCOL.md"
HEAD = (
    "client",
    "completes by",
    "positions",
    "code actions",
    "changes",
    "doubts",
    "waiting",
    "`fathom/status`",
)


def row(path: Path) -> tuple[str, ...]:
    client = read_client(json.loads(path.read_text(encoding="utf-8")))
    offered = capabilities(client)
    has_actions = offered.code_action_provider is not None
    return (
        path.stem.replace("_", " "),
        _completes_by(client, offered.completion_provider is not None),
        str(getattr(offered.position_encoding, "value", offered.position_encoding)),
        _actions(client) if has_actions else "none",
        ("versioned" if client.document_changes else "plain") if has_actions else "none",
        ("annotation" if client.annotations else "message") if has_actions else "–",
        "progress" if client.progress else "messages",
        "yes" if client.status else "no",
    )


def _completes_by(client: Client, has_menu: bool) -> str:
    ways = {"static": "ghost text", "dynamic": "ghost text, registered", None: ""}
    return ways[client.inline] + ("menu" if has_menu else "")


def _actions(client: Client) -> str:
    extras = {"reasons": client.disabled_actions, "tags": client.action_tags}
    form = "actions" if client.action_literals else "commands"
    return ", ".join([form, *(name for name, has in extras.items() if has)])


def test_the_page_says_what_each_real_client_gets() -> None:
    lines = [" | ".join(cells) for cells in (HEAD, ["---"] * len(HEAD), *map(row, CLIENTS))]
    assert len(CLIENTS) == 9
    table = "".join(f"| {line} |\n" for line in lines)
    assert table in PAGE.read_text(encoding="utf-8"), f"the table should be\n\n{table}"


def test_a_client_that_says_nothing_has_the_defaults() -> None:
    assert read_client({"capabilities": {}}) == read_client(None) == Client()


@pytest.mark.parametrize(
    ("capabilities", "name", "wants_status"),
    [
        ({}, "", False),
        ({}, "Neovim", True),
        ({"textDocument": {"inlineCompletion": {}}}, "", True),
        (
            {"textDocument": {"inlineCompletion": {}}, "experimental": {"fathom": {"status": False}}},
            "",
            False,
        ),
        ({"experimental": {"fathom": {"status": False}}}, "Neovim", False),
        ({"experimental": {"fathom": {"status": True}}}, "", True),
    ],
)
def test_what_a_client_says_comes_before_what_is_known_of_its_name(
    capabilities: object, name: str, wants_status: bool
) -> None:
    client = read_client({"capabilities": capabilities, "clientInfo": {"name": name}})
    assert client.status is wants_status


@pytest.mark.parametrize(
    ("name", "offered", "taken"),
    [
        ("emacs", None, "utf-32"),
        ("emacs", ["utf-8", "utf-16"], "utf-8"),
        ("emacs", ["ebcdic"], "utf-32"),
        ("", None, "utf-16"),
    ],
)
def test_lsp_mode_counts_characters_unless_it_says_otherwise(name: str, offered: object, taken: str) -> None:
    capabilities = {"general": {"positionEncodings": offered}}
    client = read_client({"capabilities": capabilities, "clientInfo": {"name": name}})
    assert client.encoding == taken
