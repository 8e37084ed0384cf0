"""Common parts of all simulated exposures: the made-up programme, the clock, the association table, the orbit."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from astropy import units
from astropy.coordinates import SkyCoord, get_body_barycentric_posvel
from astropy.time import Time
from attrs import frozen

from caldp.simulation import fits_files
from caldp.simulation.camera import Pointing
from caldp.simulation.fits_files import Keywords

RIGHT_ASCENSION: Final = 150.0
DECLINATION: Final = 30.0

_OVERHEAD: Final = 180.0
"""Seconds between exposures."""

_PRODUCT_ROLE: Final = {"EXP-FP": "PROD-FP", "EXP-DTH": "PROD-DTH", "CRSPLIT": "PRODUCT"}
"""MEMTYPE of the product by that of the last exposure."""


def programme_keywords(instrument: str, rootname: str, target: str) -> Keywords:
    """Give the keywords with which the primary header of any exposure begins.

    Parameters
    ----------
    instrument
        INSTRUME.
    rootname
        The exposure's or the association's name.
    target
        TARGNAME.
    """
    return {
        "TELESCOP": "HST",
        "INSTRUME": instrument,
        "EQUINOX": 2000.0,
        "ROOTNAME": rootname,
        "PRIMESI": instrument,
        "TARGNAME": target,
        "RA_TARG": RIGHT_ASCENSION,
        "DEC_TARG": DECLINATION,
        "PROPOSID": 99999,
        "LINENUM": "01.001",
        "PR_INV_L": "Simulated",
        "PR_INV_F": "Made-up",
        "PR_INV_M": "",
    }


def time_keywords(start: float, exposure_time: float) -> Keywords:
    """Give the keywords that say when an exposure was taken.

    Parameters
    ----------
    start
        Modified Julian Date.
    exposure_time
        Seconds.
    """
    date, time = Time(start, format="mjd", scale="utc", precision=0).isot.split("T")
    return {
        "DATE-OBS": date,
        "TIME-OBS": time,
        "EXPSTART": start,
        "EXPEND": start + exposure_time / 86400.0,
        "EXPTIME": exposure_time,
        "EXPFLAG": "NORMAL",
    }


def heliocentric_velocity(mjd: float) -> float:
    """Give the velocity (km/s) that the Earth's motion adds to the target's; positive when they part.

    Parameters
    ----------
    mjd
        Modified Julian Date.
    """
    _, velocity = get_body_barycentric_posvel("earth", Time(mjd, format="mjd", scale="utc"), ephemeris="builtin")
    target = SkyCoord(RIGHT_ASCENSION, DECLINATION, unit="deg").cartesian
    return float(-velocity.dot(target).to_value(units.km / units.s))


@frozen
class ImagingExposure:
    """An exposure of a camera.

    Parameters
    ----------
    rootname
        Its name.
    start
        Modified Julian Date.
    exposure_time
        Seconds.
    pointing
        Direction in which the camera looks.
    """

    rootname: str
    start: float
    exposure_time: float
    pointing: Pointing

    @property
    def names(self) -> Keywords:
        """Keywords of every extension that tell its exposure."""
        return {"ROOTNAME": self.rootname, "EXPNAME": self.rootname}


def line_dither(first: ImagingExposure, number: int, step: float) -> tuple[ImagingExposure, ...]:
    """Plan exposures like a first one, each a step further along a line on the sky.

    Parameters
    ----------
    first
        The first exposure; the last but one character of its name counts the exposures.
    number
        Number of all points.
    step
        Arcseconds; 0.8 of it go east, 0.6 north.
    """
    east = 0.8 * step / 3600.0 / math.cos(math.radians(DECLINATION))
    north = 0.6 * step / 3600.0
    return tuple(
        ImagingExposure(
            rootname=f"{first.rootname[:-2]}{count + 1}{first.rootname[-1]}",
            start=first.start + count * (first.exposure_time + _OVERHEAD) / 86400.0,
            exposure_time=first.exposure_time,
            pointing=Pointing(
                first.pointing.right_ascension + count * east,
                first.pointing.declination + count * north,
                first.pointing.roll,
            ),
        )
        for count in range(number)
    )


def write_association(
    directory: Path, dataset: str, members: Mapping[str, str], *, instrument: str, keywords: Keywords
) -> None:
    """Write the association table.

    Parameters
    ----------
    directory
        Directory of the raw files.
    dataset
        The association's name; also the name of its product.
    members
        The exposures, each with its MEMTYPE (EXP-FP, EXP-DTH, CRSPLIT or AUTO-WAVECAL).
    instrument
        INSTRUME.
    keywords
        Further keywords of the primary header, such as the detector.
    """
    header = {**programme_keywords(instrument, dataset, "SIMULATED"), "FILETYPE": "ASN_TABLE", **keywords}
    association: Keywords = {
        "ASN_ID": dataset,
        "ASN_TAB": f"{dataset}_asn.fits",
        "ASN_STAT": "COMPLETE",
        "ASN_PROD": False,
    }
    rows = [(name.upper(), role, True) for name, role in members.items()]
    rows.append((dataset.upper(), _PRODUCT_ROLE[rows[-1][1]], True))
    formats = {"MEMNAME": "14A", "MEMTYPE": "14A", "MEMPRSNT": "L"}
    table = fits_files.rows_table("ASN", formats, rows, {"ROOTNAME": dataset, "EXPNAME": dataset})
    fits_files.write(directory / f"{dataset}_asn.fits", [fits_files.primary({**header, **association}), table])


def write_support(directory: Path, instrument: str, rootname: str, start: float) -> None:
    """Write the support file of an exposure, with the orbit that calcos's timeline needs.

    Parameters
    ----------
    directory
        Directory of the raw files.
    instrument
        INSTRUME.
    rootname
        The exposure.
    start
        Modified Julian Date.
    """
    header = {**programme_keywords(instrument, rootname, "SIMULATED"), "FILETYPE": "SPT", **_orbit(start)}
    support = fits_files.image("SUPPORT", None, {"ROOTNAME": rootname, "EXPNAME": rootname})
    fits_files.write(directory / f"{rootname}_spt.fits", [fits_files.primary(header), support])


ORBIT_PERIOD: Final = 5713.0
"""Seconds."""


def _orbit(epoch: float) -> Keywords:
    """Give the onboard model of a circular orbit, 540 km high and inclined by 28.47 degrees (units: header's)."""
    seconds_since_1985 = (epoch - 46066.0) * 86400.0
    return {
        "EPCHTIME": seconds_since_1985,
        "HSTHORB": ORBIT_PERIOD / 2,
        "FDMEANAN": 1 / ORBIT_PERIOD,
        "SDMEANAN": 0.0,
        "MEANANOM": 1.0,
        "CIRVELOC": 7606.0,
        "SEMILREC": 6.917e6,
        "COSINCLI": 0.87907,
        "SINEINCL": 0.47669,
        "ARGPERIG": 0.25,
        "RCARGPER": 1.5e-7,
        "RASCASCN": 0.5,
        "RCASCNRV": -2.05e-7,
        "ECCENTRY": 0.0,
        "ECCENTX2": 0.0,
        "ECBDX3": 0.0,
        "ECBDX4D3": 0.0,
        "ESQDX5D2": 0.0,
    }
