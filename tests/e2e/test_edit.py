"""A change in a real server: from the user's own action to the journal, and what an earlier end left."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from lsp_server.config import actions_path
from lsp_server.edits import journal
from lsp_server.edits.write import writes_folder
from tests.e2e.client import PATIENCE, URI, serve

pytestmark = pytest.mark.process

ACTIONS = """
[[action]]
name = "Shout"
instruction = "Make it loud."

[[action]]
name = "No instruction"
"""
CAPABILITIES = {"textDocument": {"codeAction": {"codeActionLiteralSupport": {}}}}
SELECTION = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}


def test_an_action_of_the_user_is_offered_run_and_remembered(tmp_path: Path) -> None:
    actions_path().parent.mkdir(parents=True)
    actions_path().write_text(ACTIONS)
    with serve(tmp_path, replies=["x = 'LOUD'\n```"]) as client:
        client.initialize(CAPABILITIES, rootUri="file:///project")
        shown = client.wait_for(lambda message: message.get("method") == "window/showMessage")
        assert "action 2 has no instruction" in shown["params"]["message"]
        client.open("x = 'quiet'\n")
        params = {"textDocument": {"uri": URI}, "range": SELECTION, "context": {"diagnostics": []}}
        found = client.ask("textDocument/codeAction", params)
        shout = next(each for each in found if each["title"] == "Fathom: Shout")
        assert client.ask("workspace/executeCommand", shout["command"]) is None
        sent = client.wait_for(lambda message: message.get("method") == "workspace/applyEdit")
        ((edit,),) = sent["params"]["edit"]["changes"].values()
        assert edit["newText"] == "LOUD"
        client.send(id=sent["id"], result={"applied": True})
        assert client.end() == 0
    (change,) = journal.changes(journal.journal_folder())
    assert (change.files[0].before, change.files[0].after) == ("x = 'quiet'\n", "x = 'LOUD'\n")


def test_what_was_left_half_written_is_mended_when_a_server_starts(tmp_path: Path) -> None:
    beside = tmp_path / ".fathom-1.new"
    beside.write_text("half")
    step = {
        "target": str(tmp_path / "a.txt"),
        "new": str(beside),
        "old": str(tmp_path / ".fathom-1.old"),
        "before": "",
        "after": "digest",
        "folders": [],
    }
    writes_folder().mkdir(parents=True)
    (writes_folder() / "1.prepare").write_text(json.dumps([step]))
    with serve(tmp_path) as client:
        client.initialize()
        end = time.monotonic() + PATIENCE
        while beside.exists() and time.monotonic() < end:
            time.sleep(0.02)
        assert not beside.exists()
        assert client.end() == 0
