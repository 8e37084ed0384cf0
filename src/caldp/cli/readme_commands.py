"""The commands of the founding readme, by their names and with their positional parameters.

Each is a thin way into a command of today. Options of that command may follow the parameters.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NoReturn

from attrs import frozen


@frozen
class ReadmeCommand:
    """A command of the readme.

    Attributes
    ----------
    name, usage
        Name and parameters of the command.
    today
        The command that it is today.
    fewest, most
        Least and greatest number of parameters; None for any number.
    translate
        Turns its parameters and the environment into the arguments of ``caldp``.
    """

    name: str
    usage: str
    today: tuple[str, ...]
    fewest: int
    most: int | None
    translate: Callable[[Sequence[str], Mapping[str, str]], list[str]]


def _process(words: Sequence[str], _environ: Mapping[str, str]) -> list[str]:
    dataset, source, output, config = _padded(words, ("", "file:.", "file:.", "caldp-config-onsite"))
    return ["process", dataset, source, output, "--profile", config]


def _process_aws(words: Sequence[str], _environ: Mapping[str, str]) -> list[str]:
    output, dataset = words
    return ["process", dataset, "astroquery:", output, "--profile", "aws"]


def _docker_run_pipeline(words: Sequence[str], _environ: Mapping[str, str]) -> list[str]:
    dataset, source, output, config = _padded(words, ("", "file:.", "file:.", "caldp-config-offsite"))
    return ["docker", "run", dataset, source, output, "--profile", config]


def _docker_run_container(words: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    return ["docker", "shell", "--profile", environ.get("CALDP_CONFIG") or "caldp-config-offsite", "--", *words]


def _image_build(_words: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    return ["docker", "build", environ.get("CALDP_CLONE") or "."]


def _image_push(_words: Sequence[str], _environ: Mapping[str, str]) -> list[str]:
    return ["docker", "push"]


def _ecr_login(words: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    return ["docker", "login", *_padded(words, (environ.get("ADMIN_ARN", ""),))]


def _padded(words: Sequence[str], defaults: Sequence[str]) -> list[str]:
    return [*words, *defaults[len(words) :]]


_POSITIONS: Final = "DATASET [INPUT] [OUTPUT] [CONFIG]"
COMMANDS: Final = {
    command.name: command
    for command in (
        ReadmeCommand("caldp-process", _POSITIONS, ("process",), 1, 4, _process),
        ReadmeCommand("caldp-process-aws", "S3_OUTPUT DATASET", ("process",), 2, 2, _process_aws),
        ReadmeCommand(
            "caldp-docker-run-pipeline",
            "DATASET [INPUT] [OUTPUT] [CONFIG]",
            ("docker", "run"),
            1,
            4,
            _docker_run_pipeline,
        ),
        ReadmeCommand("caldp-docker-run-container", "COMMAND...", ("docker", "shell"), 0, None, _docker_run_container),
        ReadmeCommand("caldp-image-build", "", ("docker", "build"), 0, 0, _image_build),
        ReadmeCommand("caldp-image-push", "", ("docker", "push"), 0, 0, _image_push),
        ReadmeCommand("caldp-ecr-login", "[ROLE]", ("docker", "login"), 0, 1, _ecr_login),
    )
}


def translate(name: str, words: Sequence[str], environ: Mapping[str, str]) -> list[str]:
    """Turn a readme command's words into the arguments of ``caldp``.

    Raises
    ------
    UsageError
        If there are too few or too many parameters.
    """
    from caldp.domain.errors import UsageError

    command = COMMANDS[name]
    if words and words[0] in ("-h", "--help"):
        return [*command.today, "--help"]
    if command.most is None:
        return command.translate(words, environ)
    first_option = next((index for index, word in enumerate(words) if word.startswith("-")), len(words))
    parameters, options = words[:first_option], words[first_option:]
    if not command.fewest <= len(parameters) <= command.most:
        raise UsageError(
            f"{name} was given {len(parameters)} parameters.", advice=f"Usage: {name} {command.usage}".rstrip()
        )
    return [*command.translate(parameters, environ), *options]


def run() -> NoReturn:
    """Run the readme's command by whose name this process was called, and exit with its status."""
    name = os.path.basename(sys.argv[0])  # noqa: PTH119  pathlib takes long to load
    if COMMANDS[name].today == ("process",):
        from caldp.cli.start import begin_run

        begin_run()
    from caldp.cli.main import begin, end, guarded

    begin()
    end(guarded(lambda: translate(name, sys.argv[1:], os.environ)))
