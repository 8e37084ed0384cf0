"""Replays of locked runs, for a program or a command."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from attrs import evolve

from caldp.api import Place, make_request
from caldp.app.ports.listener import Listener
from caldp.domain.calibration.astrometry import Astrometry
from caldp.domain.comparison.agreement import Tolerance
from caldp.domain.errors import UsageError
from caldp.domain.lock.judgement import Replay, Verification, judge, other_engines, unlike
from caldp.domain.lock.lock import Lock
from caldp.domain.run.engine_environment import SWITCHES
from caldp.domain.run.events import Level, Note
from caldp.domain.run.request import RunRequest
from caldp.domain.run.setting_values import Value
from caldp.profiles import environment_under
from caldp.reproduction.lock import read_lock

if TYPE_CHECKING:
    from caldp.app.process.process_dataset import ProcessDataset
    from caldp.domain.comparison.difference import ProductDifference
    from caldp.domain.run.outcome import Outcome


def replay(
    lock: Lock | str | PurePath,
    input: Place,  # noqa: A002  it is what the command's argument is called
    output: Place,
    *,
    verify: str = "exact",
    rtol: float = 1e-7,
    atol: float = 0.0,
    against: str | PurePath = "",
    profile: str = "",
    overrides: Mapping[str, Value] | None = None,
    environment: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> Replay:
    """Repeat a locked run, and say of each product whether it came out the same.

    Inputs and references must have the lock's contents, which is found out before an engine starts. Variables that
    steer engines are the lock's, and not the caller's. No context is looked up.

    Parameters
    ----------
    lock
        The lock, or its file.
    input, output
        Locations of inputs and products, as for `caldp.process`.
    verify
        ``exact`` or ``tolerance``: agreement that is asked for.
    rtol, atol
        Difference that two values may have: ``|a - b| <= atol + rtol * |b|``.
    against
        Output or directory with the products of the locked run. Products whose data differ are compared with them; a
        lock has digests only, by which nobody can say how much differs.
    profile, overrides, environment
        As for `caldp.process`. Of `reference_overrides`, those keywords count for which the locked run used a file of
        the user's own.
    listener
        Callback for run events. Must be thread-safe and must not raise.

    Returns
    -------
    Replay
        With the outcome of the run, a verdict on each product, and a status.

    Raises
    ------
    UsageError
        If the lock, a location or a setting cannot be understood.
    WorkDirectoryError
        If there is no place to work in.
    """
    known = lock if isinstance(lock, Lock) else read_lock(Path(lock))
    verification, tolerance = _verification(verify), Tolerance(rtol, atol)
    environ = dict(os.environ if environment is None else environment)
    request = make_request(str(known.dataset), input, output, profile=profile, overrides=overrides, environment=environ)
    own = {keyword.upper(): Path(file).absolute() for keyword, file in request.settings.reference_overrides.items()}
    _refuse_strangers(known, own)
    pinned = _without_switches(environment_under(profile, environ))
    outcome = _pipeline(known, _locked(request, known), pinned, own)(listener)
    if not outcome.ok:
        return Replay(outcome, verification)
    engines = other_engines(known, outcome.record.programs)
    for cause in engines:
        if listener is not None:
            listener(Note(f"Another build of an engine: {cause}", Level.WARNING))
    measured = _measured(known, outcome, against, tolerance, profile, environment)
    return Replay(outcome, verification, judge(known, outcome.record.products, engines, measured), engines)


def _verification(text: str) -> Verification:
    try:
        return Verification(text.lower())
    except ValueError:
        raise UsageError(f"verify is {text!r}.", advice="Expected exact or tolerance.") from None


def _refuse_strangers(lock: Lock, own: Mapping[str, Path]) -> None:
    """Refuse files of the user's own that the locked run did not use: they would not take part."""
    strangers = own.keys() - {one.keyword for one in lock.references if one.is_own}
    if strangers:
        raise UsageError(
            f"The locked run used no file of the user's own as {min(strangers)}.",
            advice="Leave that override out: a replay takes the references of the lock.",
        )


def _without_switches(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out the variables that steer engines, which are the lock's."""
    return {name: text for name, text in environment.items() if name not in SWITCHES}


def _locked(request: RunRequest, lock: Lock) -> RunRequest:
    """Return the request with the settings and variables of the lock."""
    settings = lock.apply(request.settings)
    settings = evolve(
        settings,
        crds_context=lock.context,
        context_from_output=False,
        reference_overrides={},
        engine_environment=dict(lock.variables),
        # As the variables say: no server is asked whether it answers.
        astrometry=Astrometry.OFF if settings.astrometry is Astrometry.OFF else Astrometry.ON,
    )
    return evolve(request, settings=settings)


def _pipeline(
    lock: Lock, request: RunRequest, environment: Mapping[str, str], own: Mapping[str, Path]
) -> ProcessDataset:
    """Build the use case of the run, with inputs and references pinned."""
    from caldp.adapters.references.pinned import PinnedReferences
    from caldp.app.replay.pinned_source import PinnedSource
    from caldp.container import build_pipeline

    pipeline = build_pipeline(request, environment)
    cache = Path(request.settings.crds_path).expanduser().absolute()
    return evolve(
        pipeline,
        source=PinnedSource(pipeline.source, lock, pipeline.fits),
        references=PinnedReferences(lock, cache, own, pipeline.fits),
    )


def _measured(
    lock: Lock,
    outcome: Outcome,
    against: str | PurePath,
    tolerance: Tolerance,
    profile: str,
    environment: Mapping[str, str] | None,
) -> Mapping[str, ProductDifference]:
    """Compare the values of products whose data differ with those of the locked run, if these are at hand."""
    from caldp.reproduction.diff import diff

    differing = unlike(lock, outcome.record.products)
    if not (differing and against and outcome.receipt is not None and outcome.receipt.location):
        return {}
    found = diff(
        against, outcome.record.output, str(lock.dataset),
        rtol=tolerance.rtol, atol=tolerance.atol, profile=profile, environment=environment,
    )  # fmt: skip
    return {product.name: product for one in found.datasets for product in one.products if product.name in differing}
