"""Contract of the port Packer."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from caldp.app.ports.packer import Packer
from caldp.domain.errors import PublishError
from tests.support.tarballs import contents

MIB = 1 << 20
LONG = "lsim01010/previews/" + "long" * 60 + ".png"


class PackerContract:
    """Override the fixture `packer`; the rest is the contract."""

    @pytest.fixture
    def packer(self) -> Packer:
        raise NotImplementedError

    @pytest.fixture
    def members(self, tmp_path: Path) -> list[tuple[str, Path]]:
        """Make files, none of them compressible; their names inside are not in the order of the alphabet."""
        sizes = {"small.fits": 2880, "empty.fits": 0, "odd.tra": 777, "big.fits": 3 * MIB + 13}
        for number, (name, size) in enumerate(sizes.items()):
            (tmp_path / name).write_bytes((bytes([number]) + b"pixels") * (size // 7) + bytes(size % 7))
        return [(LONG if name == "odd.tra" else f"lsim01010/{name}", tmp_path / name) for name in sizes]

    def test_a_tarball_holds_each_file_under_its_name(self, packer: Packer, members: list[tuple[str, Path]]) -> None:
        packed = b"".join(packer.pack(members))
        assert contents(packed) == {name: path.read_bytes() for name, path in members}

    def test_files_are_in_the_order_given(self, packer: Packer, members: list[tuple[str, Path]]) -> None:
        packed = b"".join(packer.pack(members[::-1]))
        assert list(contents(packed)) == [name for name, _ in members[::-1]]

    def test_members_are_plain_files_that_everybody_may_read(
        self, packer: Packer, members: list[tuple[str, Path]]
    ) -> None:
        with tarfile.open(fileobj=io.BytesIO(b"".join(packer.pack(members))), mode="r:gz") as tar:
            assert [(member.isreg(), member.mode & 0o777) for member in tar] == [(True, 0o644)] * len(members)

    def test_gzip_and_tar_read_it(self, packer: Packer, members: list[tuple[str, Path]], tmp_path: Path) -> None:
        tarball = tmp_path / "lsim01010.tar.gz"
        tarball.write_bytes(b"".join(packer.pack(members)))
        subprocess.run(["gzip", "--test", str(tarball)], check=True)
        command = ["tar", "--list", "--gzip", "-f", str(tarball)]
        listed = subprocess.run(command, check=True, capture_output=True, text=True)
        assert listed.stdout.splitlines() == [name for name, _ in members]

    def test_the_same_files_make_the_same_tarball(self, packer: Packer, members: list[tuple[str, Path]]) -> None:
        assert b"".join(packer.pack(members)) == b"".join(packer.pack(members))

    def test_no_files_make_an_empty_tarball(self, packer: Packer) -> None:
        packed = b"".join(packer.pack([]))
        assert contents(packed) == {}
        assert gzip.decompress(packed).strip(b"\0") == b""

    def test_pieces_are_small_however_large_the_files_are(
        self, packer: Packer, members: list[tuple[str, Path]]
    ) -> None:
        assert max(map(len, packer.pack(members * 3))) < 2.2 * MIB

    def test_a_file_that_cannot_be_read_is_named(
        self, packer: Packer, members: list[tuple[str, Path]], tmp_path: Path
    ) -> None:
        with pytest.raises(PublishError, match=r"missing\.fits cannot be read: no such file"):
            list(packer.pack([*members, ("x/missing.fits", tmp_path / "missing.fits")]))

    def test_a_file_that_becomes_shorter_meanwhile_is_named(self, packer: Packer, tmp_path: Path) -> None:
        path = tmp_path / "x.fits"
        path.write_bytes(bytes(30 * MIB))
        pieces = packer.pack([("x/x.fits", path)])
        next(pieces)
        next(pieces)
        path.write_bytes(b"short")
        with pytest.raises(PublishError, match=r"x\.fits became shorter while it was read"):
            list(pieces)
