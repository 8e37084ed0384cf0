"""The names of HST datasets: an association or exposure, a visit, or a cell of the sky."""

from __future__ import annotations

import re
from typing import ClassVar, Final, Literal

from attrs import Attribute, field, frozen

from caldp.domain.errors import InvalidDatasetName, UnsupportedInstrument
from caldp.domain.hst.instrument import OTHERS, Instrument, instrument_of

DatasetKind = Literal["ipst", "svm", "mvm"]
"""The kinds as CALCLOUD calls them."""

_PATTERNS: Final[dict[DatasetKind, re.Pattern[str]]] = {
    "ipst": re.compile(r"[ijlo][a-z0-9]{8}"),
    "svm": re.compile(r"(?:acs|wfc3)_[a-z0-9]{3}_[a-z0-9]{2}"),
    "mvm": re.compile(r"skycell-p[0-9]{4}x[0-9]{2}y[0-9]{2}"),
}
_OTHER_INSTRUMENT: Final = re.compile(rf"[{''.join(OTHERS)}][a-z0-9]{{8}}")


@frozen
class DatasetName:
    """The name of an HST dataset; make one with `parse`.

    Attributes
    ----------
    name
        In lower case, as files are named.
    """

    kind: ClassVar[DatasetKind]
    name: str = field()

    @property
    def is_association(self) -> bool:
        """True if the name is an association's."""
        return False

    @name.validator
    def _check(self, _attribute: Attribute[str], name: str) -> None:
        if not _PATTERNS[self.kind].fullmatch(name):
            raise InvalidDatasetName(f"{name[:80]!r} is not a {type(self).__name__} in lower case.")

    @staticmethod
    def parse(text: str) -> AnyDataset:
        """Recognise a dataset's name, in any case.

        Parameters
        ----------
        text
            For example ``j8cb010b0``, ``acs_8ph_01``, ``skycell-p2381x06y09``.

        Raises
        ------
        InvalidDatasetName
            If the whole text is not a dataset name.
        UnsupportedInstrument
            If it names a dataset of an instrument that we do not calibrate.
        """
        name = text.lower() if text.isascii() else ""
        for candidate in (Ipppssoot, SvmVisit, MvmSkycell):
            if _PATTERNS[candidate.kind].fullmatch(name):
                return candidate(name)
        if _OTHER_INSTRUMENT.fullmatch(name):
            instrument_of(name)  # raises UnsupportedInstrument
        raise InvalidDatasetName(
            f"{text[:80]!r} is not the name of an HST dataset.",
            advice="Expected an association or exposure (j8cb010b0), a visit (acs_8ph_01) or a sky cell "
            "(skycell-p2381x06y09).",
        )

    @staticmethod
    def given(text: str) -> AnyDataset:
        """Recognise a dataset's name as somebody gives it: blanks and line ends around it are no part of it.

        Raises what `parse` raises.
        """
        return DatasetName.parse(text.strip())

    def __str__(self) -> str:
        return self.name


@frozen
class Ipppssoot(DatasetName):
    """An association (last character 0) or a single exposure, such as ``j8cb010b0``."""

    kind = "ipst"
    is_mosaic: ClassVar[Literal[False]] = False
    """Raw exposures are calibrated; what they are made of is in an association table, or in the name."""

    @property
    def guide_file(self) -> str:
        """Name of the file that lists the dataset's members: its association table."""
        return f"{self.name}_asn.fits"

    @property
    def instrument(self) -> Instrument:
        """The instrument that took the data."""
        return instrument_of(self.name)

    @property
    def is_association(self) -> bool:
        """True if the name is an association's."""
        return self.name.endswith("0")

    @property
    def directory(self) -> str:
        """The directory of the tree layout that holds this kind of dataset."""
        return self.instrument.value


@frozen
class SvmVisit(DatasetName):
    """All exposures of one visit, mosaicked as Hubble Advanced Products, such as ``acs_8ph_01``."""

    kind = "svm"
    is_mosaic: ClassVar[Literal[True]] = True
    """Calibrated exposures, which a poller file names, are mosaicked."""

    @property
    def guide_file(self) -> str:
        """Name of the file that lists the visit's exposures: its poller file."""
        return f"{self.name}_input.out"

    @property
    def instrument(self) -> Instrument:
        """The instrument that took the data: ACS or WFC3."""
        return instrument_of(self.name.partition("_")[0])

    @property
    def ipppss(self) -> str:
        """Program and visit as exposures' names have them: ``acs_8ph_01`` -> ``j8ph01``."""
        _, program, visit = self.name.split("_")
        return f"{self.instrument.recipe.letter}{program}{visit}"

    @property
    def directory(self) -> str:
        """The directory of the tree layout that holds this kind of dataset."""
        return self.instrument.value


@frozen
class MvmSkycell(DatasetName):
    """All exposures of one cell of the sky, over visits and instruments, such as ``skycell-p2381x06y09``."""

    kind = "mvm"
    is_mosaic: ClassVar[Literal[True]] = True
    """Calibrated exposures, which a poller file names, are mosaicked."""
    instrument: ClassVar[None] = None
    """Several instruments contribute."""
    ipppss: ClassVar[str] = ""
    """Exposures of any program and visit contribute."""

    @property
    def guide_file(self) -> str:
        """Name of the file that lists the cell's exposures: its poller file."""
        return f"{self.name}_input.out"

    @property
    def directory(self) -> str:
        """The directory of the tree layout that holds this kind of dataset."""
        return "mvm"


AnyDataset = Ipppssoot | SvmVisit | MvmSkycell
"""A parsed dataset name: one of the three kinds."""


def is_dataset_name(text: str) -> bool:
    """Tell whether the whole text names a dataset that caldp processes."""
    try:
        DatasetName.parse(text)
    except (InvalidDatasetName, UnsupportedInstrument):
        return False
    return True
