"""Real exposures under real contexts, and under some that were derived from these."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from astropy.io import fits

import caldp
from caldp import DatasetFinding, Rung, Verdict
from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.references.crds import CrdsReferences
from tests.support.contexts import copied_cache, derive_context, reference

pytestmark = pytest.mark.shared_data

DATASETS: Final = {"j6gp01mkq": "raw", "jbz504010": "raw", "ldfd01010": "rawtag_a"}
LAMP: Final = "24914347l_lamp.fits"
"""LAMPTAB that hst_0729 assigns to ldfd01010: 124 rows, of which arrays have 16384 elements."""
ROW: Final = 106
"""Index of a row that an exposure of it uses: FUVA, G140L, 1105, FPOFFSET 0."""
MIDDLE: Final = 8000
"""Element that numpy leaves out when it prints a row."""


def environment(cache: Path) -> dict[str, str]:
    serverless = {"CRDS_SERVER_URL": "https://hst-serverless-mode.stsci.edu", "CRDS_OBSERVATORY": "hst"}
    return {**os.environ, **serverless, "CRDS_PATH": str(cache), "CRDS_READONLY_CACHE": "1"}


@pytest.fixture(scope="module")
def exposures(shared_hst: Path, crds_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw exposures as hst_0729 assigns references to them, and an association table."""
    directory = tmp_path_factory.mktemp("exposures")
    for dataset, suffix in DATASETS.items():
        packed = tmp_path_factory.mktemp(dataset)
        shutil.unpack_archive(shared_hst / "inputs" / f"{dataset}.tar.gz", packed, filter="data")
        for path in (*packed.glob(f"*_{suffix}.fits"), *packed.glob("*_asn.fits")):
            shutil.copyfile(path, directory / path.name)
    raws = sorted(path for path in directory.iterdir() if "_asn" not in path.name)
    service = CrdsReferences(
        crds_cache, "hst_0729.pmap", readonly=True, environment=environment(crds_cache), fits=AstropyFits()
    )
    service.assign(raws, lambda _event: None)
    return directory


@pytest.fixture(scope="module")
def cache(crds_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache with three more contexts, in each of which another file stands in the place of `LAMP`."""
    cache = copied_cache(crds_cache, tmp_path_factory.mktemp("cache") / "crds")
    changes: dict[str, Callable[[Any], None]] = {
        "hst_9801.pmap": lambda hdus: _add_one(hdus[1].data["INTENSITY"], ROW),
        "hst_9802.pmap": lambda hdus: _add_one(hdus[1].data["INTENSITY"], 0),
        "hst_9803.pmap": lambda hdus: hdus[0].header.add_history("Delivered again."),
    }
    for context, change in changes.items():
        name = f"{context[4:8]}_lamp.fits"
        with fits.open(cache / "references" / "hst" / LAMP) as hdus:
            change(hdus)
            hdus[0].header["FILENAME"] = name
            hdus.writeto(reference(cache, name), checksum=True)
        derive_context(cache, "hst_0729.pmap", context, {LAMP: name})
    return cache


def _add_one(spectra: Any, row: int) -> None:
    spectra[row, MIDDLE] += 1


def by_name(places: Path, context: str, cache: Path) -> dict[str, DatasetFinding]:
    return {one.dataset: one for one in caldp.stale(places, context=context, environment=environment(cache))}


def test_a_rule_for_one_detector_makes_its_exposures_stale_and_no_others(exposures: Path, crds_cache: Path) -> None:
    found = by_name(exposures, "hst_9729.pmap", crds_cache)
    assert {name: one.verdict for name, one in found.items()} == {
        "j6gp01mkq": Verdict.STALE, "jbz504010": Verdict.CURRENT, "ldfd01010": Verdict.CURRENT,
    }  # fmt: skip
    assert [one.keyword for one in found["j6gp01mkq"].stale_types] == ["SATUFILE"]
    assert {one.rung for name in ("jbz504010", "ldfd01010") for one in found[name].types} == {Rung.UNCHANGED}
    assert {one.old_context for one in found.values()} == {"hst_0729.pmap"}


@pytest.mark.parametrize(
    ("context", "rung"),
    [("hst_9801.pmap", Rung.CHANGED), ("hst_9802.pmap", Rung.SAME_ROWS), ("hst_9803.pmap", Rung.SAME_CONTENT)],
)
def test_one_element_of_a_lamp_spectrum_decides(exposures: Path, cache: Path, context: str, rung: Rung) -> None:
    finding = by_name(exposures, context, cache)["ldfd01010"]
    lamps = [one for one in finding.types if one.keyword == "LAMPTAB"]
    assert {one.rung for one in finding.types if one.keyword != "LAMPTAB"} == {Rung.UNCHANGED}
    if rung is not Rung.CHANGED:
        assert [one.rung for one in lamps] == [rung]
        assert finding.verdict is Verdict.CURRENT
        return
    (changed,) = [one for one in lamps if one.rung is rung]
    assert {one.rung for one in lamps} == {Rung.CHANGED, Rung.SAME_ROWS}, "three of four are at other positions"
    assert len(changed.exposures) == 1
    (difference,) = changed.differences
    assert (difference.place, difference.rows) == ("HDU 1 (_LAMP), column INTENSITY", (ROW + 1,))
    assert difference.amount is not None
    assert (difference.amount.largest, difference.amount.changed) == (1.0, 1)


def bestrefs(cache: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "crds.bestrefs", *arguments], env=environment(cache), capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_crds_calls_the_changed_spectrum_the_same(exposures: Path, cache: Path) -> None:
    raw = next(iter(sorted(exposures.glob("ldfd01*_rawtag_a.fits"))))
    contexts = ("--old-context", "hst_0729.pmap", "--new-context", "hst_9801.pmap", "--files", str(raw))
    assert "lamptab" in bestrefs(cache, *contexts, "--print-affected-details")
    assert "lamptab" not in bestrefs(cache, *contexts, "--print-affected-details", "--optimize-tables")


def test_a_real_product_of_an_older_context_has_the_types_that_crds_finds(shared_hst: Path, crds_cache: Path) -> None:
    product = shared_hst / "products" / "ld9m10ujq_x1d.fits"
    finding = by_name(product, "hst_0729.pmap", crds_cache)["ld9m10010"]
    said = bestrefs(crds_cache, "--new-context", "hst_0729.pmap", "--compare-source-bestrefs", "--files", str(product))
    theirs = set(re.findall(r"type='(\w+)' data='[^']*ld9m10ujq_x1d.fits' ::  New best reference", said))
    ours = {one.keyword: one.rung for one in finding.types if one.rung is not Rung.UNCHANGED}
    assert ours.keys() == theirs
    assert len(theirs) == 11
    assert set(ours.values()) == {Rung.UNKNOWN}, "none of the older files is in the cache"
    assert finding.old_context == "hst_0595.pmap"
    assert finding.verdict is Verdict.UNKNOWN
