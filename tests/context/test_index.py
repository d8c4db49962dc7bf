"""The index as it is read: definitions, uses, imports and texts, from files that were indexed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from context.index import Index, Site
from context.indexing import Indexing, writing
from context.outline import Import

CART = '''import mail
from shop.prices import total as sum_of


class Cart:
    """What somebody is about to buy."""

    def total(self):
        return sum_of(self.items) + sum_of(self.extras)

    # It says so.
    @staticmethod
    def empty(
        receiver,
    ):
        mail.send(receiver)
'''
MAIL = "def send(receiver):\n    deliver(receiver)\n\n\ndef total(): ...\n\n\nEMPTY = ''\n"
NOTES = "# Carts\n\nCarts are sent to their receiver.\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    (root / "in").mkdir(parents=True)
    (root / "cart.py").write_text(CART)
    (root / "in/mail.py").write_text(MAIL)
    (root / "notes.md").write_text(NOTES)
    return root


@pytest.fixture
def writer(root: Path, tmp_path: Path) -> Iterator[Indexing]:
    with writing(tmp_path / "index", [root], workers=0) as indexing:
        yield indexing


@pytest.fixture
def index(writer: Indexing, tmp_path: Path) -> Iterator[Index]:
    list(writer.sweep())
    index = Index(tmp_path / "index")
    yield index
    index.close()


def test_a_name_leads_to_all_its_definitions(index: Index, root: Path) -> None:
    found = index.named(["total", "deliver", "Cart", "total"])
    assert set(found) == {"total", "Cart"}
    assert {(site.path, site.kind, site.qualified) for site in found["total"]} == {
        (str(root / "cart.py"), "method", "Cart.total"),
        (str(root / "in/mail.py"), "function", "total"),
    }
    assert len(index.named(["total"], most=1)["total"]) == 1


def test_of_many_places_those_in_files_that_matter_come_first_and_none_alone(
    root: Path, writer: Indexing, tmp_path: Path
) -> None:
    for name, many in (("alone", 1), ("needed", 9), ("other", 1)):
        methods = "".join(f"class {name}{number}:\n    def run(self): ...\n" for number in range(many))
        (root / f"{name}.py").write_text(methods)
    for number in range(5):
        (root / f"user{number}.py").write_text("import needed\nneeded.needed1().run()\n")
    list(writer.sweep())
    index = Index(tmp_path / "index")
    sites = index.named(["run"], most=4)["run"]
    assert [Path(site.path).stem for site in sites[:2]] == ["needed", "needed"]
    assert {Path(site.path).stem for site in sites[2:]} == {"alone", "other"}
    assert len(index.named(["run"])["run"]) == 11
    index.close()


def test_a_site_says_where_it_is_and_what_it_looks_like(index: Index, root: Path) -> None:
    (site,) = index.named(["empty"])["empty"]
    assert site == Site(
        path=str(root / "cart.py"),
        name="empty",
        kind="method",
        qualified="Cart.empty",
        signature=site.signature,
        doc="# It says so.",
        start=CART.index("# It says so."),
        end=CART.index("mail.send(receiver)") + len("mail.send(receiver)"),
        signature_at=CART.index(site.signature),
        line=CART[: CART.index("empty(")].count("\n"),
        has_body=True,
    )
    assert "def empty(\n        receiver,\n    ):" in site.signature


def test_every_signature_stands_where_it_is_said_to(index: Index) -> None:
    for path in index.paths():
        text = index.text(path)
        assert text is not None
        for site in index.inside(path):
            assert text.startswith(site.signature, site.signature_at)
            assert text.split("\n")[site.line].count(site.name)


def test_the_definitions_of_a_file_come_in_its_order(index: Index, root: Path) -> None:
    assert [site.qualified for site in index.inside(str(root / "cart.py"))] == [
        "Cart",
        "Cart.total",
        "Cart.empty",
    ]
    assert index.inside(str(root / "none.py")) == []


def test_imports_and_uses_of_a_file_are_known(index: Index, root: Path) -> None:
    path = str(root / "cart.py")
    assert index.imports(path) == [
        Import("mail", "", "", CART.index("mail")),
        Import("shop.prices", "total", "sum_of", CART.index("total")),
    ]
    assert index.uses(path)["sum_of"] == 3
    assert index.used_in(["receiver", "sum_of", "nowhere"]) == {"receiver": 2, "sum_of": 1, "nowhere": 0}
    assert index.users("sum_of") == [(path, 3)]
    assert index.users("receiver", most=1) == index.users("receiver")[:1]
    assert index.users("nowhere") == []


def test_who_imports_a_file_is_found_by_the_module_and_by_the_name(index: Index, root: Path) -> None:
    for word in ("mail", "prices", "total"):
        assert index.importers([word]) == [str(root / "cart.py")]
    assert index.importers(["sum_of", "shop"]) == []
    assert index.importers([]) == []


def test_files_are_found_by_their_name_and_folder(index: Index, root: Path) -> None:
    assert index.paths() == [str(root / each) for each in ("cart.py", "in/mail.py", "notes.md")]
    assert index.by_stem("mail") == index.in_folder(str(root / "in")) == [str(root / "in/mail.py")]
    assert index.by_stem("mai") == index.in_folder(str(root / "i")) == []


def test_text_and_language_are_those_of_the_file(index: Index, root: Path) -> None:
    assert index.text(str(root / "cart.py")) == CART
    assert index.language(str(root / "notes.md")) == "markdown"
    assert index.text(str(root / "none")) is None
    assert index.language(str(root / "none")) is None


def test_passages_are_found_by_what_they_say(index: Index, root: Path) -> None:
    first, *others = index.find(["deliver", "receiver"], 5)
    assert (first.path, first.text) == (str(root / "in/mail.py"), MAIL[first.start : first.end])
    assert str(root / "notes.md") in {passage.path for passage in others}
    without = index.find(["deliver", "receiver"], 5, without=[first.path, str(root / "none.py")])
    assert first.path not in {passage.path for passage in without}
    assert index.find([], 5) == index.find(["deliver"], 0) == []


def test_definitions_are_found_by_their_words_and_those_of_their_file(index: Index) -> None:
    assert index.find_sites(["cart", "total"], 1)[0].qualified == "Cart.total"
    assert index.find_sites(["mail", "total"], 1)[0].qualified == "total"
    assert index.find_sites(["deliver"], 5) == []


def test_files_that_need_each_other_matter_to_each_other(index: Index, root: Path) -> None:
    ranks = index.ranks([str(root / "cart.py")])
    assert set(ranks) == {str(root / "cart.py"), str(root / "in/mail.py")}
    assert set(index.ranks()) == set(ranks)
    assert index.ranks([str(root / "none.py")]) == {}


def test_a_change_is_seen_at_the_next_question(index: Index, writer: Indexing, root: Path) -> None:
    index.named(["total"])
    index.find(["deliver"], 1)
    before = index.version()
    (root / "in/mail.py").write_text("def later(): hand_over()\n")
    writer.update([root / "in/mail.py"])
    assert index.version() != before
    assert set(index.named(["later", "send"])) == {"later"}
    assert len(index.named(["total"])["total"]) == 1
    assert index.find(["deliver"], 1) == []
    before = index.version()
    writer.settle()
    assert index.version() != before
    assert len(index.find(["hand_over"], 1)) == 1


def test_two_readers_and_a_writer_do_not_disturb_each_other(
    index: Index, writer: Indexing, root: Path, tmp_path: Path
) -> None:
    other = Index(tmp_path / "index")
    for number in range(5):
        (root / "cart.py").write_text(f"class Cart{number}: ...\n")
        writer.update([root / "cart.py"])
        assert list(index.named([f"Cart{number}"])) == list(other.named([f"Cart{number}"]))
    other.close()


def test_where_there_is_no_index_there_is_nothing_in_it(tmp_path: Path) -> None:
    index = Index(tmp_path / "none")
    assert index.version() == 0
    assert index.paths() == index.inside("/a") == index.imports("/a") == index.find(["a"], 5) == []
    assert index.named(["a"]) == index.ranks() == {}
    assert not (tmp_path / "none").exists()
