import io
import subprocess
import tarfile
import zlib
from pathlib import Path

import pytest

from caldp.adapters.packing.gzip import GzipPacker
from caldp.domain.errors import PublishError

MIB = 1 << 20


@pytest.fixture
def members(tmp_path: Path) -> list[tuple[str, Path]]:
    sizes = {"empty.fits": 0, "small.fits": 2880, "odd.tra": 777, "block.fits": MIB, "big.fits": 5 * MIB + 13}
    for number, (name, size) in enumerate(sizes.items()):
        (tmp_path / name).write_bytes((bytes([number]) + b"pixels") * (size // 7) + bytes(size % 7))
    return [(f"lsim01010/previews/{'long' * 40}{name}" if "odd" in name else f"lsim01010/{name}", tmp_path / name)
            for name in sizes]  # fmt: skip


@pytest.mark.parametrize("level", [0, 1, 2, 3])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_standard_library_reads_it(level: int, threads: int, members: list[tuple[str, Path]]) -> None:
    packed = b"".join(GzipPacker(level, threads).pack(members))
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as tar:
        found = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
        assert all(member.mtime == path.stat().st_mtime for member, (_, path) in zip(tar, members, strict=True))
    assert found == {name: path.read_bytes() for name, path in members}


def test_programs_read_it(members: list[tuple[str, Path]], tmp_path: Path) -> None:
    tarball = tmp_path / "x.tar.gz"
    tarball.write_bytes(b"".join(GzipPacker().pack(members)))
    subprocess.run(["gzip", "--test", str(tarball)], check=True)
    listed = subprocess.run(["tar", "--list", "--gzip", "-f", str(tarball)], check=True, capture_output=True, text=True)
    assert listed.stdout.splitlines() == [name for name, _ in members]


def test_it_is_one_gzip_member_with_the_right_checksum_and_size(members: list[tuple[str, Path]]) -> None:
    packed = b"".join(GzipPacker().pack(members))
    unpacker = zlib.decompressobj(wbits=31)
    plain = unpacker.decompress(packed)
    assert unpacker.eof
    assert unpacker.unused_data == b""
    assert packed[-8:] == zlib.crc32(plain).to_bytes(4, "little") + len(plain).to_bytes(4, "little")


def test_the_pieces_are_small_however_large_the_files_are(members: list[tuple[str, Path]]) -> None:
    assert max(map(len, GzipPacker(level=0).pack(members * 3))) < 2.2 * MIB


def test_the_same_files_make_the_same_tarball(members: list[tuple[str, Path]]) -> None:
    assert b"".join(GzipPacker(threads=1).pack(members)) == b"".join(GzipPacker(threads=4).pack(members))


def test_nothing_makes_an_empty_tarball() -> None:
    with tarfile.open(fileobj=io.BytesIO(b"".join(GzipPacker().pack([]))), mode="r:gz") as tar:
        assert tar.getmembers() == []


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(PublishError, match=r"missing\.fits cannot be read: no such file"):
        list(GzipPacker().pack([("x/missing.fits", tmp_path / "missing.fits")]))


def test_a_file_that_becomes_shorter_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "x.fits"
    path.write_bytes(bytes(30 * MIB))
    pieces = GzipPacker().pack([("x/x.fits", path)])
    next(pieces)  # the header
    next(pieces)
    path.write_bytes(b"short")
    with pytest.raises(PublishError, match=r"x\.fits became shorter while it was read"):
        list(pieces)
