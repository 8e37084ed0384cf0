"""Identity of the files that two calibrations left: every HDU, every card that is not volatile, every line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from caldp.adapters.fits.astropy import AstropyFits

_OF_THE_RUN = re.compile(r"\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d [A-Z]{3}|(?<=Using profile reference file ).*(?=/)")
"""Time in a trailer of calcos, such as ``26-Nov-2026 05:08:43 UTC`` (``cosutil.py``: returnTime), and the directory of
the run's references, in the one line that names it (``trace.py``)."""


def differing(first: Path, second: Path) -> list[str]:
    """Name the files of two directories that differ, or are in one of them only.

    FITS files are compared by the digests of their HDUs, which leave out `caldp.domain.hst.digests.VOLATILE_CARDS`;
    trailers by their lines without the time and the run's directory.
    """
    names = {path.name for directory in (first, second) for path in directory.iterdir() if path.is_file()}
    return sorted(name for name in names if _essence(first / name) != _essence(second / name))


def assert_same_files(first: Mapping[str, Any], second: Mapping[str, Any]) -> None:
    """Compare two records: what was asked for, and every file by the digests of its HDUs."""
    assert first["request_digest"] == second["request_digest"]
    assert first["programs"] == second["programs"]
    assert first["references"] == second["references"]
    for kind in ("inputs", "prepared", "products"):
        one, other = ({item["name"]: item["hdus"] for item in record[kind]} for record in (first, second))
        assert one.keys() == other.keys()
        assert [name for name in one if one[name] != other[name]] == [], kind
    assert any(item["hdus"] for item in first["products"])


def _essence(path: Path) -> object:
    if not path.is_file():
        return None
    if path.suffix == ".fits":
        digest = AstropyFits().digest(path)
        assert digest is not None
        assert digest.hdus, f"{path.name} is no FITS file"
        return digest.hdus
    assert path.suffix == ".tra"
    return _OF_THE_RUN.sub("", path.read_text())
