"""Kinds and instruments of datasets, by the names that CALCLOUD has for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from caldp.domain.errors import InvalidDatasetName, UnsupportedInstrument
from caldp.domain.hst.dataset import DatasetKind, DatasetName
from caldp.domain.hst.instrument import OTHERS, Instrument

INSTRUMENT_LETTERS: Final[Mapping[str, str]] = MappingProxyType(
    {instrument.recipe.letter: instrument.value for instrument in Instrument} | OTHERS
)
"""First letters of dataset names and the instruments they stand for, those that caldp does not calibrate included.

Stands in for CALCLOUD's ``hst.IPPPSSOOT_INSTR``, whose letters are upper case.
"""


def dataset_kind(text: str) -> DatasetKind:
    """Tell which kind of dataset a name is: ``ipst``, ``svm`` or ``mvm``.

    Stands in for CALCLOUD's ``hst.get_dataset_type``, but matches the whole name, in any case: with
    ``acs_8ph_01_extra``, which CALCLOUD takes for a visit, this raises.

    Raises
    ------
    InvalidDatasetName, UnsupportedInstrument
        If it is none; both are a ValueError too.
    """
    return DatasetName.parse(text).kind


def instrument_name(text: str) -> str:
    """Find the instrument of a dataset, in lower case.

    Stands in for CALCLOUD's ``hst.get_instrument``. Visits are understood (CALCLOUD looks at the first letter of
    ``wfc3_8ph_01`` and says ``wfpc``), and what belongs to no instrument raises instead of giving None.

    Parameters
    ----------
    text
        A dataset name (of instruments that caldp does not calibrate too), or an instrument's name; in any case.

    Raises
    ------
    InvalidDatasetName
        If the text is neither, or names a sky cell, to which several instruments contribute.

    Examples
    --------
    >>> instrument_name("J8CB010B0"), instrument_name("u2eq0101t"), instrument_name("acs")
    ('acs', 'wfpc2', 'acs')
    """
    name = text.lower()
    if name in INSTRUMENT_LETTERS.values():
        return name
    try:
        dataset = DatasetName.parse(name)
    except UnsupportedInstrument:
        return OTHERS[name[0]]
    if dataset.instrument is None:
        raise InvalidDatasetName(f"{name} is a sky cell, to which several instruments contribute.")
    return dataset.instrument.value
