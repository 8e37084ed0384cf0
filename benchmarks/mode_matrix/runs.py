"""One observation calibrated twice: by the engines alone, and by caldp."""

from __future__ import annotations

import gc
import importlib
import os
import shutil
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from astropy.io import fits
from attrs import frozen
from crds.bestrefs import assign_bestrefs

from benchmarks.mode_matrix.site import REFERENCE_VARIABLES, SERVERLESS, Site
from caldp.adapters.engines.warm import WarmEngines
from caldp.api import make_request
from caldp.container import build_pipeline

OFFLINE: Final = {
    "ASTROMETRY_STEP_CONTROL": "off",
    "ASTROMETRY_APPLY_APRIORI": "off",
    "ASTROMETRY_COMPUTE_APOSTERIORI": "off",
}
CALCOS_NOTHING: Final = 5
"""Status of calcos when there is nothing that it calibrates, or no raw file at all."""
_LAST_WORDS: Final = 3
_LIBRARIES: Final = {"calcos": "calcos.calcos", "runastrodriz": "drizzlepac.runastrodriz"}


@frozen
class Ran:
    """End of one way to calibrate an observation.

    Attributes
    ----------
    status
        Statuses of the engines by hand, or caldp's own, as text; ``0`` is good.
    is_good
        True if it calls itself a success.
    products
        FITS files that it made, or delivered, by name.
    why
        Last words of the log, the failure's message, or notes.
    programs
        The engines that ran.
    arrived, pictures
        Files that were given, and previews that were drawn.
    """

    status: str
    is_good: bool
    products: Mapping[str, Path]
    why: str = ""
    programs: tuple[str, ...] = ()
    arrived: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()


def variables(site: Site) -> dict[str, str]:
    """Return the environment of both ways."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    references = dict.fromkeys(REFERENCE_VARIABLES, f"{site.references}/")
    crds = {
        "CRDS_PATH": str(site.crds_path), "CRDS_CONTEXT": site.context, "CRDS_SERVER_URL": SERVERLESS,
        "CRDS_READONLY_CACHE": "1", "CRDS_OBSERVATORY": "hst",
    }  # fmt: skip
    return {**os.environ, **OFFLINE, **references, **crds, "PATH": path, "CALDP_ASTROMETRY": "off"}


def by_hand(site: Site, wishes: Mapping[str, str], place: Path) -> Ran:
    """Copy the files, set switches in the raw headers, assign references, run the engines."""
    raws = edited(site, wishes, place)
    log, environment = place.parent / f"{place.name}.log", variables(site)
    if status := in_child(lambda: assign(raws, site.context), place, log, environment):
        return Ran(f"crds {status}", is_good=False, products={}, why=last_words(log))
    before = {path.name for path in place.iterdir()}
    statuses, programs = [], []
    for command in site.commands():
        programs.append(command[0])
        statuses.append(run_engine(command, place, log, environment))
        if statuses[-1]:
            break
    # The table of an association is an input that engines mark; its products are no products.
    made = {path.name: path for path in sorted(place.glob("*.fits")) if path.name not in before}
    given = tuple(path.name for path in site.inputs.iterdir())
    return Ran(" ".join(map(str, statuses)), not any(statuses), made, last_words(log), tuple(programs), given)


def edited(site: Site, wishes: Mapping[str, str], place: Path) -> list[Path]:
    """Copy an observation's files, and set switches in the raw ones; return these."""
    shutil.copytree(site.inputs, place)
    raws = site.raws(place)
    for path in raws:
        with fits.open(path, mode="update") as hdus:
            header = hdus[0].header
            header.update({name: wish for name, wish in wishes.items() if name in header})
            if "RANDSEED" in header:
                header["RANDSEED"] = 1  # as caldp has it: no two runs of calcos would agree otherwise
    return raws


def assign(raws: list[Path], context: str) -> None:
    """Let CRDS write the names of reference files into raw headers."""
    assign_bestrefs(list(map(str, raws)), context=context, sync_references=False)


def load(programs: Iterable[str]) -> None:
    """Import the libraries of engines in Python, so that forks of this process have them.

    What is there now is left out of garbage collections: CRDS asks for several a run, which took half of its time.
    """
    for program in programs:
        if program in _LIBRARIES:
            importlib.import_module(_LIBRARIES[program])
    gc.freeze()


def run_engine(command: tuple[str, ...], place: Path, log: Path, environment: Mapping[str, str]) -> int:
    """Run an engine; those of Python in a fork of this process, which has imported their libraries."""
    program, *words = command
    if program == "calcos":
        from calcos.calcos import main

        return in_child(lambda: main(words), place, log, environment)
    if program == "runastrodriz":
        from drizzlepac import runastrodriz

        def drizzle() -> None:
            sys.argv = list(command)
            runastrodriz.main()

        return in_child(drizzle, place, log, environment)
    with log.open("ab") as output:
        return subprocess.run(command, cwd=place, env=environment, stdout=output, stderr=output, check=False).returncode


def in_child(work: Callable[[], object], place: Path, log: Path, environment: Mapping[str, str]) -> int:
    """Do something in a fork of this process, and return the status that a program would end with."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(place)
        os.environ.clear()
        os.environ.update(environment)
        work()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except BaseException:  # the status says so, as a program's does
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def last_words(log: Path) -> str:
    """Return the last lines of a log that are not empty, in one line."""
    lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return " | ".join(lines[-_LAST_WORDS:])[-400:]


def by_caldp(site: Site, wishes: Mapping[str, str], place: Path, engines: WarmEngines, *, previews: bool) -> Ran:
    """Process the observation with caldp, as a program that calls its library does."""
    settings: dict[str, str | bool | Mapping[str, str]] = {
        "crds_path": str(site.crds_path), "crds_context": site.context, "crds_server_url": SERVERLESS,
        "crds_readonly_cache": True, "astrometry": "off", "previews": previews, "home": str(place.parent),
        "switches": dict(wishes),
    }  # fmt: skip
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CRDS", "CALDP"))}
    request = make_request(site.dataset, site.inputs, place, overrides=settings, environment={**environment, **OFFLINE})
    outcome = build_pipeline(request, {**environment, **OFFLINE}, engines)(None)
    homes = [path.parent.parent for path in place.rglob("record.json")]
    given = {path.name for path in site.inputs.iterdir()}  # delivered beside the products
    delivered = {path.name: path for home in homes for path in sorted(home.glob("*.fits")) if path.name not in given}
    said = [failure.message for failure in outcome.record.failures] or list(outcome.record.notes)
    programs = tuple(engine.argv[0] for engine in outcome.record.engines)
    drawn = tuple(
        path.name for path in place.rglob("*") if path.suffix in (".jpg", ".png") and "_thumb" not in path.name
    )
    return Ran(str(int(outcome.status)), outcome.ok, delivered, " | ".join(said), programs, pictures=drawn)
