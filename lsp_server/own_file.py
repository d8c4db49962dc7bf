"""Writing into the user's own file of settings: the chosen model, and nothing else.

All other bytes of the file stay as they are. tomlkit is used since it keeps them; tomllib only reads.
"""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from lsp_server.config import config_path


class NotKeptError(Exception):
    """The file could not be changed. `str()` is a sentence for the user that says what to do."""


def keep_model(name: str, path: Path | None = None) -> None:
    """Set the model in the user's file, whole or not at all. Raises NotKeptError.

    A file that cannot be understood is not touched.
    """
    path = path or config_path()
    try:
        # The file may be a link into a repository of settings: that stays one.
        target = path.resolve()
        before = target.read_bytes().decode("utf-8") if target.exists() else ""
        after = with_model(before, name)
        if after != before:
            _write(target, after)
    except (OSError, RuntimeError) as error:  # RuntimeError: links that lead around in a circle
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise NotKeptError(
            f"{path} cannot be written ({why}), so the choice of {name} is not kept."
        ) from error
    except (ValueError, TOMLKitError) as error:
        raise NotKeptError(
            f"{path} cannot be understood ({error}), so it was left alone and the choice of {name} is not "
            f"kept: mend the file, or write {_line(name)} into it."
        ) from error


def with_model(text: str, name: str) -> str:
    """The text of a file of settings with this model. Raises ValueError and TOMLKitError if it is no TOML."""
    values = tomllib.loads(text)
    if "model" in values:
        document = tomlkit.parse(text)
        document["model"] = name
        changed = tomlkit.dumps(document)
    else:
        # On top, since what stands below the head of a table belongs to that.
        changed = f"{_line(name)}{_line_end(text)}{text}"
    if not isinstance(values.get("model", ""), str) or tomllib.loads(changed) != {**values, "model": name}:
        raise ValueError("model is no text in it")
    return changed


def _line(name: str) -> str:
    return f"model = {tomlkit.item(name).as_string()}"


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _write(path: Path, text: str) -> None:
    """Replace a file in one step; it keeps its permissions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - it is open already
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(path.stat().st_mode & 0o7777 if path.exists() else 0o644)
        Path(draft).replace(path)
    finally:
        Path(draft).unlink(missing_ok=True)
