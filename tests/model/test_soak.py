"""Five minutes of what `fathom bench soak` does for as long as one likes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.cli import main

pytestmark = [pytest.mark.model, pytest.mark.timeout(900)]


def test_mixed_load_with_cancels_and_kills_leaves_one_host_that_is_right(
    default_model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code = main(["bench", "soak", "--model", str(default_model), "--minutes", "5", "--json"])
    report = json.loads(capfd.readouterr().out)
    assert code == 0, report["examples"]
    assert report["texts"] >= 20
    assert min(report["answers"], report["cancels"], report["kills"]) > 0
    assert (report["wrong"], report["errors"], report["hosts"]) == (0, 0, 1)
    assert report["memory_end"] < 1.05 * report["memory_settled"]
