"""Calibrated WFC3/IR exposures, made of the shared ramps without calwf3: what drizzlepac asks of an flt, no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from astropy.io import fits

_BORDER: Final = 5
"""Reference pixels on each side, which a calibrated image has not."""
_GAIN: Final = 2.5
"""Electrons per count, about."""
_REFERENCES: Final = {"IDCTAB": "iref$w3m18525i_idc.fits", "MDRIZTAB": "iref$3562021pi_mdz.fits"}
_PHOTOMETRY: Final = {
    "PHOTMODE": "WFC3 IR F130N", "PHOTFLAM": 3.7e-19, "PHOTFNU": 2.1e-6, "PHOTZPT": -21.1, "PHOTPLAM": 13005.7,
    "PHOTBW": 274.2,
}  # fmt: skip


def write_calibrated(raw: Path, directory: Path) -> str:
    """Write the calibrated exposure of a ramp; return its name."""
    target = directory / raw.name.replace("_raw", "_flt")
    with fits.open(raw) as hdus:
        last, first = hdus["SCI", 1], hdus["SCI", len(hdus) // 5]
        time = last.header["SAMPTIME"] - first.header["SAMPTIME"]
        lit = (slice(_BORDER, -_BORDER),) * 2
        rate = ((last.data.astype("f4") - first.data)[lit] * _GAIN / time).astype("f4")
        primary, header = hdus[0].header.copy(), last.header.copy()
    performed = {name: "COMPLETE" for name, value in primary.items() if value == "PERFORM"}
    primary.update({**performed, **_REFERENCES, **_PHOTOMETRY})
    primary.update(DRIZCORR="PERFORM", FILENAME=target.name, EXPTIME=time)
    for name in ("BZERO", "BSCALE"):
        header.remove(name, ignore_missing=True)
    for name in ("CRPIX1", "CRPIX2"):
        header[name] -= _BORDER
    header.update(BUNIT="ELECTRONS/S", SAMPTIME=time, NGOODPIX=rate.size, **_PHOTOMETRY)
    planes: dict[str, Any] = {
        "SCI": rate,
        "ERR": np.sqrt(np.maximum(rate, 0.1) / time).astype("f4"),
        "DQ": np.zeros(rate.shape, "i2"),
        "SAMP": np.full(rate.shape, 5, "i2"),
        "TIME": np.full(rate.shape, time, "f4"),
    }
    images = []
    for name, data in planes.items():
        image = fits.ImageHDU(data, name=name, ver=1)
        image.header.update({key: header[key] for key in header if key and key not in image.header})
        images.append(image)
    fits.HDUList([fits.PrimaryHDU(header=primary), *images]).writeto(target)
    return target.name
