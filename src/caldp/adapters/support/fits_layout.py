"""Layout of FITS files: sizes and ends of HDUs (FITS standard 4.0, sections 3 and 4.4.1)."""

from __future__ import annotations

from collections.abc import Mapping

from caldp.domain.hst.files import HeaderValue


def data_size(values: Mapping[str, HeaderValue]) -> int:
    """Return the size of an HDU's data without padding; bytes.

    Raises
    ------
    KeyError, ValueError
        If the header does not tell.
    """
    axes = [int(values[f"NAXIS{axis}"]) for axis in range(1, int(values["NAXIS"]) + 1)]
    if not axes:
        return 0
    groups = axes[0] == 0 and values.get("GROUPS") == "T"
    elements = 1
    for length in axes[1:] if groups else axes:
        elements *= length
    count = (int(values.get("PCOUNT", "0")) + elements) * int(values.get("GCOUNT", "1"))
    if count < 0:
        raise ValueError("data of negative size")
    return count * abs(int(values["BITPIX"])) // 8
