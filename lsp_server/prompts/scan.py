"""Reads the model's text character by character and finds where it has to end.

What is found depends on the characters alone, never on the pieces in which they come.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, get_args

from lsp_server.prompts.brackets import balance
from lsp_server.prompts.scene import Scene, weight, width

Ending = Literal["stop", "length"]
"""Why the model's text ends: it said so, or it was cut off by the token limit or the clock."""

ENDINGS: frozenset[str] = frozenset(get_args(Ending))

SPELLED = re.compile(
    r"<\|(?:fim_prefix|fim_suffix|fim_middle|fim_pad|repo_name|file_sep|endoftext|im_start|im_end|cursor)\|>"
    r"|<fim_(?:prefix|suffix|middle|pad)>|<(?:file_sep|filename|reponame)>"
)
LONGEST_SPELLED = 16
HALF_SPELLED = re.compile(r"<\|?[a-z_]*\|?\Z")

MOST_COLUMNS = 300
"""Characters in one line; what is longer is a table or a loop."""
LOOPING = re.compile(r"(.{1,24}?)\1{5,}\Z")
LOOP = 36
"""Characters that a loop within a line has to fill."""
BLOCK_LOOP = 4
"""Lines of the longest block whose repetition is seen."""

SUBSTANTIAL = 8
"""Letters and digits that make it unlikely that two lines are equal by chance."""

CLOSING_LINE = re.compile(r"[)\]}]+[;,.]?|end[;,]?|</[\w.-]+>")
CONTINUATION = re.compile(
    r"(?:[)\]}]\s*)?(?:else|elif|elsif|elseif|except|finally|catch|rescue|ensure|case|default|when|while|until|and|or)\b"
)
OPENING = re.compile(r"[({\[:,\\=]\s*\Z|->\s*\Z|=>\s*\Z")
PROSE = frozenset(
    {"markdown", "plaintext", "text", "restructuredtext", "asciidoc", "latex", "mdx", "quarto", "rmd", ""}
)
"""Languages in which a fence is text like any other."""

Verdict = Literal["keep", "last", "drop", "skip"]
"""Keep the line; keep it as the last one; end before it; leave it out."""


class Scan:
    """The lines that are kept so far, and the rule that ended it; `rule` is empty while more is wanted."""

    def __init__(self, scene: Scene, max_lines: int) -> None:
        self.kept: list[str] = []
        self.rule = ""
        self.fenced = False
        self._scene = scene
        self._max_lines = max_lines
        self._line = ""
        self._after_return = False

    def feed(self, text: str) -> None:
        """Read on; what comes after the end is ignored."""
        for character in text:
            if self.rule:
                return
            self._take(character)

    def finish(self, ending: Ending) -> None:
        """Judge the line that has no end yet."""
        if self.rule:
            return
        if ending == "length":
            self._line = HALF_SPELLED.sub("", self._line)
            if self._begins_line_below():
                self.rule = "suffix"
                return
            if any(line.strip() for line in self.kept):
                # Half a line after whole ones says less than it disturbs.
                self.rule = "length"
                return
        self._end_line()
        self.rule = self.rule or ending

    def _take(self, character: str) -> None:
        returned, self._after_return = self._after_return, character == "\r"
        if character == "\n" and returned:
            return
        if character in "\r\n":
            self._end_line()
            return
        if not _printable(character):
            return
        self._line += character
        if character == ">":
            found = SPELLED.search(self._line, max(0, len(self._line) - LONGEST_SPELLED))
            if found:
                self._line = self._line[: found.start()]
                self._end_line()
                self.rule = self.rule or "token"
        elif len(self._line) > MOST_COLUMNS:
            self._end_with("too-long")
        elif character.isalnum() and _loops(self._line):
            self._end_with("repetition")
        elif (
            self.kept
            and not character.isspace()
            and self._line.strip() == character
            and self._dedents(character)
        ):
            self.rule = "dedent"

    def _end_with(self, rule: str) -> None:
        """End without the line that is being read."""
        self._line = ""
        self.rule = rule

    def _end_line(self) -> None:
        line, self._line = self._line, ""
        verdict, rule = self._judge(line)
        if verdict in ("keep", "last"):
            self.kept.append(line)
        if verdict in ("last", "drop"):
            self.rule = rule
        elif len(self.kept) >= self._max_lines and any(kept.strip() for kept in self.kept):
            self.rule = "max-lines"

    def _judge(self, line: str) -> tuple[Verdict, str]:
        if line.lstrip().startswith("```") and self._scene.language not in PROSE:
            if self.kept or self.fenced:
                return "drop", "fence"
            self.fenced = True
            return "skip", ""
        if self._repeats_below(line):
            return "drop", "suffix"
        if not self.kept:
            # Behind an empty first line, a line that is complete, there may be several.
            one = self._scene.one_line and (line.strip() or self._scene.in_middle)
            return ("last", "one-line") if one else ("keep", "")
        if not line.strip():
            return self._judge_blank()
        if self._repeats_itself(line):
            return "drop", "repetition"
        return self._judge_indented(line)

    def _judge_blank(self) -> tuple[Verdict, str]:
        said = any(kept.strip() for kept in self.kept)
        if said and not self._unfinished():
            return "drop", "blank-line"
        if len(self.kept) >= 3 and not any(kept.strip() for kept in self.kept[-2:]):
            return "drop", "blank-line"
        return "keep", ""

    def _judge_indented(self, line: str) -> tuple[Verdict, str]:
        stripped, own, level = line.strip(), width(line), self._level()
        if own > level:
            return "keep", ""
        closing = CLOSING_LINE.fullmatch(stripped) is not None
        if own < level:
            return ("last", "dedent") if closing and self._closes_something(stripped) else ("drop", "dedent")
        if not self._scene.line.strip() or not self._went_deeper():
            return "keep", ""
        if stripped[0] in ")]}":
            return ("keep", "") if OPENING.search(stripped) and stripped[-1] != "," else ("last", "block-end")
        if closing:
            return "last", "block-end"
        if CONTINUATION.match(stripped) or not self._block_goes_on_below():
            return "keep", ""
        return "drop", "block-end"

    def _level(self) -> int:
        """The indentation of the line that the text begins on, with what the text adds to it."""
        first = self.kept[0] if self.kept else ""
        return width(self._scene.line + (first or "|") if first.strip() else self._scene.line + "|")

    def _dedents(self, character: str) -> bool:
        """Whether the line that has just begun leaves the block for certain."""
        return width(self._line) < self._level() and character not in ")]}e<`"

    def _went_deeper(self) -> bool:
        level = self._level()
        return any(line.strip() and width(line) > level for line in self.kept[1:])

    def _block_goes_on_below(self) -> bool:
        """Whether code of the same block stands after the cursor, so that one statement is missing."""
        return bool(self._scene.below) and width(self._scene.below[0]) >= self._level()

    def _closes_something(self, closers: str) -> bool:
        """Whether closers close what the file leaves open, and not what is closed below already."""
        if not self._scene.below or self._scene.below[0].strip() != closers:
            opened = len(self._scene.open_before.openers)
            return opened > len(self._scene.closed_after.closers) or closers.startswith(("end", "</"))
        return False

    def _unfinished(self) -> bool:
        text = self._scene.line + "\n".join(self.kept)
        found = balance(text, self._scene.language)
        return bool(found.openers) or len(found.quote) == 3 or OPENING.search(text.rstrip()) is not None

    def _repeats_below(self, line: str) -> bool:
        """Whether a line is the next one of the document, or says the same as one soon after it."""
        whole = (line if self.kept else self._scene.line + line).rstrip()
        below = self._scene.below
        if not whole.strip() or not below or (not self.kept and not line.strip()):
            return False
        if whole == below[0]:
            return weight(whole) > 2 or not self._opened_since()
        if not self.kept and not self._scene.line.strip() and CLOSING_LINE.fullmatch(line.strip()):
            return line.strip() == below[0].strip()
        if not self.kept and self._begins_block(whole):
            return False
        if weight(line) >= SUBSTANTIAL and line.strip() == below[0].strip():
            return True
        said = whole.strip()
        return weight(said) >= SUBSTANTIAL and any(said == other.strip() for other in below)

    def _begins_block(self, line: str) -> bool:
        """Whether a line is the first of its block, where the same may stand as behind the block."""
        above = next((line for line in reversed(self._scene.preceding[:-1]) if line.strip()), "")
        opens = above.rstrip().endswith((":", "{")) and not self._scene.line.strip()
        return opens and width(line) > max(width(above), width(self._scene.below[0]))

    def _opened_since(self) -> bool:
        """Whether the text itself has opened a bracket that is still open."""
        return bool(balance("\n".join(self.kept), self._scene.language).openers)

    def _begins_line_below(self) -> bool:
        said = self._line.strip()
        return (
            bool(self.kept)
            and len(said) > 2
            and any(line.strip().startswith(said) for line in self._scene.below[:1])
        )

    def _repeats_itself(self, line: str) -> bool:
        lines = [*self.kept, line]
        if len(lines) > 2 and weight(line) > 2 and lines[-1] == lines[-2] == lines[-3]:
            del self.kept[-1:]
            return True
        for size in range(2, BLOCK_LOOP + 1):
            block = lines[-size:]
            if (
                len(lines) >= 2 * size
                and block == lines[-2 * size : -size]
                and weight("".join(block)) > SUBSTANTIAL
            ):
                del self.kept[len(self.kept) + 1 - size :]
                return True
        return False


def _loops(line: str) -> bool:
    """Whether a line ends in many equal pieces of letters or digits, one after another."""
    if len(line) < LOOP:
        return False
    found = LOOPING.search(line[-4 * LOOP :])
    return found is not None and found.end() - found.start() >= LOOP and weight(found.group(1)) > 0


def _printable(character: str) -> bool:
    """Whether a character can be seen, indents or joins, unlike control characters and reordering marks."""
    if character in "\t\u200c\u200d":
        return True
    return character != "\ufffd" and unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
