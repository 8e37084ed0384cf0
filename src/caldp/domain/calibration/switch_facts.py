"""Facts about the calibration switches that a user may set, instrument by instrument.

Sources: the instruments' Data Handbooks, the sources of HSTCAL 2026 (``sciflags.c``, ``getacsflag.c``, ``getflags1.c``,
``getirflags.c``), and calcos 3.6.2 (``timetag.py``, ``accum.py``, ``extract.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from attrs import frozen

from caldp.domain.hst.instrument import Instrument


class Wish(StrEnum):
    """State of a switch that a user may ask for."""

    PERFORM = "PERFORM"
    OMIT = "OMIT"


_CCD: Final = {
    "ATODCORR": "correct for errors of the analogue-to-digital converter",
    "BIASCORR": "subtract the bias image",
    "BLEVCORR": "subtract the bias level, measured in the overscan, and trim it",
    "CRCORR": "combine exposures and reject cosmic rays",
    "DARKCORR": "subtract the dark current",
    "DQICORR": "flag bad and saturated pixels",
    "EXPSCORR": "calibrate each exposure too after cosmic rays are rejected",
    "FLATCORR": "divide by the flat field",
    "PHOTCORR": "write the keywords of photometry",
    "RPTCORR": "add up repeated exposures",
    "SHADCORR": "correct for the time that the shutter takes",
}
_DRIZZLE: Final = {"DRIZCORR": "correct the distortion and combine exposures by drizzling"}
_MAMA: Final = {
    "GLINCORR": "correct the non-linearity of the whole detector",
    "LFLGCORR": "flag pixels where the count rate is not linear",
}
MEANINGS: Final[Mapping[Instrument, Mapping[str, str]]] = {
    Instrument.ACS: {
        **_CCD,
        **_DRIZZLE,
        **_MAMA,
        "FLSHCORR": "subtract the post-flash",
        "PCTECORR": "correct for charge lost in transfer, pixel by pixel; makes flc, crc and drc files",
        "SINKCORR": "flag sink pixels",
    },
    Instrument.COS: {
        "ALGNCORR": "align the spectrum with the position of the extraction profile",
        "BACKCORR": "subtract the background from the spectrum",
        "BADTCORR": "leave out bad times",
        "BRSTCORR": "leave out times of bursts",
        "DEADCORR": "correct for the dead time of the electronics",
        "DGEOCORR": "correct what remains of the geometric distortion, after GEOCORR",
        "DOPPCORR": "correct for the Doppler shift by the telescope's orbit during the exposure",
        "DQICORR": "flag bad regions and leave out bad times",
        "FLATCORR": "divide by the flat field",
        "FLUXCORR": "convert count rates to fluxes",
        "GEOCORR": "correct the geometric distortion of the FUV detector",
        "HELCORR": "correct wavelengths to the heliocentric system",
        "HVDSCORR": "correct for the drop of the high voltage",
        "IGEOCORR": "interpolate in the maps of GEOCORR and DGEOCORR",
        "PHACORR": "leave out events by their pulse height",
        "PHOTCORR": "write the keywords of photometry of an image",
        "RANDCORR": "spread the events of the FUV detector at random within a pixel",
        "TDSCORR": "correct the fluxes for the loss of sensitivity with time",
        "TEMPCORR": "correct for the temperature of the FUV detector",
        "TRCECORR": "straighten the trace of the spectrum",
        "WAVECORR": "measure the zero point of wavelengths with the lamp",
        "X1DCORR": "extract the spectrum",
        "XWLKCORR": "correct positions along the dispersion for the pulse height",
        "YWLKCORR": "correct positions across the dispersion for the pulse height",
    },
    Instrument.STIS: {
        **_CCD,
        **_MAMA,
        "BACKCORR": "subtract the background from the extracted spectrum",
        "CTECORR": "correct the flux of a CCD spectrum for charge lost in transfer",
        "DISPCORR": "assign wavelengths",
        "DOPPCORR": "shift reference files by the Doppler shift of the exposure",
        "FLUXCORR": "convert count rates to fluxes",
        "GEOCORR": "correct the geometric distortion of an image",
        "HELCORR": "correct wavelengths to the heliocentric system",
        "LORSCORR": "bin MAMA data to the pixels of the reference files",
        "SC2DCORR": "correct for scattered light in echelle spectra, by the two-dimensional algorithm",
        "SGEOCORR": "correct for small distortions of the MAMA",
        "WAVECORR": "measure the zero point of wavelengths with the lamp",
        "X1DCORR": "extract the spectrum",
        "X2DCORR": "rectify the spectral image",
    },
    Instrument.WFC3: {
        **_CCD,
        **_DRIZZLE,
        "CRCORR": "UVIS: combine exposures and reject cosmic rays; IR: fit the ramp and reject them",
        "FLSHCORR": "subtract the post-flash",
        "FLUXCORR": "bring both chips to one photometric scale",
        "NLINCORR": "correct the non-linearity of the IR detector",
        "PCTECORR": "correct for charge lost in transfer, pixel by pixel; makes flc, crc and drc files",
        "UNITCORR": "convert counts to count rates",
        "ZOFFCORR": "subtract the zeroth read of the ramp",
        "ZSIGCORR": "estimate the signal in the zeroth read",
    },
}
"""Meaning of each switch."""

PREREQUISITES: Final[Mapping[Instrument, Mapping[str, tuple[str, ...]]]] = {
    Instrument.ACS: {"EXPSCORR": ("CRCORR", "RPTCORR")},
    Instrument.COS: {
        "BACKCORR": ("X1DCORR",),
        "FLUXCORR": ("X1DCORR",),
        "HELCORR": ("X1DCORR",),
        "IGEOCORR": ("GEOCORR", "DGEOCORR"),
        "TDSCORR": ("FLUXCORR",),
    },
    Instrument.STIS: {
        "BACKCORR": ("X1DCORR",),
        "CTECORR": ("FLUXCORR",),
        "DISPCORR": ("X1DCORR", "X2DCORR"),
        "EXPSCORR": ("CRCORR", "RPTCORR"),
        "FLUXCORR": ("DISPCORR",),
        "HELCORR": ("DISPCORR",),
        "SC2DCORR": ("X1DCORR",),
        "SGEOCORR": ("X1DCORR", "X2DCORR", "GEOCORR"),
    },
    Instrument.WFC3: {"EXPSCORR": ("CRCORR", "RPTCORR"), "FLUXCORR": ("PHOTCORR",)},
}
"""Switches one of which must be on for another to have an effect.

Sources: calcos ``extract.py`` and ``timetag.py``; calstis ``cs0/sciflags.c`` and ``cs6/getflags6.c``; calwf3
``getswitches.c``.
"""


@frozen
class Obstacle:
    """A step without which an engine was seen to fail.

    Attributes
    ----------
    instrument, detectors
        Exposures that it holds for; no detectors for all.
    switch
        The step.
    why
        Fate of the engine without it, a clause.
    needed_by
        The other step that fails without it; empty if the engine fails in any case.
    """

    instrument: Instrument
    detectors: frozenset[str]
    switch: str
    why: str
    needed_by: str = ""


OBSTACLES: Final = (
    Obstacle(
        Instrument.STIS,
        frozenset({"CCD"}),
        "BLEVCORR",
        "cs0.e fails, since the overscan is not trimmed and the image is larger than its reference files",
    ),
    Obstacle(
        Instrument.STIS,
        frozenset(),
        "DISPCORR",
        "cs0.e fails in HELCORR, since there are no wavelengths to correct, unless that is left out too",
        needed_by="HELCORR",
    ),
    Obstacle(
        Instrument.ACS,
        frozenset({"HRC", "WFC"}),
        "BLEVCORR",
        "calacs.e fails, since the overscan is not trimmed and the image is larger than its reference files",
    ),
    Obstacle(
        Instrument.ACS,
        frozenset({"SBC"}),
        "GLINCORR",
        "calacs.e fails in LFLGCORR, for which CRDS assigns no MLINTAB, unless that is left out too",
        needed_by="LFLGCORR",
    ),
    Obstacle(
        Instrument.WFC3,
        frozenset({"IR"}),
        "DARKCORR",
        "calwf3.e fails, since it reads the DARKFILE of ramps all the same, and CRDS assigns none",
    ),
    Obstacle(
        Instrument.COS,
        frozenset(),
        "GEOCORR",
        "calcos ends before it starts, since it does not allow DGEOCORR alone, unless that is left out too",
        needed_by="DGEOCORR",
    ),
)
"""Seen with calstis 3.5, calacs 10.5, calwf3 3.7 and calcos 3.6 on STIS CCD spectra, WFC, HRC, SBC and WFC3/IR images,
and COS spectra (``checkGeoSwitches`` of ``calcos.py``)."""
