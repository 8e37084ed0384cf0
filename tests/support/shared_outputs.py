"""Outputs that several processes publish to, read by a way round the port."""

import io
import json
import os
import tarfile
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from tests.support import publisher
from tests.support.s3_server import S3Server

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


def shown(objects: Mapping[str, bytes]) -> dict[str, bytes]:
    """Leave out what is hidden, which is no part of what is shown."""
    return {key: body for key, body in objects.items() if "/." not in f"/{key}"}
