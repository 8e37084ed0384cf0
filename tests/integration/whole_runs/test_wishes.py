"""Whole runs with switches and members of the user's own, and what is shown of them beforehand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from astropy.io import fits

import caldp
from caldp.simulation import SimulatedObservation
from tests.support.records import read_record
from tests.support.site import Site


@pytest.mark.engines
def test_a_spectrum_without_fluxes_of_one_exposure_is_a_success(simulated: SimulatedObservation, site: Site) -> None:
    wishes = ("--set", "FLUXCORR=OMIT", "--set", "tdscorr=omit", "--members", "lsim01a1q")
    done = site.run("process", simulated.dataset, f"file:{simulated.inputs}", "file:out", *wishes)
    assert done.returncode == 0, done.stderr
    home = site.directory / "out" / "data" / "cos" / simulated.dataset
    record = read_record(home / "logs" / "record.json")
    assert record["notes"][0] == "1 of 2 exposures are calibrated, by request: lsim01a1q"
    assert "FLUXCORR is OMIT, and not PERFORM, by request: lsim01a1q_rawtag.fits" in record["notes"]
    assert not list(home.glob("lsim01a2q*"))
    with fits.open(home / "lsim01a1q_x1d.fits") as hdus:
        assert hdus[0].header["FLUXCORR"] == "OMIT"
        assert any("caldp: FLUXCORR PERFORM -> OMIT" in card for card in hdus[0].header["HISTORY"])
        assert (hdus[1].data["FLUX"] == 0).all()
        assert np.ptp(hdus[1].data["NET"]) > 0
    assert site.run("lock", "out", simulated.dataset, "-o", "wished.lock.json").returncode == 0
    again = site.run("replay", "wished.lock.json", str(simulated.inputs), "again", "-q")
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, f"{simulated.dataset}: EXACT"), again.stderr


def test_a_plan_shows_what_wishes_change(simulated: SimulatedObservation, site: Site) -> None:
    place = f"file:{simulated.inputs}"
    wishes = ("--set", "FLUXCORR=OMIT", "--set", "TDSCORR=OMIT", "--members", "lsim01a1q", "--dry-run")
    text = site.run("process", simulated.dataset, place, "none", *wishes).stdout
    assert "Other than usually\n  lsim01010_x1dsum4.fits is not made\n" in text
    plan = json.loads(site.run("process", simulated.dataset, place, "none", *wishes, "--json").stdout)
    assert "lsim01a2q_x1d.fits is not made" in plan["changes"]
    usual = json.loads(site.run("process", simulated.dataset, place, "none", "--dry-run", "--json").stdout)
    assert usual["changes"] == []


def test_switches_are_listed_with_state_and_meaning(simulated: SimulatedObservation, site: Site) -> None:
    shown = site.run("switches", simulated.dataset, f"file:{simulated.inputs}").stdout
    assert "FLATCORR PERFORM divide by the flat field" in [" ".join(line.split()) for line in shown.splitlines()]
    found = {one.name: one for one in caldp.switches(simulated.dataset, simulated.inputs)}
    assert found["FLUXCORR"].states == {"PERFORM": ("lsim01a1q_rawtag.fits", "lsim01a2q_rawtag.fits")}
    away = site.run("switches", simulated.dataset, "astroquery:")
    assert away.returncode == 2
    assert "would have to be downloaded" in away.stderr
