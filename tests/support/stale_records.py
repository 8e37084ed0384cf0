"""Records of runs, as far as staleness is decided by them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.identity import EngineIdentity
from caldp.domain.run.record import FileRecord, ReferenceRecord, RunRecord


def record(
    dataset: str,
    references: Mapping[str, str],
    selection: Mapping[str, str],
    *,
    raws: tuple[str, ...] = (),
    switches: Mapping[str, str] | None = None,
    came_out: Mapping[str, str] | None = None,
    programs: Mapping[str, str] | None = None,
    context: str = "hst_0729.pmap",
    status: ExitCode = ExitCode.SUCCESS,
    **more: Any,
) -> RunRecord:
    """Make the record of a run on raw files that all have one mode.

    Parameters
    ----------
    dataset
        Its name.
    references
        Names of the files used, by keyword.
    selection
        Header values that CRDS matched.
    raws
        Names of the raw files; by default one.
    switches, came_out
        Switches as they were asked for, and as they came out.
    programs
        Versions of engines.
    context, status
        Of the run.
    more
        Further attributes of the record.
    """
    names = raws or (f"{dataset}_raw.fits",)
    used = tuple(ReferenceRecord(keyword, name, names) for keyword, name in references.items())
    values: dict[str, Any] = {
        "selection": {name: dict(selection) for name in names},
        "inputs": tuple(FileRecord(name, 2880, switches=switches or {}) for name in names),
        "products": tuple(
            FileRecord(name.replace("raw", "flt"), 2880, switches=came_out or switches or {}) for name in names
        ),
        "references": used,
        "programs": tuple(EngineIdentity(name, f"/bin/{name}", version) for name, version in (programs or {}).items()),
        "context": context,
        **more,
    }
    return RunRecord(
        "run",
        DatasetName.parse(dataset),
        status,
        datetime(2026, 1, 1, tzinfo=UTC),
        "in",
        "out",
        "onsite",
        "tree",
        **values,
    )
