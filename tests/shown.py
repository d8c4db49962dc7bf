"""A plugin for pytest that prints, after collecting, which editor is shown to do what by which tests.

    python -m pytest --collect-only --quiet -p tests.shown tests/editors

A test says its editor by the mark `editor` and what it shows by `shows`; each may also stand on a parameter
or on the module. A test that is expected to fail shows nothing.
"""

from __future__ import annotations

import pytest

PREFIX = "shown:"


def pytest_collection_finish(session: pytest.Session) -> None:
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    for item in session.items:
        if item.get_closest_marker("xfail") or item.get_closest_marker("skip"):
            continue
        for feature in _names(item, "shows"):
            for editor in _names(item, "editor"):
                terminal.write_line("\t".join((PREFIX, editor, feature, item.nodeid)))


def _names(item: pytest.Item, mark: str) -> list[str]:
    return sorted({name for each in item.iter_markers(mark) for name in each.args})
