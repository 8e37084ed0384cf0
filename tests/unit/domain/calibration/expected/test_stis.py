"""STIS: what calstis was seen to make of CCD spectra and wavecals, and its source for the MAMAs."""

from __future__ import annotations

from typing import Any

import pytest

from caldp.domain.calibration.expected import expect
from caldp.domain.calibration.plan import Observation
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import FitsFacts
from tests.support.expectations import Rows, expectation_of, raw, rows, texts
from tests.support.observations import STIS_CRSPLIT

CCD_SWITCHES = (
    "DQICORR BLEVCORR BIASCORR CRCORR EXPSCORR DARKCORR FLATCORR WAVECORR X1DCORR BACKCORR HELCORR DISPCORR FLUXCORR "
    "CTECORR X2DCORR"
)
CCD: dict[str, Any] = {"DETECTOR": "CCD", "OBSTYPE": "SPECTROSCOPIC", "TEXPTIME": 100.0}
MAMA: dict[str, Any] = {"DETECTOR": "FUV-MAMA", "OBSTYPE": "SPECTROSCOPIC", "TEXPTIME": 100.0}
MAMA_SWITCHES = (
    "DQICORR LORSCORR GLINCORR LFLGCORR DARKCORR FLATCORR DOPPCORR WAVECORR X1DCORR BACKCORR HELCORR DISPCORR "
    "FLUXCORR X2DCORR SGEOCORR"
)


def single(facts: FitsFacts, suffix: str = "raw") -> Rows:
    return rows(expectation_of("obes03010", {f"obes03010_{suffix}.fits": facts}), facts)


def test_a_split_ccd_spectrum() -> None:
    split = raw(CCD_SWITCHES, "SCI", "ERR", "DQ", "SCI", "ERR", "DQ", omit="ATODCORR RPTCORR", **CCD)
    wav = raw("DQICORR FLATCORR", "SCI", **CCD)
    expectation = expectation_of(
        "osim01010", {"osim01010_raw.fits": split, "osim01010_wav.fits": wav}, STIS_CRSPLIT, "osim01010_asn.fits"
    )
    extraction = "BACKCORR CTECORR DISPCORR EXPSCORR FLUXCORR HELCORR X1DCORR X2DCORR"
    assert rows(expectation, split) == {
        "osim01010_crj.fits": extraction,
        "osim01010_flt.fits": "BACKCORR CRCORR CTECORR DISPCORR EXPSCORR FLUXCORR HELCORR X1DCORR X2DCORR",
        "osim01010_sx2.fits": "BACKCORR CTECORR EXPSCORR X1DCORR",
        "osim01010_sx1.fits": "EXPSCORR X2DCORR",
    }
    assert texts(expectation) == []


def test_one_exposure_is_not_cleaned() -> None:
    assert set(single(raw(CCD_SWITCHES, "SCI", "ERR", "DQ", **CCD))) == {
        "obes03010_flt.fits", "obes03010_x2d.fits", "obes03010_x1d.fits"
    }  # fmt: skip


def test_cte_is_corrected_for_along_with_the_flux_or_not_at_all() -> None:
    found = single(raw(CCD_SWITCHES.replace("FLUXCORR ", ""), "SCI", **CCD))
    assert found["obes03010_x1d.fits"] == "CRCORR CTECORR EXPSCORR X2DCORR"


def test_without_a_wavecal_the_wavelengths_are_not_corrected() -> None:
    facts = raw("DQICORR WAVECORR", "SCI", WAVECAL="N/A", **CCD)
    assert single(facts) == {"obes03010_flt.fits": "WAVECORR"}


def test_calibrated_exposures_of_a_split_are_made_on_request() -> None:
    without = CCD_SWITCHES.replace("EXPSCORR ", "")
    assert "obes03010_flt.fits" not in single(raw(without, "SCI", "SCI", **CCD))


@pytest.mark.parametrize(("step", "is_made"), [("FLATCORR", True), ("DARKCORR", True), ("BIASCORR", False)])
def test_single_exposures_are_made_beside_their_sum_only_by_a_step_after_the_rejection(
    step: str, is_made: bool
) -> None:
    lamp = raw(f"DQICORR BLEVCORR CRCORR EXPSCORR {step}", "SCI", "SCI", **{**CCD, "OBSTYPE": "IMAGING"})
    assert set(single(lamp)) == {"obes03010_crj.fits", *(["obes03010_flt.fits"] if is_made else [])}


def test_repeated_exposures_of_the_ccd_are_cleaned() -> None:
    repeated = single(raw("DQICORR FLATCORR RPTCORR", "SCI", "SCI", **CCD))
    assert repeated == {"obes03010_crj.fits": "RPTCORR"}


def test_a_mama_spectrum() -> None:
    left = "BACKCORR DISPCORR DOPPCORR FLUXCORR HELCORR SGEOCORR X1DCORR X2DCORR"
    assert single(raw(MAMA_SWITCHES, "SCI", **MAMA)) == {
        "obes03010_flt.fits": left,
        "obes03010_x2d.fits": "BACKCORR DOPPCORR X1DCORR",
        "obes03010_x1d.fits": "DOPPCORR SGEOCORR X2DCORR",
    }


def test_repeated_mama_exposures_are_summed() -> None:
    summed = single(raw(f"{MAMA_SWITCHES} RPTCORR", "SCI", "SCI", **MAMA))
    assert summed["obes03010_sfl.fits"] == "BACKCORR DISPCORR DOPPCORR FLUXCORR HELCORR SGEOCORR X1DCORR X2DCORR"
    assert summed["obes03010_sx2.fits"] == "BACKCORR DOPPCORR X1DCORR"


def test_an_image() -> None:
    image = raw("DQICORR FLATCORR PHOTCORR GEOCORR", "SCI", DETECTOR="CCD", OBSTYPE="IMAGING", TEXPTIME=1.0)
    assert single(image) == {"obes03010_flt.fits": "GEOCORR", "obes03010_x2d.fits": ""}


def test_a_wavecal_without_any_raw_exposure() -> None:
    wav = raw("DQICORR BLEVCORR FLATCORR WAVECORR DISPCORR X2DCORR", "SCI", **CCD)
    assert single(wav, "wav") == {"obes03010_wav_flt.fits": "DISPCORR X2DCORR", "obes03010_wav_x2d.fits": ""}


def test_nothing_is_made_without_exposure_time_but_of_a_bias() -> None:
    dark = raw("DQICORR", "SCI", DETECTOR="CCD", TEXPTIME=0.0, TARGNAME="DARK")
    expectation = expectation_of("obes03010", {"obes03010_raw.fits": dark})
    assert expectation.products == ()
    assert expectation.nothing_to_do == "obes03010_raw.fits: its exposure time is 0"
    assert single(raw("DQICORR", "SCI", **{**CCD, "OBSTYPE": "IMAGING", "TEXPTIME": 0.0, "TARGNAME": "BIAS"})) == {
        "obes03010_flt.fits": ""
    }


def test_nothing_is_made_without_switches() -> None:
    idle = raw("EXPSCORR", "SCI", omit="FLATCORR", **CCD)
    expectation = expectation_of("obes03010", {"obes03010_raw.fits": idle})
    assert expectation.nothing_to_do == "obes03010_raw.fits: no calibration switch is set to PERFORM"


def test_of_several_exposures_the_idle_ones_are_noted() -> None:
    good, idle = raw("DQICORR", "SCI", **CCD), raw("", "SCI", omit="DQICORR", **CCD)
    expectation = expectation_of("obes03010", {"obes03a1q_raw.fits": good, "obes03b2q_raw.fits": idle})
    assert [product.name for product in expectation.products] == ["obes03a1q_flt.fits"]
    assert expectation.notes == ("Nothing is made of obes03b2q_raw.fits: no calibration switch is set to PERFORM",)


def test_a_dummy_table_excuses_the_steps_that_need_it() -> None:
    observation = Observation(
        DatasetName.parse("obes03010"), None, {"obes03010_raw.fits": raw(CCD_SWITCHES, "SCI", **CCD)}
    )
    required = {product.name: product.complete for product in expect(observation, ["PHOTTAB"]).products}
    assert not required["obes03010_x1d.fits"] & {"FLUXCORR", "CTECORR"}
    assert {"X1DCORR", "DISPCORR", "FLATCORR"} <= required["obes03010_x1d.fits"]


def test_a_dummy_excuses_nothing_in_other_instruments_which_write_skipped() -> None:
    exposure = raw("FLATCORR FLUXCORR", EXPTYPE="EXTERNAL/SCI", OBSMODE="TIME-TAG", OBSTYPE="IMAGING", TAGFLASH="NONE")
    observation = Observation(DatasetName.parse("ldfd01vnq"), None, {"ldfd01vnq_rawtag.fits": exposure})
    assert expect(observation, ["PHOTTAB"]) == expect(observation)


def test_steps_of_the_other_detector_are_passed_over() -> None:
    mama = single(raw("DQICORR ATODCORR BLEVCORR BIASCORR SHADCORR", "SCI", **MAMA))
    assert mama == {"obes03010_flt.fits": "ATODCORR BIASCORR BLEVCORR SHADCORR"}
    ccd = single(raw("DQICORR LORSCORR GLINCORR LFLGCORR", "SCI", **CCD))
    assert ccd == {"obes03010_flt.fits": "GLINCORR LFLGCORR LORSCORR"}


def test_spectra_get_no_photometry_of_images() -> None:
    assert single(raw("DQICORR PHOTCORR", "SCI", **CCD)) == {"obes03010_flt.fits": "PHOTCORR"}


def test_a_note_names_steps_that_calstis_does_not_mark() -> None:
    facts = raw(MAMA_SWITCHES, "SCI", **MAMA)
    assert expectation_of("obes03010", {"obes03010_raw.fits": facts}).notes == (
        "obes03010_raw.fits: whether DOPPCORR was done cannot be judged, since calstis does not mark it as done",
    )
