"""``caldp docker``: build, push and run the image that has every calibration program, with Docker or Podman."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from caldp.cli.plain_values import PlainGroup
from caldp.cli.text import examples, say

app = typer.Typer(
    name="docker", cls=PlainGroup, help="Build, push and run the Docker image that has every calibration program."
)

DEFAULT_IMAGE = "caldp:latest"
IMAGE_VARIABLE = "CALDP_DOCKER_IMAGE"
BASE_VARIABLE = "CAL_BASE_IMAGE"
OFFSITE = "offsite"

_Image = Annotated[
    str,
    typer.Option(envvar=IMAGE_VARIABLE, help="Repository and tag of the image; default: as caldp-image-config says."),
]
_DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the command and do not run it.")]
_Engine = Annotated[
    str,
    typer.Option(
        envvar="CALDP_CONTAINER_ENGINE", help="docker or podman; default: docker if it is installed, else podman."
    ),
]
_Profile = Annotated[str, typer.Option(help="Profile to run under, by name or as a path below CALDP_HOME.")]


@app.command(
    epilog=examples(
        "caldp docker build",
        "caldp docker build --base stsci/hst-pipeline:stable",
        "caldp docker build --engine podman --network host",
    )
)
def build(
    directory: Annotated[Path, typer.Argument(help="A clone of caldp's repository.")] = Path(),
    image: _Image = "",
    base: Annotated[
        str, typer.Option(envvar=BASE_VARIABLE, help="Image that has the engines; default: made from conda-forge.")
    ] = "",
    ca_certificates: Annotated[
        Path | None, typer.Option(help="PEM file of further CA certificates, for networks behind a firewall.")
    ] = None,
    network: Annotated[str, typer.Option(help="Network of the build, such as host; default: the engine's own.")] = "",
    engine: _Engine = "",
    dry_run: _DryRun = False,
) -> int:
    """Build the image.

    Proxies that the environment names (HTTPS_PROXY and the like) hold for the build too, and stay out of the image.
    SOURCE_DATE_EPOCH is the image's time: builds of one commit with one base and one time make the same image.
    scripts/caldp-image-config of the clone names it, and the image that has the engines if you want your own. Options
    and environment win over that: CALDP_DOCKER_IMAGE for --image, CAL_BASE_IMAGE for --base.
    """
    from caldp.factories import image_variables, make_docker

    configured = image_variables(os.environ, directory)
    image = image or configured.get(IMAGE_VARIABLE) or DEFAULT_IMAGE
    docker = make_docker(os.environ, engine)
    command = docker.build(directory, image, base or configured.get(BASE_VARIABLE, ""), ca_certificates, network)
    return _become(docker.become, command, dry_run=dry_run)


@app.command(epilog=examples("caldp docker push --image 123456789012.dkr.ecr.us-east-1.amazonaws.com/caldp:latest"))
def push(image: _Image = "", engine: _Engine = "", dry_run: _DryRun = False) -> int:
    """Push the image to its registry."""
    from caldp.factories import make_docker

    docker = make_docker(os.environ, engine)
    return _become(docker.become, docker.push(image or _configured_image()), dry_run=dry_run)


@app.command(
    short_help="Log docker into Amazon's registry (ECR).",
    epilog=examples("caldp docker login hst-repro-role --region us-east-1"),
)
def login(
    role: Annotated[str, typer.Argument(help="Name or ARN of an AWS role to take on; default: none.")] = "",
    region: Annotated[str, typer.Option(envvar=["AWS_REGION", "AWS_DEFAULT_REGION"])] = "us-east-1",
    engine: _Engine = "",
) -> int:
    """Log docker into Amazon's container registry (ECR) with your AWS credentials."""
    from caldp.factories import make_docker, make_registry_login

    docker = make_docker(os.environ, engine)
    found = make_registry_login(os.environ, region, role)
    return docker.login(found.registry, found.password)


@app.command(
    epilog=examples(
        "caldp docker run j8cb010b0 file:j8cb010b0_inputs file:j8cb010b0_outputs",
        "caldp docker run j8cb010b0 astroquery: file:outputs",
    )
)
def run(
    dataset: Annotated[str, typer.Argument(help="Association, exposure, visit or sky cell, such as j8cb010b0.")],
    input: Annotated[str, typer.Argument(help="As for caldp process, relative to CALDP_HOME.")] = "file:.",  # noqa: A002
    output: Annotated[str, typer.Argument(help="As for caldp process, relative to CALDP_HOME.")] = "file:.",
    profile: _Profile = OFFSITE,
    image: _Image = "",
    engine: _Engine = "",
    dry_run: _DryRun = False,
) -> int:
    """Process a dataset in a container.

    CALDP_HOME (default: the current directory) is the container's home, so file: paths are relative to it; "none"
    mounts nothing. CRDS_PATH is the CRDS cache, mounted read-only if CRDS_READONLY_CACHE is 1; without it the cache
    is crds_cache in CALDP_HOME. CALDP_DOCKER_RUN_PARS holds further docker options, instead of --rm. Your AWS
    configuration is passed on, and by name the variables of AWS, MAST_API_TOKEN, those of calibration such as
    ASTROMETRY_*, and those of settings.
    """
    from caldp.domain.hst.dataset import DatasetName

    name = DatasetName.given(dataset).name
    _check_visible(input, output)
    return _run(
        image, profile, ["caldp", "process", name, input, output, "--profile", profile], engine, dry_run=dry_run
    )


@app.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    short_help="Run any command in a container.",
    epilog=examples("caldp docker shell", "caldp docker shell calacs.e --version"),
)
def shell(
    command: Annotated[list[str] | None, typer.Argument(metavar="[COMMAND]...", help="Default: /bin/bash -i.")] = None,
    profile: _Profile = OFFSITE,
    image: _Image = "",
    engine: _Engine = "",
    dry_run: _DryRun = False,
) -> int:
    """Run any command in a container, by default a shell to work in; mounts and variables are those of run."""
    if command:
        return _run(image, profile, command, engine, dry_run=dry_run)
    environ = {"CALDP_DOCKER_RUN_PARS": "--rm -it", **os.environ}
    return _run(image, profile, ["/bin/bash"], engine, dry_run=dry_run, environ=environ)


def _run(
    image: str,
    profile: str,
    command: Sequence[str],
    engine: str,
    *,
    dry_run: bool,
    environ: Mapping[str, str] | None = None,
) -> int:
    from caldp.factories import make_docker
    from caldp.profiles import environment_under, resolve_settings

    docker = make_docker(environment_under(profile, environ or os.environ), engine)
    settings = resolve_settings(profile, {}, os.environ).settings
    _check_profile(profile, docker.mounts(settings).home)
    words = docker.run(settings, image or _configured_image(), command)
    secrets = docker.secret_variables(settings)
    return _become(lambda words: docker.become(words, secrets), words, dry_run=dry_run)


def _configured_image() -> str:
    """Return the image that the installed caldp-image-config names."""
    from caldp.factories import image_variables

    return image_variables(os.environ).get(IMAGE_VARIABLE) or DEFAULT_IMAGE


def _become(become: Callable[[Sequence[str]], NoReturn], command: Sequence[str], *, dry_run: bool) -> int:
    """Become a command; or print it, and return."""
    if not dry_run:
        become(command)
    say(shlex.join(command))
    return 0


def _check_visible(input_: str, output: str) -> None:
    """Refuse locations that name places of this machine, which a container does not see."""
    from caldp.domain.errors import UsageError
    from caldp.domain.output.location import parse_input, parse_output

    for path in (*parse_input(input_).local_paths, *parse_output(output).local_paths):
        if path.startswith("/"):
            raise UsageError(
                f"The container does not see {path}.",
                advice="It sees CALDP_HOME, by default the current directory: give a path relative to that.",
            )


def _check_profile(profile: str, home: Path | None) -> None:
    """Refuse a profile whose file the container does not see: it looks in its home only."""
    from caldp.domain.errors import UsageError
    from caldp.profiles import make_profiles

    _, path = make_profiles().locate(profile)
    if path is not None and (home is None or not path.is_relative_to(home.resolve())):
        raise UsageError(
            f"The container does not see the profile {path}.",
            advice=f"Put it below {home}, by default in its directory .caldp." if home else "Mount a CALDP_HOME.",
        )
