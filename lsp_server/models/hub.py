"""Model files from the Hugging Face hub, through its library, resumed where an earlier attempt stopped."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any

from lsp_server.models.fetch import (
    Fetched,
    FreeSpace,
    OnProgress,
    Progress,
    SourceFailed,
    demand_space,
    disk_trouble,
    megabytes,
)
from lsp_server.models.model import HubSource, ModelFile

if TYPE_CHECKING:
    from huggingface_hub import HfFileMetadata

REACH_SECONDS = 10.0
"""How long the hub may take to say what the file is, name look-up and all addresses included."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


def fetch(
    file: ModelFile,
    source: HubSource,
    folder: Path,
    on_progress: OnProgress,
    free: FreeSpace,
    reach_seconds: float = REACH_SECONDS,
) -> Fetched:
    """Download the file into `folder`. Raises SourceFailed, and ModelError when the disk refuses.

    What arrived before a failure stays, and the next attempt asks only for the rest. (The library's
    `hf_hub_download` throws it away; its `http_get` goes on with a file.)
    """
    repo = f"{source.repo} of the hub"
    stated = _ask(source, reach_seconds)
    size, etag = _check(file, stated, repo)
    target = folder / f"{file.name}.{etag[:16]}.hub"
    for other in folder.glob(f"{file.name}.*.hub"):
        if other != target:
            other.unlink()
    try:
        begun = _begun(target, size)
        demand_space(folder, size - begun, free)
        _download(
            stated.location, target, size, lambda done: on_progress(Progress("fetching", repo, done, size))
        )
    except OSError as error:
        raise disk_trouble(error, folder) or SourceFailed(f"{repo}: {_short(error)}") from error
    except SourceFailed as failure:
        if failure.corrupt:
            target.unlink(missing_ok=True)
        raise
    return Fetched(target, "the hub", etag if _SHA256.fullmatch(etag) else None)


def _begun(target: Path, size: int) -> int:
    """How many bytes of the file are here already; a file that is too long is begun anew."""
    begun = target.stat().st_size if target.exists() else 0
    if begun <= size:
        return begun
    target.unlink()
    return 0


def _check(file: ModelFile, stated: HfFileMetadata, url: str) -> tuple[int, str]:
    """Size and etag of the file. Refuses before a byte is fetched what cannot be it."""
    if stated.commit_hash is None or stated.etag is None or stated.size is None:
        raise SourceFailed(f"what answers in place of {url} is no hub (a login page of the network, perhaps)")
    if file.sha256 is None and not _SHA256.fullmatch(stated.etag):
        raise SourceFailed(f"{url} states no sha256 for {file.name}, and none is pinned")
    if file.sha256 is not None and _SHA256.fullmatch(stated.etag) and stated.etag != file.sha256:
        raise SourceFailed(
            f"{url} offers another {file.name}: its sha256 is {stated.etag}, expected {file.sha256}",
            corrupt=True,
        )
    if file.size is not None and file.size != stated.size:
        raise SourceFailed(
            f"{url} offers another {file.name}: {megabytes(stated.size)} ({stated.size} bytes), "
            f"expected {file.size} bytes",
            corrupt=True,
        )
    return stated.size, stated.etag


def _ask(source: HubSource, seconds: float) -> HfFileMetadata:
    """Ask for size and hash, for so many seconds at most: time limits of sockets leave name servers out."""
    answers: Queue[HfFileMetadata | Exception] = Queue()
    threading.Thread(target=_answer, args=(source, seconds, answers), name="ask-hub", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise SourceFailed(f"the hub did not answer within {seconds:.0f} seconds") from None
    if isinstance(answer, Exception):
        raise SourceFailed(f"the hub could not be reached: {_short(answer)}") from answer
    return answer


def _answer(source: HubSource, seconds: float, answers: Queue[HfFileMetadata | Exception]) -> None:
    try:
        from huggingface_hub import constants, get_hf_file_metadata, hf_hub_url

        # Otherwise the library asks for one more page, and tells the hub what runs here.
        constants.HF_HUB_DISABLE_TELEMETRY = True
        url = hf_hub_url(source.repo, source.file, revision=source.revision)
        answers.put(get_hf_file_metadata(url, timeout=seconds / 2))
    except Exception as error:  # it is raised in the thread that asked
        answers.put(error)


def _download(url: str, target: Path, size: int, say: Callable[[int], None]) -> None:
    """Append to `target` what is missing of `size` bytes."""
    from httpx2 import HTTPError
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.file_download import http_get

    with target.open("ab") as out:
        begun = out.tell()
        say(begun)
        try:
            http_get(url, out, resume_size=begun, expected_size=size, tqdm_class=_bar(say, size))
        except (HTTPError, HfHubHTTPError) as error:
            raise SourceFailed(f"the hub broke off: {_short(error)}; what was fetched is kept") from error
        except ValueError as error:  # a file of more than 50 GB, which goes over another protocol only
            raise SourceFailed(f"the hub does not give the file in this way: {_short(error)}") from error


def _bar(say: Callable[[int], None], size: int) -> type[Any]:
    """In place of the progress bar that the library wants: tells, and refuses more bytes than announced."""
    from tqdm import tqdm

    class Bar(tqdm):  # type: ignore[type-arg]
        def __init__(self, *_: object, initial: int = 0, **__: object) -> None:
            super().__init__(disable=True)
            self.done = initial

        def update(self, n: float | None = 1) -> None:
            self.done += int(n or 0)
            if self.done > size:
                raise SourceFailed(f"the hub sends more than the {size} bytes it had announced", corrupt=True)
            say(self.done)

    return Bar


def _short(error: Exception) -> str:
    """The first line of an error, without its full stop."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")
