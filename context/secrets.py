"""Which files are never read into a prompt: by their path alone, without a look at the disk."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path

NAMES = (
    ".env*",
    "id_rsa*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    ".npmrc",
    ".pypirc",
    ".netrc",
)
HARMLESS = (".env.example", ".env.sample", ".env.template", "*.pub")


def is_secret_path(path: Path) -> bool:
    """Whether a file with this path must not be read."""
    name = path.name.casefold()
    if any(fnmatchcase(name, pattern) for pattern in HARMLESS):
        return False
    return any(fnmatchcase(name, pattern) for pattern in NAMES)
