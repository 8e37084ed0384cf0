"""Fixtures of all tests, and markers for tests that need more than any machine has.

Tests that need data or engines are skipped where these are missing, except under ``CI=true``: there a missing
prerequisite is a failure, so that no green run has quietly left them out.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import hypothesis
import pytest
from attrs import frozen
from hypothesis.configuration import set_hypothesis_home_dir

from caldp.domain.run.engine_environment import REFERENCE_VARIABLES
from caldp.domain.run.exports import PROFILE_VARIABLE
from caldp.domain.run.record import RunRecord

REPOSITORY: Final = Path(__file__).resolve().parent.parent
SHARED_HST: Final = REPOSITORY.parent / "shared" / "hst"
CONTAINER_RIG: Final = REPOSITORY.parent / "shared" / "rigs" / "containers"
BROWSER: Final = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
"""A browser of this machine: none is downloaded for the tests."""
SLURM_RIG: Final = REPOSITORY.parent / "shared" / "rigs" / "slurm"
"""Program that starts a real Slurm on this machine."""

# A shell starts what runs in the background with Ctrl-C ignored, and all that this starts would inherit it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Nor are tests to go by what the caller's shell has exported for CRDS and the engines (source caldp-config-offsite).
for _name in [
    name for name in os.environ if name.startswith("CRDS_") or name in (*REFERENCE_VARIABLES, PROFILE_VARIABLE)
]:
    del os.environ[_name]

# No example database and no caches in the working tree; in CI the same examples every time.
set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "caldp-hypothesis")
hypothesis.settings.register_profile("local", database=None, deadline=None)
hypothesis.settings.register_profile("ci", database=None, deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")


@frozen
class _Need:
    """Requirement of the tests with a marker, and its force in CI."""

    is_met: Callable[[], bool]
    reason: str
    required_in_ci: bool


_NEEDS: Final = {
    "shared_data": _Need(SHARED_HST.is_dir, f"needs the Hubble data in {SHARED_HST}", required_in_ci=True),
    "engines": _Need(
        lambda: find_spec("calcos") is not None and find_spec("drizzlepac") is not None,
        "needs calcos and drizzlepac: pip install -c constraints.txt -e '.[engines]'",
        required_in_ci=True,
    ),
    "cluster": _Need(
        lambda: find_spec("parsl") is not None,
        "needs Parsl: pip install -c constraints.txt -e '.[cluster]'",
        required_in_ci=True,
    ),
    "docs": _Need(
        lambda: find_spec("sphinx") is not None,
        "needs Sphinx: pip install -c constraints.txt -e '.[docs]'",
        required_in_ci=True,
    ),
    "browser": _Need(
        lambda: BROWSER is not None and find_spec("playwright") is not None,
        "needs a browser (apt-get install chromium) and playwright: pip install -c constraints.txt -e '.[test]'",
        required_in_ci="CALDP_NO_BROWSER" not in os.environ,
    ),
    "hstcal": _Need(
        lambda: all(shutil.which(program) for program in ("calacs.e", "calwf3.e", "cs0.e")),
        "needs calacs.e, calwf3.e and cs0.e on PATH: conda install -c conda-forge hstcal",
        required_in_ci=False,
    ),
    "containers": _Need(
        lambda: (
            os.geteuid() == 0
            and CONTAINER_RIG.is_file()
            and all(map(shutil.which, ("podman", "runc", "buildah", "debootstrap")))
        ),
        f"needs root, {CONTAINER_RIG}, and Debian's packages podman, runc, buildah, debootstrap",
        required_in_ci=False,
    ),
    "slurm": _Need(
        lambda: os.geteuid() == 0 and SLURM_RIG.is_file() and all(map(shutil.which, ("slurmctld", "slurmd", "munged"))),
        f"needs root, {SLURM_RIG}, and Debian's packages slurmctld, slurmd, slurm-client, munge",
        required_in_ci=False,
    ),
    "s3_bucket": _Need(
        lambda: bool(os.environ.get("CALDP_S3_TEST_INPUTS") or os.environ.get("CALDP_S3_TEST_OUTPUTS")),
        "needs a real bucket, named by CALDP_S3_TEST_INPUTS and CALDP_S3_TEST_OUTPUTS",
        required_in_ci=False,
    ),
}


def pytest_configure(config: pytest.Config) -> None:
    """Take ``pytest caldp``, as the founding readme has it, for all tests: they are not in the package any more."""
    if "caldp" in config.args and not Path(config.invocation_params.dir, "caldp").exists():
        config.args[:] = [str(REPOSITORY / "tests") if word == "caldp" else word for word in config.args]


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Name bytes that nobody can read by their parameter.

    Workers must collect tests of the same names, each at its own time, which gzip puts into what it compresses.
    """
    return argname if isinstance(val, bytes) and not (val.isascii() and len(val) < 80) else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose needs are not met, or fail it where they must be."""
    for marker, need in _NEEDS.items():
        if item.get_closest_marker(marker) is None or need.is_met():
            continue
        if need.required_in_ci and os.environ.get("CI") == "true":
            pytest.fail(f"{need.reason}; in CI it must not be missing", pytrace=False)
        pytest.skip(need.reason)


@pytest.fixture(autouse=True, scope="session")
def records_follow_their_schema() -> Iterator[None]:
    """Validate every record that is written in the process of the tests; `read_record` does it for other processes."""
    from tests.support.records import valid_record  # a copy of this file alone can be loaded

    write = RunRecord.to_json

    def to_json(record: RunRecord) -> str:
        text = write(record)
        valid_record(text)
        return text

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RunRecord, "to_json", to_json)
        yield


@pytest.fixture(autouse=True, scope="session")
def children_are_measured_where_a_test_asks() -> None:
    """Take coverage's variables away from child processes; `tests.support.measured` keeps them."""
    from tests.support.measured import measure_no_children

    measure_no_children()


@pytest.fixture(scope="session")
def shared_hst() -> Path:
    """Real and realistic Hubble data; tests that use it carry the marker ``shared_data``."""
    return SHARED_HST


@pytest.fixture(scope="session")
def crds_cache(shared_hst: Path) -> Path:
    """A CRDS cache that holds the whole context hst_0729 and the references of the shared datasets; read-only."""
    return shared_hst / "crds_cache"
