"""Poller files: the exposures of a visit or a sky cell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from attrs import frozen

from caldp.domain.errors import InvalidInput

_CALIBRATED: Final = re.compile(r"(?P<root>[ij][a-z0-9]{8})_fl[ct]\.fits")


@frozen
class Poller:
    """A poller file, ``<dataset>_input.out``.

    Attributes
    ----------
    exposures
        File names of the calibrated exposures in lower case, in order: ``j8ph01g0q_flc.fits`` for a visit,
        ``hst_13773_20_wfc3_uvis_f657n_icnk20a8_flc.fits`` for a sky cell.
    """

    exposures: tuple[str, ...]

    @staticmethod
    def parse(name: str, text: str) -> Poller:
        """Read a poller file: one exposure a line, its name before the first comma or blank.

        Parameters
        ----------
        name
            The file's name, for messages.
        text
            Text of the file.

        Raises
        ------
        InvalidInput
            If a line does not begin with the name of a calibrated exposure, or there is no line.
        """
        rows = (line.replace(",", " ").split() for line in text.splitlines())
        exposures = tuple(dict.fromkeys(row[0].lower() for row in rows if row))
        wrong = next((exposure for exposure in exposures if not _is_exposure(exposure)), None)
        if wrong is not None or not exposures:
            found = "it names no exposure" if wrong is None else f"{wrong[:80]!r} is not the name of an exposure"
            raise InvalidInput(
                f"{name} is not a poller file: {found}.",
                advice="Expected lines that begin with file names such as j8ph01g0q_flc.fits.",
            )
        return Poller(exposures)

    @staticmethod
    def of_visit(ipppss: str, names: Iterable[str]) -> Poller | None:
        """Make the poller file of a visit from the names of files that an archive has; None if none is an exposure.

        Of each exposure the file corrected for charge transfer efficiency (flc) is taken if there is one, else the flt:
        that is what drizzlepac's ``select_common_filetype`` prefers.

        Parameters
        ----------
        ipppss
            Instrument, program and visit: ``j8ph01``.
        names
            File names; those of other visits, and of Hubble Advanced Products, are passed over.
        """
        found = sorted(name for name in map(str.lower, names) if name.startswith(ipppss))
        best = {match["root"]: match[0] for name in reversed(found) if (match := _CALIBRATED.fullmatch(name))}
        return Poller(tuple(best[root] for root in sorted(best))) if best else None

    def to_text(self) -> str:
        """Write the file with one column, which drizzlepac completes from the headers of the exposures."""
        return "".join(f"{exposure}\n" for exposure in self.exposures)

    @property
    def files(self) -> tuple[str, ...]:
        """Files that must be there: every exposure."""
        return self.exposures

    def lists(self, name: str) -> bool:
        """Tell whether a file is an exposure of the visit or cell."""
        return name in self.exposures

    @property
    def visits(self) -> tuple[str, ...]:
        """Instrument, program and visit (``ipppss``) of the exposures, sorted: ``icnk20``."""
        return tuple(sorted({exposure.split("_")[-2][:6] for exposure in self.exposures}))


def _is_exposure(name: str) -> bool:
    root, _, ending = name.rpartition("_")
    return ending.endswith(".fits") and len(root.rpartition("_")[2]) >= 8 and name.isascii() and "/" not in name
