"""The library: what `caldp.process` is."""

from __future__ import annotations

import os
from collections.abc import Mapping

from caldp.app.outcome import Outcome
from caldp.app.ports import Listener
from caldp.container import build_pipeline
from caldp.domain.dataset import DatasetName
from caldp.domain.location import parse_input, parse_output
from caldp.domain.settings import Value
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
        Settings that win over environment and profile, by name; see `caldp.domain.settings.Settings`.
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
    environ = dict(os.environ if environment is None else environment)
    settings = resolve_settings(profile, overrides or {}, environ).settings
    name = DatasetName.parse(dataset)
    source, target = parse_input(input or settings.input), parse_output(output or settings.output)
    return build_pipeline(settings, name, source, target, environ)(name, listener)
