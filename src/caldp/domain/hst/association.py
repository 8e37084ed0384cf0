"""Association tables: exposures that belong together, and the products made of them."""

from __future__ import annotations

import re
from typing import Final

from attrs import frozen

from caldp.domain.hst.files import HstFileName

_ROOTNAME: Final = re.compile(r"[a-z0-9_]*")


@frozen
class Member:
    """One row of an association table.

    Attributes
    ----------
    name
        Rootname in lower case.
    kind
        MEMTYPE in upper case, such as ``EXP-FP``, ``EXP-AWAVE``, ``PROD-DTH``.
    present
        MEMPRSNT: for an exposure whether the archive has it.
    """

    name: str
    kind: str
    present: bool = True

    @property
    def is_product(self) -> bool:
        """True if the row names a product of calibration."""
        return self.kind.startswith("PROD")


@frozen
class Association:
    """An association table.

    Attributes
    ----------
    name
        Rootname of the table, such as ``ldfd01010``.
    members
        Its rows, in order.
    """

    name: str
    members: tuple[Member, ...]

    @property
    def exposures(self) -> tuple[Member, ...]:
        """The exposures that the archive has."""
        return tuple(member for member in self.members if not member.is_product and member.present)

    @property
    def products(self) -> tuple[Member, ...]:
        """Rows of the products of calibration."""
        return tuple(member for member in self.members if member.is_product)

    @property
    def misnamed(self) -> tuple[Member, ...]:
        """Members whose names are no rootnames. Engines make files of these names, wherever they lead."""
        return tuple(member for member in self.members if not _ROOTNAME.fullmatch(member.name))

    @property
    def rows(self) -> tuple[tuple[str, str, bool], ...]:
        """Rootname, kind and presence of each member; a product is absent here, since engines set that themselves.

        Source: ``calcos.py`` (``updateMempresent``), ``acstable.c`` and ``wf3table.c`` of HSTCAL.
        """
        return tuple((member.name, member.kind, member.present and not member.is_product) for member in self.members)

    @property
    def files(self) -> tuple[str, ...]:
        """Files that must be there: none, since the table names exposures, whose files depend on the instrument."""
        return ()

    def lists(self, name: str) -> bool:
        """Tell whether a file can belong to the association, by its rootname."""
        parsed = HstFileName.parse(name)
        return parsed is not None and parsed.root in self.roots

    @property
    def visits(self) -> tuple[str, ...]:
        """Instrument, program and visit (``ipppss``) of the members, sorted: ``ldfd01``."""
        return tuple(sorted({member.name[:6] for member in self.members}))

    @property
    def roots(self) -> frozenset[str]:
        """Rootnames of every file that can belong to the association, the table's own included."""
        return frozenset({self.name, *(member.name for member in self.members)})
