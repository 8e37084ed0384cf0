"""Mistakes that a user can make: one clear sentence with the remedy, the right status, no traceback."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from attrs import field, frozen

from caldp.simulation import SimulatedObservation, simulate
from tests.support.site import CALDP, Site


@frozen
class Mistake:
    """Command that a user types, and the expected answer.

    Attributes
    ----------
    arguments
        After ``caldp process``; ``{inputs}`` stands for the simulated inputs.
    status
        Exit status.
    says
        Parts of what stands on standard error, the remedy's included.
    exports
        Environment variables that are wrong.
    """

    arguments: tuple[str, ...]
    status: int
    says: tuple[str, ...]
    exports: Mapping[str, str] = field(factory=dict)


INPUTS = "file:{inputs}"
MISTAKES = {
    "bad name": Mistake(("j8cb",), 2, ("'j8cb' is not the name of an HST dataset", "j8cb010b0")),
    "other instrument": Mistake(("n8cb010b0",), 2, ("NICMOS", "does not calibrate", "MAST")),
    "bad input": Mistake(("lsim01010", "astroquery"), 2, ("'astroquery' is not an input location", "astroquery:")),
    "two datasets": Mistake(("lsim01010", "ldfd01010"), 2, ("ldfd01010 is a dataset", "caldp batch run takes several")),
    "bad output": Mistake(("lsim01010", INPUTS, "astroquery:"), 2, ("not an output location", "file:PATH")),
    "bad option": Mistake(("lsim01010", "--contxt", "hst_0729.pmap"), 2, ("--contxt", "--context")),
    "bad profile": Mistake(("lsim01010", INPUTS, "--profile", "onsight"), 2, ("onsight", "onsite")),
    "bad setting": Mistake(("lsim01010", INPUTS), 2, ("CALDP_TIMEOUT", "number"), {"CALDP_TIMEOUT": "soon"}),
    "bad switch": Mistake(("lsim01010", INPUTS, "--set", "FLATCOR=OMIT"), 2, ("FLATCOR", "Did you mean FLATCORR?")),
    "bad state": Mistake(("lsim01010", INPUTS, "--set", "FLATCORR=OFF"), 2, ("FLATCORR=OFF", "PERFORM or OMIT")),
    "bad member": Mistake(("lsim01010", INPUTS, "--members", "lsim01zzq"), 2, ("lsim01zzq", "lsim01a1q, lsim01a2q")),
    "not drizzled": Mistake(("lsim01010", INPUTS, "--drizzle", "final_scale=1"), 2, ("no drizzle parameters",)),
    "no drizzle pair": Mistake(("jbz504010", "--drizzle", "final_scale"), 2, ("NAME=VALUE", "final_scale=0.03")),
    "no input directory": Mistake(("lsim01010", "file:nowhere"), 21, ("nowhere", "Check the path")),
    "no raws": Mistake(("ld9m10ujq", INPUTS), 21, ("ld9m10ujq", "There is input of lsim01010")),
    "no cache": Mistake(("lsim01010", INPUTS), 27, ("no CRDS cache", "CRDS_PATH"), {"CRDS_PATH": "/no/cache"}),
    "unknown context": Mistake(
        ("lsim01010", INPUTS, "--context", "hst_9999.pmap"), 27, ("hst_9999.pmap", "CRDS_CONTEXT")
    ),
    "no context": Mistake(("lsim01010", INPUTS, "--context", "9999"), 2, ("'9999'", "a CRDS context such as hst_0729")),
    "output not writable": Mistake(("lsim01010", INPUTS, "file:/proc/nowhere"), 1, ("/proc/nowhere",)),
    "no scratch": Mistake(("lsim01010", INPUTS), 1, ("CALDP_HOME", "write"), {"CALDP_HOME": "/proc/nowhere"}),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_explained(name: str, simulated: SimulatedObservation, site: Site, tmp_path: Path) -> None:
    mistake = MISTAKES[name]
    arguments = [argument.format(inputs=simulated.inputs) for argument in mistake.arguments]
    done = site.run("process", *arguments, **mistake.exports)
    assert done.returncode == mistake.status, done.stderr
    for part in mistake.says:
        assert part in done.stderr
    assert "Traceback" not in done.stderr


def test_an_engine_that_is_not_installed_is_named(site: Site) -> None:
    acs = simulate("acs", site.directory / "acs")
    exports = {"CRDS_PATH": str(acs.crds_cache), "CRDS_CONTEXT": acs.context, "PATH": "/nowhere"}
    done = site.run("process", acs.dataset, f"file:{acs.inputs}", "file:out", **exports)
    assert done.returncode == 23
    assert "calacs.e is not installed" in done.stderr
    assert "conda-forge hstcal" in done.stderr


def test_debug_shows_the_traceback(site: Site) -> None:
    done = site.run("--debug", "process", "j8cb")
    assert done.returncode == 2
    assert "Traceback" in done.stderr


def test_an_unreadable_raw_file_is_named(simulated: SimulatedObservation, site: Site) -> None:
    inputs = site.directory / "inputs"
    shutil.copytree(simulated.inputs, inputs)
    raw = inputs / "lsim01a1q_rawtag.fits"
    raw.write_bytes(raw.read_bytes()[:-50_000])
    done = site.run("process", "lsim01010", "file:inputs", "file:out")
    assert done.returncode == 23
    assert "lsim01a1q_rawtag.fits is not a whole FITS file" in done.stderr
    assert "Fetch the file again" in done.stderr


def test_a_reference_missing_in_a_readonly_cache_is_named(simulated: SimulatedObservation, site: Site) -> None:
    cache = site.directory / "cache"
    shutil.copytree(simulated.crds_cache, cache)
    next(cache.rglob("*_flat.fits")).unlink()
    done = site.run("process", "lsim01010", f"file:{simulated.inputs}", "file:out", CRDS_PATH=str(cache))
    assert done.returncode == 27
    assert "_flat.fits (FLATFILE)" in done.stderr
    assert "crds sync" in done.stderr


def test_a_full_disk_is_called_so(simulated: SimulatedObservation, site: Site) -> None:
    """A limit on the size of files stands for a full disk: a larger file cannot be written."""
    limit = 1_000_000

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = subprocess.run(
        [CALDP, "process", "lsim01010", f"file:{simulated.inputs}", "file:out"],
        cwd=site.directory,
        env={"PATH": os.environ["PATH"], "HOME": str(site.directory), **site.environment},
        capture_output=True,
        text=True,
        preexec_fn=limited,
        check=False,
    )
    assert done.returncode in (1, 21), done.stderr
    assert "larger than this process may write" in done.stderr or "too large" in done.stderr.lower()
    assert "Traceback" not in done.stderr
    assert not (site.directory / "out/messages/datasets-processed").exists()


def test_the_module_is_the_command_too(site: Site) -> None:
    command = [sys.executable, "-m", "caldp", "process", "j8cb"]
    done = subprocess.run(command, cwd=site.directory, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "j8cb" in done.stderr
