"""Making of a lock from the record of a run alone."""

from __future__ import annotations

from typing import Final

from caldp.domain.errors import InvalidRecord
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName, Ipppssoot
from caldp.domain.lock.entries import LockedEngine, LockedFile, LockedProduct, LockedReference
from caldp.domain.lock.lock import LOCKED_SETTINGS, Lock
from caldp.domain.run.engine_variables import BY_NAME, TUNING, Kind
from caldp.domain.run.recorded import RecordedFile, RecordedRun
from caldp.domain.run.secrets import BLOT

_FITS: Final = ".fits"


def make_lock(run: RecordedRun) -> Lock:
    """Make the lock of a run.

    Raises
    ------
    InvalidRecord
        If the run failed, or its record does not say enough: it lacks digests, as those of schema 1 do, or it is of a
        visit or sky cell, whose references are not recorded.
    """
    dataset = DatasetName.parse(run.dataset)
    if run.status != ExitCode.SUCCESS:
        raise InvalidRecord(
            f"The run of {dataset} ended with status {run.status}: there is nothing to repeat.",
            advice="Lock a run that has succeeded.",
        )
    if not isinstance(dataset, Ipppssoot):
        raise InvalidRecord(
            f"{dataset} is mosaicked from calibrated exposures, whose references its record does not name.",
            advice="Lock the exposures' own runs.",
        )
    _require_digests(run)
    settings = run.request.get("settings", {})
    try:
        return Lock(
            dataset=dataset,
            context=run.context,
            settings={name: settings[name] for name in LOCKED_SETTINGS if settings.get(name) not in (None, "", {})},
            variables=_variables(run),
            inputs=tuple(LockedFile(file.name, file.sha256) for file in _sorted(run.inputs)),
            references=_references(run),
            switches={
                file.name: dict(sorted(file.switches.items())) for file in _sorted(run.prepared) if file.switches
            },
            engines=tuple(
                LockedEngine(one.program, one.version, one.build, one.sha256)
                for one in sorted(run.programs, key=lambda one: one.program)
            ),
            versions=dict(sorted(run.versions.items())),
            not_applicable={name: tuple(sorted(keywords)) for name, keywords in sorted(run.not_applicable.items())},
            products=tuple(LockedProduct(file.name, file.hdus) for file in _sorted(run.products) if file.hdus),
        )
    except ValueError as error:
        raise InvalidRecord(
            f"The record of {dataset} cannot be locked: {error}.", advice="Process it again."
        ) from error


def _require_digests(run: RecordedRun) -> None:
    lacking = [file.name for file in run.inputs if not file.sha256]
    lacking += [reference.name for reference in run.references if not reference.sha256]
    lacking += [file.name for file in run.products if file.name.endswith(_FITS) and not file.hdus]
    if lacking or not (run.inputs and run.products and run.programs):
        missing = f"digests of {', '.join(sorted(set(lacking))[:5])}" if lacking else "inputs, engines or products"
        raise InvalidRecord(
            f"The record of {run.dataset} lacks {missing}.",
            advice="Process it again with this caldp, and lock that run.",
        )


def _sorted(files: tuple[RecordedFile, ...]) -> list[RecordedFile]:
    return sorted(files, key=lambda file: file.name)


def _references(run: RecordedRun) -> tuple[LockedReference, ...]:
    made = (
        LockedReference(one.keyword, one.name, one.sha256, tuple(sorted(one.exposures)), bool(one.override))
        for one in run.references
    )
    return tuple(sorted(made, key=lambda one: (one.keyword, one.name)))


def _variables(run: RecordedRun) -> dict[str, str]:
    """Pick variables that steer the engines; addresses and paths are the user's own, and no part of a lock."""
    wanted = {name for name, variable in BY_NAME.items() if variable.kind is not Kind.OWN} | TUNING
    return {name: value for name, value in sorted(run.environment.items()) if name in wanted and BLOT not in value}
