"""`fathom bench typing --quality`: in which form of the prompt a model finds likeliest what people wrote.

In real files, places inside of lines are chosen, and the rest of each line is taken out. The model says how
likely it writes just this rest: after the usual prompt, with all text before the cursor in front, and after
that of Fathom, which is frozen at an anchor some lines before the cursor, with and without token healing.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lsp_server.cli.bench.judge import Judge
    from lsp_server.prompts.fim import Hole

PREFIX, SUFFIX = 1600, 500
"""Characters before and after a place that the model reads."""
LEAST, MOST = 4, 80
"""Characters in the rest of a line."""
AHEAD = 400
"""Characters of a file before the first place: with less there is nothing to go by."""

FORMAT = """\
With --quality:
  nll       negative logarithm of the probability of what was written, per character: the less, the better
  usual     prefix, suffix, middle, with all text before the cursor in the prefix
  anchored  the prefix ends some lines before the cursor, and what follows begins the middle
  healed    the same, and the last token before the cursor is written anew: this is what Fathom asks
"""
FORMS = ("usual", "anchored", "healed")


@dataclass(frozen=True, slots=True)
class Gap:
    """A place in a text: what stands before and after it, and what was written there."""

    before: str
    rest: str
    after: str


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured: nll per character by form, and how often a form is better than the usual one."""

    model: str
    files: int
    places: int
    characters: int
    nll_per_character: dict[str, float]
    better_at: dict[str, int]


def run(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    from lsp_server.models.backend import ModelError

    try:
        quality = _measure(arguments)
    except (OSError, ValueError, ModelError) as error:
        print(f"fathom bench typing: {error}", file=sys.stderr)
        return 1
    print(json.dumps(asdict(quality)) if arguments.json else "\n".join(_table(quality)))
    return 0


def _measure(arguments: argparse.Namespace) -> Quality:
    from lsp_server.cli.bench.judge import judge
    from lsp_server.config import config_path, read_own_file
    from lsp_server.models.choose import choose

    texts = _texts(arguments.file)
    gaps = choose_gaps(texts, arguments.places)
    if not gaps:
        raise ValueError("the files have no line that is long enough")
    name = read_own_file(config_path())[0].model if arguments.model is None else arguments.model
    model = choose(name)
    with judge(str(model.path)) as judging:
        judged = [(gap, nlls) for gap in gaps if (nlls := judge_gap(judging, gap)) is not None]
    if not judged:
        raise ValueError("the model can judge none of the places")
    characters = sum(len(gap.rest) for gap, _ in judged)
    return Quality(
        model=model.name,
        files=len(texts),
        places=len(judged),
        characters=characters,
        nll_per_character={
            form: round(sum(nlls[form] for _, nlls in judged) / characters, 3) for form in FORMS
        },
        better_at={form: sum(nlls[form] < nlls["usual"] for _, nlls in judged) for form in FORMS[1:]},
    )


def _texts(named: Sequence[Path]) -> list[str]:
    """The texts of files, and of all Python files in folders. Raises OSError."""
    places = list(named) or [Path(__file__).parents[2], Path(__file__).parents[3] / "context"]
    files = [
        file for place in places for file in (sorted(place.rglob("*.py")) if place.is_dir() else [place])
    ]
    return [file.read_text(encoding="utf-8") for file in files]


def choose_gaps(texts: Sequence[str], count: int) -> list[Gap]:
    """So many places in lines with text, the same in every run."""
    chance = random.Random(1)
    found: list[Gap] = []
    long = [text for text in texts if len(text) > 2 * AHEAD]
    while long and len(found) < count:
        text = chance.choice(long)
        lines = [line for line in re.finditer(r"\S[^\r\n]*", text[AHEAD:]) if len(line[0]) > 2 * LEAST]
        if not lines:
            long.remove(text)
            continue
        line = chance.choice(lines)
        end = AHEAD + line.end()
        cursor = max(end - MOST, AHEAD + chance.randrange(line.start(), line.end() - LEAST))
        found.append(Gap(text[:cursor], text[cursor:end], text[end:]))
    return found


def holes(gap: Gap) -> dict[str, Hole]:
    """The hole of a place as the usual prompt has it, and as Fathom freezes it."""
    from lsp_server.features.anchor import Budget, hole_at, place_anchor

    text, cursor = gap.before + gap.after, len(gap.before)
    anchor = place_anchor("", text, cursor, Budget(PREFIX, PREFIX, SUFFIX))
    anchored = hole_at(anchor, text, cursor)
    return {
        "usual": replace(anchored, prefix=anchored.prefix + anchored.typed, typed=""),
        "anchored": anchored,
    }


def judge_gap(judging: Judge, gap: Gap) -> dict[str, float] | None:
    """The nll of the rest of the line by form of the prompt; None if one of them cannot be judged."""
    from lsp_server.prompts.fim import lay_out

    found = holes(gap)
    usual = judging.likelihood(lay_out(found["usual"], "file"), gap.rest, heal=False)
    prompt = lay_out(found["anchored"], "file")
    anchored = judging.likelihood(prompt, gap.rest, heal=False)
    healed = judging.likelihood(prompt, gap.rest, heal=True)
    if usual is None or anchored is None or healed is None:
        return None
    return {"usual": usual.nll, "anchored": anchored.nll, "healed": healed.nll}


def _table(quality: Quality) -> Iterator[str]:
    from lsp_server.cli.table import lines_of

    yield f"{quality.places} places, {quality.characters} characters, with {quality.model}\n"
    usual = quality.nll_per_character["usual"]
    rows = [("", "nll", "to usual", "better at")]
    for form, nll in quality.nll_per_character.items():
        compared = f"{100 * (nll / usual - 1):+.0f} %" if form != "usual" else ""
        at = f"{quality.better_at[form]} of {quality.places}" if form != "usual" else ""
        rows.append((form, f"{nll:.3f}", compared, at))
    yield from lines_of(rows)
