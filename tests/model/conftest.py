"""Models that are made for a run of the tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.model.tiny_qwen import write_tiny_qwen


@pytest.fixture(scope="session")
def tiny_qwen(default_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with the window, the architecture and the vocabulary of a large one."""
    return write_tiny_qwen(tmp_path_factory.mktemp("tiny") / "tiny-qwen3.gguf", default_model)
