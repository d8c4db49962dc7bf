"""The prompt of an edit: part of a file, the lines that are to be rewritten, and what is asked for.

Stable things stand first, what changes stands last: other files, the file around the lines, the lines
themselves, what a compiler says of them, and the instruction at the very end. So a second instruction for the
same lines finds nearly all of its prompt read already, and a second try finds all of it.

Line numbers stand beside the code and no marks inside of it: what stands inside comes back in the answer.
The assistant's turn is begun up to the opening fence, which leaves no room for talk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lsp_server.prompts.chatml import Turn, chat
from lsp_server.prompts.fences import fence_for, fenced
from lsp_server.prompts.fim import Source
from lsp_server.prompts.types import Prompt

Form = Literal["whole", "insert", "blocks"]
"""The answer: all lines anew, lines for a place where there are none, or SEARCH/REPLACE blocks."""

NO_CHANGE = "NO CHANGE"
SEARCH = "<<<<<<< SEARCH"

SYSTEM = (
    "You rewrite code. You are shown a part of a file and an instruction for some of its lines. Answer with "
    "the new text of exactly these lines in one fenced block: no explanation, no other lines of the file. "
    "Do what the instruction says, and change nothing else. If it cannot be done, answer "
    f"`{NO_CHANGE}: ` and the reason."
)
BLOCKS_SYSTEM = (
    "You rewrite code. You are shown a part of a file and an instruction for some of its lines. Answer with "
    "one block for each change, and with nothing else:\n"
    f"{SEARCH}\nthe old lines, copied exactly, as few as say where they stand\n=======\n"
    "the new lines\n>>>>>>> REPLACE\n"
    "Do what the instruction says, and change nothing else. If it cannot be done, answer "
    f"`{NO_CHANGE}: ` and the reason."
)
"""Both have less than 150 tokens. The default model does less of what it is told after a longer one."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Whole lines of the file, with "\\n" at the end of each; the first one's number counts from 1."""

    line: int
    text: str

    @property
    def last(self) -> int:
        """The number of the last line."""
        return self.line + max(0, self.text.rstrip("\n").count("\n"))


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked. `lines` is the text to be rewritten, without common indentation; "" to insert some."""

    path: str
    language: str
    instruction: str
    lines: str
    line: int
    """The number of the first of the lines, or of the line before which new ones go; from 1."""
    form: Form = "whole"
    above: tuple[Excerpt, ...] = ()
    below: tuple[Excerpt, ...] = ()
    sources: tuple[Source, ...] = ()
    """Other files, most stable first."""
    part: str = ""
    """What alone may change of the lines, where that is less than whole lines."""
    complaints: tuple[tuple[int, str], ...] = ()
    """What a compiler or linter says of the lines: the number of a line, and a sentence."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An answer that could not be used, as far as it came, and what was wrong with it."""

    answer: str
    reason: str


def lay_out(task: Task, failures: Sequence[Failure] = ()) -> Prompt:
    """The prompt of a task. That of a further try begins with all of the one before and its answer."""
    begun = begun_with(task)
    turns = [
        Turn("system", (BLOCKS_SYSTEM if task.form == "blocks" else SYSTEM,)),
        Turn("user", tuple(_told(task))),
    ]
    for failure in failures:
        turns += [
            Turn("assistant", (f"{begun}{failure.answer}",)),
            Turn("user", (f"{failure.reason}\nAnswer again: {_wanted(task)}.",)),
        ]
    return chat(turns, begun)


def begun_with(task: Task) -> str:
    """How the answer begins already: which lines it has, the opening fence, and that of the first block.

    The small default model repeats the whole file less often where the lines are named here once more.
    """
    where = f"line {task.line}" if task.form == "insert" else _lines(task.line, _last(task))
    what = {
        "whole": f"L{where[1:]}, rewritten",
        "insert": f"The new lines for {where}",
        "blocks": "The changes",
    }
    opened = f"\n{SEARCH}\n" if task.form == "blocks" else f"{task.language}\n"
    return f"{what[task.form]}:\n{fence(task)}{opened}"


def fence(task: Task) -> str:
    """The fence of the whole prompt and of the answer."""
    excerpts = [excerpt.text for excerpt in (*task.above, *task.below)]
    sources = [source.text for source in task.sources]
    return fence_for([task.lines, task.instruction, *excerpts, *sources], task.language)


def _told(task: Task) -> Iterator[str]:
    """The user's turn. Each part is a text of its own, so that equal parts give equal tokens."""
    mark = fence(task)
    for source in task.sources:
        yield f"File {source.path}:\n{fenced(source.text, mark)}\n"
    name = f"File {task.path}"
    for excerpt in (*task.above, *task.below):
        yield f"{name}, {_lines(excerpt.line, excerpt.last)}:\n{fenced(excerpt.text, mark, task.language)}\n"
    if task.form != "insert":
        head = f"{name}, {_lines(task.line, _last(task))}, to be rewritten:\n"
        yield f"{head}{fenced(task.lines, mark, task.language)}\n"
    for line, message in task.complaints:
        yield f"Problem in line {line}: {message}\n"
    if task.part:
        yield f"Only this part is to be changed:\n{fenced(task.part, mark)}\n"
    yield f"Instruction: {task.instruction}\nAnswer with {_wanted(task)}."


def _wanted(task: Task) -> str:
    """What the answer is to be, in a few words: it stands last, where a small model still heeds it."""
    if task.form == "insert":
        return f"the new lines that go before line {task.line}, and only these"
    lines = _lines(task.line, _last(task))
    if task.form == "blocks":
        return f"SEARCH/REPLACE blocks for {lines}"
    return f"the new text of {lines}, all of it"


def _last(task: Task) -> int:
    return task.line + task.lines.rstrip("\n").count("\n")


def _lines(first: int, last: int) -> str:
    return f"line {first}" if last <= first else f"lines {first}-{last}"
