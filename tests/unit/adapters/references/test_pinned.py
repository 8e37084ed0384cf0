"""References of a lock: found by name, compared by content, written into headers without CRDS."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from astropy.io import fits
from attrs import evolve

from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.references.pinned import PinnedReferences
from caldp.domain.errors import BestrefsError, InvalidLock
from caldp.domain.lock.lock import Lock
from caldp.domain.lock.make import make_lock
from tests.support.locked import RECORDED

FLAT, PHOT = b"flat", b"own photometry"


@pytest.fixture(params=["flat", "instrument"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    directory = tmp_path / "cache" / "references" / "hst" / ("" if request.param == "flat" else "cos")
    directory.mkdir(parents=True)
    (directory / "sim_flat.fits").write_bytes(FLAT)
    return tmp_path / "cache"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "renamed.fits"
    path.write_bytes(PHOT)
    return path


@pytest.fixture
def lock() -> Lock:
    lock, digests = make_lock(RECORDED), {"FLATFILE": FLAT, "FLUXTAB": PHOT}
    return evolve(
        lock,
        references=tuple(
            evolve(one, sha256=hashlib.sha256(digests[one.keyword]).hexdigest()) for one in lock.references
        ),
    )


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "lsim01a1q_rawtag.fits"
    primary = fits.PrimaryHDU()
    primary.header.update(
        INSTRUME="COS", FLATFILE="lref$old_flat.fits", TDSTAB="lref$old_tds.fits", FLATCORR="PERFORM", BRSTCORR="OMIT"
    )
    primary.writeto(path)
    return path


def service(lock: Lock, cache: Path, own: Path | None) -> PinnedReferences:
    return PinnedReferences(lock, cache, {} if own is None else {"FLUXTAB": own}, AstropyFits())


def test_headers_name_the_references_of_the_lock(lock: Lock, cache: Path, own: Path, raw: Path) -> None:
    pinned = service(lock, cache, own)
    pinned.prepare(lock.dataset)
    assignment = pinned.assign([raw], lambda _event: None)
    pinned.close()
    header = fits.getheader(raw)
    assert {key: header[key] for key in ("FLATFILE", "FLUXTAB", "TDSTAB", "BRSTTAB", "CRDS_CTX", "CRDS_VER")} == {
        "FLATFILE": "lref$sim_flat.fits", "FLUXTAB": "lref$own_phot.fits", "TDSTAB": "N/A",
        "BRSTTAB": "N/A",
        "CRDS_CTX": "hst_0001.pmap", "CRDS_VER": "13.1",
    }  # fmt: skip
    assert [(one.keyword, one.name, one.is_override) for one in assignment.references] == [
        ("FLATFILE", "sim_flat.fits", False), ("FLUXTAB", "own_phot.fits", True),
    ]  # fmt: skip
    assert assignment.context == "hst_0001.pmap"
    assert assignment.not_applicable == {raw.name: ("BRSTTAB", "TRACETAB")}
    assert all(one.path.is_file() for one in assignment.references)


def test_a_missing_reference_is_named(lock: Lock, cache: Path, own: Path, raw: Path) -> None:
    next(cache.rglob("sim_flat.fits")).unlink()
    with pytest.raises(BestrefsError, match=r"are missing from the CRDS cache at .*: sim_flat\.fits \(FLATFILE\)"):
        service(lock, cache, own).assign([raw], lambda _event: None)


def test_a_file_of_the_users_own_must_be_given(lock: Lock, cache: Path, raw: Path) -> None:
    with pytest.raises(BestrefsError, match=r"own_phot\.fits \(FLUXTAB\)") as caught:
        service(lock, cache, None).assign([raw], lambda _event: None)
    assert caught.value.advice == "own_phot.fits was the user's own file: override FLUXTAB with it."


@pytest.mark.parametrize("name", ["sim_flat.fits", "renamed.fits"])
def test_one_other_byte_in_a_reference_is_refused(
    name: str, lock: Lock, cache: Path, own: Path, raw: Path, tmp_path: Path
) -> None:
    victim = next(tmp_path.rglob(name))
    victim.write_bytes(victim.read_bytes()[:-1] + b"!")
    before = raw.read_bytes()
    with pytest.raises(BestrefsError, match=rf"{name}' \(\w+\) is not the lock's: its SHA-256 is") as caught:
        service(lock, cache, own).assign([raw], lambda _event: None)
    assert caught.value.exit_code == 27
    assert raw.read_bytes() == before


def test_other_switches_than_the_locks_are_refused(lock: Lock, cache: Path, own: Path, raw: Path) -> None:
    edited = evolve(lock, switches={raw.name: {"FLATCORR": "OMIT", "BRSTCORR": "OMIT"}})
    with pytest.raises(InvalidLock, match=f"{raw.name} has other switches than the lock: FLATCORR PERFORM"):
        service(edited, cache, own).assign([raw], lambda _event: None)


def test_a_raw_file_that_cannot_be_read_is_named(lock: Lock, cache: Path, own: Path, raw: Path) -> None:
    raw.write_bytes(b"nothing")
    with pytest.raises(BestrefsError, match=f"{raw.name} cannot be read"):
        service(lock, cache, own).assign([raw], lambda _event: None)
