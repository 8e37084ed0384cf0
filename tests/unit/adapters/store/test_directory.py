import fcntl
import os
import stat
from collections.abc import Iterable
from pathlib import Path

import pytest

from caldp.adapters.store.directory import DirectoryStore, make_directory_store
from caldp.app.ports.object_store import ObjectStore
from caldp.domain.errors import PublishError
from caldp.domain.output.location import FileLocation
from tests.contracts.object_store import ObjectStoreContract, RawAccess


class _Files(RawAccess):
    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, key: str) -> bytes:
        return (self._root / key).read_bytes()

    def keys(self) -> set[str]:
        return {path.relative_to(self._root).as_posix() for path in self._root.rglob("*") if path.is_file()}

    def fill(self, keys: Iterable[str]) -> None:
        for key in keys:
            (self._root / key).parent.mkdir(parents=True, exist_ok=True)
            (self._root / key).touch()

    def leftovers(self) -> list[str]:
        return [path.name for path in self._root.rglob(".*")]


class TestDirectoryStore(ObjectStoreContract):
    @pytest.fixture
    def root(self, tmp_path: Path) -> Path:
        return tmp_path / "out put"

    @pytest.fixture
    def store(self, root: Path) -> ObjectStore:
        return make_directory_store(FileLocation(str(root)))

    @pytest.fixture
    def raw(self, root: Path) -> RawAccess:
        return _Files(root)

    def test_consuming_moves_and_does_not_copy(self, store: ObjectStore, root: Path, tmp_path: Path) -> None:
        path = tmp_path / "big.fits"
        path.write_bytes(b"1.4 GB")
        inode = path.stat().st_ino
        store.put_file("data/big.fits", path, consume=True)
        assert not path.exists()
        assert (root / "data/big.fits").stat().st_ino == inode

    def test_consuming_from_another_file_system_copies(self, store: ObjectStore, root: Path) -> None:
        elsewhere = Path("/dev/shm")
        if not elsewhere.is_dir() or elsewhere.stat().st_dev == root.parent.stat().st_dev:
            pytest.skip("there is only one file system")
        path = elsewhere / f"caldp-test-{os.getpid()}"
        path.write_bytes(b"pixels")
        store.put_file("data/x.fits", path, consume=True)
        assert not path.exists()
        assert (root / "data/x.fits").read_bytes() == b"pixels"

    def test_published_files_have_ordinary_permissions(self, store: ObjectStore, root: Path) -> None:
        store.put_bytes("a/x", b"1")
        (root / "plain").touch()
        assert stat.S_IMODE((root / "a/x").stat().st_mode) == stat.S_IMODE((root / "plain").stat().st_mode)

    def test_removes_what_a_killed_process_left(self, store: ObjectStore, root: Path) -> None:
        for name in (".x.deadbeef.part", ".y.deadbeef.part", ".z.deadbeef.part"):
            (root / "a").mkdir(parents=True, exist_ok=True)
            (root / "a" / name).write_bytes(b"half")
        store.put_bytes("a/x", b"whole")
        assert not (root / "a/.x.deadbeef.part").exists()
        store.delete("a/y")
        assert not (root / "a/.y.deadbeef.part").exists()
        assert [item.key for item in store.list("a/")] == ["a/x"]
        assert not (root / "a/.z.deadbeef.part").exists()

    def test_leaves_what_a_living_process_writes(self, store: ObjectStore, root: Path) -> None:
        (root / "a").mkdir(parents=True)
        with (root / "a/.x.00001fe0.part").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            store.put_bytes("a/x", b"whole")
            assert [item.key for item in store.list("a/")] == ["a/x"]
            assert (root / "a/.x.00001fe0.part").exists()

    def test_deleting_removes_directories_that_become_empty(self, store: ObjectStore, root: Path) -> None:
        store.put_bytes("data/cos/x/env/x_cal_env.txt", b"")
        store.put_bytes("data/cos/x/x.fits", b"")
        store.delete("data/cos/x/env/x_cal_env.txt")
        assert not (root / "data/cos/x/env").exists()
        store.delete("data/cos/x/x.fits")
        assert root.exists()
        assert list(root.iterdir()) == []

    @pytest.mark.parametrize("key", ["../x", "a/../../x", "/etc/x"])
    def test_stays_below_its_root(self, store: ObjectStore, key: str) -> None:
        with pytest.raises(PublishError, match="is not a key"):
            store.put_bytes(key, b"")

    def test_says_why_it_cannot_write(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(PublishError, match="a part of the path is a file, not a directory"):
            DirectoryStore(tmp_path / "file/below").put_bytes("x", b"")
        (tmp_path / "out/x").mkdir(parents=True)
        with pytest.raises(PublishError, match="it is a directory"):
            DirectoryStore(tmp_path / "out").put_bytes("x", b"")
        with pytest.raises(PublishError, match="it is a directory"):
            DirectoryStore(tmp_path / "out").get_bytes("x")
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["x"]


def test_a_failed_read_is_not_called_a_failed_write(tmp_path: Path) -> None:
    store = make_directory_store(FileLocation(str(tmp_path)))
    (tmp_path / "key").mkdir()
    for read in (store.read, store.get_bytes):
        with pytest.raises(PublishError, match=r"key cannot be read: it is a directory"):
            read("key")


def test_a_source_that_cannot_be_read_is_named_in_the_place_of_the_output(tmp_path: Path) -> None:
    store = make_directory_store(FileLocation(str(tmp_path / "out")))
    with pytest.raises(PublishError, match=r"gone\.fits cannot be read: no such file"):
        store.put_file("a/key", tmp_path / "gone.fits")
    (tmp_path / "directory.fits").mkdir()
    with pytest.raises(PublishError, match=r"directory\.fits cannot be read: it is a directory"):
        store.put_file("a/key", tmp_path / "directory.fits")
    assert [path for path in (tmp_path / "out").rglob("*") if path.is_file()] == [], "nothing half-written is left"
