"""The page of `fathom context --html`: well-formed, harmless whatever a repository holds, its sums right."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from context.pack import Packed, Part, Section
from lsp_server.cli.context_page import Place, page
from lsp_server.cli.context_picture import COLOURS, OTHER, WIDTH
from lsp_server.cli.visible import in_a_line, visible

PLACE = Place("shop/cart.py", 12, 5, root="/home/me/shop", around=("def total(self):\n    return ", "\n"))
VOID = {"meta", "br", "link", "img", "input", "hr"}
HOSTILE = "</script></style></title></pre><img src=x onerror=alert(1)>\"'&amp;<!--"


class Page(HTMLParser):
    """Reads a page strictly: what is opened is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts.setdefault(tag, []).append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


def part(
    path: str = "/r/a.py", start: int = 0, text: str = "def a():\n", tokens: int = 5, **more: object
) -> Part:
    reason, score = str(more.get("reason", "imported here")), float(str(more.get("score", 0.5)))
    return Part(path, start, start + len(text), text, tokens, score, reason)


def packed(*sections: Section, budget: int = 100, marks: int = 3) -> Packed:
    tokens = sum(each.tokens for section in sections for each in section.parts) + marks * len(sections)
    return Packed(sections, tokens, budget)


def section(path: str, *parts: Part) -> Section:
    return Section(path, "".join(each.text for each in parts), parts)


USUAL = packed(
    section(
        "shop/item.py", part(tokens=30), part(start=40, text="class B:\n    x = 1\n", reason="named near")
    ),
    section(
        "shop/mail.py", part("/r/b.py", text="\nsend(1)\n", tokens=11, reason="says the same", score=0.9)
    ),
)


def test_the_page_has_all_there_is_to_say() -> None:
    read = Page(page(USUAL, PLACE))
    text = "".join(read.texts["body"])
    for said in ("shop/cart.py:12:5", "52 of 100 tokens", "3 parts", "2 files", "/home/me/shop", "fill"):
        assert said in text
    for said in (
        "imported here",
        "named near",
        "says the same",
        "paths and marks",
        "free",
        "class B:\n    x = 1\n",
    ):
        assert said in text


def test_the_best_part_is_the_first_in_the_table_and_links_lead_to_the_text() -> None:
    read = Page(page(USUAL, PLACE))
    scores = re.findall(r'<tr><td class="number">([0-9.]+)</td>', page(USUAL, PLACE))
    assert scores == ["0.90", "0.50", "0.50"]
    names = {attributes["id"] for _, attributes in read.tags if "id" in attributes}
    links = {attributes["href"] for tag, attributes in read.tags if tag == "a"}
    assert links == {f"#{name}" for name in names} == {"#part-1", "#part-2", "#part-3"}


def test_lines_are_told_where_they_are_known() -> None:
    place = Place("a.py", 1, 1, lines={("/r/a.py", 0, 9): (7, 7), ("/r/b.py", 0, 9): (3, 5)})
    text = "".join(Page(page(USUAL, place)).texts["main"])
    assert "shop/item.py:7" in text
    assert "shop/mail.py:3–5" in text
    assert "lines 3–5" in text


def test_the_text_of_parts_that_overlap_stands_there_once() -> None:
    whole = "class A:\n    def b(self):\n        return 1\n"
    parts = (part(text=whole[:26]), part(start=9, text=whole[9:], tokens=9))
    shown = "".join(Page(page(packed(Section("a.py", whole, parts)), PLACE)).texts["details"])
    assert shown.count("def b(self):") == 1
    assert "return 1" in shown


def test_an_empty_pack_says_so() -> None:
    text = "".join(Page(page(Packed((), 0, 512), Place("a.py", 1, 1))).texts["main"])
    assert "No other file has anything to say here." in text
    assert "free 512 · 100.0 %" in text


def test_estimated_tokens_are_called_so() -> None:
    text = "".join(Page(page(USUAL, Place("a.py", 1, 1, is_exact=False))).texts["main"])
    assert "about 52" in text


def test_a_section_without_parts_shows_its_text() -> None:
    text = "".join(Page(page(Packed((Section("a.py", "x = 1\n"),), 9, 100), PLACE)).texts["details"])
    assert "x = 1\n" in text


@pytest.mark.parametrize(
    "made",
    [USUAL, packed(), packed(budget=1), packed(section("a", part(tokens=1)), budget=1_000_000)],
    ids=["usual", "empty", "tiny", "huge"],
)
def test_the_widths_of_the_bar_add_up(made: Packed) -> None:
    assert sum(_widths(page(made, PLACE))) == pytest.approx(WIDTH, abs=1e-6)


def _widths(html: str) -> list[float]:
    bar = re.search(r'<svg class="bar".*?</svg>', html, re.DOTALL)
    assert bar is not None
    return [float(width) for width in re.findall(r'<rect[^>]* width="([0-9.]+)"', bar[0])]


def test_the_areas_of_the_map_add_up() -> None:
    drawn = re.search(r'<svg class="map" viewBox="0 0 (\d+) (\d+)".*?</svg>', page(USUAL, PLACE), re.DOTALL)
    assert drawn is not None
    fields = re.findall(
        r'<rect class="(?:field|free|other|head)" x="[^"]+" y="[^"]+" width="([^"]+)" height="([^"]+)"',
        drawn[0],
    )
    area = sum(float(width) * float(height) for width, height in fields)
    assert area == pytest.approx(int(drawn[1]) * int(drawn[2]), rel=0.03)


def test_shares_of_the_legend_are_those_of_the_budget() -> None:
    legend = "".join(Page(page(USUAL, PLACE)).texts["ul"])
    assert re.findall(r"([a-z ]+) (\d+) · ([0-9.]+) %", legend) == [
        ("imported here", "30", "30.0"),
        ("says the same", "11", "11.0"),
        ("named near", "5", "5.0"),
        ("paths and marks", "6", "6.0"),
        ("free", "48", "48.0"),
    ]


def hostile(text: str) -> str:
    bad = Part(f"/r/{text}", 0, len(text), text, 50, 0.5, text)
    more = Part(f"/r/{text}", 900, 900 + len(text), text, 40, 0.25, "imported here")
    place = Place(text, 1, 1, text, text, (text, text))
    return page(packed(Section(text, f"{text}{text}", (bad, more)), budget=200), place)


def assert_harmless(html: str) -> None:
    tags = Page(html).tags
    known = "html head meta title style body main header p h1 h2 b bdi span section svg rect g a text ul li"
    known += " div table thead tbody tr th td code details summary pre"
    assert {tag for tag, _ in tags} <= set(known.split())
    for _, attributes in tags:
        assert not [
            name for name in attributes if name.startswith("on") or name in ("src", "style", "xlink:href")
        ]
        assert attributes.get("href", "#").startswith("#")
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\0]", html)


@pytest.mark.parametrize(
    "text",
    [
        HOSTILE,
        '"><script>alert(1)</script>',
        "' onload='alert(1)",
        "javascript:alert(1)",
        "]]>",
        "&lt;b&gt;",
        "a\u202eb\u2066c\u200fd\u061ce",
        "\0\x1b[31m\x07",
        "\ud800",
        "{}%s%(x)s",
        "é🔑中",
        "x" * 5000,
        "",
        "\n\n\t\n",
    ],
)
def test_nothing_in_a_repository_can_become_more_than_text(text: str) -> None:
    html = hostile(text)
    assert_harmless(html)
    assert in_a_line(text)[:40] in "".join(Page(html).texts["h1"])


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_no_text_can_become_more_than_text(text: str) -> None:
    assert_harmless(hostile(text))


def test_nothing_is_fetched_or_run() -> None:
    html = page(USUAL, PLACE)
    assert "default-src 'none'" in html
    assert "<script" not in html
    assert not re.search(r"https?://|url\(|@import", html)


def test_invisible_characters_are_spelled_out() -> None:
    assert visible("a\u202eb\r\n\tc\x1b") == "a⟨U+202E⟩b⟨U+000D⟩\n\tc⟨U+001B⟩"
    assert visible("é ½ 中 한 Ж ابج 🔑 ‸ „x“") == "é ½ 中 한 Ж ابج 🔑 ‸ „x“"
    assert visible("\u00ad\u200b\ufeff\ud800\u2028\U000e0041") == (
        "⟨U+00AD⟩⟨U+200B⟩⟨U+FEFF⟩⟨U+D800⟩⟨U+2028⟩⟨U+E0041⟩"
    )
    assert in_a_line("a\nb\tc") == "a⟨U+000A⟩b⟨U+0009⟩c"


def test_line_ends_of_windows_are_line_ends() -> None:
    html = page(packed(section("a.py", part(text="a\r\nb\r\n"))), PLACE)
    assert "a\nb\n" in "".join(Page(html).texts["details"])
    assert "U+000D" not in "".join(Page(html).texts["details"])


def _light(colour: str) -> float:
    """The relative luminance of WCAG."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_light(one), _light(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_text_can_be_read_on_every_colour_by_day_and_by_night() -> None:
    for colour in (*COLOURS, OTHER):
        assert _contrast("#111111", colour) >= 7
        assert _contrast("#2b2b2b", colour) >= 4.5
    style = page(USUAL, PLACE).split("<style>")[1].split("</style>")[0]
    themes = [dict(re.findall(r"--(\w+): (#\w{6})", theme)) for theme in style.split("@media", 2)[:2]]
    assert len(themes) == 2
    for theme in themes:
        for ground in ("back", "code"):
            assert _contrast(theme["fore"], theme[ground]) >= 7
            for shade in ("muted", "link"):
                assert _contrast(theme[shade], theme[ground]) >= 4.5


def test_there_are_colours_for_a_dozen_reasons_and_no_two_are_alike() -> None:
    assert len(set(COLOURS)) == len(COLOURS) == 12


def test_a_page_of_a_large_pack_is_made_quickly_enough_and_folded() -> None:
    sections = [
        section(f"d/f{number}.py", *(part(f"/r/{number}", 100 * at, f"def f{at}():\n", 6) for at in range(5)))
        for number in range(200)
    ]
    html = page(packed(*sections, budget=20_000), PLACE)
    assert "<details open>" not in html
    assert html.count("<details>") == 200
