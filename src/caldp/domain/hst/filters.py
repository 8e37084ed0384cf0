"""Pivot wavelengths of the ACS and WFC3 filters, by which a colour picture orders its images.

Grisms and prisms are left out on purpose: what they image is a field of spectra, which has no colour of its own.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

# Angstrom. ACS Instrument Handbook (chapters 5 and 10: passbands); a filter that several channels share has the
# value of the WFC. The ramp filters, which an observer tunes, have the middle of their range.
_ACS: Final = {
    "clear": 5962.0,
    "f115lp": 1406.0,
    "f122m": 1274.0,
    "f125lp": 1438.0,
    "f140lp": 1528.0,
    "f150lp": 1611.0,
    "f165lp": 1763.0,
    "f220w": 2255.0,
    "f250w": 2716.0,
    "f330w": 3363.0,
    "f344n": 3434.0,
    "f435w": 4328.0,
    "f475w": 4747.0,
    "f502n": 5023.0,
    "f550m": 5581.0,
    "f555w": 5361.0,
    "f606w": 5921.0,
    "f625w": 6311.0,
    "f658n": 6584.0,
    "f660n": 6599.0,
    "f775w": 7692.0,
    "f814w": 8057.0,
    "f850lp": 9033.0,
    "f892n": 8915.0,
    "fr388n": 3880.0,
    "fr423n": 4230.0,
    "fr459m": 4590.0,
    "fr462n": 4620.0,
    "fr505n": 5050.0,
    "fr551n": 5510.0,
    "fr601n": 6010.0,
    "fr647m": 6470.0,
    "fr656n": 6560.0,
    "fr716n": 7160.0,
    "fr782n": 7820.0,
    "fr853n": 8530.0,
    "fr914m": 9140.0,
    "fr931n": 9310.0,
    "fr1016n": 10160.0,
}

# Angstrom. WFC3 Instrument Handbook, tables 6.2 (UVIS) and 7.2 (IR).
_WFC3: Final = {
    "f200lp": 4883.0,
    "f218w": 2224.0,
    "f225w": 2359.0,
    "f275w": 2704.0,
    "f280n": 2831.0,
    "f300x": 2807.0,
    "f336w": 3355.0,
    "f343n": 3435.0,
    "f350lp": 5846.0,
    "f373n": 3730.0,
    "f390m": 3897.0,
    "f390w": 3921.0,
    "f395n": 3955.0,
    "f410m": 4109.0,
    "f438w": 4325.0,
    "f467m": 4683.0,
    "f469n": 4688.0,
    "f475w": 4773.0,
    "f475x": 4939.0,
    "f487n": 4871.0,
    "f502n": 5010.0,
    "f547m": 5447.0,
    "f555w": 5308.0,
    "f600lp": 7444.0,
    "f606w": 5887.0,
    "f621m": 6219.0,
    "f625w": 6242.0,
    "f631n": 6304.0,
    "f645n": 6454.0,
    "f656n": 6561.0,
    "f657n": 6567.0,
    "f658n": 6584.0,
    "f665n": 6656.0,
    "f673n": 6766.0,
    "f680n": 6877.0,
    "f689m": 6876.0,
    "f763m": 7612.0,
    "f775w": 7647.0,
    "f814w": 8024.0,
    "f845m": 8436.0,
    "f850lp": 9166.0,
    "f953n": 9530.0,
    "fq232n": 2413.0,
    "fq243n": 2468.0,
    "fq378n": 3792.0,
    "fq387n": 3874.0,
    "fq422m": 4219.0,
    "fq436n": 4367.0,
    "fq437n": 4371.0,
    "fq492n": 4933.0,
    "fq508n": 5091.0,
    "fq575n": 5758.0,
    "fq619n": 6199.0,
    "fq634n": 6349.0,
    "fq672n": 6716.0,
    "fq674n": 6731.0,
    "fq727n": 7275.0,
    "fq750n": 7503.0,
    "fq889n": 8892.0,
    "fq906n": 9058.0,
    "fq924n": 9248.0,
    "fq937n": 9372.0,
    "f098m": 9864.0,
    "f105w": 10552.0,
    "f110w": 11534.0,
    "f125w": 12486.0,
    "f126n": 12585.0,
    "f127m": 12740.0,
    "f128n": 12832.0,
    "f130n": 13006.0,
    "f132n": 13188.0,
    "f139m": 13838.0,
    "f140w": 13923.0,
    "f153m": 15322.0,
    "f160w": 15369.0,
    "f164n": 16404.0,
    "f167n": 16642.0,
}

PIVOT_WAVELENGTHS: Final = MappingProxyType(
    {"acs": MappingProxyType(_ACS), "wfc3": MappingProxyType(_WFC3)},
)
"""Pivot wavelength in Angstrom of each filter, by instrument; all names in lower case."""


def pivot_wavelength(instrument: str, filter_name: str) -> float | None:
    """Return the pivot wavelength of a filter.

    Parameters
    ----------
    instrument : str
        ``acs`` or ``wfc3``, in any case.
    filter_name : str
        As in the name of a HAP product, in any case: ``f606w``, or ``f606w-pol0v`` for two elements in the beam, of
        which the first sets the passband.

    Returns
    -------
    float or None
        The pivot wavelength in Angstrom; None for what is no filter of this instrument (``total``, a grism).
    """
    passband = filter_name.lower().split("-")[0]
    filters = PIVOT_WAVELENGTHS.get(instrument.lower())
    return None if filters is None else filters.get(passband)
