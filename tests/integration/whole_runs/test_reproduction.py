"""One simulated exposure of COS, processed, compared, locked, replayed and carried in a capsule.

FLUX is what a reference with another sensitivity changes; everything else must stay as it is.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from astropy.io import fits

from caldp.simulation import SimulatedObservation
from tests.support.site import CALDP, Site

pytestmark = pytest.mark.engines
FACTOR = 1.1
EXPOSURE = "lsim01a1q"


@pytest.fixture(scope="module")
def place(simulated: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Process the observation twice: as it is, and with a sensitivity scaled by 1.1."""
    directory = tmp_path_factory.mktemp("reproduction")
    site = Site(
        directory,
        {"CRDS_PATH": str(simulated.crds_cache), "CRDS_CONTEXT": simulated.context, "CALDP_PREVIEWS": "0"},
    )
    own = directory / "own_phot.fits"
    (fluxtab,) = simulated.crds_cache.rglob("*_phot.fits")
    shutil.copy(fluxtab, own)
    with fits.open(own, mode="update") as hdus:
        hdus[1].data["SENSITIVITY"] *= FACTOR
    for output, more in (("before", ()), ("after", ("--override", f"FLUXTAB={own}"))):
        done = site.run("process", "-q", EXPOSURE, str(simulated.inputs), output, *more)
        assert done.returncode == 0, done.stderr
    return site


@pytest.fixture(scope="module")
def lock(place: Site) -> Path:
    done = place.run("lock", "after", EXPOSURE, "-o", "after.lock.json")
    assert done.returncode == 0, done.stderr
    return place.directory / "after.lock.json"


def compared(place: Site, *words: str, status: int = 0) -> Mapping[str, Any]:
    done = place.run("diff", *words, "--json", "--exit-code")
    assert done.returncode == status, done.stderr
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


def test_a_scaled_sensitivity_changes_flux_alone_and_is_named_first(place: Site) -> None:
    (one,) = compared(place, "before", "after", status=1)["datasets"]
    (cause,) = one["causes"]
    assert (cause["kind"], cause["subject"], cause["b"]) == ("reference", "FLUXTAB", "own_phot.fits (override)")
    different = {product["name"]: product for product in one["products"] if product["agreement"] != "exact"}
    assert different.keys() == {"lsim01a1q_x1d.fits"}
    for product in different.values():
        (hdu,) = (hdu for hdu in product["hdus"] if hdu["agreement"] != "exact")
        columns = {value["column"]: value for value in hdu["values"]}
        assert {name for name in columns if not name.startswith("ERROR")} == {"FLUX"}
        for value in columns.values():
            assert value["ratio"] == pytest.approx(1 / FACTOR, rel=1e-5)
    same = [product for product in one["products"] if product["agreement"] == "exact"]
    assert len(same) > len(different)
    text = place.run("diff", "before", "after").stdout
    assert text.index("FLUXTAB") < text.index("lsim01a1q_x1d.fits")


def test_an_output_and_itself_are_the_same_by_digests(place: Site) -> None:
    found = compared(place, "before", "before")
    assert found["agreement"] == "exact"
    assert not any(product["is_read"] for one in found["datasets"] for product in one["products"])


def test_one_flipped_bit_is_found_by_reading(place: Site) -> None:
    home = f"data/cos/{EXPOSURE}"
    shutil.copytree(place.directory / "before" / home, place.directory / "damaged")
    victim = place.directory / "damaged" / "lsim01a1q_x1d.fits"
    with fits.open(victim, mode="update") as hdus:
        hdus[1].data["NET"].view(">u4")[0, 7] ^= 1
    assert compared(place, f"before/{home}", "damaged")["agreement"] == "exact"  # digests are taken at their word
    (one,) = compared(place, f"before/{home}", "damaged", "--read", "--rtol", "0", status=1)["datasets"]
    (product,) = (product for product in one["products"] if product["agreement"] != "exact")
    (value,) = product["hdus"][0]["values"]
    assert (product["name"], value["column"], value["differing"]) == ("lsim01a1q_x1d.fits", "NET", 1)
    assert value["first"] == "row 1, element 8"


def test_a_lock_is_made_from_the_record_alone(place: Site, lock: Path) -> None:
    record = "after/data/cos/lsim01a1q/logs/record.json"
    (place.directory / "alone").mkdir()
    shutil.copy(place.directory / record, place.directory / "alone" / "record.json")
    assert place.run("lock", "alone/record.json").stdout == lock.read_text()
    assert str(place.directory) not in lock.read_text()


@pytest.mark.parametrize("victim", ["reference", "input", "lock"])
def test_whatever_differs_is_refused_before_an_engine_starts(
    victim: str, place: Site, lock: Path, simulated: SimulatedObservation, tmp_path: Path
) -> None:
    cache, inputs, path = tmp_path / "cache", tmp_path / "inputs", tmp_path / "lock.json"
    shutil.copytree(simulated.crds_cache, cache)
    shutil.copytree(simulated.inputs, inputs)
    own = place.directory / "own_phot.fits"
    text, (reference,) = lock.read_text(), cache.rglob("*_disp.fits")
    expected = {
        "reference": (27, reference.name), "input": (21, "lsim01a1q_rawtag.fits has other contents"),
        "lock": (2, "'../lsim01a1q_rawtag.fits'; expected a plain file name"),
    }[victim]  # fmt: skip
    if victim == "lock":
        text = text.replace('"lsim01a1q_rawtag.fits"', '"../lsim01a1q_rawtag.fits"')
    else:
        file = {"reference": reference, "input": inputs / "lsim01a1q_rawtag.fits"}[victim]
        data = bytearray(file.read_bytes())
        data[-3000] ^= 1
        file.write_bytes(data)
    path.write_text(text)
    words = ("replay", str(path), str(inputs), "none", "--override", f"FLUXTAB={own}", "--json")
    done = place.run(*words, CRDS_PATH=str(cache))
    assert done.returncode == expected[0], done.stderr
    assert expected[1] in done.stderr
    assert "Traceback" not in done.stderr
    if done.stdout:
        assert json.loads(done.stdout).get("record", {}).get("engines", []) == []


def test_a_capsule_runs_with_nothing_else(place: Site, tmp_path: Path) -> None:
    done = place.run("capsule", "create", "after", EXPOSURE, "-o", "after.zip", "-q")
    assert done.returncode == 0, done.stderr
    capsule = place.directory / "after.zip"
    with zipfile.ZipFile(capsule) as archive:
        contents = sum(entry.file_size for entry in archive.infolist())
        names = [entry.filename.partition("/")[2] for entry in archive.infolist()]
    assert capsule.stat().st_size <= 1.05 * contents
    assert "data/own/FLUXTAB/own_phot.fits" in names
    assert sum(name.startswith("data/crds/mappings/hst/") for name in names) > 2
    home = tmp_path / "empty home"
    home.mkdir()
    offline = ("unshare", "--net") if os.geteuid() == 0 and shutil.which("unshare") else ()
    ran = subprocess.run(
        [*offline, CALDP, "capsule", "run", str(capsule), str(tmp_path / "out"), "-q"],
        cwd=tmp_path, env={"PATH": os.environ["PATH"], "HOME": str(home)}, capture_output=True, text=True, timeout=600,
        check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("lsim01a1q: EXACT\n")
    assert compared(place, "after", str(tmp_path / "out"))["agreement"] == "exact"
