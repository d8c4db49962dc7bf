"""Where Fathom keeps what it has read of a workspace."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import platformdirs


def index_folder(roots: Sequence[Path]) -> Path:
    """The folder of the index of these roots, whatever names lead to them. It need not be there."""
    real = sorted({os.path.realpath(root) for root in roots})
    key = blake2b("\0".join(real).encode("utf-8", "surrogateescape"), digest_size=10).hexdigest()
    return platformdirs.user_cache_path("fathom") / "index" / key
