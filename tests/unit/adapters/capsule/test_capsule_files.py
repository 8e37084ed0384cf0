"""Capsules in zip files: written as bags, and read with distrust."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from caldp.adapters.capsule.contents import cache_files
from caldp.adapters.capsule.reading import opened_capsule
from caldp.adapters.capsule.writing import write_capsule
from caldp.adapters.support.tar_gate import TarLimits
from caldp.domain.errors import CacheIncomplete, InvalidCapsule

PIXELS = bytes(range(256)) * 40
Entries = dict[str, bytes]


@pytest.fixture
def capsule(tmp_path: Path) -> Path:
    raw = tmp_path / "x_raw.fits"
    raw.write_bytes(PIXELS)
    target = tmp_path / "capsule.zip"
    size = write_capsule(
        target,
        "x",
        {"inputs/x_raw.fits": raw},
        {"lock.json": "{}", "README.txt": "read"},
        date(2026, 11, 26),
        "caldp 1",
    )
    assert size == len(PIXELS) + 6
    return target


def verify(path: Path, directory: Path | None = None, limits: TarLimits = TarLimits()) -> None:  # noqa: B008
    with opened_capsule(path, limits) as found:
        found.verify(directory)


def rewritten(path: Path, change: Callable[[Entries], object], **attributes: int) -> None:
    """Write a capsule anew with other contents; its manifests stay as they are."""
    with zipfile.ZipFile(path) as archive:
        entries = {entry.filename: archive.read(entry) for entry in archive.infolist()}
    change(entries)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = attributes.get(name.rpartition("/")[2].partition(".")[0], 0o644 | stat.S_IFREG) << 16
            archive.writestr(info, data)


def test_a_capsule_is_unpacked_as_it_was_packed(capsule: Path, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    verify(capsule, place)
    assert {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()} == {
        "inputs/x_raw.fits": PIXELS, "lock.json": b"{}", "README.txt": b"read",
    }  # fmt: skip
    verify(capsule)


def test_a_capsule_is_the_same_whenever_it_is_made(capsule: Path, tmp_path: Path) -> None:
    first = capsule.read_bytes()
    raw = tmp_path / "x_raw.fits"
    raw.touch()
    write_capsule(
        capsule,
        "x",
        {"inputs/x_raw.fits": raw},
        {"lock.json": "{}", "README.txt": "read"},
        date(2026, 11, 26),
        "caldp 1",
    )
    assert capsule.read_bytes() == first
    with zipfile.ZipFile(capsule) as archive:
        assert archive.testzip() is None


def test_nothing_is_left_of_a_capsule_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_capsule(tmp_path / "c.zip", "x", {"inputs/x.fits": tmp_path / "gone"}, {}, date(2026, 11, 26), "caldp 1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda files: files.update({"x/data/inputs/x_raw.fits": PIXELS[::-1]}), "data/inputs/x_raw.fits is not what"),
        (lambda files: files.update({"x/bag-info.txt": b"Payload-Oxum: 1.1\n"}), "bag-info.txt is not what"),
        (lambda files: files.update({"x/data/more.fits": b""}), "data/more.fits is in no manifest"),
        (lambda files: files.update({"x/more.txt": b""}), "more.txt is in no manifest"),
        (lambda files: files.pop("x/data/inputs/x_raw.fits"), "data/inputs/x_raw.fits is missing"),
        (lambda files: files.pop("x/bagit.txt"), "bagit.txt is missing"),
        (lambda files: files.pop("x/tagmanifest-sha256.txt"), "tagmanifest-sha256.txt is missing"),
        (lambda files: files.update({"x/bagit.txt": b"BagIt-Version: 0.97\n"}), "is not that of a bag of BagIt 1.0"),
        (lambda files: files.update({"x/../../evil": b""}), "may lie outside of it"),
        (lambda files: files.update({"/etc/evil": b""}), "may lie outside of it"),
        (lambda files: files.update({"x/data/..": b""}), "may lie outside of it"),
        (lambda files: files.update({"x/data/sub/": b""}), "is a directory"),
        (lambda files: files.update({"x/data/LOCK.json": b""}), "comes twice, but for case"),
        (lambda files: files.update({"y/data/a": b""}), "holds 2 directories at its top"),
        (lambda files: files.update({"x/manifest-sha256.txt": b"nonsense"}), "is not a SHA-256 and a path"),
    ],
)
def test_a_changed_capsule_is_refused_by_name(
    change: Callable[[Entries], object], message: str, capsule: Path, tmp_path: Path
) -> None:
    rewritten(capsule, change)
    place = tmp_path / "place"
    place.mkdir()
    with pytest.raises(InvalidCapsule, match=message) as caught:
        verify(capsule, place)
    assert caught.value.exit_code == 2
    assert {path.name for path in tmp_path.iterdir()} == {"capsule.zip", "x_raw.fits", "place"}


def test_links_are_refused(capsule: Path) -> None:
    rewritten(capsule, lambda files: files, lock=0o777 | stat.S_IFLNK)
    with pytest.raises(InvalidCapsule, match=r"'x/data/lock\.json' is no plain file but a link"):
        verify(capsule)


@pytest.mark.parametrize("limits", [TarLimits(files=3), TarLimits(total_bytes=1000)])
def test_more_than_may_be_unpacked_is_refused(limits: TarLimits, capsule: Path) -> None:
    with pytest.raises(InvalidCapsule, match="more than may be unpacked"):
        verify(capsule, limits=limits)


@pytest.mark.parametrize("place", [100, -2000, -10])
def test_a_flipped_bit_anywhere_is_refused(place: int, capsule: Path) -> None:
    data = bytearray(capsule.read_bytes())
    data[place] ^= 4
    capsule.write_bytes(data)
    with pytest.raises(InvalidCapsule):
        verify(capsule)


@pytest.mark.parametrize("content", [b"", b"SIMPLE  =", b"PK\x03\x04" + bytes(100)])
def test_something_else_is_no_capsule(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(content)
    with pytest.raises(InvalidCapsule, match=r"x\.zip' is no capsule, or damaged"):
        verify(path)
    with pytest.raises(InvalidCapsule, match="cannot be read: no such file"):
        verify(tmp_path / "gone.zip")


def test_only_the_rules_of_the_instrument_go_into_a_capsule(tmp_path: Path) -> None:
    mappings, config = tmp_path / "mappings" / "hst", tmp_path / "config" / "hst"
    for directory in (mappings, config):
        directory.mkdir(parents=True)
    texts = {
        "hst_0001.pmap": "'ACS' : 'hst_acs_0001.imap', 'COS' : 'hst_cos_0001.imap'",
        "hst_acs_0001.imap": "'hst_acs_flat_0001.rmap'", "hst_acs_flat_0001.rmap": "",
        "hst_cos_0001.imap": "'hst_cos_flat_0001.rmap', \"hst_cos_disp_0002.rmap\"",
        "hst_cos_flat_0001.rmap": "'x_flat.fits'", "hst_cos_disp_0002.rmap": "", "hst_cos_old_0001.rmap": "",
    }  # fmt: skip
    for name, text in texts.items():
        (mappings / name).write_text(f"header = {{'derived_from' : 'hst_cos_gone_0000.rmap'}}\nselector = {{{text}}}\n")
    (config / "server_config").write_text("{}")
    found = cache_files(tmp_path, "hst_0001.pmap", "cos")
    assert set(found) == {
        "config/hst/server_config", "mappings/hst/hst_0001.pmap", "mappings/hst/hst_cos_0001.imap",
        "mappings/hst/hst_cos_flat_0001.rmap", "mappings/hst/hst_cos_disp_0002.rmap",
    }  # fmt: skip
    (mappings / "hst_cos_disp_0002.rmap").unlink()
    with pytest.raises(CacheIncomplete, match=r"does not have the mapping hst_cos_disp_0002\.rmap"):
        cache_files(tmp_path, "hst_0001.pmap", "cos")
