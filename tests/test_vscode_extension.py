"""What editors/vscode says of itself agrees with the server and with its own source.

The settings in package.json are made from the server's options: a list that is out of date is written anew.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from lsp_server.config import Options

from .test_settings_page import Setting, settings

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "editors/vscode"
MANIFEST = FOLDER / "package.json"
SOURCES = sorted((FOLDER / "src").glob("*.ts"))

TYPES = {"true or false": "boolean", "whole number": "integer", "number": "number", "text": "string"}
FIRST = 10
"""The order of the first of the server's settings; those of the extension stand before it."""
LONGEST = 300
"""Lines of a file of the extension."""


def manifest() -> dict[str, Any]:
    return dict(json.loads(MANIFEST.read_text(encoding="utf-8")))


def servers() -> list[Setting]:
    """The settings that an editor may make."""
    return [setting for setting in settings(Options()) if setting.where == "anywhere"]


def schema(setting: Setting, order: int) -> dict[str, Any]:
    """A setting as VS Code wants to know it."""
    about = {"default": json.loads(setting.default.strip("`")), "order": order}
    meaning = {"markdownDescription": setting.meaning}
    if setting.kind in TYPES:
        return {"type": TYPES[setting.kind], **about, **meaning}
    if setting.kind == "list of text":
        return {"type": "array", "items": {"type": "string"}, **about, **meaning}
    return {"type": "string", "enum": re.findall("`([^`]+)`", setting.kind), **about, **meaning}


def test_the_settings_are_those_of_the_server() -> None:
    found = manifest()
    properties = found["contributes"]["configuration"]["properties"]
    own = {name: value for name, value in properties.items() if value["order"] < FIRST}
    made = {f"fathom.{each.name}": schema(each, FIRST + order) for order, each in enumerate(servers())}
    trust = found["capabilities"]["untrustedWorkspaces"]
    wanted = {**own, **made}
    if properties == wanted and trust["restrictedConfigurations"] == list(wanted):
        return
    found["contributes"]["configuration"]["properties"] = wanted
    # Of a folder that is not trusted no setting is taken.
    trust["restrictedConfigurations"] = list(wanted)
    MANIFEST.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    raise AssertionError(
        "the settings in package.json were out of date and have been written anew: commit it"
    )


def test_the_extension_keeps_its_own_settings_from_the_server() -> None:
    text = (FOLDER / "src/settings.ts").read_text(encoding="utf-8")
    kept = re.search(r"OURS = new Set\(\[([^]]*)]", text)
    assert kept is not None
    properties = manifest()["contributes"]["configuration"]["properties"]
    own = {name.split(".")[1] for name, value in properties.items() if value["order"] < FIRST}
    assert set(re.findall(r'"(\w+)"', kept[1])) == own


def test_every_command_of_the_palette_is_registered() -> None:
    text = (FOLDER / "src/extension.ts").read_text(encoding="utf-8")
    registered = set(re.findall(r'^    "(fathom\.\w+)":', text, re.MULTILINE))
    assert {each["command"] for each in manifest()["contributes"]["commands"]} - registered == set()


def test_every_reason_of_the_protocol_has_words() -> None:
    page = (ROOT / "docs/PROTOCOL.md").read_text(encoding="utf-8")
    table = page.partition("| reason | what became of the request |")[2].partition("\n\n")[0]
    reasons = set(re.findall(r"^\| `([\w-]+)`", table, re.MULTILINE))
    assert reasons
    words = (FOLDER / "src/words.ts").read_text(encoding="utf-8")
    block = words.partition("REASONS")[2].partition("};")[0]
    assert {
        quoted or bare for quoted, bare in re.findall(r'^  (?:"([\w-]+)"|(\w+)):', block, re.MULTILINE)
    } == reasons


def test_the_source_opens_no_connection() -> None:
    """The server is reached by its standard input and output, and nothing else is reached at all."""
    for path in SOURCES:
        text = path.read_text(encoding="utf-8")
        found = re.findall(
            r'from "(?:node:)?(https?|http2|net|tls|dgram|dns)"|\b(fetch|WebSocket|XMLHttpRequest)\(', text
        )
        assert found == [], path.name


def test_no_source_is_large() -> None:
    sizes = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: lines for name, lines in sizes.items() if lines > LONGEST} == {}
