"""Images that are called current are calibrated to the same data under the new context, and stale ones are not.

The engines are the real calacs and calwf3. A context in which every reference file is another one, but for nothing that
the exposures use, is compared with one in which some differ; each of these is also put alone into the raw header.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from astropy.io import fits
from attrs import frozen

import caldp
from caldp import DatasetFinding, Rung, Verdict
from caldp.adapters.fits.digest import file_digest
from caldp.domain.stale.selecting import TABLES
from caldp.domain.stale.steps import READERS
from caldp.simulation import simulate
from tests.support.contexts import copied_cache, derive_context
from tests.support.reference_changes import Change, of_pixels, put_other_rows, repack, replaced, times

pytestmark = [pytest.mark.shared_data, pytest.mark.hstcal]

HARMLESS, HARMFUL = "hst_9801.pmap", "hst_9802.pmap"
PLAIN: Final[Mapping[str, Any]] = {"previews": False, "switches": {"DRIZCORR": "OMIT"}, "astrometry": "off"}
"""Settings without what takes long and reads none of the files that are compared."""


def move_bad_pixels(hdus: fits.HDUList) -> None:
    hdus[1].data["PIX1"] += 3


def nonsense(hdus: fits.HDUList) -> None:
    """Spoil all values of a file."""
    for hdu in hdus[1:]:
        if isinstance(hdu, fits.BinTableHDU):
            for name in hdu.data.dtype.names:
                if hdu.data[name].dtype.kind in "if":
                    hdu.data[name] = hdu.data[name] * 3 + 7
        elif hdu.data is not None:
            hdu.data = hdu.data * 3 + 7


@frozen
class Camera:
    """A camera, and a dataset of it.

    Attributes
    ----------
    instrument, dataset, context
        Instrument, dataset, and the context that it is calibrated under at first.
    engine, variable
        Its engine, and the variable that stands for its reference files.
    exposure
        Rootname of an exposure.
    harmful
        Changes that matter, by type.
    whole
        Types of tables of which all rows are compared: no condition on them is known from the headers.
    """

    instrument: str
    dataset: str
    context: str
    engine: str
    variable: str
    exposure: str
    harmful: Mapping[str, Change]
    whole: frozenset[str] = frozenset()


GAINS: Final = tuple(f"ATODGN{amp}" for amp in "ABCD")
CAMERAS: Final = {
    "acs": Camera("acs", "j6gp01mkq", "hst_9729.pmap", "calacs.e", "jref", "j6gp01mkq", {
        "BIASFILE": of_pixels(lambda bias: bias + 10),
        "CCDTAB": times(*GAINS),
        "DARKFILE": of_pixels(lambda dark: dark + 1),
        "PFLTFILE": of_pixels(lambda flat: flat * 1.25),
        "SATUFILE": of_pixels(lambda level: level * 0),
    }),
    "wfc3": Camera("wfc3", "isim02010", "hst_sim0001.pmap", "calwf3.e", "iref", "isim02a1q", {
        "BPIXTAB": move_bad_pixels,
        "CCDTAB": times(*GAINS),
        "DARKFILE": of_pixels(lambda dark: dark + 1),
        "NLINFILE": of_pixels(lambda level: level * 0, "NODE"),
        "PFLTFILE": of_pixels(lambda flat: flat * 1.25),
    }, frozenset({"BPIXTAB"})),
}  # fmt: skip


@frozen
class Calibrated:
    """One dataset, calibrated under two contexts of a cache which has a third.

    Attributes
    ----------
    camera
        The camera.
    cache
        The cache.
    outputs
        Output by context.
    unused
        Types that no step reads; their files are nonsense in the newer contexts.
    rows
        Types of tables that have other rows of other modes.
    worse
        Names of the files that matter, by type.
    """

    camera: Camera
    cache: Path
    outputs: Mapping[str, Path]
    unused: frozenset[str]
    rows: frozenset[str]
    worse: Mapping[str, str]

    def record(self, context: str) -> caldp.RunRecord:
        (path,) = self.outputs[context].rglob("record.json")
        return caldp.RunRecord.from_json(path.read_text())

    def finding(self, context: str) -> DatasetFinding:
        environment = {**os.environ, "CRDS_PATH": str(self.cache), "CRDS_READONLY_CACHE": "1"}
        output = self.outputs[self.camera.context]
        (finding,) = caldp.stale(output, context=context, environment=environment)
        return finding

    def made(self, directory: Path, keyword: str = "", name: str = "") -> tuple[str, ...]:
        """Calibrate one exposure, with another file of a type in its header; return the digests of all data."""
        directory.mkdir()
        raw = f"{self.camera.exposure}_raw.fits"
        (prepared,) = self.outputs[self.camera.context].rglob(raw)
        shutil.copyfile(prepared, directory / raw)
        if keyword:
            fits.setval(directory / raw, keyword, value=f"{self.camera.variable}${name}")
        environment = {**os.environ, self.camera.variable: f"{self.cache}/references/hst/"}
        done = subprocess.run(
            [self.camera.engine, raw], cwd=directory, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-2000:]
        return tuple(hdu.data for hdu in file_digest(directory / f"{self.camera.exposure}_flt.fits").hdus)


@pytest.fixture(scope="module", params=CAMERAS)
def calibrated(
    request: pytest.FixtureRequest, shared_hst: Path, tmp_path_factory: pytest.TempPathFactory
) -> Calibrated:
    camera, root = CAMERAS[request.param], tmp_path_factory.mktemp(request.param)
    if camera.instrument == "acs":
        inputs, original = shared_hst / "inputs", shared_hst / "crds_cache"
    else:
        observation = simulate(camera.instrument, root / "simulated")
        inputs, original = observation.inputs, observation.crds_cache
    cache = copied_cache(original, root / "cache")
    settings = {**PLAIN, "crds_path": str(cache), "crds_readonly_cache": True}
    outputs = {}

    def calibrate(context: str) -> caldp.RunRecord:
        outputs[context] = root / context
        given = {**settings, "crds_context": context}
        outcome = caldp.process(camera.dataset, inputs, outputs[context], overrides=given)
        assert outcome.status == 0, outcome.record.failures
        return outcome.record

    record = calibrate(camera.context)
    files = {one.keyword: one.name for one in record.references}
    omitted = {name for file in record.prepared for name, state in file.switches.items() if state == "OMIT"}
    readers = {one.keyword: one for one in READERS if one.instrument == camera.instrument}
    entries = {one.keyword: one for one in TABLES if one.instrument == camera.instrument}
    entries = {keyword: one for keyword, one in entries.items() if keyword not in camera.whole}
    unused = {
        key for key in files.keys() & readers.keys()
        if omitted.intersection(readers[key].every) or (readers[key].either and omitted.issuperset(readers[key].either))
    }  # fmt: skip

    def harmless(keyword: str) -> Change:
        if keyword in unused:
            return nonsense
        return (lambda hdus: put_other_rows(hdus, entries[keyword])) if keyword in entries else repack

    others = {name: replaced(cache, name, harmless(keyword), "out") for keyword, name in files.items()}
    derive_context(cache, camera.context, HARMLESS, others)
    worse = {key: replaced(cache, files[key], change, "new") for key, change in camera.harmful.items()}
    derive_context(cache, camera.context, HARMFUL, {files[key]: name for key, name in worse.items()})
    calibrate(HARMLESS)
    rows = entries.keys() & files.keys() - unused
    return Calibrated(camera, cache, outputs, frozenset(unused), frozenset(rows), worse)


def test_what_is_called_current_comes_out_the_same(calibrated: Calibrated) -> None:
    finding = calibrated.finding(HARMLESS)
    assert finding.verdict is Verdict.CURRENT, finding.reason
    found = {one.keyword: one.rung for one in finding.types}
    before, after = calibrated.record(calibrated.camera.context), calibrated.record(HARMLESS)
    assert found == {
        one.keyword: Rung.UNUSED if one.keyword in calibrated.unused
        else Rung.SAME_ROWS if one.keyword in calibrated.rows else Rung.SAME_CONTENT
        for one in before.references
    }  # fmt: skip
    assert len(found) >= 8
    data = {file.name: [hdu.data for hdu in file.hdus] for file in before.products if file.hdus}
    assert data
    assert {file.name: [hdu.data for hdu in file.hdus] for file in after.products if file.hdus} == data
    assert {one.name[:3] for one in after.references} == {"out"}


def test_each_change_makes_other_data(calibrated: Calibrated, tmp_path: Path) -> None:
    finding = calibrated.finding(HARMFUL)
    changed = {one.keyword for one in finding.types if one.rung is Rung.CHANGED}
    assert changed == calibrated.camera.harmful.keys()
    assert {one.rung for one in finding.types if one.keyword not in changed} == {Rung.UNCHANGED}
    usual = calibrated.made(tmp_path / "usual")
    for keyword, name in calibrated.worse.items():
        assert calibrated.made(tmp_path / keyword, keyword, name) != usual, keyword
