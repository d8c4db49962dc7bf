"""`fathom bench typing --cold`: files that the model has not read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsp_server.cli import main


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "replies.jsonl"
    path.write_text('"x"\n')
    return f"scripted:{path}"


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = [tmp_path / f"shop_{number}.py" for number in range(2)]
    for path in paths:
        path.write_text(f"# {path.name}\n" + "def one() -> int:\n    return 1\n\n\n" * 400)
    return [str(path) for path in paths]


@pytest.fixture
def impatient(own_home: Path) -> None:
    """What is read in a pause is read at once."""
    path = own_home / "config_home/fathom/config.toml"
    path.parent.mkdir(parents=True)
    path.write_text("[completion]\nread_ahead_ms = 1\n")


@pytest.mark.usefixtures("impatient")
def test_each_file_is_measured_from_its_first_key_on(
    files: list[str], script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "typing", "--cold", *files, "--model", script, "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [measured["file"] for measured in report["files"]] == ["shop_0.py", "shop_1.py"]
    for measured in report["files"]:
        assert measured["first"]["kind"] == "first"
        assert measured["then"]["keys"] == 12
        # In the pause more of the file was read than there is time for at the first key.
        assert measured["then"]["prompt_tokens"] > 1.5 * measured["first"]["prompt"]


@pytest.mark.usefixtures("impatient")
def test_it_prints_a_line_for_each_file(
    files: list[str], script: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "typing", "--cold", *files, "--model", script]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["shop_0.py", "shop_1.py"]


def test_what_cannot_be_measured_is_said(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "typing", "--cold", "missing.py", "--model", script]) == 1
    assert "missing.py" in capsys.readouterr().err
