"""URIs and lines; positions themselves are tested with the text."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.protocol.convert import to_path


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a/b.py", Path("/a/b.py")),
        ("file:///a%20b/%C3%A9.py", Path("/a b/é.py")),
        ("file://localhost/a.py", Path("/a.py")),
        ("FILE:///a.py", Path("/a.py")),
        ("file:///a.py?query#part", Path("/a.py")),
        ("file:///a%00b", None),
        ("untitled:Untitled-1", None),
        ("vscode-vfs://github/x/a.py", None),
        ("git:/a.py", None),
        ("http://[", None),
        ("/a/b.py", None),
        ("", None),
    ],
)
def test_only_a_file_uri_has_a_path(uri: str, path: Path | None) -> None:
    assert to_path(uri) == path
