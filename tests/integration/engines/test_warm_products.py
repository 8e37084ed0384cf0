"""Products of warm engines and of the same engines started as usual: equal in every HDU, volatile cards aside."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from astropy.io.fits import FITSDiff, getval

from caldp.adapters.engines.subprocess import SubprocessRunner
from caldp.adapters.engines.warm import WarmEngines
from caldp.adapters.fits.digest import file_digest
from caldp.app.ports.calibration_runner import EngineCall
from caldp.domain.hst.digests import VOLATILE_CARDS, HduDigest
from tests.support.calibrated_ramps import write_calibrated
from tests.support.engine_runs import OFFLINE

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.engines,
    pytest.mark.skipif(sys.platform != "linux", reason="engines are warm on Linux only"),
]

VISIT, CELL = "wfc3_sim_01", "skycell-p1476x11y07"


class Twins:
    """An engine in two directories that are alike: warm in one, started as usual in the other."""

    def __init__(self, engines: WarmEngines, environment: Mapping[str, str]) -> None:
        self._engines = engines
        self._environment = environment

    def run(self, directory: Path, *argv: str) -> Path:
        """Run an engine on the files of a directory, and compare all that it makes; return the directory."""
        early = {name: value for name, value in self._environment.items() if name != "iref"}
        warm, cold = SubprocessRunner(engines=self._engines), SubprocessRunner(is_warm=False)
        warm.prepare(argv[:1], early)
        twin = shutil.copytree(directory, directory.with_name(f"{directory.name} of a twin"))
        results = [
            runner.run(EngineCall(argv, place, self._environment), lambda _: None)
            for runner, place in ((warm, directory), (cold, twin))
        ]
        assert [result.is_warm for result in results] == [True, False]
        assert [result.completion.status for result in results] == [0, 0], results[0].tail[-20:]
        assert _names(directory) == _names(twin)
        made = {name: _digests(directory / name) for name in _names(directory) if name.endswith(".fits")}
        assert all(made.values())
        for name in [name for name, digests in made.items() if digests != _digests(twin / name)]:
            _assert_other_corners_at_most(directory / name, twin / name)
        return directory


def _names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def _assert_other_corners_at_most(first: Path, second: Path) -> None:
    """Check that two products are equal, except that their outlines may be simplified otherwise.

    drizzlepac makes S_REGION by simplify_polyline, which compares sums of BLAS. Their last bit depends on where arrays
    lie in memory, so that a program started twice may choose corners some pixels apart.
    """
    assert FITSDiff(first, second, ignore_keywords=[*VOLATILE_CARDS, "S_REGION"]).identical, first.name
    outlines = [
        np.array(getval(path, "S_REGION", "SCI").removeprefix("POLYGON ICRS ").split(), float).reshape(-1, 2)
        for path in (first, second)
    ]
    areas = [abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2 for x, y in (outline.T for outline in outlines)]
    assert areas[0] == pytest.approx(areas[1], rel=0.02)


def _digests(path: Path) -> tuple[HduDigest, ...]:
    return file_digest(path).hdus


@pytest.fixture(scope="module")
def twins(crds_cache: Path) -> Iterator[Twins]:
    """Engines whose libraries are imported once for all tests."""
    with WarmEngines() as engines:
        environment = {
            "PATH": f"{Path(sys.executable).parent}:/bin:/usr/bin", "HOME": "/", "PYTHONUNBUFFERED": "1",
            "MPLBACKEND": "Agg", "iref": f"{crds_cache}/references/hst/", **OFFLINE,
        }  # fmt: skip
        yield Twins(engines, environment)


@pytest.fixture(scope="module")
def drizzled(twins: Twins, shared_hst: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drizzle an association of two exposures."""
    raws, directory = tmp_path_factory.mktemp("raws"), tmp_path_factory.mktemp("association")
    shutil.unpack_archive(shared_hst / "inputs" / "isim01010.tar.gz", raws, filter="data")
    shutil.copy(raws / "isim01010_asn.fits", directory)
    (directory / "isim01010_asn.fits").chmod(0o644)
    for raw in sorted(raws.glob("*_raw.fits")):
        write_calibrated(raw, directory)
    return twins.run(directory, "runastrodriz", "isim01010_asn.fits")


@pytest.fixture(scope="module")
def mosaicked(twins: Twins, drizzled: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Mosaic a visit of these exposures."""
    directory = tmp_path_factory.mktemp("visit")
    names = [path.name for path in sorted(drizzled.glob("*_flt.fits"))]
    for name in names:
        shutil.copy(drizzled / name, directory)
    (directory / f"{VISIT}_input.out").write_text("".join(f"{name}\n" for name in names))
    return twins.run(directory, "runsinglehap", f"{VISIT}_input.out")


def test_runastrodriz_makes_the_same(drizzled: Path) -> None:
    assert {"isim01010_drz.fits", "isim01a1q_flt_hlet.fits"} <= set(_names(drizzled))


def test_runsinglehap_makes_the_same(mosaicked: Path) -> None:
    assert "hst_99999_01_wfc3_ir_total_isim01_drz.fits" in _names(mosaicked)


def test_runmultihap_makes_the_same(twins: Twins, mosaicked: Path, tmp_path: Path) -> None:
    directory = tmp_path / "cell"
    directory.mkdir()
    names = [path.name for path in sorted(mosaicked.glob("hst_*_f130n_isim01a?_flt.fits"))]
    for name in names:
        shutil.copy(mosaicked / name, directory)
    row = f"99999,SIM,01,100.0,F130N,IR,{CELL},NEW"
    (directory / f"{CELL}_input.out").write_text("".join(f"{name},{row},{name}\n" for name in names))
    twins.run(directory, "runmultihap", f"{CELL}_input.out")
    assert f"hst_{CELL}_wfc3_ir_f130n_all_drz.fits" in _names(directory)
