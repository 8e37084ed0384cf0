"""The packer of gzip keeps the contract, whatever its level and threads."""

from __future__ import annotations

import io
import tarfile
import zlib
from pathlib import Path

import pytest

from caldp.adapters.packing.gzip import GzipPacker
from tests.contracts.packer import MIB, PackerContract
from tests.support.tarballs import contents


class TestGzipPacker(PackerContract):
    @pytest.fixture(params=[(0, 1), (1, 2), (3, 5)], ids=lambda pair: f"level {pair[0]}, {pair[1]} threads")
    def packer(self, request: pytest.FixtureRequest) -> GzipPacker:
        return GzipPacker(*request.param)


@pytest.fixture
def members(tmp_path: Path) -> list[tuple[str, Path]]:
    sizes = {"empty.fits": 0, "odd.tra": 777, "block.fits": MIB, "big.fits": 5 * MIB + 13}
    for number, (name, size) in enumerate(sizes.items()):
        (tmp_path / name).write_bytes((bytes([number]) + b"pixels") * (size // 7) + bytes(size % 7))
    return [(f"lsim01010/{name}", tmp_path / name) for name in sizes]


@pytest.mark.parametrize("level", [0, 1, 2, 3])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_contents_and_times_are_those_of_the_files(level: int, threads: int, members: list[tuple[str, Path]]) -> None:
    packed = b"".join(GzipPacker(level, threads).pack(members))
    assert contents(packed) == {name: path.read_bytes() for name, path in members}
    with tarfile.open(fileobj=io.BytesIO(packed), mode="r:gz") as tar:
        assert [member.mtime for member in tar] == [path.stat().st_mtime for _, path in members]


def test_it_is_one_gzip_member_with_the_right_checksum_and_size(members: list[tuple[str, Path]]) -> None:
    packed = b"".join(GzipPacker().pack(members))
    unpacker = zlib.decompressobj(wbits=31)
    plain = unpacker.decompress(packed)
    assert unpacker.eof
    assert unpacker.unused_data == b""
    assert packed[-8:] == zlib.crc32(plain).to_bytes(4, "little") + len(plain).to_bytes(4, "little")


def test_the_number_of_threads_does_not_show(members: list[tuple[str, Path]]) -> None:
    assert b"".join(GzipPacker(threads=1).pack(members)) == b"".join(GzipPacker(threads=4).pack(members))
