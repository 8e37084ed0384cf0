"""Every example of the README and of the documentation does what the page says."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from attrs import evolve

from caldp.simulation import SimulatedObservation, simulate
from tests.conftest import REPOSITORY
from tests.support.doc_blocks import blocks
from tests.support.doc_reader import Reader
from tests.support.s3_server import S3Server

PAGES = {
    str(page.relative_to(REPOSITORY)): page
    for page in (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md")))
}
TUTORIALS = ("docs/tutorial.md", "docs/tutorial-batch.md")
DRAWN = ("docs/how-to/aws-batch.md", "docs/how-to/onsite.md", "docs/how-to/previews.md", "docs/how-to/sync.md")
"""Pages that show previews, beside the first tutorial. On all others none are drawn, which saves a sixth of a run."""
# An example that is neither run nor excused raises here already.
OTHERS = [
    name for name, page in PAGES.items() if name not in TUTORIALS and any(not block.not_run for block in blocks(page))
]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> SimulatedObservation:
    return simulate("cos", tmp_path_factory.mktemp("simulated"))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of caches that programs keep, such as matplotlib's list of fonts."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def beginner(cache: Path, tmp_path: Path) -> Iterator[Reader]:
    """Someone with nothing but caldp and an empty directory."""
    directory = tmp_path / "work"
    directory.mkdir()
    with TemporaryDirectory() as temporary:  # Parsl's workers make sockets there, whose paths must be short
        environment = {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "HOME": str(tmp_path / "home"),
            "TMPDIR": temporary,  # caldp clean finds there what others left
            "XDG_CACHE_HOME": str(cache),
            "LANG": "C.UTF-8",
        }
        yield Reader(directory, environment, tmp_path / "exports")


@pytest.fixture
def user(beginner: Reader, simulated: SimulatedObservation, s3: S3Server) -> Reader:
    """Someone with the tutorial's dataset in `inputs`, the CRDS cache that fits it, and a bucket."""
    shutil.copytree(simulated.inputs, beginner.directory / "inputs")
    s3.bucket("my-bucket")
    environment = {
        **beginner.environment,
        **{name: value for name, value in s3.environment.items() if name.startswith("AWS_")},
        "CRDS_PATH": str(simulated.crds_cache),
        "CRDS_CONTEXT": simulated.context,
    }
    return evolve(beginner, environment=environment)


@pytest.mark.engines
def test_whoever_follows_the_tutorial_sees_what_it_says(beginner: Reader) -> None:
    follow(PAGES["docs/tutorial.md"], beginner)


@pytest.mark.engines
def test_whoever_follows_the_tutorial_of_batches_sees_what_it_says(beginner: Reader) -> None:
    follow(PAGES["docs/tutorial-batch.md"], without_previews(beginner))


@pytest.mark.engines
@pytest.mark.parametrize("page", OTHERS)
def test_the_examples_of_a_page_do_what_it_says(page: str, user: Reader) -> None:
    follow(PAGES[page], user if page in DRAWN else without_previews(user))


def without_previews(reader: Reader) -> Reader:
    return evolve(reader, environment={**reader.environment, "CALDP_PREVIEWS": "false"})


def follow(page: Path, reader: Reader) -> None:
    for block in blocks(page):
        if not block.not_run:
            reader.follow(block)
