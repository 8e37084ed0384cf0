"""Publishing that is killed by force, at many random moments: what is shown as processed is whole."""

import io
import json
import os
import random
import signal
import subprocess
import sys
import tarfile
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.integration.conftest import S3Server
from tests.integration.publish import publisher

PROGRAM = Path(publisher.__file__)
PROCESSED = {"tree": "messages/datasets-processed/lsim01010", "calcloud": "messages/processed-lsim01010.trigger"}
PROCESSING = {"tree": "messages/datasets-processing/lsim01010", "calcloud": "messages/processing-lsim01010"}
RECORD = {"tree": "data/cos/lsim01010/logs/record.json", "calcloud": "outputs/lsim01010/record.json"}
PLACES = {"product": "", "preview": "previews/"}


class Output(ABC):
    """An output, read by a way round the port."""

    address: str
    environment: Mapping[str, str]

    @abstractmethod
    def objects(self) -> dict[str, bytes]:
        """Read everything, temporary files included."""


class DirectoryOutput(Output):
    def __init__(self, root: Path) -> None:
        self._root = root
        self.address, self.environment = f"file:{root}", os.environ

    def objects(self) -> dict[str, bytes]:
        files = [path for path in self._root.rglob("*") if path.is_file()]
        return {path.relative_to(self._root).as_posix(): path.read_bytes() for path in files}


class S3Output(Output):
    def __init__(self, s3: S3Server) -> None:
        s3.bucket("caldp-out")
        self._s3 = s3
        self.address, self.environment = "s3://caldp-out/pre/fix", s3.environment

    def objects(self) -> dict[str, bytes]:
        found = self._s3.client.list_objects_v2(Bucket="caldp-out").get("Contents", ())
        return {
            item["Key"].removeprefix("pre/fix/"): self._s3.client.get_object(Bucket="caldp-out", Key=item["Key"])[
                "Body"
            ].read()
            for item in found
        }


@pytest.fixture(params=["directory", "S3"])
def output(request: pytest.FixtureRequest, tmp_path: Path, s3: S3Server) -> Output:
    return DirectoryOutput(tmp_path / "out") if request.param == "directory" else S3Output(s3)


def generation_of(objects: Mapping[str, bytes], layout: str) -> int:
    """Check that what lies there is one whole generation, which did not fail, and return which."""
    data = {key: body for key, body in objects.items() if not key.startswith(("messages/", "attempts/"))}
    record = json.loads(data.pop(RECORD[layout]))
    assert record["objects"] == {key: len(body) for key, body in data.items()}
    contents = _members(data) if layout == "calcloud" else {
        key.removeprefix("data/cos/lsim01010/"): body for key, body in data.items()
    }  # fmt: skip
    seeds = {body[:8] for body in contents.values()} | {body[-8:] for body in contents.values()}
    assert len(seeds) == 1, f"files of {len(seeds)} generations lie together"
    generation = int.from_bytes(seeds.pop(), "little")
    assert record["generation"] == generation
    assert not publisher.fails(generation)
    log = "process.txt" if layout == "calcloud" else "logs/process.txt"
    expected = {PLACES[category.value] + name for name, category in publisher.names(generation).items()} | {log}
    assert contents.keys() == expected
    assert {len(body) for body in contents.values()} == {publisher.SIZE + 16}
    return generation


def _members(data: Mapping[str, bytes]) -> dict[str, bytes]:
    prefix = "outputs/lsim01010/"
    assert data.keys() == {f"{prefix}lsim01010.tar.gz", f"{prefix}process.txt"}
    contents = {"process.txt": data[f"{prefix}process.txt"]}
    with tarfile.open(fileobj=io.BytesIO(data[f"{prefix}lsim01010.tar.gz"]), mode="r:gz") as tar:
        for member in tar:
            file = tar.extractfile(member)
            assert file is not None
            contents[member.name.removeprefix("lsim01010/")] = file.read()
    return contents


@pytest.mark.parametrize("layout", ["tree", "calcloud"])
def test_killed_at_any_moment_nothing_half_is_shown_as_processed(layout: str, output: Output, tmp_path: Path) -> None:
    moments = random.Random(20261122)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    first, shown, hidden = 0, 0, 0
    command = [sys.executable, str(PROGRAM), output.address, layout, str(scratch)]
    subprocess.run([*command, "0", "0"], check=True, capture_output=True, env=output.environment)
    for _ in range(12 if isinstance(output, DirectoryOutput) else 8):
        with subprocess.Popen([*command, str(first)], stdout=subprocess.PIPE, env=output.environment) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(moments.uniform(0, 0.5 if isinstance(output, DirectoryOutput) else 1.2))
            process.send_signal(signal.SIGKILL)
            first += len(process.stdout.read().splitlines()) + 1
        objects = _shown(output.objects())
        if PROCESSED[layout] in objects:
            shown += PROCESSING[layout] in objects
            assert generation_of(objects, layout) < first
        else:
            hidden += 1
            assert PROCESSING[layout] in objects
    assert shown > 0, "no kill came in the middle: the test proves nothing"
    assert hidden == 0 or not isinstance(output, DirectoryOutput)  # directories are exchanged in one step
    first += publisher.fails(first)
    subprocess.run([*command, str(first), str(first)], check=True, capture_output=True, env=output.environment)
    objects = output.objects()
    assert [key for key in objects if key.startswith("messages/")] == [PROCESSED[layout]]
    assert generation_of(objects, layout) == first
    assert not [key for key in objects if key.startswith("attempts/")]


def _shown(objects: Mapping[str, bytes]) -> dict[str, bytes]:
    """Leave out what is hidden, which is no part of what is shown."""
    return {key: body for key, body in objects.items() if "/." not in f"/{key}"}
