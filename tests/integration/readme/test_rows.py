"""Every row of the page on the founding readme comes out as it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet
from attrs import frozen

from caldp.adapters.store.directory import DirectoryStore
from caldp.adapters.store.s3 import make_s3_store
from caldp.domain.output.location import S3Location
from caldp.domain.output.messages import MessageState
from caldp.domain.run.settings import Settings
from caldp.simulation import SimulatedObservation
from tests.conftest import REPOSITORY
from tests.support.conda_stand_ins import MachineWithoutConda
from tests.support.published import publish_dataset
from tests.support.readme_rows import Row, rows
from tests.support.recorder import Recorder
from tests.support.s3_server import S3Server
from tests.support.tarballs import tarball

PAGE = REPOSITORY / "docs" / "explanation" / "readme-table.md"
ROWS = list(rows(PAGE))
INPUTS, OUTPUTS = "calcloud-hst-pipeline-inputs", "calcloud-hst-pipeline-outputs"
EMBEDDING = """
from caldp import exit_codes, sysexit

with sysexit.exit_receiver():
    with sysexit.exit_on_exception(exit_codes.STAGE1_ERROR, "descriptive message"):
        raise RuntimeError("it failed")
"""


@frozen
class Scene:
    """Place in which commands are typed.

    Attributes
    ----------
    directory
        The current directory.
    environment
        Its variables.
    """

    directory: Path
    environment: dict[str, str]

    def exists(self, place: str, s3: S3Server) -> bool:
        """Tell whether a file or object is there."""
        if place.startswith("s3://"):
            bucket, _, key = place.removeprefix("s3://").partition("/")
            return bool(s3.client.list_objects_v2(Bucket=bucket, Prefix=key).get("Contents"))
        return (self.directory / place.replace("~", self.environment["HOME"])).exists()


@pytest.fixture
def plain(tmp_path: Path, s3: S3Server) -> Scene:
    """Someone with caldp and an account of AWS."""
    directory = tmp_path / "work"
    directory.mkdir()
    (tmp_path / "home").mkdir()
    aws = {name: value for name, value in s3.environment.items() if name.startswith("AWS_")}
    programs = Path(sys.executable).parent
    path = os.pathsep.join([str(programs), "/usr/bin", "/bin"])
    return Scene(directory, {"PATH": path, "HOME": str(tmp_path / "home"), "LANG": "C.UTF-8", **aws})


def installation(scene: Scene, tmp_path: Path, _request: pytest.FixtureRequest) -> Scene:
    """A clone, on a machine without conda."""
    machine = MachineWithoutConda(tmp_path / "machine")
    return Scene(REPOSITORY, dict(machine.environment))


def natively(scene: Scene, tmp_path: Path, request: pytest.FixtureRequest) -> Scene:
    """Raw files here, in a directory and in a bucket, and a cache with their references."""
    simulated: SimulatedObservation = request.getfixturevalue("simulated")
    s3: S3Server = request.getfixturevalue("s3")
    files = {path.name: path.read_bytes() for path in simulated.inputs.iterdir()}
    for directory in (scene.directory, scene.directory / "lsim01010_inputs"):
        directory.mkdir(exist_ok=True)
        for name, data in files.items():
            (directory / name).write_bytes(data)
    s3.bucket(INPUTS, **{"lsim01010.tar.gz": tarball(files)})
    s3.bucket(OUTPUTS)
    (scene.directory / "my-config").write_text(
        f"source caldp-config-onsite\nexport CRDS_PATH={simulated.crds_cache} CRDS_CONTEXT={simulated.context}\n"
    )
    crds = {"CRDS_PATH": str(simulated.crds_cache), "CRDS_CONTEXT": simulated.context}
    named = request.node.callspec.params["row"].command
    return Scene(scene.directory, scene.environment if "my-config" in named else scene.environment | crds)


def in_a_container(scene: Scene, tmp_path: Path, _request: pytest.FixtureRequest) -> Scene:
    """A clone whose image is my/caldp:7, and programs that write down how docker and aws are called."""
    shutil.copytree(REPOSITORY / "scripts", scene.directory / "scripts", symlinks=True)
    (scene.directory / "Dockerfile").write_text("FROM scratch")
    config = scene.directory / "scripts" / "caldp-image-config"
    config.write_text(config.read_text().replace("REPO=caldp\n", "REPO=my/caldp\n").replace("TAG=latest", "TAG=7"))
    (tmp_path / "bin").mkdir()
    recorder = Recorder(tmp_path / "bin")
    recorder.install("docker")
    keys = {"AccessKeyId": "AKIA", "SecretAccessKey": "abracadabra", "SessionToken": "token"}
    answers = {
        "sts get-caller-identity": (0, json.dumps({"Account": "123456789012"})),
        "sts assume-role": (0, json.dumps({"Credentials": keys})),
        "ecr get-login-password": (0, "password\n"),
    }
    recorder.install("aws", answers)
    return Scene(scene.directory, scene.environment | {"PATH": f"{tmp_path / 'bin'}:{scene.environment['PATH']}"})


def messages(scene: Scene, _tmp_path: Path, request: pytest.FixtureRequest) -> Scene:
    """A dataset that is processed in a bucket, and one that is archived in a directory."""
    s3: S3Server = request.getfixturevalue("s3")
    s3.bucket(OUTPUTS)
    bucket = make_s3_store(S3Location(OUTPUTS), Settings(profile="test"), s3.environment)
    publish_dataset(bucket, "lsim01010")
    bucket.client.close()
    publish_dataset(DirectoryStore(scene.directory / "archived"), "lsim01010", state=MessageState.ARCHIVED)
    return scene


def embedding(scene: Scene, _tmp_path: Path, _request: pytest.FixtureRequest) -> Scene:
    """A program that embeds caldp."""
    (scene.directory / "embedding.py").write_text(EMBEDDING)
    return scene


def as_it_is(scene: Scene, _tmp_path: Path, _request: pytest.FixtureRequest) -> Scene:
    """Nothing more."""
    return scene


SCENES: Mapping[str, Callable[[Scene, Path, pytest.FixtureRequest], Scene]] = {
    "Installation": installation,
    "Natively": natively,
    "In a container": in_a_container,
    "Configuration": as_it_is,
    "Messages": messages,
    "Exit codes and embedding": embedding,
    "Development": as_it_is,
}


def typed() -> Iterator[ParameterSet]:
    for row in ROWS:
        if not row.shown_by:
            engines = row.section == "Natively" and row.status == 0
            yield pytest.param(row, id=row.command, marks=pytest.mark.engines if engines else ())


@pytest.mark.parametrize("row", list(typed()))
def test_a_row_comes_out_as_it_says(
    row: Row, plain: Scene, s3: S3Server, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    scene = SCENES[row.section](plain, tmp_path, request)
    done = subprocess.run(
        ["bash", "-c", row.command], cwd=scene.directory, env=scene.environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == row.status, done.stdout
    assert [place for place in row.places if not scene.exists(place, s3)] == [], done.stdout
    said = " ".join(done.stdout.split())
    for words in row.words:
        pattern = ".*".join(re.escape(part) for part in words.split("..."))
        assert re.search(pattern.replace(r"\ ", " ").replace(" .*", ".*").replace(".* ", ".*"), said), (words, said)
    assert row.places or row.words, "the row says nothing that could be wrong"


@pytest.mark.parametrize("row", [pytest.param(row, id=row.command) for row in ROWS if row.shown_by])
def test_the_test_that_a_row_names_is_there(row: Row) -> None:
    path, _, name = row.shown_by.partition("::")
    text = (REPOSITORY / path).read_text(encoding="utf-8")
    assert f"def {name or 'test_'}" in text


def test_the_page_has_every_row() -> None:
    """A row that is written another way would be passed over."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert len(ROWS) == len([line for line in lines if not line.startswith("| The readme |")])
    assert {row.section for row in ROWS} == SCENES.keys()
    assert len(ROWS) > 40
