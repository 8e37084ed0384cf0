"""Modes of WFC3/UVIS: made-up subarrays with the reference files of ``../shared/hst``, by rules of their own.

CRDS's rules would assign full frames, which that cache has not got.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

from astropy.io import fits

from benchmarks.mode_matrix.site import SHARED, Site
from benchmarks.mode_matrix.uvis_frame import (
    BINNED,
    FILES,
    UNBINNED,
    Readout,
    to_full_frame,
    to_quadrant,
    write_references,
)
from caldp.simulation import crds_cache, fits_files
from caldp.simulation.crds_cache import ReferenceRule
from caldp.simulation.modes.files import Change, associate, by_itself, revise, switches
from tests.support.uvis_exposures import REFERENCES, write_crsplit

_ROOTS: Final = ("iuvs01a1q", "iuvs01a2q")
_DATASET: Final = "iuvs01010"
_CLOSED: Final = "DARKCORR FLATCORR PHOTCORR PCTECORR DRIZCORR CRCORR EXPSCORR"
_NO_CTE: Final = "PCTECORR"


def _all(directory: Path, keywords: fits_files.Keywords) -> None:
    for path in directory.glob("*_raw.fits"):
        revise(path, keywords)


def _pair(role: str, product: str, omit: str) -> Change:
    def change(directory: Path) -> None:
        _all(directory, {"ASN_MTYP": role, **switches(omit=omit)})
        associate(directory, {**dict.fromkeys(_ROOTS, role), "iuvs01011": product})

    return change


def _single(keywords: fits_files.Keywords) -> Change:
    def change(directory: Path) -> None:
        by_itself(directory, _ROOTS[0])
        _all(directory, keywords)

    return change


def _full_frame(keywords: fits_files.Keywords, readout: Readout = UNBINNED) -> Change:
    def change(directory: Path) -> None:
        _single(keywords)(directory)
        to_full_frame(directory / f"{_ROOTS[0]}_raw.fits", readout)

    return change


def _quadrant(keywords: fits_files.Keywords) -> Change:
    def change(directory: Path) -> None:
        _single(keywords)(directory)
        to_quadrant(directory / f"{_ROOTS[0]}_raw.fits")

    return change


_ONE: Final = _ROOTS[0]
_FLASH: Final[fits_files.Keywords] = {
    "FLASHDUR": 4.2, "FLASHCUR": "LOW", "FLASHSTA": "SUCCESSFUL", **switches("FLSHCORR", f"{_NO_CTE} CRCORR DRIZCORR")
}  # fmt: skip
_OF_FRAME: Final = {"BIASFILE", "PFLTFILE"}
_OF_BINNED: Final = {*_OF_FRAME, "DARKFILE", "CCDTAB", "OSCNTAB"}
_READOUTS: Final = {"WFC3 UVIS binned 2x2": BINNED[2], "WFC3 UVIS binned 3x3": BINNED[3]}
_OWN: Final = {
    "WFC3 UVIS subarray flashed": {"FLSHFILE"},
    "WFC3 UVIS G280 grism": {"PFLTFILE"},
    "WFC3 UVIS full frame": _OF_FRAME,
    "WFC3 UVIS full frame with CTE correction": _OF_FRAME,
    "WFC3 UVIS full frame flashed": {*_OF_FRAME, "FLSHFILE"},
    "WFC3 UVIS quad filter": {*_OF_FRAME, "IDCTAB", "IMPHTTAB"},
    **dict.fromkeys(_READOUTS, _OF_BINNED),
}
"""Kinds of reference files that a mode has of its own."""
_CHANGES: Final[dict[str, tuple[str, Change]]] = {
    "WFC3 UVIS subarray CR-SPLIT": (_DATASET, _pair("EXP-CRJ", "PROD-CRJ", omit=_NO_CTE)),
    "WFC3 UVIS subarray CR-SPLIT, EXPSCORR omitted": (
        _DATASET, _pair("EXP-CRJ", "PROD-CRJ", omit=f"{_NO_CTE} EXPSCORR")
    ),
    "WFC3 UVIS subarray RPT-OBS": (_DATASET, _pair("EXP-RPT", "PROD-RPT", omit=_NO_CTE)),
    "WFC3 UVIS subarray dither": (_DATASET, _pair("EXP-DTH", "PROD-DTH", omit=f"{_NO_CTE} CRCORR")),
    "WFC3 UVIS subarray by itself": (_ONE, _single(switches(omit=f"{_NO_CTE} CRCORR"))),
    "WFC3 UVIS subarray with CTE correction": (_ONE, _single(switches(omit="CRCORR"))),
    "WFC3 UVIS subarray flashed": (_ONE, _single(_FLASH)),
    "WFC3 UVIS full frame": (_ONE, _full_frame(switches(omit=f"{_NO_CTE} CRCORR DRIZCORR"))),
    "WFC3 UVIS full frame with CTE correction": (_ONE, _full_frame(switches(omit="CRCORR DRIZCORR"))),
    **{
        name: (_ONE, _full_frame(switches(omit=f"{_NO_CTE} CRCORR"), readout))
        for name, readout in _READOUTS.items()
    },
    "WFC3 UVIS quad filter": (_ONE, _quadrant({"FILTER": "FQ508N", **switches(omit=f"{_NO_CTE} CRCORR")})),
    "WFC3 UVIS full frame flashed": (_ONE, _full_frame(_FLASH)),
    "WFC3 UVIS spatial scan": (
        _ONE, _single({"SCAN_TYP": "C", "SCAN_RAT": 0.5, **switches(omit=f"{_NO_CTE} CRCORR DRIZCORR")})
    ),
    "WFC3 UVIS G280 grism": (
        _ONE,
        _single(
            {"OBSTYPE": "SPECTROSCOPIC", "FILTER": "G280", **switches(omit=f"{_NO_CTE} PHOTCORR CRCORR DRIZCORR")}
        ),
    ),
    "WFC3 UVIS bias": (
        _ONE, _single({"IMAGETYP": "BIAS", "TARGNAME": "BIAS", "EXPTIME": 0.0, **switches(omit=f"BIASCORR {_CLOSED}")})
    ),
    "WFC3 UVIS dark": (_ONE, _single({"IMAGETYP": "DARK", "TARGNAME": "DARK", **switches(omit=_CLOSED)})),
    "WFC3 UVIS tungsten lamp": (
        _ONE,
        _single({"IMAGETYP": "FLAT", "SCLAMP": "TUNGSTEN-1", **switches(omit=f"FLATCORR PHOTCORR {_NO_CTE} DRIZCORR")}),
    ),
}  # fmt: skip


def _maker(dataset: str, change: Change, own: Collection[str], readout: Readout) -> Callable[[Path], Site]:
    def make(directory: Path) -> Site:
        inputs, cache = directory / "inputs", directory / "crds_cache"
        inputs.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=directory) as ramps:
            shutil.unpack_archive(SHARED / "inputs" / "isim01010.tar.gz", ramps)
            write_crsplit(Path(ramps, "isim01a1q_raw.fits"), inputs)
        names = {**REFERENCES, **{kind: FILES[kind] for kind in own}}
        _all(inputs, dict.fromkeys(names, "N/A"))
        change(inputs)
        match = {"DETECTOR": "UVIS"}
        # CRDS looks for SUBARRAY in the rules of this type alone.
        more = {"BIASFILE": {"SUBARRAY": "N/A", "CCDAMP": "N/A", "APERTURE": "N/A"}}
        rules = [
            ReferenceRule(kind.lower(), f"{name}.fits", {**match, **more.get(kind, {})}) for kind, name in names.items()
        ]
        crds_cache.write_mappings(cache, {"wfc3": rules})
        references = crds_cache.references_directory(cache)
        references.mkdir(parents=True)
        (raw, *_) = inputs.glob("*_raw.fits")
        write_references(references, fits.getheader(raw)["FILTER"], readout)
        for rule in rules:
            if not (references / rule.filename).exists():
                (references / rule.filename).symlink_to(SHARED / "crds_cache" / "references" / "hst" / rule.filename)
        return Site(dataset, inputs, cache, crds_cache.CONTEXT)

    return make


UVIS: Final[Mapping[str, Callable[[Path], Site]]] = {
    name: _maker(dataset, change, _OWN.get(name, ()), _READOUTS.get(name, UNBINNED))
    for name, (dataset, change) in _CHANGES.items()
}
"""Makers of the observations by the mode's name."""
