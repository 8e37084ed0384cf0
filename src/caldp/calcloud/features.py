"""Memory features: the values from which CALCLOUD's model predicts a dataset's memory and time."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from caldp.domain.errors import ContractError
from caldp.domain.hst.dataset import Ipppssoot
from caldp.domain.hst.instrument import Instrument

_LARGE_DETECTORS: Final = frozenset({"UVIS", "WFC"})
_INSTRUMENT_NUMBERS: Final = {Instrument.ACS: 0, Instrument.COS: 1, Instrument.STIS: 2, Instrument.WFC3: 3}
_NOT_SPLIT: Final = "NaN"
"""CALCLOUD's value for a header without CRSPLIT."""


@frozen
class MemoryFeatures:
    """The contents of ``<dataset>_MemModelFeatures.txt``: lines ``NAME=VALUE``; a missing name leaves the default.

    Attributes
    ----------
    n_files
        Number of raw files.
    total_mb
        Their size; MB.
    detector, drizcorr, pctecorr, crsplit
        Header keywords of that name, verbatim. Without them in the file, `crsplit` is NaN and the others are empty.
    subarray
        True if only a part of the detector was read out.
    """

    n_files: int = 0
    total_mb: float = 0.0
    detector: str = ""
    subarray: bool = False
    drizcorr: str = ""
    pctecorr: str = ""
    crsplit: str = _NOT_SPLIT

    @classmethod
    def parse(cls, text: str) -> MemoryFeatures:
        """Read the text of the features file; names that the model does not know are passed over.

        Stands in for the parsing in CALCLOUD's ``model_ingest.Features`` and ``predict_handler.Preprocess``.

        Raises
        ------
        ContractError
            If a line is not ``NAME=VALUE``, or a number is none.
        """
        values: dict[str, str] = {}
        for line in filter(None, map(str.strip, text.splitlines())):
            name, equals, value = line.partition("=")
            if not equals:
                raise ContractError(f"{line[:80]!r} is not a NAME=VALUE line of memory features.")
            values[name.strip()] = value.strip()
        try:
            n_files, total_mb = int(values.get("n_files", "0")), float(values.get("total_mb", "0"))
        except ValueError as error:
            raise ContractError(f"The memory features hold no number where there must be one: {error}.") from error
        return cls(
            n_files=n_files,
            total_mb=total_mb,
            detector=values.get("DETECTOR", ""),
            subarray=values.get("SUBARRAY", "") == "True",
            drizcorr=values.get("DRIZCORR", ""),
            pctecorr=values.get("PCTECORR", ""),
            crsplit=values.get("CRSPLIT", _NOT_SPLIT),
        )

    def encode(self, dataset: Ipppssoot) -> dict[str, int]:
        """Return the features as the model takes them: whole numbers, in its order.

        Stands in for ``scrub_keys`` of CALCLOUD's ``model_ingest.Features`` and ``predict_handler.Preprocess``.
        """
        return {
            "n_files": self.n_files,
            "total_mb": round(self.total_mb),
            "drizcorr": int(self.drizcorr == "PERFORM"),
            "pctecorr": int(self.pctecorr == "PERFORM"),
            "crsplit": self._crsplit_class(),
            "subarray": int(self.subarray),
            "detector": int(self.detector in _LARGE_DETECTORS),
            "dtype": int(dataset.is_association),
            "instr": _INSTRUMENT_NUMBERS[dataset.instrument],
        }

    def _crsplit_class(self) -> int:
        if self.crsplit == _NOT_SPLIT:
            return 0
        return 1 if self.crsplit in ("1", "1.0") else 2
