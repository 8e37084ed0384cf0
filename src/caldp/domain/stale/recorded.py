"""Exposures as the record of their calibration tells of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from caldp.domain.hst.files import HstFileName
from caldp.domain.run.recorded import RecordedFile, RecordedRun
from caldp.domain.stale.findings import Exposure
from caldp.domain.stale.selecting import EXTENSION_KEYWORDS, ROW_KEYWORDS

_UNKNOWN: Final = "UNDEFINED"
"""Value of a keyword that a header does not have, as CRDS tells it."""
_ROW_KEYWORDS: Final = ROW_KEYWORDS - EXTENSION_KEYWORDS


def recorded_exposures(run: RecordedRun) -> Iterator[Exposure]:
    """Describe the raw files of a run that references were assigned to, in order of their names."""
    used: dict[str, dict[str, str]] = {name: {} for name in run.selection}
    for reference in run.references:
        for name in reference.exposures:
            used.setdefault(name, {})[reference.keyword] = reference.name.lower()
    # As the engines were asked for them: a wish may have turned on what the archive's file leaves out.
    switches = {file.name: file.switches for file in (*run.inputs, *run.prepared) if file.switches}
    for name in sorted(used):
        selection = run.selection.get(name, {})
        yield Exposure(
            name,
            selection.get("INSTRUME", "").lower(),
            used[name],
            selection,
            {key: (selection[key],) for key in _ROW_KEYWORDS & selection.keys() if selection[key] != _UNKNOWN},
            switches.get(name, {}),
            _skipped(name, run.products),
            is_partial=True,
        )


def _skipped(name: str, products: Iterable[RecordedFile]) -> frozenset[str]:
    """List the switches that came out as SKIPPED in the products of an exposure."""
    parsed = HstFileName.parse(name)
    root = parsed.root if parsed is not None else name
    own = (file for file in products if file.name.startswith(root))
    return frozenset(switch for file in own for switch, state in file.switches.items() if state == "SKIPPED")
