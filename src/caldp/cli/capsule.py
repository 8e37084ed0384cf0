"""``caldp capsule``: one dataset with all that its calibration needs, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from caldp.cli.plain_values import PlainGroup
from caldp.cli.run_options import KeepWork, LayoutName, Override, ProfileOfRun, Timeout, settings_given
from caldp.cli.run_view import Format, LogFormat, Quiet, Verbose, rendering, verbosity_of
from caldp.cli.text import examples, say

app = typer.Typer(
    name="capsule",
    cls=PlainGroup,
    help="Put a dataset with all that its calibration needs into one file; verify and run such a file.",
    no_args_is_help=True,
)

_File = Annotated[Path, typer.Argument(metavar="FILE", help="A capsule, a zip file.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command(
    short_help="Put a run into one file.",
    epilog=examples(
        "caldp capsule create outputs ldfd01010 -o ldfd01010.zip",
        "caldp capsule create s3://my-bucket/batch-22 ldfd01010 -o ldfd01010.zip --input astroquery:",
    ),
)
def create(
    invocation: typer.Context,
    output: Annotated[str, typer.Argument(help="The output of the run.")],
    dataset: Annotated[str, typer.Argument(help="The dataset.")],
    to: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="File to write.")],
    input: Annotated[  # noqa: A002  it is what the option is called
        str | None, typer.Option(help="Location of the raw files; default: that of the run.")
    ] = None,
    profile: ProfileOfRun = "",
    override: Override = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
    as_json: _Json = False,
) -> int:
    """Put a run into one file: raw files, references and rules that it used, and its lock with the digests of products.

    The file is a BagIt bag and an RO-Crate. Inputs and references must have the contents that the run's record names.
    Data that may be under exclusive access are warned of.
    """
    named = settings_given(override=override)
    verbosity = verbosity_of(verbose=verbose, quiet=quiet, debug=bool(invocation.obj))
    from caldp.cli.interrupts import raising_interrupts
    from caldp.domain.exit_codes import ExitCode
    from caldp.reproduction.capsule import create_capsule
    from caldp.views.capsule import capsule_json, capsule_text

    with raising_interrupts(), rendering(LogFormat.TEXT, verbosity) as listener:
        made = create_capsule(output, dataset, to, input=input, profile=profile, overrides=named, listener=listener)
    say(capsule_json(made) if as_json else capsule_text(made))
    return ExitCode.SUCCESS


@app.command(short_help="Check that a capsule is whole.", epilog=examples("caldp capsule verify ldfd01010.zip"))
def verify(file: _File, as_json: _Json = False) -> int:
    """Check that a capsule is whole and unchanged. Every file in it is compared with its digest."""
    from caldp.cli.interrupts import raising_interrupts
    from caldp.domain.exit_codes import ExitCode
    from caldp.reproduction.capsule import verify_capsule
    from caldp.views.capsule import capsule_json, capsule_text

    with raising_interrupts():
        found = verify_capsule(file)
    say(capsule_json(found) if as_json else capsule_text(found))
    return ExitCode.SUCCESS


@app.command(short_help="Repeat the run in a capsule.", epilog=examples("caldp capsule run ldfd01010.zip again"))
def run(
    invocation: typer.Context,
    file: _File,
    output: Annotated[str, typer.Argument(help="A directory, s3://bucket/prefix or none.")],
    verify: Annotated[str, typer.Option(help="Agreement that is asked for: exact or tolerance.")] = "exact",
    profile: ProfileOfRun = "",
    layout: LayoutName = None,
    work_dir: Annotated[str | None, typer.Option(help="Scratch directory of this run: new or empty.")] = None,
    keep_work: KeepWork = False,
    timeout: Timeout = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
    log_format: Format = LogFormat.TEXT,
    as_json: _Json = False,
) -> int:
    """Repeat the run in a capsule, and say of each product whether it came out the same.

    Nothing is needed but the capsule and the engines: no network, no CRDS cache or variables. The capsule is verified
    first. Verdicts and status are those of "caldp replay".
    """
    named = settings_given(layout=layout, timeout=timeout, keep_work=keep_work, work_dir=work_dir)
    verbosity = verbosity_of(verbose=verbose, quiet=quiet, debug=bool(invocation.obj))
    from caldp.cli.blas import without_blas_threads
    from caldp.cli.interrupts import raising_interrupts
    from caldp.cli.replay import say_replay
    from caldp.reproduction.capsule import run_capsule

    environment = without_blas_threads()
    with raising_interrupts(), rendering(log_format, verbosity) as listener:
        found = run_capsule(
            file, output, verify=verify, profile=profile, overrides=named, environment=environment, listener=listener
        )
    return say_replay(found, as_json=as_json)
