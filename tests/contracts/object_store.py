"""Contract of the port ObjectStore."""

import time
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from caldp.app.ports.object_store import ObjectStore, StoredObject
from caldp.domain.errors import DownloadError, KeyTaken, PublishError

BIG = bytes(range(256)) * (36 << 10)  # 9 MiB: more than one part of a multipart upload


class RawAccess(ABC):
    """Reads a store by a way round the port."""

    @abstractmethod
    def read(self, key: str) -> bytes:
        """Return what is stored."""

    @abstractmethod
    def keys(self) -> set[str]:
        """Return the keys of all that is stored."""

    @abstractmethod
    def fill(self, keys: Iterable[str]) -> None:
        """Store empty objects, fast."""

    @abstractmethod
    def leftovers(self) -> list[str]:
        """Name whatever is half done: temporary files, unfinished uploads."""


class ObjectStoreContract:
    """Override the fixtures `store` and `raw`; the rest is the contract."""

    @pytest.fixture
    def store(self) -> ObjectStore:
        raise NotImplementedError

    @pytest.fixture
    def raw(self) -> RawAccess:
        raise NotImplementedError

    @pytest.mark.parametrize("data", [b"", b"s3://bucket/outputs/x/x.tar.gz", BIG], ids=["empty", "message", "big"])
    def test_stores_bytes_exactly(self, store: ObjectStore, raw: RawAccess, data: bytes) -> None:
        store.put_bytes("messages/processed-x.trigger", data)
        assert raw.read("messages/processed-x.trigger") == data
        assert store.get_bytes("messages/processed-x.trigger") == data
        assert raw.keys() == {"messages/processed-x.trigger"}

    def test_gets_many_in_their_order(self, store: ObjectStore) -> None:
        for number in range(20):
            store.put_bytes(f"messages/{number}", b"%d" % number)
        keys = [f"messages/{number}" for number in (7, 30, 3, 7, *range(20))]
        assert list(store.get_many(keys)) == [b"7", None, b"3", b"7", *(b"%d" % number for number in range(20))]
        assert list(store.get_many(iter(()))) == []

    @pytest.mark.parametrize("data", [b"", b"short", BIG], ids=["empty", "short", "big"])
    def test_stores_a_file_and_leaves_it(self, store: ObjectStore, raw: RawAccess, tmp_path: Path, data: bytes) -> None:
        path = tmp_path / "x_flt.fits"
        path.write_bytes(data)
        store.put_file("data/cos/x/x_flt.fits", path)
        assert raw.read("data/cos/x/x_flt.fits") == data
        assert path.read_bytes() == data

    def test_a_stored_file_does_not_change_with_its_source(
        self, store: ObjectStore, raw: RawAccess, tmp_path: Path
    ) -> None:
        path = tmp_path / "process.txt"
        path.write_bytes(b"before")
        store.put_file("logs/process.txt", path)
        with path.open("ab") as file:
            file.write(b" and after")
        assert raw.read("logs/process.txt") == b"before"

    def test_may_consume_a_file(self, store: ObjectStore, raw: RawAccess, tmp_path: Path) -> None:
        path = tmp_path / "x_flt.fits"
        path.write_bytes(b"pixels")
        store.put_file("data/x_flt.fits", path, consume=True)
        assert raw.read("data/x_flt.fits") == b"pixels"

    def test_consuming_a_link_stores_what_it_points_at(
        self, store: ObjectStore, raw: RawAccess, tmp_path: Path
    ) -> None:
        target, link = tmp_path / "real.fits", tmp_path / "link.fits"
        target.write_bytes(b"pixels")
        link.symlink_to(target)
        store.put_file("data/link.fits", link, consume=True)
        target.unlink()
        assert raw.read("data/link.fits") == b"pixels"

    @pytest.mark.parametrize("data", [b"", b"short", BIG], ids=["empty", "short", "big"])
    def test_stores_a_stream(self, store: ObjectStore, raw: RawAccess, data: bytes) -> None:
        pieces = (data[start : start + 100_003] for start in range(0, len(data), 100_003))
        assert store.put_stream("outputs/x/x.tar.gz", pieces) == StoredObject("outputs/x/x.tar.gz", len(data))
        assert raw.read("outputs/x/x.tar.gz") == data

    @pytest.mark.parametrize("before", [b"", BIG], ids=["at once", "late"])
    def test_a_stream_that_breaks_stores_nothing_and_its_error_passes(
        self, store: ObjectStore, raw: RawAccess, before: bytes
    ) -> None:
        store.put_bytes("outputs/x/x.tar.gz", b"earlier")

        def pieces() -> Iterator[bytes]:
            yield before
            raise ConnectionResetError("the source broke")

        for key in ("outputs/x/x.tar.gz", "outputs/y/y.tar.gz"):
            with pytest.raises(ConnectionResetError, match="the source broke"):
                store.put_stream(key, pieces())
        assert raw.read("outputs/x/x.tar.gz") == b"earlier"
        assert raw.keys() == {"outputs/x/x.tar.gz"}
        assert raw.leftovers() == []

    def test_replaces(self, store: ObjectStore, raw: RawAccess, tmp_path: Path) -> None:
        path = tmp_path / "x"
        for number, way in enumerate(("bytes", "file", "move", "stream", "bytes")):
            data = f"{number}".encode()
            path.write_bytes(data)
            match way:
                case "bytes":
                    store.put_bytes("a/x", data)
                case "file" | "move":
                    store.put_file("a/x", path, consume=way == "move")
                case "stream":
                    store.put_stream("a/x", iter([data]))
            assert raw.read("a/x") == data
        assert raw.keys() == {"a/x"}

    def test_gets_none_of_what_is_not_there(self, store: ObjectStore) -> None:
        store.put_bytes("messages/datasets-processed/x", b"")
        assert store.get_bytes("messages/datasets-processed/y") is None
        assert store.get_bytes("messages/datasets-processed/x/z") is None
        assert store.get_bytes("nothing/at/all") is None
        assert store.get_part("nothing/at/all", 0, 3) is None
        assert store.get_part("messages/datasets-processed/x/z", 2, 3) is None

    @pytest.mark.parametrize("data", [b"", b"ab", b"abc", BIG], ids=["empty", "shorter", "equal", "big"])
    @pytest.mark.parametrize("start", [0, 1, 3, len(BIG) - 1, len(BIG)])
    def test_gets_a_part_of_an_object(self, store: ObjectStore, data: bytes, start: int) -> None:
        store.put_bytes("data/x/record.json", data)
        assert store.get_part("data/x/record.json", start, 3) == data[start : start + 3]

    @pytest.mark.parametrize("data", [b"", b"short", BIG], ids=["empty", "short", "big"])
    def test_streams_what_was_listed(self, store: ObjectStore, data: bytes) -> None:
        store.put_stream("data/x/1", iter([data]))
        (stored,) = store.list("data/x/")
        pieces = list(store.get_stream(stored))
        assert b"".join(pieces) == data
        assert max(map(len, pieces), default=0) <= 8 << 20

    @pytest.mark.parametrize("after", [None, b"longer than before"], ids=["deleted", "replaced"])
    def test_streams_nothing_else_than_what_was_listed(self, store: ObjectStore, after: bytes | None) -> None:
        store.put_bytes("data/x/1", b"before")
        (stored,) = store.list("data/x/")
        if after is None:
            store.delete("data/x/1")
        else:
            store.put_bytes("data/x/1", after)
        with pytest.raises((PublishError, DownloadError)):
            list(store.get_stream(stored))

    def test_lists_by_prefix_in_order_with_sizes(self, store: ObjectStore) -> None:
        for number, key in enumerate(("b/x/2", "b/x.txt", "b/x/1/deep", "a/1", "b/y", "c")):
            store.put_bytes(key, bytes(number))
        assert list(store.list("b/x/")) == [StoredObject("b/x/1/deep", 2), StoredObject("b/x/2", 0)]
        assert [item.key for item in store.list("b/x")] == ["b/x.txt", "b/x/1/deep", "b/x/2"]
        assert [item.key for item in store.list("")] == ["a/1", "b/x.txt", "b/x/1/deep", "b/x/2", "b/y", "c"]
        assert list(store.list("nothing/")) == []

    def test_lists_many(self, store: ObjectStore, raw: RawAccess) -> None:
        keys = [f"d/{number:04}" for number in range(1005)]  # S3 gives a thousand at a time
        raw.fill(keys)
        assert [item.key for item in store.list("d/")] == keys

    def test_deletes(self, store: ObjectStore, raw: RawAccess) -> None:
        store.put_bytes("a/b/x", b"1")
        store.put_bytes("a/y", b"2")
        store.delete("a/b/x")
        store.delete("a/b/x")
        store.delete("never/was")
        assert raw.keys() == {"a/y"}
        assert store.get_bytes("a/b/x") is None

    def test_of_two_who_create_one_succeeds(self, store: ObjectStore, raw: RawAccess) -> None:
        store.put_if("messages/processing-x", b"first", None)
        with pytest.raises(KeyTaken):
            store.put_if("messages/processing-x", b"second", None)
        assert raw.read("messages/processing-x") == b"first"
        assert raw.keys() == {"messages/processing-x"}

    def test_of_many_who_create_at_once_one_stays(self, store: ObjectStore, raw: RawAccess) -> None:
        def claim(number: int) -> bool:
            try:
                store.put_if("messages/processing-x", f"{number}".encode(), None)
            except KeyTaken:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            winners = [number for number, won in enumerate(pool.map(claim, range(8))) if won]
        assert int(raw.read("messages/processing-x")) in winners
        assert len(winners) == 1
        assert raw.leftovers() == []

    def test_exchanges_what_was_read(self, store: ObjectStore, raw: RawAccess) -> None:
        store.put_bytes("m/x", b"old")
        found = store.read("m/x")
        assert found is not None
        assert found.data == b"old"
        version = store.put_if("m/x", b"new", found.version)
        assert store.put_if("m/x", b"newer", version) != version
        for stale in (found.version, version):
            with pytest.raises(KeyTaken):
                store.put_if("m/x", b"late", stale)
        with pytest.raises(KeyTaken):
            store.put_if("m/y", b"late", version)
        assert raw.read("m/x") == b"newer"
        assert raw.keys() == {"m/x"}

    def test_the_same_again_makes_young(self, store: ObjectStore, raw: RawAccess) -> None:
        version = store.put_if("m/x", b"lease", None)
        time.sleep(2.1)  # S3 counts whole seconds
        old = store.read("m/x")
        assert old is not None
        assert old.age >= 1
        assert store.put_if("m/x", b"lease", version) == version
        young = store.read("m/x")
        assert young is not None
        assert young.age < old.age
        with pytest.raises(KeyTaken):
            store.put_if("m/y", b"lease", version)
        assert raw.keys() == {"m/x"}

    def test_reads_none_of_what_is_not_there(self, store: ObjectStore) -> None:
        assert store.read("m/x") is None

    def test_settles_whatever_is_there(self, store: ObjectStore) -> None:
        store.put_bytes("data/x/previews/1.png", b"1")
        store.settle("data/x/")
        assert store.get_bytes("data/x/previews/1.png") == b"1"

    @pytest.mark.parametrize("old", [(), ("1", "stale", "logs/2")], ids=["first", "rerun"])
    def test_replaces_all_below_a_prefix(self, store: ObjectStore, raw: RawAccess, old: tuple[str, ...]) -> None:
        new = {"1": b"new", "logs/3": b"log", "big": BIG}
        for name, data in new.items():
            store.put_bytes(f"data/.x.run/{name}", data)
        for name in old:
            store.put_bytes(f"data/x/{name}", b"old")
        store.put_bytes("data/x1/1", b"a neighbour's")

        def unsettle() -> None:
            assert {key for key in sorted(raw.keys()) if key.startswith("data/x/")} == {
                f"data/x/{name}" for name in old
            }

        store.replace("data/.x.run/", "data/x/", unsettle)
        assert {key: raw.read(key) for key in sorted(raw.keys()) if not key.startswith("data/.")} == {
            "data/x1/1": b"a neighbour's",
            **{f"data/x/{name}": data for name, data in new.items()},
        }

    def test_nothing_is_replaced_by_nothing(self, store: ObjectStore, raw: RawAccess) -> None:
        store.put_bytes("data/x/1", b"old")
        with pytest.raises(PublishError):
            store.replace("data/.x.run/", "data/x/", lambda: None)
        assert raw.keys() == {"data/x/1"}

    def test_keys_may_hold_what_names_hold(self, store: ObjectStore, raw: RawAccess) -> None:
        key = "data/a b/[x]*?_+#&%41=é.fits"
        store.put_bytes(key, b"odd")
        assert raw.read(key) == b"odd"
        assert [item.key for item in store.list("data/a b/")] == [key]
        store.delete(key)
        assert raw.keys() == set()

    def test_locates_with_the_key_at_the_end(self, store: ObjectStore) -> None:
        assert store.locate("outputs/x/x.tar.gz").endswith("/outputs/x/x.tar.gz")
