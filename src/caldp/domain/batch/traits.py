"""Traits of a dataset by which its memory and time are estimated.

They are those that CALCLOUD's model is trained with (its ``model_ingest.Features``): number and size of the raw files,
DETECTOR, SUBARRAY, DRIZCORR, PCTECORR and CRSPLIT of a raw exposure, the instrument, and whether it is an association.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Self

from attrs import evolve, frozen

from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import HstFileName
from caldp.domain.hst.instrument import Instrument
from caldp.domain.run.record import RunRecord

KEYWORDS: Final = ("DETECTOR", "SUBARRAY", "DRIZCORR", "PCTECORR", "CRSPLIT")
"""Keywords of a raw exposure's primary header that tell."""
_MB: Final = 1e6
_PACKED: Final = 3.0  # a tarball of raw files unpacks to about three times its size
_WHOLE: Final = {"UVIS": 34.8, "WFC": 34.3, "HRC": 2.2, "SBC": 2.1}
"""Size of a raw file of 16-bit pixels that holds the whole detector, overscan included; MB."""
Kind = tuple[Instrument | None, str, bool, bool, bool]
"""Traits that like datasets have in common: instrument, detector, association, drizzling, correction for CTE."""


@frozen
class Traits:
    """Traits of a dataset.

    Attributes
    ----------
    instrument
        Its instrument; None for mosaics of several.
    is_association
        True for an association.
    files
        Number of raw files.
    megabytes
        Size of them together; MB.
    detector
        Detector; empty if no header was read.
    is_subarray
        True if only a part of the detector was read out.
    is_drizzled, is_cte_corrected
        True if DRIZCORR, or PCTECORR, is PERFORM.
    crsplit
        Number of exposures at the same place; 0 if the header has no CRSPLIT.
    """

    instrument: Instrument | None
    is_association: bool
    files: int = 0
    megabytes: float = 0.0
    detector: str = ""
    is_subarray: bool = False
    is_drizzled: bool = False
    is_cte_corrected: bool = False
    crsplit: int = 0

    @property
    def kind(self) -> Kind:
        """Traits that like datasets have in common."""
        return self.instrument, self.detector, self.is_association, self.is_drizzled, self.is_cte_corrected

    @property
    def each(self) -> float:
        """Size of a raw file; MB."""
        return self.megabytes / max(1, self.files)

    @classmethod
    def of(cls, dataset: str, files: int, size: int, header: Mapping[str, str], *, is_packed: bool = False) -> Self:
        """Tell the traits of a dataset.

        Parameters
        ----------
        dataset
            Its name.
        files, size
            Number of its raw files, and bytes of them together.
        header
            Values of `KEYWORDS` as a raw exposure's header has them; none if it was not read.
        is_packed
            True for the size of a tarball. The size of a raw file, or CRSPLIT, then tells how many are in it.
        """
        name = DatasetName.parse(dataset)
        crsplit = header.get("CRSPLIT", "").partition(".")[0]
        found = cls(
            name.instrument,
            name.is_association,
            files,
            size / _MB,
            header.get("DETECTOR", "").upper(),
            header.get("SUBARRAY", "").upper() in ("T", "TRUE"),
            header.get("DRIZCORR", "").upper() == "PERFORM",
            header.get("PCTECORR", "").upper() == "PERFORM",
            int(crsplit) if crsplit.isdecimal() else 0,
        )
        return found._unpacked() if is_packed else found

    def _unpacked(self) -> Self:
        """Return the traits of raw files that lie in a tarball of so many megabytes."""
        megabytes = _PACKED * self.megabytes
        whole = 0.0 if self.is_subarray else _WHOLE.get(self.detector, 0.0)
        split = max(1, self.crsplit) if self.is_association else 1
        return evolve(self, megabytes=megabytes, files=max(1, round(megabytes / whole)) if whole else split)

    @classmethod
    def of_record(cls, record: RunRecord) -> Self | None:
        """Tell the traits of a dataset by the record of its run; None for mosaics, and without raw files."""
        if record.dataset.is_mosaic:
            return None
        suffixes = record.dataset.instrument.recipe.raw_suffixes
        raws = [file for file in record.inputs if _suffix(file.name) in suffixes]
        if not raws:
            return None
        first = min(raws, key=lambda file: file.name)
        header = {**record.selection.get(first.name, {}), **first.switches}
        return cls.of(record.dataset.name, len(raws), sum(file.size for file in raws), header)


def _suffix(name: str) -> str:
    parsed = HstFileName.parse(name)
    return parsed.suffix if parsed else ""
