"""``caldp demo``: a stranger's machine, no network, misleading exports; and every fault as it is really reported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from astropy.io import fits
from attrs import frozen

import caldp
from caldp.demo.faults import FAULTS
from caldp.domain.exit_codes import ExitCode
from caldp.simulation import DATASETS, compare_with_truth, observation_in
from tests.support.site import CALDP, Site

pytestmark = pytest.mark.engines

CORRECTIONS = ("FLAT", "DEAD", "DQI", "DOPP", "HEL", "X1D", "BACK", "WAVE", "FLUX", "TDS")
PRODUCTS = ["corrtag", "counts", "flt", "lampflash", "x1d"]
SOMEBODY_ELSES = {
    "CRDS_PATH": "/no/cache",
    "CRDS_CONTEXT": "hst_9999.pmap",
    "CRDS_SERVER_URL": "https://hst-crds.stsci.edu",
    "CRDS_USE_PICKLED_CONTEXTS": "1",
    "CALDP_HOME": "/no/home",
    "CALDP_LAYOUT": "calcloud",
}
"""Variables that a user of the real pipeline may have exported, and that must not lead the demo astray."""


def without_network() -> Sequence[str]:
    """Say how to start a command that has no network, if this user may do that."""
    launcher = ["unshare", "--user", "--map-root-user", "--net"]
    possible = shutil.which("unshare") and subprocess.run([*launcher, "true"], check=False).returncode == 0
    return launcher if possible else []


@frozen
class Shown:
    """A demo that has been run in an empty directory."""

    directory: Path
    done: subprocess.CompletedProcess[str]

    def product(self, dataset: str, name: str) -> Path:
        return next((self.directory / "caldp-demo" / "data").glob(f"*/{dataset}/{name}"))


def show(directory: Path, *arguments: str) -> Shown:
    home = directory / "home"
    home.mkdir()
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), **SOMEBODY_ELSES}
    (directory / "here").mkdir()
    done = subprocess.run(
        [*without_network(), CALDP, "demo", *arguments],
        cwd=directory / "here", env=environment, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    return Shown(directory / "here", done)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return show(tmp_path_factory.mktemp("cos"))


def test_it_succeeds_without_network(shown: Shown) -> None:
    assert shown.done.returncode == 0, shown.done.stderr
    assert shown.done.stdout.startswith("$ caldp process lsim01010 --profile demo\n")
    assert "lsim01010_x1dsum.fits agrees with the simulated truth:\n  NUVA: flux " in shown.done.stdout


def test_it_says_where_things_are_and_what_to_do_next(shown: Shown) -> None:
    _, _, rest = shown.done.stdout.partition("Files:\n")
    places, _, commands = rest.partition("\n\nNext, with real data:\n")
    listed = dict(line.split(maxsplit=1) for line in places.splitlines() if not line.startswith(("  raw", "  CRDS")))
    assert listed["preview"] == "caldp-demo/data/cos/lsim01010/previews/lsim01010_x1dsum.png"
    assert all((shown.directory / place).exists() for place in listed.values())
    assert [line.split()[0] for line in commands.splitlines()] == ["caldp"] * 3


def test_it_leaves_one_directory_and_no_scratch(shown: Shown) -> None:
    assert [path.name for path in shown.directory.iterdir()] == ["caldp-demo"]
    left = {path.name for path in (shown.directory / "caldp-demo").iterdir()}
    assert left == {"inputs", "crds_cache", "data", "messages"}
    message = shown.directory / "caldp-demo" / "messages" / "datasets-processed" / "lsim01010"
    assert message.exists()


def test_crds_assigns_every_reference_from_the_simulated_context(shown: Shown) -> None:
    header = fits.getheader(shown.product("lsim01010", "lsim01a1q_rawtag.fits"))
    assigned = {keyword: value for keyword, value in header.items() if str(value).startswith("lref$")}
    assert header["CRDS_CTX"] == "hst_sim0001.pmap"
    assert len(assigned) == 10
    assert assigned["FLATFILE"] == "lref$simnuv_flat.fits"


@pytest.mark.parametrize("product", ["lsim01a1q_x1d.fits", "lsim01a2q_x1d.fits", "lsim01010_x1dsum.fits"])
def test_calcos_completes_its_corrections_and_finds_the_spectrum_that_was_put_in(shown: Shown, product: str) -> None:
    path = shown.product("lsim01010", product)
    header = fits.getheader(path)
    assert {header[f"{name}CORR"] for name in CORRECTIONS} == {"COMPLETE"}
    comparison = compare_with_truth(path, observation_in(shown.directory, "cos").truth)
    assert [fit.part for fit in comparison.fits] == ["NUVA", "NUVB", "NUVC"]
    assert comparison.agrees, "\n".join(map(str, comparison.fits))


@pytest.mark.hstcal
@pytest.mark.parametrize("instrument", ["acs", "wfc3", "stis"])
def test_the_other_instruments_with_hstcal(instrument: str, tmp_path: Path) -> None:
    shown = show(tmp_path, "--instrument", instrument)
    assert shown.done.returncode == 0, shown.done.stderr
    assert "agrees with the simulated truth:" in shown.done.stdout
    assert shown.product(DATASETS[instrument], "previews/*").exists()


@pytest.mark.hstcal
def test_the_library_takes_the_profile_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = caldp.process("osim02010", profile="demo")
    assert outcome.status is ExitCode.SUCCESS
    assert outcome.record.context == "hst_sim0001.pmap"


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_reported_as_it_is_listed(name: str, site: Site) -> None:
    if name == "out-of-memory" and sys.platform != "linux":
        pytest.skip("only Linux keeps a limit of address space")
    if name == "disk-full" and not without_network():
        pytest.skip("this user may not mount a disk in a name space of his own (unshare)")
    done = site.run("demo", "--fault", name)
    assert done.returncode in FAULTS[name].statuses, done.stderr
    assert f"as was expected of {name}" in done.stdout
    assert "  failure" in done.stderr
    assert "bug in caldp" not in done.stderr
    place = site.directory / "caldp-demo" / f"fault-{name}" / "cos"
    outputs_reachable = name not in {"output-unwritable", "s3-down"}
    messages = [path.relative_to(place).as_posix() for path in place.glob("messages/*/*")]
    assert messages == (["messages/datasets-error/lsim01010"] if outputs_reachable else [])
