"""Progress of engines in the field's words, told from the lines that they write.

Sources of the lines: calcos 3.6.2 (cosutil.printIntro, printFilenames), HSTCAL of 2026 (PrBegin, PrFileName in each
instrument's prinfo.c), drizzlepac 3.11 (util.ProcSteps.addStep, runastrodriz).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from attrs import define, field

_CALCOS: Final = {
    "TIME-TAG calibration": "time-tag events",
    "ACCUM calibration": "accumulated image",
    "Spectral Extraction": "extracting spectra",
    "Average images": "averaging images",
    "Average 1-D spectra": "averaging spectra",
}
_HSTCAL: Final = {
    "ACSCCD": "bias and overscan",
    "ACSCTE": "correcting charge transfer",
    "ACSREJ": "rejecting cosmic rays",
    "ACS2D": "darks and flat fields",
    "ACSSUM": "summing exposures",
    "CALSTIS-1": "darks and flat fields",
    "CALSTIS-2": "rejecting cosmic rays",
    "CALSTIS-4": "wavelength calibration",
    "CALSTIS-6": "extracting spectra",
    "CALSTIS-7": "rectifying",
    "CALSTIS-8": "summing exposures",
    "CALSTIS-11": "subtracting science from the wavecal",
    "CALSTIS-12": "applying the wavelength calibration",
    "WF3CCD": "bias and overscan",
    "WF3CTE": "correcting charge transfer",
    "WF3REJ": "rejecting cosmic rays",
    "WF32D": "darks and flat fields",
    "WF3IR": "fitting ramps",
}
_DRIZZLE: Final = {
    "Initialization": "preparing to drizzle",
    "Static Mask": "masking bad pixels",
    "Subtract Sky": "subtracting the sky",
    "Separate Drizzle": "drizzling each exposure",
    "Create Median": "making the median image",
    "Blot": "blotting the median",
    "Driz_CR": "rejecting cosmic rays",
    "Final Drizzle": "drizzling",
}
_TASK: Final = re.compile(r"(?:CALBEG)?\*{3} ([A-Z0-9-]+) -- Version")
_STEP: Final = re.compile(r"=+ Processing Step '([^']+)' started")
_INTRO: Final = re.compile(r"([A-Za-z0-9 -]+?) -- \d{2}-[A-Z][a-z]{2}-\d{4}")
_INPUT: Final = re.compile(r"Input:?\s+(\S+)", re.IGNORECASE)
_ALIGNMENT: Final = re.compile(r"Starting (?:an? )?(?:a posteriori )?alignment|a priori solutions")
_ROOT: Final = re.compile(r"(?:.*/)?([ijlo][a-z0-9]{8})_")


@define
class EngineProgress:
    """Progress of the engines of one run.

    Attributes
    ----------
    exposures
        Rootnames of the exposures that are calibrated; empty while they are not known.
    """

    exposures: Collection[str] = ()
    _phrases: dict[str, str] = field(factory=dict, init=False)
    _seen: dict[str, None] = field(factory=dict, init=False)
    _latest: str = field(default="", init=False)

    def take(self, program: str, line: str, exposure: str = "") -> None:
        """Take in a line that an engine wrote.

        Parameters
        ----------
        program
            Name of the engine, such as ``calcos``.
        line
            The line.
        exposure
            Rootname that the line is about, where several are calibrated side by side.
        """
        if program != self._latest:
            self._phrases.pop(program, None)
            self._seen.clear()
            self._latest = program
        named = _INPUT.match(line.strip())
        root = _ROOT.match(named[1].lower()) if named else None
        if exposure or (root and (not self.exposures or root[1] in self.exposures)):
            self._seen[exposure or (root[1] if root else "")] = None
        phrase = phrase_of(line)
        if phrase:
            self._phrases[program] = phrase

    @property
    def text(self) -> str:
        """The engine and its state, such as ``calcos: exposure 2 of 4, extracting spectra``; empty before the first."""
        if not self._latest:
            return ""
        count = len(self._seen)
        where = f"exposure {count}" + (f" of {len(self.exposures)}" if self.exposures else "") if count else ""
        parts = ", ".join(filter(None, (where if count > 1 or len(self.exposures) > 1 else "", self._phrase)))
        return f"{self._latest}: {parts}" if parts else self._latest

    @property
    def _phrase(self) -> str:
        return self._phrases.get(self._latest, "")


def phrase_of(line: str) -> str:
    """Return the field's words for what a line of an engine says that it begins; empty for any other line."""
    text = line.strip()
    if task := _TASK.match(text):
        return _HSTCAL.get(task[1], "")
    if step := _STEP.search(text):
        return _DRIZZLE.get(step[1], "")
    if _ALIGNMENT.search(text):
        return "aligning to a catalogue"
    intro = _INTRO.match(text)
    return _CALCOS.get(intro[1], "") if intro else ""
