"""An observation of the matrix: where its raw files and reference files lie, and how an engine is given them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from astropy.io import fits
from attrs import frozen

SHARED: Final = Path(__file__).resolve().parents[3] / "shared" / "hst"
SERVERLESS: Final = "https://hst-serverless-mode.stsci.edu"
REFERENCE_VARIABLES: Final = ("jref", "iref", "oref", "lref")
RAWS: Final = ("*_raw.fits", "*_raw[at]*.fits", "*_wav.fits", "*_tag.fits")
"""Raw files, to which references are assigned."""


@frozen
class Site:
    """An observation on disk.

    Attributes
    ----------
    dataset
        Its name.
    inputs
        Directory of its files, never changed.
    crds_path, context
        The CRDS cache, flat, and the context to assign from.
    """

    dataset: str
    inputs: Path
    crds_path: Path
    context: str

    @property
    def references(self) -> Path:
        """Directory of the reference files."""
        return self.crds_path / "references" / "hst"

    def raws(self, directory: Path | None = None) -> list[Path]:
        """List the raw files in a directory, by default the observation's own."""
        place = directory or self.inputs
        return sorted({path for pattern in RAWS for path in place.glob(pattern)})

    def switches(self) -> dict[str, str]:
        """Return the switches that any raw file has at PERFORM or OMIT, each as the first such file has it."""
        found: dict[str, str] = {}
        for path in self.raws():
            for name, value in fits.getheader(path).items():
                if name.endswith("CORR") and (state := str(value).strip().upper()) in ("PERFORM", "OMIT"):
                    found.setdefault(name, state)
        return dict(sorted(found.items()))

    def commands(self) -> tuple[tuple[str, ...], ...]:
        """Return the command lines that somebody types to calibrate it."""
        names = [path.name for path in self.raws()]
        table = [f"{self.dataset}_asn.fits"] if (self.inputs / f"{self.dataset}_asn.fits").exists() else []
        match self.dataset[0]:
            case "l":
                return (("calcos", *(table or names[:1])),)
            case "o":
                chosen = [name for name in names if name.endswith("_raw.fits")] or names
                return tuple(("cs0.e", "-tv", name) for name in chosen)
            case letter:
                engine = "calacs.e" if letter == "j" else "calwf3.e"
                given = table or names
                calibrate = tuple((engine, name) for name in given)
                return (*calibrate, *(("runastrodriz", "-n", "1", name) for name in given))


def turned(switches: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Go through the switches, each with the state that it has not."""
    for name, state in switches.items():
        yield name, "OMIT" if state == "PERFORM" else "PERFORM"
