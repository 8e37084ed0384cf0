"""A COS exposure as its raw headers describe it, and the switches that calcos sets to COMPLETE for it.

Source: calcos 3.6.2 (``calcos.py``: checkSwitches, ``getinfo.py``, ``timetag.py``, ``accum.py``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from attrs import field, frozen

from caldp.domain.calibration.expected.exposures import performed
from caldp.domain.calibration.expected.structure import has_science
from caldp.domain.errors import InvalidInput
from caldp.domain.hst.files import FitsFacts

_SCIENCE: Final = frozenset({"EXTERNAL/SCI", "EXTERNAL/CAL", "DARK", "FLAT"})
CALIBRATED: Final = _SCIENCE | {"WAVECAL", "ACQ/IMAGE"}
"""Types of exposures that calcos calibrates."""
_PASSED_OVER: Final = frozenset({"ACQ/SEARCH", "ACQ/PEAKD", "ACQ/PEAKXD", "ENG DIAG", "MEMORY DUMP", "PHA"})
"""Types that calcos knows and leaves alone."""

EXTRACTION: Final = frozenset({"X1DCORR", "BACKCORR", "FLUXCORR", "TDSCORR", "HELCORR"})
"""Steps of the spectral extraction: COMPLETE in x1d, PERFORM for ever in corrtag, counts and flt."""
_FUV_ONLY: Final = frozenset(
    {
        "TEMPCORR",
        "GEOCORR",
        "DGEOCORR",
        "IGEOCORR",
        "RANDCORR",
        "PHACORR",
        "XWLKCORR",
        "YWLKCORR",
        "BRSTCORR",
        "ALGNCORR",
    }
)
_STARTING: Final = frozenset(
    {
        "BADTCORR", "BRSTCORR", "DEADCORR", "DOPPCORR", "DQICORR", "FLATCORR", "GEOCORR", "DGEOCORR", "HELCORR",
        "HVDSCORR", "PHACORR", "RANDCORR", "TEMPCORR", "X1DCORR", "WAVECORR", "TRCECORR", "ALGNCORR",
    }
)  # fmt: skip
"""Switches for one of which calcos starts (``calcos.py``: globalSwitches); the others need one of these."""
_INTERPOLATED: Final = ("GEOCORR", "DGEOCORR")
"""Steps that IGEOCORR is a way of doing, and without which it is left (``timetag.py``: doGeocorr, doDgeocorr)."""
_NOT_FOR_WAVECALS: Final = frozenset({"DOPPCORR", "HELCORR", "FLUXCORR", "TDSCORR", "WAVECORR"})

_FEW_EVENTS: Final = 1000
"""So few events may all lie beside the spectrum, or outside the active area: extraction takes some 4% of a segment."""


@frozen
class Exposure:
    """The raw files of one exposure: FUV has one for each segment.

    Attributes
    ----------
    root
        Its rootname.
    files
        Headers by the ending of the segment's file names: ``_a``, ``_b`` or nothing.
    """

    root: str
    files: Mapping[str, FitsFacts] = field(factory=dict)

    @property
    def first(self) -> FitsFacts:
        """The header that speaks for the exposure."""
        return next(iter(self.files.values()))

    @property
    def kind(self) -> str:
        """The exposure's type, such as ``EXTERNAL/SCI``.

        Raises
        ------
        InvalidInput
            If it is missing, or none that calcos knows: a damaged type must not excuse missing products.
        """
        kind = self.first.required("EXPTYPE")
        if kind not in CALIBRATED | _PASSED_OVER:
            raise InvalidInput(
                f"{self.first.name} has the EXPTYPE {kind!r}, which is none of COS's.",
                advice="The file is damaged; fetch it again from the archive.",
            )
        return kind

    @property
    def is_tagged(self) -> bool:
        """True if each photon is recorded with its time."""
        return self.first.required("OBSMODE") == "TIME-TAG"

    @property
    def is_spectrum(self) -> bool:
        """True if it is a spectrum, and no image."""
        return self.first.required("OBSTYPE") == "SPECTROSCOPIC"

    @property
    def has_flashes(self) -> bool:
        """True if a lamp is flashed during the exposure, to be measured along with it."""
        flashes = self.first.required("TAGFLASH") if self.is_tagged else self.first.text("TAGFLASH")
        return flashes not in ("", "NONE", "N/A") and self.first.number("NUMFLASH") != 0

    @property
    def is_extracted(self) -> bool:
        """True if a spectrum is extracted."""
        return self.is_spectrum and self.first.required("X1DCORR") == "PERFORM"

    @property
    def is_exposed(self) -> bool:
        """True if every file of it has an exposure time above 0, and data."""
        times = [file.required_number("EXPTIME") for file in self.files.values()]
        return min(times) > 0 and not any(map(is_empty, self.files.values()))

    @property
    def is_blank(self) -> bool:
        """True if its files hold so little that its spectrum may be empty."""
        return all(map(is_blank, self.files.values()))

    @property
    def is_started(self) -> bool:
        """True if calcos does anything for it: always for a wavecal, else for a switch that it has."""
        starting = performed(self.first) & _STARTING
        return self.kind == "WAVECAL" or (bool(starting) and not starting.isdisjoint(completed(self, self.first)))

    @property
    def is_combined(self) -> bool:
        """True if it is part of the association's product."""
        return self.kind in _SCIENCE and (not self.has_flashes or self.kind == "EXTERNAL/SCI")


def is_empty(facts: FitsFacts) -> bool:
    """Tell whether a raw file of events holds none: calcos then writes products without data."""
    return any(extension.name == "EVENTS" and extension.data_bytes == 0 for extension in facts.extensions)


def is_blank(facts: FitsFacts) -> bool:
    """Tell whether a raw file of events or counts holds so little that its products may hold no science."""
    if facts.required_number("EXPTIME") <= 0:
        return True
    if facts.named("SCI"):
        return not has_science(facts)
    events = _events(facts)
    return events is not None and events < _FEW_EVENTS


def why_blank(facts: FitsFacts) -> str:
    """Say why the products of a raw file may hold no science, so that this cannot be judged; empty if they must."""
    if is_empty(facts):
        return f"{facts.name} holds no events"
    if facts.required_number("EXPTIME") <= 0:
        return f"{facts.name} has an exposure time of 0, so its products may hold no science"
    if not facts.named("SCI") and is_blank(facts):
        return f"{facts.name} holds {_events(facts)} events, so few that its products may hold no science"
    return ""


def _events(facts: FitsFacts) -> int | None:
    """Return the number of rows of the shortest list of events; None if it is not known."""
    return min((events.rows for events in facts.named("EVENTS") if events.rows is not None), default=None)


def completed(exposure: Exposure, facts: FitsFacts) -> frozenset[str]:
    """List the switches that must be COMPLETE in the exposure's last product. calcos turns some off by itself."""
    return performed(facts) - frozenset(_turned_off(exposure, facts))


def _turned_off(exposure: Exposure, facts: FitsFacts) -> Iterator[str]:
    if exposure.kind == "WAVECAL":
        yield from _NOT_FOR_WAVECALS
    if facts.text("DETECTOR") == "NUV":
        yield from _FUV_ONLY
    if performed(facts).isdisjoint(_INTERPOLATED):
        yield "IGEOCORR"
    if facts.text("APERTURE") in ("WCA", "FCA") or facts.text("OBSTYPE") == "SPECTROSCOPIC":
        yield "PHOTCORR"
    if facts.text("OBSTYPE") == "IMAGING" or exposure.kind == "ACQ/IMAGE":
        yield from EXTRACTION | {"DOPPCORR"}
        return
    if "X1DCORR" not in performed(facts):
        yield from EXTRACTION
    if "FLUXCORR" not in performed(facts):
        yield "TDSCORR"
    is_tagged = exposure.is_tagged
    if facts.number("DOPPMAGV" if is_tagged else "DOPMAGT") == 0 or not (is_tagged or "FLATCORR" in performed(facts)):
        yield "DOPPCORR"
    if not is_tagged:
        yield "BRSTCORR"
    right_ascension = facts.number("RA_TARG")
    if right_ascension is not None and right_ascension < 0:
        yield "HELCORR"
