"""Comparison of two sides, for a program or a command."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path, PurePath

from caldp.app.ports.listener import Listener
from caldp.app.scratch.ownership import owned_temporary
from caldp.app.scratch.work_directory import EXCHANGE_PREFIX
from caldp.domain.comparison.agreement import Tolerance
from caldp.domain.comparison.difference import Comparison
from caldp.domain.hst.dataset import DatasetName
from caldp.profiles import environment_under, resolve_settings


def diff(
    a: str | PurePath,
    b: str | PurePath,
    dataset: str = "",
    *,
    rtol: float = 1e-7,
    atol: float = 0.0,
    reads_all: bool = False,
    profile: str = "",
    environment: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> Comparison:
    """Compare two sides: the causes of differences first, then product by product and HDU by HDU.

    Identical data are told from the digests in the runs' records, without opening a file. Other files are read in
    pieces: memory does not grow with their size.

    Parameters
    ----------
    a, b
        Each an output (a directory or ``s3://bucket/prefix``, in either layout), a directory of products, a FITS file,
        a tarball of products, a ``record.json``, or ``astroquery:`` for the products that the archive has.
    dataset
        The only dataset to compare; all that are in both by default.
    rtol, atol
        Difference that two values may have: ``|a - b| <= atol + rtol * |b|``.
    reads_all
        Read every file, and do not go by the digests in the records.
    profile
        Name or path of the profile that says how S3 is reached, and where the CRDS cache is: rows and pixels in which
        reference files differ are told if both are there.
    environment
        Environment variables to go by instead of this process's.
    listener
        Callback for notes. Must be thread-safe and must not raise.

    Returns
    -------
    Comparison
        With its worst agreement in `agreement`.

    Raises
    ------
    UsageError
        If a side is nothing that can be compared, or the dataset must be named.
    CaldpError
        If a side cannot be read.
    """
    from caldp.adapters.comparison.fits import FitsDifferences
    from caldp.adapters.fits.astropy import AstropyFits
    from caldp.adapters.references.comparing import ValueComparison
    from caldp.adapters.support.reference_places import find_reference
    from caldp.app.compare.compare_sides import CompareSides
    from caldp.app.compare.reference_rows import ReferenceRows
    from caldp.reproduction.sides import open_side

    environ = dict(os.environ if environment is None else environment)
    settings, environ = resolve_settings(profile, {}, environ).settings, environment_under(profile, environ)
    wanted = str(DatasetName.given(dataset)) if dataset else ""
    fits, cache = AstropyFits(), Path(settings.crds_path).expanduser().absolute()
    rows = ReferenceRows(ValueComparison(), fits, partial(find_reference, cache))
    compare = CompareSides(FitsDifferences(), fits, Tolerance(rtol, atol), reads_all, rows)
    with owned_temporary(EXCHANGE_PREFIX) as scratch:
        first, second = (
            open_side(place, wanted, settings, environ, scratch / side) for place, side in ((a, "a"), (b, "b"))
        )
        return compare(first, second, wanted, tell=listener or (lambda _event: None))
