"""Take a piece out of one of this repository's own files, let the default model fill the hole, and show it.

    .venv/bin/python .ci/demo.py [--svg FILE]

With --svg the same is also drawn as a picture, the one in the README.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FATHOM = Path(sys.executable).with_name("fathom")
AROUND = 7
"""How many lines are shown before and after the hole."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A place in a file, by the text before it and the text that is taken out there."""

    file: str
    before: str
    taken: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is shown: what the file says before and after the ghost text."""

    number: int
    before: str
    ghost: str = ""
    after: str = ""


HOLE = Hole(".ci/stages.py", "    failed = ", "[name for name, passed, _ in results if not passed]")


def main() -> None:
    text, offset = cut(HOLE)
    print(f"{HOLE.file}: this was taken out of it, and is to be filled in again:\n")
    print("".join(f"    {line}\n" for line in HOLE.taken.splitlines()))
    began = time.monotonic()
    answer = fill(HOLE.file, text, offset)
    seconds = time.monotonic() - began
    if not answer["text"]:
        raise SystemExit(f"no ghost text ({answer['reason']}): {answer.get('detail', '')}")
    lines = list(around(text, offset, answer["text"]))
    print("".join(drawn(line) for line in lines))
    figures = said(answer, seconds)
    print(figures)
    if sys.argv[1:2] == ["--svg"]:
        Path(sys.argv[2]).write_text(picture(lines, figures))


def cut(hole: Hole) -> tuple[str, int]:
    """Return the file without the piece, and the offset of the hole. The piece stands there exactly once."""
    whole = (ROOT / hole.file).read_text(encoding="utf-8")
    if whole.count(hole.before + hole.taken) != 1:
        raise SystemExit(f"{hole.file} has changed: the demo's hole in .ci/demo.py is to be found anew")
    offset = whole.index(hole.before + hole.taken) + len(hole.before)
    return whole[:offset] + whole[offset + len(hole.taken) :], offset


def fill(name: str, text: str, offset: int) -> dict[str, Any]:
    """Run `fathom complete` on a copy of the file that has the hole."""
    line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
    with tempfile.TemporaryDirectory(prefix="fathom-demo-") as folder:
        copy = Path(folder, name)
        copy.parent.mkdir(parents=True)
        copy.write_text(text, encoding="utf-8")
        print(f"$ fathom complete {name}:{line}:{column}\n", flush=True)
        place = f"{copy}:{line}:{column}"
        done = subprocess.run([FATHOM, "complete", place, "--json"], stdout=subprocess.PIPE, check=False)
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise SystemExit(f"`fathom complete` gave no answer (exit code {done.returncode})") from None
    return answer


def around(text: str, offset: int, ghost: str) -> Iterator[Line]:
    """The lines near the hole with the ghost text in its place."""
    before, after = text[:offset].split("\n"), text[offset:].split("\n")
    number = max(1, len(before) - AROUND)
    for line in before[number - 1 : -1]:
        yield Line(number, line)
        number += 1
    ghosts = ghost.split("\n")
    for index, piece in enumerate(ghosts):
        last = index == len(ghosts) - 1
        yield Line(number, before[-1] if index == 0 else "", piece, after[0] if last else "")
        number += 1
    for line in after[1:AROUND]:
        yield Line(number, line)
        number += 1


def drawn(line: Line) -> str:
    """A line for a terminal: the ghost text is grey there, and marked where there are no colours."""
    opened, closed = ("\033[3;90m", "\033[0m") if sys.stdout.isatty() else ("⟦", "⟧")
    ghost = f"{opened}{line.ghost}{closed}" if line.ghost else ""
    return f"{line.number:5} │ {line.before}{ghost}{line.after}\n"


def said(answer: dict[str, Any], seconds: float) -> str:
    tokens, ms = answer["tokens"], answer["ms"]
    return (
        f"{answer['model']}: {tokens['prompt']} tokens in the prompt, "
        f"{tokens['cached']} of them kept from before, {tokens['evaluated']} evaluated, "
        f"{tokens['generated']} generated\n"
        f"first token after {ms['first']:.0f} ms, all after {ms['total']:.0f} ms; "
        f"the whole command took {seconds:.1f} s"
    )


def picture(lines: list[Line], figures: str) -> str:
    """The same as an SVG: a dark window, the ghost text in grey italics."""
    height, top = 20, 52
    rows = [f'<tspan class="n">{line.number:4}</tspan>  {spans(line)}' for line in lines]
    rows += ["", *(f'<tspan class="n">{escape(line)}</tspan>' for line in figures.split("\n"))]
    text = "\n".join(f'<text x="20" y="{top + height * at}">{row}</text>' for at, row in enumerate(rows))
    tall = top + height * len(rows) + 4
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="920" height="{tall}" viewBox="0 0 920 {tall}" role="img">
<title>Ghost text in {escape(HOLE.file)}</title>
<style>
text {{ font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre }}
text {{ fill: #d8dee9 }} .n {{ fill: #616e88 }} .g {{ fill: #8a93a5; font-style: italic }}
</style>
<rect width="920" height="{tall}" rx="8" fill="#20242c"/>
<circle cx="22" cy="20" r="6" fill="#bf616a"/><circle cx="42" cy="20" r="6" fill="#ebcb8b"/>\
<circle cx="62" cy="20" r="6" fill="#a3be8c"/>
<text x="90" y="24" class="n">{escape(HOLE.file)}</text>
{text}
</svg>
"""


def spans(line: Line) -> str:
    ghost = f'<tspan class="g">{escape(line.ghost)}</tspan>' if line.ghost else ""
    return f"{escape(line.before)}{ghost}{escape(line.after)}"


if __name__ == "__main__":
    main()
