"""Ways to break a run: each takes the run as it would succeed and returns the run that meets the trouble."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from attrs import evolve

from caldp.adapters.support.our_programs import with_our_programs
from caldp.demo.demonstration import Run
from caldp.domain.errors import EngineNotFound, UsageError
from caldp.simulation.crds_cache import references_directory

_CALCOS_STARTS: Final = 350_000
_HSTCAL_DOES_NOT: Final = 16_000
"""Address space with which calcos begins its work and cannot end it, and with which HSTCAL cannot begin; KiB."""

Break: TypeAlias = Callable[[Run], Run]


def raw(run: Run) -> Path:
    """Choose a raw file: the last exposure's."""
    return max(run.observation.inputs.glob("*_raw*.fits"))


def member(run: Run) -> Path:
    """Choose a member of the association: its last exposure, or its wavelength calibration where that is apart."""
    return max(run.observation.inputs.glob("*_wav.fits"), default=raw(run))


def reference(run: Run) -> Path:
    """Choose a reference file."""
    return min(references_directory(run.observation.crds_cache).glob("*.fits"))


def mapping(run: Run) -> Path:
    """Choose the CRDS mapping of the observation's instrument."""
    mappings = run.observation.crds_cache / "mappings" / "hst"
    return next(mappings.glob(f"hst_{run.observation.instrument}_*.imap"))


def removed(choose: Callable[[Run], Path]) -> Break:
    """Remove a file."""

    def apply(run: Run) -> Run:
        choose(run).unlink()
        return run

    return apply


def cut_off(choose: Callable[[Run], Path]) -> Break:
    """Cut a file off in its middle."""

    def apply(run: Run) -> Run:
        path = choose(run)
        os.truncate(path, path.stat().st_size // 2)
        return run

    return apply


def engine_replaced(script: str, *options: str, interpreter: str = "/bin/sh") -> Break:
    """Put a script in the engine's place on PATH.

    Parameters
    ----------
    script
        A shell script; ``$engine`` is the real one.
    *options
        Of the run's command.
    interpreter
        Interpreter that runs the script.
    """

    def apply(run: Run) -> Run:
        real = shutil.which(run.engine, path=with_our_programs(run.environment)["PATH"])
        if real is None:
            raise EngineNotFound(f"{run.engine} is not installed.")
        directory = (run.place / "programs").absolute()
        directory.mkdir(exist_ok=True)
        program = directory / run.engine
        program.write_text(f"#!{interpreter}\nengine={shlex.quote(str(Path(real).absolute()))}\n{script}\n")
        program.chmod(0o755)
        path = os.pathsep.join((str(directory), run.environment.get("PATH", os.defpath)))
        return with_variables(evolve(run, options=options), PATH=path)

    return apply


def little_memory(run: Run) -> Run:
    """Give the engine less memory than it needs."""
    limit = _CALCOS_STARTS if run.engine == "calcos" else _HSTCAL_DOES_NOT
    # One thread: for each, OpenBLAS sets memory aside.
    return engine_replaced(f'export OPENBLAS_NUM_THREADS=1\nulimit -v {limit}\nexec "$engine" "$@"')(run)


def small_disk(run: Run) -> Run:
    """Work on a disk, mounted for this run alone, that has room for the inputs and not for the products."""
    disk = (run.place / "small-disk").absolute()
    disk.mkdir(exist_ok=True)
    size = sum(path.stat().st_size for path in run.observation.inputs.iterdir()) * 3 // 2
    mount = f"mount -t tmpfs -o size={size} tmpfs {shlex.quote(str(disk))}"
    launcher = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", f'{mount} && exec "$@"', "sh")
    if shutil.which(launcher[0]) is None or subprocess.run([*launcher, "true"], check=False).returncode != 0:
        raise UsageError(
            "This system does not let a user mount a small disk (with Linux's unshare and mount).",
            advice="The fault file-limit is similar, and works everywhere.",
        )
    return evolve(with_variables(run, CALDP_HOME=str(disk)), launcher=launcher)


def file_limit(run: Run) -> Run:
    """Limit how large a file may become to the size of the largest input."""
    blocks = max(path.stat().st_size for path in run.observation.inputs.iterdir()) // 512 + 1
    return evolve(run, launcher=("sh", "-c", f'ulimit -f {blocks} && exec "$@"', "sh"))


def output_below_file(run: Run) -> Run:
    """Send the output to a directory that is none."""
    place = run.place / "not-a-directory"
    place.write_text("A file, where the output's directory would have to be.\n")
    return evolve(run, output=f"file:{place}")


def with_variables(run: Run, **variables: str) -> Run:
    """Set variables of a run's environment."""
    return evolve(run, environment={**run.environment, **variables})
