"""Capsules: one dataset to carry anywhere, for a program or a command."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from caldp.api import Place, make_request
from caldp.app.ports.listener import Listener
from caldp.app.scratch.ownership import owned_temporary
from caldp.app.scratch.work_directory import EXCHANGE_PREFIX
from caldp.domain.capsule import bag
from caldp.domain.capsule.capsule import Capsule
from caldp.domain.capsule.crate import METADATA, crate_text
from caldp.domain.capsule.exclusive import exclusive_warning
from caldp.domain.errors import UsageError
from caldp.domain.lock.judgement import Replay
from caldp.domain.lock.lock import Lock
from caldp.domain.lock.make import make_lock
from caldp.domain.run.events import Level, Note
from caldp.domain.run.quoting import quoted
from caldp.domain.run.setting_values import Value
from caldp.domain.run.settings import NO_SERVER, Settings
from caldp.profiles import environment_under, resolve_settings
from caldp.reproduction.lock import read_lock, record_in
from caldp.reproduction.replay import replay

if TYPE_CHECKING:
    from caldp.domain.run.recorded import RecordedRun

_SOURCE: Final = "https://github.com/spacetelescope/caldp"
_LOCK: Final = "lock.json"
_README: Final = """\
The calibration of one Hubble dataset: raw files (inputs), reference files and rules (crds), and the lock of the run.

Repeat it with caldp (pip install caldp) and the engines that lock.json names:

    caldp capsule run CAPSULE OUTPUT
"""


def create_capsule(
    output: str | PurePath,
    dataset: str,
    path: str | PurePath,
    *,
    input: Place | None = None,  # noqa: A002  it is what the command's option is called
    profile: str = "",
    overrides: Mapping[str, Value] | None = None,
    environment: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> Capsule:
    """Put a run into one file: raw files, lock, the references and mappings that were used.

    Parameters
    ----------
    output, dataset
        Output and dataset of the run.
    path
        File to write, a zip file; an earlier one is replaced.
    input
        Location of the raw files; by default that of the run.
    profile, overrides, environment
        As for `caldp.process`: they tell the CRDS cache, and `reference_overrides` the files of the user's own if these
        are elsewhere now.
    listener
        Callback for notes and transfers. Must be thread-safe and must not raise.

    Raises
    ------
    InvalidRecord
        If there is no record, the run failed, or the record does not say enough.
    InputMismatch, BestrefsError
        If an input or reference is missing, or is not the one that was used.
    UsageError
        If the file cannot be written.
    """
    from caldp.adapters.capsule.contents import FLAT, MODE_FILE, cache_files
    from caldp.adapters.capsule.writing import write_capsule
    from caldp.adapters.fits.astropy import AstropyFits
    from caldp.adapters.references.pinned import PinnedReferences
    from caldp.app.replay.pinned_source import PinnedSource
    from caldp.factories import make_source

    environ = dict(os.environ if environment is None else environment)
    run = record_in(output, dataset, profile, environ)
    lock, fits, tell = make_lock(run), AstropyFits(), listener or (lambda _event: None)
    request = make_request(
        str(lock.dataset), input or run.input, "none", profile=profile, overrides=overrides, environment=environ
    )
    settings, environ = request.settings, environment_under(profile, environ)
    cache = Path(settings.crds_path).expanduser().absolute()
    references = PinnedReferences(lock, cache, _own(run, settings), fits).provide()
    mappings = cache_files(cache, lock.context, lock.dataset.instrument.value)
    with owned_temporary(EXCHANGE_PREFIX) as scratch:
        source = PinnedSource(make_source(request.source, settings, environ, fits), lock, fits)
        inputs = source.fetch(lock.dataset, scratch, tell)
        warnings = tuple(filter(None, (exclusive_warning(fits.facts(path), datetime.now(UTC)) for path in inputs)))
        files = {f"inputs/{path.name}": path for path in inputs}
        files |= {f"crds/{name}": place for name, place in mappings.items()}
        for one, place in references.items():
            files[f"own/{one.keyword}/{one.name}" if one.is_own else f"crds/references/hst/{one.name}"] = place
        texts = {_LOCK: lock.to_json(), "README.txt": _README, f"crds/{MODE_FILE}": f"{FLAT}\n"}
        now = datetime.now(UTC)
        sizes = {name: place.stat().st_size for name, place in files.items()}
        sizes |= {name: len(text.encode()) for name, text in texts.items()}
        texts[METADATA] = crate_text(lock, sizes, now, _SOURCE)
        target = Path(path).expanduser().absolute()
        try:
            payload = write_capsule(target, str(lock.dataset), files, texts, now.date(), f"caldp {_version()}")
        except OSError as error:
            raise UsageError(
                f"{quoted(target)} cannot be written: {(error.strerror or str(error)).lower()}.",
                advice="Check the path, its permissions and the room there.",
            ) from error
    for text in warnings:
        tell(Note(text, Level.WARNING))
    count = len(files) + len(texts) + len(bag.TAGS) + 1
    return Capsule(target, lock, count, payload, target.stat().st_size, warnings)


def verify_capsule(path: str | PurePath, *, profile: str = "", environment: Mapping[str, str] | None = None) -> Capsule:
    """Check that a capsule is whole and unchanged: every file is read and compared with its digest.

    Parameters
    ----------
    path
        The capsule.
    profile, environment
        They tell the limits of what is unpacked (``CALDP_TAR_MAX_BYTES``).

    Raises
    ------
    InvalidCapsule
        If it is damaged or unsafe, or was changed; the message names the file in it.
    InvalidLock
        If the lock in it cannot be read.
    """
    environ = dict(os.environ if environment is None else environment)
    settings = resolve_settings(profile, {}, environ).settings
    with unpacked(Path(path), settings) as (directory, files):
        lock, payload = _lock_in(directory), sum(one.stat().st_size for one in directory.rglob("*") if one.is_file())
    return Capsule(Path(path), lock, files, payload, Path(path).stat().st_size)


def run_capsule(
    path: str | PurePath,
    output: Place,
    *,
    verify: str = "exact",
    rtol: float = 1e-7,
    atol: float = 0.0,
    profile: str = "",
    overrides: Mapping[str, Value] | None = None,
    environment: Mapping[str, str] | None = None,
    listener: Listener | None = None,
) -> Replay:
    """Repeat the run in a capsule, with nothing but what is in it and the engines of this machine.

    Parameters
    ----------
    path
        The capsule, which is verified first.
    output
        Location of the products.
    verify, rtol, atol, profile, overrides, environment, listener
        As for `caldp.replay`. Variables and settings of CRDS do not count.

    Raises
    ------
    InvalidCapsule, InvalidLock
        If the capsule is damaged or unsafe.
    UsageError
        If a setting or the output cannot be understood.
    """
    environ = {
        name: text
        for name, text in (os.environ if environment is None else environment).items()
        if not name.startswith("CRDS")
    }
    settings = resolve_settings(profile, overrides or {}, environ).settings
    with unpacked(Path(path), settings) as (directory, _files):
        lock = _lock_in(directory)
        own = {one.keyword: str(directory / "own" / one.keyword / one.name) for one in lock.references if one.is_own}
        pinned: dict[str, Value] = {
            "crds_path": str(directory / "crds"),
            "crds_server_url": NO_SERVER,
            "crds_readonly_cache": True,
            "reference_overrides": own,
        }
        return replay(
            lock, directory / "inputs", output,
            verify=verify, rtol=rtol, atol=atol, profile=profile, overrides={**(overrides or {}), **pinned},
            environment=environ, listener=listener,
        )  # fmt: skip


@contextmanager
def unpacked(path: Path, settings: Settings) -> Iterator[tuple[Path, int]]:
    """Verify a capsule and unpack it into a directory that lasts as long as the work inside.

    Yields
    ------
    directory, files
        Directory of the payload, and number of files in the capsule.
    """
    from caldp.adapters.capsule.reading import opened_capsule
    from caldp.adapters.support.tar_gate import TarLimits

    limits = TarLimits(files=settings.tar_max_files, total_bytes=settings.tar_max_bytes)
    with owned_temporary(EXCHANGE_PREFIX) as scratch:
        directory = scratch / "capsule"
        directory.mkdir()
        with opened_capsule(path, limits) as capsule:
            capsule.verify(directory)
            files = len(capsule.digests) + 1
        yield directory, files


def _lock_in(directory: Path) -> Lock:
    if not (directory / _LOCK).is_file():
        raise bag.refused(f"{bag.PAYLOAD}{_LOCK} is missing")
    return read_lock(directory / _LOCK)


def _own(run: RecordedRun, settings: Settings) -> dict[str, Path]:
    """Find the user's own references: where the run found them, or where the user says that they are now."""
    recorded = {one.keyword: Path(one.override) for one in run.references if one.override}
    return recorded | {keyword.upper(): Path(file).absolute() for keyword, file in settings.reference_overrides.items()}


def _version() -> str:
    try:
        return version("caldp")
    except PackageNotFoundError:
        return "unknown"
