"""Everything that can speak against a change, looked at before anything of it is shown.

What a user may allow is `confirmable`; all else is final. Paths are judged as they are named and as links
lead; who writes them looks again, since links may change meanwhile.
"""

from __future__ import annotations

import ast
import os
import re
import stat
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from context.languages import language_of
from context.outline import Span
from context.parse import Fault, syntax_faults
from context.redact import PLACEHOLDER
from context.text import Text
from lsp_server.edits.apply import apply
from lsp_server.edits.imports import bring_only_imports
from lsp_server.edits.protected import is_asked_about, is_never_changed, is_secret, own_folders
from lsp_server.edits.types import EditSet, FileEdit, Refusal

MOST_DELETED = 0.6
"""Of the lines that are not blank. Who asked for a rewrite and loses more was most likely not understood."""
LEAST_LINES = 5
"""Lines in which so much can be said at all."""
LONGEST_PYTHON = 500_000
"""Characters of a text that Python's own parser is asked about."""
REMOTE_SCHEMA = re.compile(r"""["']\$schema["']\s*:\s*["'](https?://[^"']*)""")
"""What an editor fetches from the network as soon as it reads the file."""
REMOVES = re.compile(
    r"\b(?:remov|delet|drop|simplif|shorten|short|strip|reduc|clean|clear|condens|compact|collaps|inlin|trim"
    r"|prun|cut|get rid|without|unused|dead|dedup|duplicat|extract|minif|minimi|one[ -]?line|replac|revert"
    r"|empty|erase|stub|summari)",
    re.IGNORECASE,
)
"""Words in an instruction by which the user expects that lines go."""


def check(
    edits: EditSet,
    texts: Mapping[str, str | None],
    roots: Sequence[Path],
    instruction: str = "",
    languages: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Refusal, ...]:
    """Every reason against a change, of all its files; nothing if it may be shown.

    `texts` are the texts as they are now, by URI; `roots` are the folders of the workspace. The instruction
    is what the user asked for: it says whether lines may go. `languages` are those that an editor knows, by
    URI; others are found by the name of the file.
    """
    found: list[Refusal] = []
    for file in edits.files:
        before = texts.get(file.uri)
        against = _of_path(file, roots)
        found += against
        if all(refusal.confirmable for refusal in against):
            language = languages.get(file.uri) or _language(file, before or "")
            found += _of_text(file, before, instruction, language)
    if len({file.uri for file in edits.files}) < len(edits.files):
        found.append(Refusal("overlap", "The change names one file twice. Put its edits together."))
    return tuple(found)


def path_refusal(path: Path, roots: Sequence[Path]) -> Refusal | None:
    """Why a file may not be changed, by where it lies and what it is. Looks at the disk; never raises."""
    try:
        uri, real = path.absolute().as_uri(), Path(os.path.realpath(path))
    except ValueError:
        return Refusal("not-a-file", f"{str(path)!r} is not the name of a file.")
    root = next((root for root in map(os.path.realpath, roots) if real.is_relative_to(root)), None)
    if root is None:
        return Refusal(
            "outside-root", f"{path} is in no folder of the workspace. Open its folder first.", uri
        )
    inside = real.relative_to(root)
    named = _inside(path, roots) or inside
    if any(real.is_relative_to(os.path.realpath(folder)) for folder in own_folders()):
        return Refusal("protected", f"{path} belongs to Fathom itself. Change it by hand.", uri)
    if is_never_changed(inside) or is_never_changed(named):
        return Refusal("protected", f"{path} can make other programs run. Change it by hand.", uri)
    if is_secret(inside) or is_secret(named):
        return Refusal("secret", f"{path} is a secret by its name and is not read. Change it by hand.", uri)
    if refusal := _kind_refusal(path, real, uri):
        return refusal
    if is_asked_about(inside) or is_asked_about(named):
        message = f"{path} holds settings of an editor, an assistant or a tool. Allow this change by itself."
        return Refusal("protected", message, uri, confirmable=True)
    return None


def syntax_refusal(before: str, after: str, language: str, uri: str = "") -> Refusal | None:
    """Why the text after a change is worse than before: it has more errors of syntax.

    Nothing is known, and so nothing refused, in a language without grammar, or of a very long text.
    """
    new = syntax_faults(after, language)
    if not new:
        return _python_refusal(before, after, uri) if language == "python" else None
    old = syntax_faults(before, language) or ()
    if len(new) <= len(old):
        return None
    same_end = len(after) - len(before)
    known = {fault.span.start for fault in old} | {fault.span.start + same_end for fault in old}
    first = next((fault for fault in new if fault.span.start not in known), new[0])
    message = f"The text would have a syntax error at {_where(after, first)}. Give the whole change again."
    return Refusal("syntax", message, uri, confirmable=True)


def _python_refusal(before: str, after: str, uri: str) -> Refusal | None:
    """The same by Python's own parser, since tree-sitter takes a block that is not indented."""
    fault = _python_fault(after)
    if fault is None or _python_fault(before) is not None:
        return None
    where = f"line {fault.lineno}: {fault.msg}"
    message = f"The text would have a syntax error at {where}. Give the whole change again."
    return Refusal("syntax", message, uri, confirmable=True)


def _python_fault(text: str) -> SyntaxError | None:
    """The first error of syntax for the Python that runs this; None as well where that cannot be said."""
    if len(text) > LONGEST_PYTHON:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text.removeprefix("\ufeff"))
        except SyntaxError as error:
            return error
        except (ValueError, RecursionError, MemoryError):
            return None
    return None


def deletion_refusal(before: str, after: str, instruction: str, uri: str = "") -> Refusal | None:
    """Why so much may not go: most of the lines would, and nobody spoke of it."""
    lines, left = _lines(before), _lines(after)
    if lines < LEAST_LINES or lines - left <= MOST_DELETED * lines or REMOVES.search(instruction):
        return None
    message = f"Of {lines} lines only {left} would be left, and nothing was said about removing any."
    return Refusal("deletion", message, uri, confirmable=True)


def _of_path(file: FileEdit, roots: Sequence[Path]) -> list[Refusal]:
    refusal = None if file.path is None else path_refusal(file.path, roots)
    return [] if refusal is None else [refusal]


def _of_text(file: FileEdit, before: str | None, instruction: str, language: str) -> list[Refusal]:
    after = apply(file, before)
    if isinstance(after, Refusal):
        return [after]
    if before == after:
        return [Refusal("identical", "The text is so already. Nothing was changed.", file.uri)]
    text = before or ""
    scope = file.scope or Span(0, len(text))
    above = sum(len(edit.text) for edit in file.edits if edit.end < scope.start)
    part, new = text[scope.start : scope.end], after[scope.start + above : len(after) - len(text) + scope.end]
    refusals = (
        _scope_refusal(file, scope, text, after, language),
        _new_in(PLACEHOLDER, text, after, _NO_SECRET, file.uri),
        _new_in(REMOTE_SCHEMA, text, after, _FETCHES, file.uri),
        deletion_refusal(part, new, instruction, file.uri),
        syntax_refusal(text, after, language, file.uri),
    )
    return [refusal for refusal in refusals if refusal is not None]


_NO_SECRET = Refusal(
    "placeholder", "The change writes what stands for a secret, not the secret. Keep that line as it is."
)
_FETCHES = Refusal(
    "remote-schema",
    "The change names a schema that editors fetch from the network. Allow this change by itself.",
    confirmable=True,
)


def _scope_refusal(file: FileEdit, scope: Span, text: str, after: str, language: str) -> Refusal | None:
    if bring_only_imports(text, after, file.edits, scope, language):
        return None
    return Refusal("outside-scope", "The change reaches beyond what was selected.", file.uri)


def _new_in(pattern: re.Pattern[str], before: str, after: str, refusal: Refusal, uri: str) -> Refusal | None:
    """The refusal, if something is in the text after a change that was not there before."""
    new = set(pattern.findall(after)) - set(pattern.findall(before))
    return replace(refusal, uri=uri) if new else None


def _kind_refusal(path: Path, real: Path, uri: str) -> Refusal | None:
    """Why something on the disk is no file that may be written; None if nothing is there."""
    try:
        status = real.lstat()
    except FileNotFoundError:
        return None
    except OSError as error:
        return Refusal("not-a-file", f"{path} cannot be looked at: {error.strerror}.", uri)
    if not stat.S_ISREG(status.st_mode):
        return Refusal("not-a-file", f"{path} is no file with text.", uri)
    if status.st_nlink > 1:
        message = f"{path} has other names elsewhere, which keep the old text. Allow this change by itself."
        return Refusal("hard-link", message, uri, confirmable=True)
    return None


def _inside(path: Path, roots: Sequence[Path]) -> Path | None:
    """The path as it is named, below the root that it is named in."""
    named = Path(os.path.abspath(path))  # noqa: PTH100 - links are left as they are
    absolute = map(os.path.abspath, roots)
    return next((named.relative_to(root) for root in absolute if named.is_relative_to(root)), None)


def _language(file: FileEdit, text: str) -> str:
    name = file.path or Path(file.uri.rpartition("/")[2])
    return language_of(name, text[:200].partition("\n")[0])


def _lines(text: str) -> int:
    return sum(1 for line in text.splitlines() if line.strip())


def _where(text: str, fault: Fault) -> str:
    line, column = Text(text).position(fault.span.start, "utf-32")
    place = f"{line + 1}:{column + 1}"
    return f"{place}: {fault.missing!r} is missing" if fault.missing else place
