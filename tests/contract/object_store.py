"""What every ObjectStore must do, whatever lies behind it."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from archive.errors import AlreadyExists, FormatError, NotFound
from archive.ports import ObjectStore


def named(body: bytes) -> str:
    digest = sha256(body).hexdigest()
    return f"objects/{digest[:2]}/{digest}"


class StoreContract:
    """The suite; a subclass gives the fixture ``store``, an empty place."""

    def test_gives_back_what_was_put(self, store: ObjectStore) -> None:
        for body in (b"", b"x", bytes(range(256)) * 9000):
            store.put_new(named(body), body)
            assert store.get(named(body), limit=len(body)) == body

    def test_the_same_bytes_again_are_success_and_others_are_not(self, store: ObjectStore) -> None:
        name = named(b"first")
        store.put_new(name, b"first")
        store.put_new(name, b"first")
        with pytest.raises(AlreadyExists):
            store.put_new(name, b"other")
        assert store.get(name, limit=100) == b"first"

    def test_absence_is_told(self, store: ObjectStore) -> None:
        with pytest.raises(NotFound):
            store.get("segments/none", limit=10)
        with pytest.raises(NotFound):
            store.get(named(b"none"), limit=10)
        assert list(store.names("")) == []

    def test_more_than_the_limit_is_refused(self, store: ObjectStore) -> None:
        store.put_new(named(b"12345"), b"12345")
        with pytest.raises(FormatError, match="longer than"):
            store.get(named(b"12345"), limit=4)

    def test_names_in_order_and_by_prefix(self, store: ObjectStore) -> None:
        bodies = [b"%d" % number for number in range(30)]
        names = sorted(named(body) for body in bodies)
        store.put_all((named(body), body) for body in bodies)
        store.put_new("tokens/" + sha256(b"t").hexdigest(), b"t")
        assert list(store.names("objects/")) == names
        assert [name for name in store.names("") if name.startswith("objects/")] == names
        assert list(store.names("objects/" + names[3][8:10])) == [
            name for name in names if name[8:10] == names[3][8:10]
        ]
        assert [version.name for version in store.versions("objects/")] == names
        assert list(store.names("nothing/")) == []

    def test_put_all_stops_at_the_first_failure(self, store: ObjectStore) -> None:
        store.put_new(named(b"taken"), b"taken")
        with pytest.raises(AlreadyExists):
            store.put_all([(named(b"a"), b"a"), (named(b"taken"), b"other"), (named(b"b"), b"b")])

    def test_an_error_of_the_source_comes_through(self, store: ObjectStore) -> None:
        def source():  # type: ignore[no-untyped-def]
            yield named(b"a"), b"a"
            raise ValueError("the source broke")

        with pytest.raises(ValueError, match="the source broke"):
            store.put_all(source())


class ExclusiveContract(StoreContract):
    """For places where create-if-absent decides who came first, and objects may be overwritten."""

    def test_of_many_writers_one_wins(self, store: ObjectStore) -> None:
        def write(number: int) -> bytes | None:
            body = bytes([number]) * 5000
            try:
                store.put_new("commits/00000000000000000007", body)
            except AlreadyExists:
                return None
            return body

        with ThreadPoolExecutor(8) as pool:
            winners = [body for body in pool.map(write, range(8)) if body]
        assert len(winners) == 1
        assert store.get("commits/00000000000000000007", limit=5000) == winners[0]

    def test_overwrite_replaces(self, store: ObjectStore) -> None:
        store.put_new("keys/page", b"alive")
        store.overwrite("keys/page", b"zeros")
        assert store.get("keys/page", limit=10) == b"zeros"
        assert len(list(store.versions("keys/"))) == 1
