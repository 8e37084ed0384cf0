"""The library: what `caldp.process` is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Self

import attrs
from attrs import frozen

from caldp.app.plan.plan_run import RunPlan
from caldp.app.ports.listener import Listener
from caldp.app.process.guard import simulate_own
from caldp.app.process.outcome import Outcome
from caldp.calcloud.implied_layout import implied_settings
from caldp.container import build_pipeline, build_planner
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import AnyDataset, DatasetName
from caldp.domain.output.location import InputLocation, OutputLocation, parse_input, parse_output
from caldp.domain.run.settings import Settings, Value
from caldp.toolbox import resolve_settings


def process(
    dataset: str,
    input: str | None = None,  # noqa: A002  it is what the command's argument is called
    output: str | None = None,
    *,
    profile: str = "onsite",
    overrides: Mapping[str, Value] | None = None,
    environment: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> Outcome:
    """Process a dataset: fetch, assign references, calibrate, preview, publish.

    Never exits, changes directory or environment, or configures logging.

    Parameters
    ----------
    dataset
        Its name, in any case, such as ``ldfd01010``.
    input
        Where its inputs come from: ``file:PATH``, ``astroquery:`` or ``s3://bucket/prefix``.
    output
        Where its products go: ``file:PATH``, ``s3://bucket/prefix`` or ``none``.
    profile
        Name of a profile (``onsite``, ``offsite``, ``aws``, or one of your own) or path of a TOML file.
    overrides
        Settings that win over environment and profile, by name; see `caldp.domain.run.settings.Settings`.
    environment
        Environment variables to go by instead of this process's.
    listener
        Is told what happens, as it happens; may be called from several threads.

    Returns
    -------
    Outcome
        Status, products, steps, references, and the whole record. A run that fails returns too.

    Raises
    ------
    UsageError
        If the name, a location or a setting cannot be understood.
    WorkDirectoryError
        If there is no place to work in.
    KeyboardInterrupt
        If the run is interrupted; the error message has been published by then.
    """
    request = _Request.make(dataset, input, output, profile, overrides, environment)
    return build_pipeline(*attrs.astuple(request, recurse=False))(request.dataset, listener)


def plan(
    dataset: str,
    input: str | None = None,  # noqa: A002  it is what the command's argument is called
    output: str | None = None,
    *,
    profile: str = "onsite",
    overrides: Mapping[str, Value] | None = None,
    environment: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> RunPlan:
    """Find out what `process` would do, and do none of it; nothing is downloaded or published.

    Takes the parameters of `process`.

    Returns
    -------
    RunPlan
        With the obstacles that would fail the run, and the status that it would end with.

    Raises
    ------
    CaldpError
        If there is nothing to be planned: the command, the work directory or the inputs would fail the run.
    """
    request = _Request.make(dataset, input, output, profile, overrides, environment)
    planner = build_planner(*attrs.astuple(request, recurse=False))
    return planner(request.dataset, listener or (lambda _event: None))


@frozen
class _Request:
    """What is to be processed, and how, in the order in which the container takes it."""

    settings: Settings
    dataset: AnyDataset
    input: InputLocation
    output: OutputLocation
    environment: Mapping[str, str]

    @classmethod
    def make(
        cls,
        dataset: str,
        input_: str | None,
        output: str | None,
        profile: str,
        overrides: Mapping[str, Value] | None,
        environment: Mapping[str, str] | None,
    ) -> Self:
        environ = dict(os.environ if environment is None else environment)
        settings = resolve_settings(profile, overrides or {}, environ).settings
        simulate_own(ExitCode.CMDLINE_ERROR, settings.simulate_error)
        name = DatasetName.parse(dataset)
        source, target = parse_input(input_ or settings.input), parse_output(output or settings.output)
        implied = implied_settings(target, name)
        return cls(resolve_settings(profile, overrides or {}, environ, implied).settings, name, source, target, environ)
