"""The store: one writer, commits, contents by their hash, and whatever may have happened to its files."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from context import database
from context.database import BusyError, DamagedError, StoreError
from context.extract import Extract, extract, hash_of
from context.index import Index
from context.rows import NAME
from context.store import Store, opened


def read(text: str) -> Extract:
    return extract(text.encode(), "python", "cart")


def put(store: Store, path: str, text: str) -> int:
    """Store a file with a content, and return the id of that."""
    content_hash = hash_of(text.encode(), "python")
    content = store.content(content_hash)
    if content is None:
        content = store.add_content(content_hash, "python", read(text))
    store.put_file(path, (len(text), 1, 1), content)
    return content


def made(folder: Path, **texts: str) -> None:
    with opened(folder) as store:
        for name, text in texts.items():
            put(store, f"/shop/{name}.py", text)
        store.commit()


def count(folder: Path, table: str) -> int:
    with closing(sqlite3.connect(folder / NAME)) as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def test_what_is_committed_is_seen_and_what_is_not_is_forgotten(tmp_path: Path) -> None:
    index = Index(tmp_path)
    with opened(tmp_path) as store:
        put(store, "/shop/cart.py", "class Cart: pass\n")
        assert index.paths() == []
        store.commit()
        assert index.paths() == ["/shop/cart.py"]
        put(store, "/shop/mail.py", "def send(): pass\n")
    assert index.paths() == ["/shop/cart.py"]
    index.close()


def test_each_commit_has_another_version(tmp_path: Path) -> None:
    index = Index(tmp_path)
    assert index.version() == 0
    made(tmp_path)
    first = index.version()
    made(tmp_path, cart="class Cart: pass\n")
    second = index.version()
    (tmp_path / NAME).write_bytes(b"")
    made(tmp_path)
    assert len({0, first, second, index.version()}) == 4
    index.close()


def test_the_same_text_is_stored_once_and_goes_with_its_last_file(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        first = put(store, "/shop/cart.py", "import mail\nmail.send()\nclass Cart: pass\n")
        second = put(store, "/shop/copy.py", "import mail\nmail.send()\nclass Cart: pass\n")
        assert first == second
        store.commit()
        store.remove_file("/shop/cart.py")
        store.commit()
        assert store.content(hash_of(b"import mail\nmail.send()\nclass Cart: pass\n", "python")) == first
        store.remove_file("/shop/copy.py")
        store.commit()
        assert store.pending() == {first: False}
    assert [count(tmp_path, table) for table in ("contents", "definitions", "uses", "importers")] == [0] * 4


def test_a_file_that_changes_leaves_nothing_of_what_it_said(tmp_path: Path) -> None:
    made(tmp_path, cart="class Cart: pass\n")
    made(tmp_path, cart="class Basket: pass\n")
    index = Index(tmp_path)
    assert list(index.named(["Cart", "Basket"])) == ["Basket"]
    index.close()
    assert count(tmp_path, "contents") == 1


def test_the_same_bytes_in_another_language_are_another_content() -> None:
    assert hash_of(b"x", "python") == hash_of(b"x", "python")
    assert len({hash_of(b"x", "python"), hash_of(b"x", "rust"), hash_of(b"y", "python")}) == 3


def test_the_time_of_a_file_that_was_just_changed_says_nothing(tmp_path: Path) -> None:
    import time

    with opened(tmp_path) as store:
        content = put(store, "/shop/old.py", "old = 1\n")
        now = time.time_ns()
        store.put_file("/shop/new.py", (8, now, 1), content)
        known = store.files()
    assert known["/shop/old.py"].is_same(8, 1, 1)
    assert not known["/shop/new.py"].is_same(8, now, 1)


def test_files_are_known_by_their_folder_and_not_by_the_beginning_of_its_name(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        for path in ("/shop/a.py", "/shop/in/b.py", "/shop2/c.py", "/shop", "/shop.py", "/shop-"):
            put(store, path, "pass\n")
        assert set(store.files_at("/shop")) == {"/shop", "/shop/a.py", "/shop/in/b.py"}
        assert set(store.files_at("/")) == set(store.files())


def test_a_name_that_is_no_utf_8_is_a_path_like_others(tmp_path: Path) -> None:
    path = os.fsdecode(b"/shop/\xff/caf\xe9.py")
    with opened(tmp_path) as store:
        put(store, path, "class Cart: pass\n")
        store.commit()
        assert list(store.files()) == [path]
    index = Index(tmp_path)
    assert index.paths() == index.in_folder(os.fsdecode(b"/shop/\xff")) == [path]
    assert index.by_stem(os.fsdecode(b"caf\xe9")) == [path]
    assert index.named(["Cart"])["Cart"][0].path == path
    index.close()


def test_the_folder_is_for_this_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "cache/index"
    made(folder, cart="class Cart: pass\n")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / NAME).stat().st_mode) == 0o600


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(BusyError, match="Another process"), opened(tmp_path):
        pass


def test_a_second_writer_that_waits_goes_on_when_the_first_is_gone(tmp_path: Path) -> None:
    waiting, gone = threading.Event(), threading.Event()

    def wait() -> None:
        waiting.set()
        with opened(tmp_path, patience=30):
            gone.wait()

    with opened(tmp_path):
        thread = threading.Thread(target=wait)
        thread.start()
        waiting.wait()
    gone.set()
    thread.join()


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scrambled(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100:] = os.urandom(len(data) - 100)
    path.write_bytes(data)


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE meta (key, value)")
        db.commit()


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()
    (path / "file").touch()


def link_to_nowhere(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent / "none" / "there")


def of_other_rules(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE meta SET value = 'older' WHERE key = 'rules'")
        db.commit()


def without_a_table(path: Path) -> None:
    with closing(sqlite3.connect(path)) as db:
        db.execute("DROP TABLE meta")
        db.commit()


DAMAGES: list[Callable[[Path], object]] = [
    lambda path: path.write_bytes(b""),
    lambda path: path.write_bytes(b"This is no database at all." * 1000),
    cut_off,
    scrambled,
    foreign,
    folder_instead,
    link_to_nowhere,
    of_other_rules,
    without_a_table,
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_lies_there_instead_is_thrown_away(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    made(tmp_path, cart="class Cart: pass\n", mail="def send(): pass\n" * 500)
    path = tmp_path / NAME
    reader = Index(tmp_path)
    assert len(reader.paths()) == 2
    damage(path)
    for index in (reader, Index(tmp_path)):
        everything_is_asked(index)
    made(tmp_path, other="class Other: pass\n")
    assert reader.paths() == ["/shop/other.py"]
    assert list(reader.named(["Cart", "Other"])) == ["Other"]
    reader.close()


def everything_is_asked(index: Index) -> None:
    """Ask all there is to ask: nothing may raise."""
    for path in (*index.paths(), "/shop/cart.py"):
        for ask in (index.inside, index.imports, index.text, index.language, index.uses):
            ask(path)
    index.named(["Cart"])
    index.by_stem("cart")
    index.in_folder("/shop")
    index.users("Cart")
    index.used_in(["Cart"])
    index.importers(["mail"])
    index.find(["cart"], 5, without=["/shop/cart.py"])
    index.find_sites(["cart"], 5)
    index.version()
    index.close()


def test_a_journal_without_its_database_means_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        put(store, "/shop/cart.py", "class Cart: pass\n")
        store.commit()
        kept = {path: path.read_bytes() for path in tmp_path.glob(f"{NAME}-*")}
    assert kept
    (tmp_path / NAME).unlink()
    for path, data in kept.items():
        path.write_bytes(data)
    made(tmp_path, other="class Other: pass\n")
    index = Index(tmp_path)
    assert index.paths() == ["/shop/other.py"]
    index.close()


def test_damage_that_shows_later_is_said_and_thrown_away(tmp_path: Path) -> None:
    made(tmp_path, cart="class Cart: pass\n", mail="def send(): pass\n")

    def removed(store: Store) -> None:
        with store.guarded():
            for path in store.files():
                store.remove_file(path)
            store.commit()

    with opened(tmp_path) as store:
        store._db.execute("UPDATE contents SET uses = x'00'")
        with pytest.raises(DamagedError, match="damaged"):
            removed(store)
    made(tmp_path, other="class Other: pass\n")
    assert count(tmp_path, "files") == 1


def filled(store: Store) -> None:
    with store.guarded():
        for number in range(2000):
            put(store, f"/shop/{number}.py", f"value_{number} = {os.urandom(400).hex()!r}\n")
            store.commit()


def test_a_full_disk_is_said_and_the_last_commit_stays(tmp_path: Path) -> None:
    made(tmp_path, cart="class Cart: pass\n")
    with opened(tmp_path) as store:
        (pages,) = store._db.execute("PRAGMA page_count").fetchone()
        store._db.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreError, match="no space left"):
            filled(store)
        store.rollback()
    index = Index(tmp_path)
    assert "/shop/cart.py" in index.paths()
    assert list(index.named(["Cart"])) == ["Cart"]
    index.close()
    made(tmp_path, other="class Other: pass\n")


def test_an_index_that_was_removed_meanwhile_is_not_written_to_nowhere(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        put(store, "/shop/cart.py", "class Cart: pass\n")
        (tmp_path / NAME).unlink()
        with pytest.raises(DamagedError, match="removed"), store.guarded():
            store.commit()
    made(tmp_path, other="class Other: pass\n")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(StoreError, match="cannot be written: Not a directory"),
        opened(tmp_path / "file/index"),
    ):
        pass


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_what_may_not_be_written_is_said_or_replaced(tmp_path: Path) -> None:
    made(tmp_path, cart="class Cart: pass\n")
    (tmp_path / NAME).chmod(0o400)
    made(tmp_path, other="class Other: pass\n")
    tmp_path.parent.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="cannot be written"), opened(tmp_path.parent / "new"):
            pass
    finally:
        tmp_path.parent.chmod(0o700)


def test_what_the_search_has_to_learn_is_kept_until_it_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        content = put(store, "/shop/cart.py", "class Cart: pass\n")
        store.commit()
    with opened(tmp_path) as store:
        assert store.pending() == {content: True}
        words = store.words(content)
        assert words is not None
        pieces, definitions = words
        assert [piece.words for piece in pieces] == read("class Cart: pass\n").chunk_words
        assert [said for _, said in definitions] == read("class Cart: pass\n").definition_words
        store.searched([content])
    with opened(tmp_path) as store:
        assert store.pending() == {}
        before = store.search_folder()
        assert store.renew_search() != before
        assert store.pending() == {content: True}
        assert store.words(content + 1) is None


def test_another_version_of_the_rules_is_told_by_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    before = database.rules()
    database.rules.cache_clear()
    monkeypatch.setattr(database, "RULES", "database")
    assert database.rules() != before
    database.rules.cache_clear()
