"""Rows of reference files that differ between two runs, where both files are at hand."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from attrs import evolve

from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.references.comparing import ValueComparison
from caldp.app.compare.reference_rows import ReferenceRows
from caldp.domain.comparison.causes import CauseKind, causes
from caldp.domain.run.recorded import RecordedReference, RecordedRun


@pytest.fixture
def runs(tmp_path: Path) -> tuple[RecordedRun, RecordedRun]:
    """Make two runs with a sensitivity each, of which the second is the user's own and has another second row."""
    made = []
    for name, factor in (("sim_phot.fits", 1.0), ("own_phot.fits", 1.25)):
        values = np.array([1.0, 2.0 * factor, 3.0])
        table = fits.BinTableHDU.from_columns([fits.Column("SENSITIVITY", "D", array=values)], name="PHOT")
        path = tmp_path / name
        fits.HDUList([fits.PrimaryHDU(), table]).writeto(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        override = "" if factor == 1 else str(path)
        reference = RecordedReference("FLUXTAB", name, ("x_rawtag.fits",), override, digest)
        made.append(RecordedRun(name, "lsim01010", 0, context=name, references=(reference,)))
    return made[0], made[1]


def details(runs: tuple[RecordedRun, RecordedRun], directory: Path) -> dict[CauseKind, tuple[str, ...]]:
    rows = ReferenceRows(ValueComparison(), AstropyFits(), lambda name: directory / name)
    return {cause.kind: rows.explain(cause, *runs).details for cause in causes(*runs)}


def test_rows_and_size_of_the_change_are_told(runs: tuple[RecordedRun, RecordedRun], tmp_path: Path) -> None:
    found = details(runs, tmp_path)
    assert found[CauseKind.REFERENCE] == (
        "HDU 1 (PHOT), column SENSITIVITY: 1 rows (2), ratio B to A up to 1.25, median 1",
    )
    assert found[CauseKind.CONTEXT] == ()


@pytest.mark.parametrize("change", ["gone", "other contents"])
def test_a_file_that_is_not_the_recorded_one_tells_nothing(
    change: str, runs: tuple[RecordedRun, RecordedRun], tmp_path: Path
) -> None:
    victim = tmp_path / "sim_phot.fits"
    if change == "gone":
        victim.unlink()
    else:
        victim.write_bytes(victim.read_bytes().replace(b"PHOT", b"PHAT"))
    assert details(runs, tmp_path)[CauseKind.REFERENCE] == ()


def test_several_references_of_a_keyword_are_named_only(runs: tuple[RecordedRun, RecordedRun], tmp_path: Path) -> None:
    a, b = runs
    both = evolve(a, references=(*a.references, evolve(b.references[0], override="")))
    assert details((both, b), tmp_path)[CauseKind.REFERENCE] == ()
