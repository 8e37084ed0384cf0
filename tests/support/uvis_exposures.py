"""A WFC3/UVIS subarray, made up on the header of a simulated IR exposure: what calwf3 asks of a raw file, no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits

from caldp.simulation.modes.files import carried_over

REFERENCES: Final = {
    "BPIXTAB": "2ck1855qi_bpx", "CCDTAB": "t291659mi_ccd", "OSCNTAB": "q911321oi_osc", "BIASFILE": "16819053i_bia",
    "CRREJTAB": "n9i1435li_crr", "DARKFILE": "0ar2155li_drk", "DRKCFILE": "0ar2155ki_dkc",
    "PFLTFILE": "zcv20548i_pfl", "IMPHTTAB": "1681905hi_imp", "PCTETAB": "zcv2057mi_cte",
    "SNKCFILE": "zcv2057oi_snk", "BIACFILE": "zcv2057ni_bic", "IDCTAB": "2731450pi_idc", "MDRIZTAB": "2ck18260i_mdz",
    "D2IMFILE": "y7b1516hi_d2i", "NPOLFILE": "y7b1516ri_npl",
}  # fmt: skip
SWITCHES: Final = "DQICORR BLEVCORR BIASCORR EXPSCORR DARKCORR FLATCORR PHOTCORR PCTECORR CRCORR DRIZCORR"
OMITTED: Final = "FLSHCORR ATODCORR SHADCORR RPTCORR FLUXCORR"
# A quadrant's corner: 25 columns of overscan beside 513 columns of sky.
WIDTH, HEIGHT, OVERSCAN, BIAS = 538, 512, 25, 2560

_PRIMARY: Final[dict[str, Any]] = {
    "DETECTOR": "UVIS", "FILTER": "F606W", "APERTURE": "UVIS2-C512C-SUB", "CCDAMP": "C", "CCDGAIN": 1.5,
    "BINAXIS1": 1, "BINAXIS2": 1, "SUBARRAY": True, "EXPTIME": 100.0, "NEXTEND": 3, "CRSPLIT": 2, "FLASHDUR": 0.0,
    "FLASHCUR": "ZERO", "FLASHSTA": "NOT PERFORMED", "SHUTRPOS": "A", "ASN_ID": "IUVS01010",
    "ASN_TAB": "iuvs01010_asn.fits", "ASN_MTYP": "EXP-CRJ", "CHINJECT": "NONE", "CTE_NAME": "", "CTE_VER": "",
    "CTEDATE0": 0.0, "CTEDATE1": 0.0, "PCTETLEN": 0, "PCTERNOI": 0.0, "PCTENFOR": 0, "PCTENPAR": 0, "PCTENSMD": 0,
    "PCTETRSH": -10.0, "FIXROCR": 1,
    **{f"{name}{amplifier}": value for amplifier in "ABCD" for name, value in
       {"CCDOFST": 3, "ATODGN": 1.5, "READNSE": 3.0, "BIASLEV": 0.0}.items()},
}  # fmt: skip
_SCIENCE: Final[dict[str, Any]] = {
    "CCDCHIP": 2, "LTV1": float(OVERSCAN), "LTV2": 0.0, "LTM1_1": 1.0, "LTM2_2": 1.0, "CRPIX1": 281.0,
    "CRPIX2": 256.0, "CD1_1": 1.1e-5, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": 1.1e-5, "BUNIT": "COUNTS",
    "SIZAXIS1": WIDTH, "SIZAXIS2": HEIGHT, "CENTERA1": 281, "CENTERA2": 256, "BINAXIS1": 1, "BINAXIS2": 1,
    "SAMPTIME": 100.0,
}  # fmt: skip


def write_crsplit(ir_raw: Path, directory: Path) -> None:
    """Write the association iuvs01010 of two exposures, and its table."""
    for root, seed in (("iuvs01a1q", 1), ("iuvs01a2q", 2)):
        _write_exposure(ir_raw, directory / f"{root}_raw.fits", root, np.random.default_rng(seed))
    rows = [
        fits.Column("MEMNAME", "14A", array=["IUVS01A1Q", "IUVS01A2Q", "IUVS01011"]),
        fits.Column("MEMTYPE", "14A", array=["EXP-CRJ", "EXP-CRJ", "PROD-CRJ"]),
        fits.Column("MEMPRSNT", "L", array=[True, True, False]),
    ]
    primary = fits.PrimaryHDU()
    primary.header.update(INSTRUME="WFC3", DETECTOR="UVIS", ROOTNAME="iuvs01010", FILETYPE="ASN_TABLE")
    hdus = fits.HDUList([primary, fits.BinTableHDU.from_columns(rows, name="ASN")])
    hdus.writeto(directory / "iuvs01010_asn.fits")


def _write_exposure(ir_raw: Path, target: Path, root: str, chance: np.random.Generator) -> None:
    with fits.open(ir_raw) as ir:
        primary, science = ir[0].header.copy(), ir[1].header.copy()
    for name in [name for name in primary if name.endswith(("CORR", "FILE", "TAB"))]:
        del primary[name]
    primary.update({"ROOTNAME": root, "FILENAME": target.name, **_PRIMARY})
    primary.update({name: f"iref${file}.fits" for name, file in REFERENCES.items()})
    primary.update(dict.fromkeys(("DFLTFILE", "LFLTFILE", "FLSHFILE"), "N/A"))
    primary.update(dict.fromkeys(SWITCHES.split(), "PERFORM") | dict.fromkeys(OMITTED.split(), "OMIT"))
    pixels = (chance.poisson(200, (HEIGHT, WIDTH)) + BIAS).astype("u2")
    pixels[:, :OVERSCAN] = BIAS
    image = fits.ImageHDU(pixels, name="SCI", ver=1)
    image.header.update(carried_over(science))
    image.header.update({"ROOTNAME": root, **_SCIENCE})
    constants = [fits.ImageHDU(name=name, ver=1) for name in ("ERR", "DQ")]
    for hdu in constants:
        hdu.header.update(NPIX1=WIDTH, NPIX2=HEIGHT, PIXVALUE=0, ROOTNAME=root)
    fits.HDUList([fits.PrimaryHDU(header=primary), image, *constants]).writeto(target)
