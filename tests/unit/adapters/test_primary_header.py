"""Primary headers are read from first blocks, and compared with astropy's reading."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from astropy.io import fits

from caldp.adapters.support.primary_header import primary_header

CARDS = {"DETECTOR": "UVIS", "SUBARRAY": True, "DRIZCORR": "PERFORM", "CRSPLIT": 2, "TARGNAME": "O'HARA / 2"}
TOLD = {"DETECTOR": "UVIS", "SUBARRAY": "T", "DRIZCORR": "PERFORM", "CRSPLIT": "2"}


def raw() -> bytes:
    header = fits.Header([(f"KEY{number}", number) for number in range(60)])
    header.update(CARDS)
    written = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(header=header), fits.ImageHDU()]).writeto(written)
    return written.getvalue()


def tarball(path: Path, **members: bytes) -> Path:
    with tarfile.open(path, "w:gz") as file:
        for name, data in members.items():
            info = tarfile.TarInfo(f"{name}.fits")
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return path


@pytest.mark.parametrize("name", ["ib8t01a1q_raw.fits", "ib8t01a1q_raw.fits.gz", "ib8t01010.tar.gz"])
def test_the_values_of_a_raw_exposure_are_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith("tar.gz"):
        tarball(path, ib8t01010_asn=b"x" * 5760, ib8t01a1q_spt=b"y", ib8t01a1q_raw=raw())
    else:
        path.write_bytes(gzip.compress(raw()) if name.endswith("gz") else raw())
    assert dict(primary_header(path)).items() >= TOLD.items()


@pytest.mark.parametrize(
    "data", [b"", b"no FITS at all", raw()[:3000], gzip.compress(raw())[:400], b"\x1f\x8b\x08", b" " * 200_000]
)
@pytest.mark.parametrize("name", ["ib8t01a1q_raw.fits", "ib8t01a1q_raw.fits.gz", "ib8t01010.tar.gz", "ib8t01010.tar"])
def test_damaged_files_have_no_header(tmp_path: Path, name: str, data: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    assert primary_header(path) == {}
    assert primary_header(tmp_path / f"other_{name}") == {}


def test_a_tarball_without_raw_exposures_has_none(tmp_path: Path) -> None:
    assert primary_header(tarball(tmp_path / "ib8t01010.tar.gz", ib8t01a1q_flt=raw(), readme=b"x")) == {}
