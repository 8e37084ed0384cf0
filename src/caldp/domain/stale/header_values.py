"""Exposures as their headers tell of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from caldp.domain.hst.files import SWITCH_STATES, HeaderValue, HstFileName, rootname_in
from caldp.domain.hst.instrument import Instrument
from caldp.domain.stale.findings import NONE, Exposure
from caldp.domain.stale.selecting import EXTENSION_KEYWORDS, ROW_KEYWORDS
from caldp.domain.stale.used import Region

DRIZZLED: Final = frozenset({"drz", "drc", "drw", "drcw"})
"""Suffixes of drizzled products, whose headers are blended from those of their members."""
_MADE_OF_MANY: Final = frozenset({*DRIZZLED, "x1dsum", "x1dsum1", "x1dsum2", "x1dsum3", "x1dsum4", "asn", "jnk"})
_NO_NAMES: Final = frozenset({"", "n/a", "none", "undefined"})
_AGAIN: Final = {"COMPLETE": "PERFORM", "SKIPPED": "PERFORM"}
"""States of a product's switches, and how the raw header asked for them."""


@frozen
class FileHeaders:
    """Headers of a FITS file.

    Attributes
    ----------
    name
        File name.
    place
        Its address, for messages.
    container
        Directory or tarball that it lies in.
    hdus
        Keywords and values of each header; of a repeated keyword the first value.
    """

    name: str
    place: str
    container: str
    hdus: tuple[Mapping[str, HeaderValue], ...]

    @property
    def union(self) -> Mapping[str, HeaderValue]:
        """Keywords of all headers; of several values the first, as CRDS takes them (``crds/io/fits.py``)."""
        united: dict[str, HeaderValue] = {}
        for hdu in self.hdus:
            for keyword, value in hdu.items():
                united.setdefault(keyword, value)
        return united

    @property
    def is_blended(self) -> bool:
        """True for a drizzled product."""
        suffix = self.name.lower().removesuffix(".gz").removesuffix(".fits").rpartition("_")[2]
        return suffix in DRIZZLED or "D001DATA" in (self.hdus[0] if self.hdus else {})

    @property
    def members(self) -> tuple[str, ...]:
        """Rootnames of the exposures that a drizzled product was made of, by its keywords ``D001DATA`` and so on."""
        primary = self.hdus[0] if self.hdus else {}
        found = (
            str(value).strip().lower()[:9]
            for keyword, value in primary.items()
            if len(keyword) == 8 and keyword.startswith("D") and keyword.endswith("DATA")
        )
        return tuple(dict.fromkeys(found))


def is_exposure(name: str) -> bool:
    """Tell by its name whether a file holds one exposure, and is no product of several."""
    parsed = HstFileName.parse(name)
    return parsed is not None and parsed.suffix not in _MADE_OF_MANY


def dataset_of(file: FileHeaders) -> str:
    """Return the name of the dataset that a file belongs to: its association, or itself."""
    primary = file.hdus[0]
    association = str(primary.get("ASN_ID", "")).strip().lower()
    root = rootname_in(str(primary.get("ROOTNAME", ""))) or file.name.partition("_")[0].lower()
    return association if association not in ("", "none", "n/a") else root


def exposure_of(file: FileHeaders, raw: FileHeaders | None, kinds: Iterable[str]) -> Exposure:
    """Describe an exposure by the header of a product, or of the raw file alone.

    Parameters
    ----------
    file
        The product, or the raw file.
    raw
        The raw file beside a product, which tells better what was asked for; None if there is none.
    kinds
        Types of reference files of its instrument.
    """
    names, asked = file.union, (raw or file).union
    states = {keyword: str(value).strip().upper() for keyword, value in file.hdus[0].items() if _is_switch(keyword)}
    wanted = {keyword: str(value).strip().upper() for keyword, value in asked.items() if _is_switch(keyword)}
    switches = {keyword: _AGAIN.get(state, state) for keyword, state in wanted.items() if state in SWITCH_STATES}
    return Exposure(
        file.name,
        instrument_name(names),
        {keyword: reference_name(names.get(keyword)) for keyword in kinds},
        {keyword: switches.get(keyword, str(value)) for keyword, value in asked.items()},
        row_values((raw or file).hdus),
        switches,
        frozenset(keyword for keyword, state in states.items() if state == "SKIPPED"),
        region_of(raw or file),
    )


def instrument_name(header: Mapping[str, HeaderValue]) -> str:
    """Return the instrument of a header in lower case; empty if it is none that caldp calibrates."""
    name = str(header.get("INSTRUME", "")).strip().lower()
    return name if name in {instrument.value for instrument in Instrument} else ""


def reference_name(value: HeaderValue | None) -> str:
    """Return the name in a header's value such as ``jref$x_drk.fits``, in lower case; ``N/A`` if it names none."""
    text = str(value if value is not None else "").strip().lower()
    return NONE if text in _NO_NAMES else text.rpartition("$")[2].rpartition("/")[2]


def row_values(hdus: Sequence[Mapping[str, HeaderValue]]) -> dict[str, tuple[str, ...]]:
    """Collect the values of the keywords that select rows; the first, but of each extension where these may differ."""
    found: dict[str, tuple[str, ...]] = {}
    for hdu in hdus:
        for keyword in ROW_KEYWORDS & hdu.keys():
            if keyword not in found or keyword in EXTENSION_KEYWORDS:
                found[keyword] = tuple(dict.fromkeys((*found.get(keyword, ()), str(hdu[keyword]))))
    return found


def region_of(file: FileHeaders) -> Region | None:
    """Return the region that a raw exposure of a subarray has read out; None for the whole detector, or if not known.

    Products are smaller than what was read out: their region is not known.
    """
    parsed = HstFileName.parse(file.name)
    subarray = str(file.hdus[0].get("SUBARRAY", "")).strip().upper()
    if parsed is None or parsed.suffix != "raw" or subarray not in ("TRUE", "T"):
        return None
    images = [hdu for hdu in file.hdus[1:] if str(hdu.get("EXTNAME", "")).strip().upper() == "SCI"]
    found = {_region(hdu) for hdu in images}
    return found.pop() if len(found) == 1 else None


def _region(hdu: Mapping[str, HeaderValue]) -> Region | None:
    try:
        width, height = int(hdu["NAXIS1"]), int(hdu["NAXIS2"])
        left, bottom = (1 - float(hdu[key]) for key in ("LTV1", "LTV2"))
    except (KeyError, ValueError, TypeError):
        return None
    whole = left.is_integer() and bottom.is_integer()
    return Region(int(left), int(bottom), width, height) if whole else None


def _is_switch(keyword: str) -> bool:
    return keyword.endswith("CORR")
