"""The faults that the demo can show: one thing broken for real, in a run's files, programs or surroundings."""

from typing import Final

from attrs import evolve, frozen

from caldp.adapters.support.disk import writing_scratch
from caldp.demo import breaking
from caldp.demo.breaking import Break
from caldp.demo.demonstration import Run
from caldp.domain.exit_codes import ExitCode
from caldp.simulation.crds_cache import SERVERLESS
from caldp.simulation.simulate import simulate

_NOBODY: Final = "http://127.0.0.1:9"
"""The port of the discard service, on which nothing has listened for decades."""


@frozen
class Fault:
    """One thing that can be broken.

    Parameters
    ----------
    name
        Name of the fault.
    description
        Description of the fault; one sentence.
    apply
        Breaks it.
    statuses
        Statuses that the run may end with: several where they depend on what the machine can tell.
    """

    name: str
    description: str
    apply: Break
    statuses: tuple[ExitCode, ...]


def broken_run(fault: Fault, run: Run) -> Run:
    """Simulate an observation in a directory of the fault's own, and break it.

    Parameters
    ----------
    fault
        Fault to inject.
    run
        The run as it would succeed.

    Raises
    ------
    UsageError
        If this machine has no means for the fault.
    WorkDirectoryError
        If the directory cannot be written.
    """
    place = run.place / f"fault-{fault.name}" / run.observation.instrument
    with writing_scratch(place):
        observation = simulate(run.observation.instrument, place)
    environment = {
        **run.environment,
        "CALDP_HOME": str(place),
        "CRDS_PATH": str(observation.crds_cache),
        "CRDS_CONTEXT": observation.context,
        "CRDS_SERVER_URL": SERVERLESS,
        "CRDS_READONLY_CACHE": "1",
    }
    inputs, outputs = f"file:{observation.inputs}", f"file:{place}"
    return fault.apply(Run(observation, place, inputs, outputs, environment))


def _without_s3(run: Run) -> Run:
    """Point AWS's clients at a place where nobody answers, with credentials that open nothing."""
    return breaking.with_variables(
        run,
        AWS_ENDPOINT_URL_S3=_NOBODY,
        AWS_ACCESS_KEY_ID="simulated",
        AWS_SECRET_ACCESS_KEY="simulated",  # noqa: S106  it is none  # nosec B106
        AWS_DEFAULT_REGION="us-east-1",
        AWS_MAX_ATTEMPTS="2",
    )


def _to_s3(run: Run) -> Run:
    return _without_s3(evolve(run, output="s3://caldp-demo/outputs"))


def _from_s3(run: Run) -> Run:
    return _without_s3(evolve(run, input="s3://caldp-demo/inputs"))


def _from_mast(run: Run) -> Run:
    return breaking.with_variables(
        evolve(run, input="astroquery:"), CALDP_MAST_SERVER=_NOBODY, CALDP_NETWORK_TIMEOUT="5", AWS_MAX_ATTEMPTS="2"
    )


_KILLED: Final = '"$engine" "$@" &\nkill -KILL $!\nkill -KILL $$'
_HANGS: Final = "kill -STOP $$"
_LIES: Final = '"$engine" "$@"\nrm -f ./*_flt.fits\nexit 0'
_STOPS_ITS_CALLER: Final = (
    "kill -TERM $(ps -o ppid= -p $PPID 2>/dev/null || cut -d ' ' -f 4 /proc/$PPID/stat)\nsleep 60"
)
"""Caldp is the parent of the supervisor that is the parent of an engine."""


def _catalogue() -> tuple[Fault, ...]:
    """List the faults in the order in which a run meets them."""
    other, mast = (ExitCode.GENERIC_ERROR,), (ExitCode.ASTROQUERY_ERROR,)
    stopped = (ExitCode.TERMINATED,)
    upload, download = (ExitCode.S3_UPLOAD_ERROR,), (ExitCode.S3_DOWNLOAD_ERROR,)
    bestrefs, stage1, memory = (ExitCode.BESTREFS_ERROR,), (ExitCode.STAGE1_ERROR,), (ExitCode.SUBPROCESS_MEMORY_ERROR,)
    killed = (*stage1, ExitCode.CONTAINER_MEMORY_ERROR)
    raw, reference, mapping = breaking.raw, breaking.reference, breaking.mapping
    cut_off, removed, engine = breaking.cut_off, breaking.removed, breaking.engine_replaced
    broken = breaking.engine_replaced("", interpreter="/nonexistent/python")
    return (
        Fault("output-unwritable", "The output's directory is a file.", breaking.output_below_file, other),
        Fault("s3-down", "S3, where the output is to go, cannot be reached.", _to_s3, upload),
        Fault("s3-down-input", "S3, where the inputs are, cannot be reached.", _from_s3, download),
        Fault("mast-down", "MAST, where the inputs are, cannot be reached.", _from_mast, mast),
        Fault("truncated-raw", "A raw file is cut off in its middle.", cut_off(raw), stage1),
        Fault("missing-member", "An exposure of the association is not there.", removed(breaking.member), stage1),
        Fault("missing-reference", "A reference file is not in the CRDS cache.", removed(reference), bestrefs),
        Fault("truncated-reference", "A reference file is cut off in its middle.", cut_off(reference), bestrefs),
        Fault("truncated-mapping", "A CRDS mapping is cut off in its middle.", cut_off(mapping), bestrefs),
        Fault("engine-broken", "The calibration program cannot start: its interpreter is gone.", broken, stage1),
        Fault("engine-killed", "The calibration program is killed (SIGKILL).", engine(_KILLED), killed),
        Fault("engine-hangs", "The calibration program stands still.", engine(_HANGS, "--timeout", "3"), stage1),
        Fault("engine-lies", "The calibration program ends with status 0 and leaves files out.", engine(_LIES), stage1),
        Fault("out-of-memory", "The calibration program gets too little memory.", breaking.little_memory, memory),
        Fault("disk-full", "The disk of the scratch directory fills up.", breaking.small_disk, stage1),
        Fault("file-limit", "No file may become larger than the inputs (ulimit -f).", breaking.file_limit, stage1),
        Fault("stopped", "The run is asked to stop (SIGTERM) while it calibrates.", engine(_STOPS_ITS_CALLER), stopped),
    )


FAULTS: Final = {fault.name: fault for fault in _catalogue()}
"""All faults, by name."""
