"""Outputs, read by a way round the program: plain files, or an S3 client of the campaign's own."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from attrs import field, frozen


class Output(Protocol):
    """Output of a try."""

    @property
    def address(self) -> str:
        """Its location for the command line."""

    def objects(self) -> dict[str, bytes]:
        """Read everything in it, by key; files that are still hidden are left out."""

    def put(self, objects: Mapping[str, bytes]) -> None:
        """Put objects there as an earlier run would have left them."""


@frozen
class DirectoryOutput:
    """A directory."""

    root: Path

    @property
    def address(self) -> str:
        return f"file:{self.root}"

    def objects(self) -> dict[str, bytes]:
        found = {}
        for path in sorted(self.root.rglob("*")):
            key = path.relative_to(self.root)
            if path.is_file() and not any(part.startswith(".") for part in key.parts):
                found[key.as_posix()] = b"a symbolic link" if path.is_symlink() else path.read_bytes()
        return found

    def put(self, objects: Mapping[str, bytes]) -> None:
        for key, body in objects.items():
            place = self.root / key
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(body)


@frozen
class BucketOutput:
    """A prefix of an S3 bucket."""

    client: Any = field(repr=False)
    bucket: str
    prefix: str = "pre/fix"

    @property
    def address(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"

    def objects(self) -> dict[str, bytes]:
        found = {}
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=f"{self.prefix}/")
        for key in sorted(item["Key"] for page in pages for item in page.get("Contents", ())):
            relative = key.removeprefix(f"{self.prefix}/")
            if not any(part.startswith(".") for part in relative.split("/")):
                found[relative] = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return found

    def put(self, objects: Mapping[str, bytes]) -> None:
        for key, body in objects.items():
            self.client.put_object(Bucket=self.bucket, Key=f"{self.prefix}/{key}", Body=body)


@frozen
class Published:
    """Messages and objects of a dataset in an output, in either layout.

    Attributes
    ----------
    states
        The states that messages give it.
    files
        Products and inputs by name.
    previews, logs
        Likewise.
    """

    states: frozenset[str]
    files: Mapping[str, bytes]
    previews: Mapping[str, bytes]
    logs: Mapping[str, bytes]


def published(objects: Mapping[str, bytes], dataset: str, layout: str) -> Published:
    """Sort what lies in an output.

    Raises
    ------
    tarfile.TarError, EOFError, OSError, zlib.error
        If CALCLOUD's tarball is damaged.
    """
    if layout == "calcloud":
        return _calcloud(objects, dataset)
    states = {
        key.split("/")[1].removeprefix("datasets-")
        for key in objects
        if key.startswith("messages/datasets-") and key.split("/")[-1] == dataset
    }
    own = {
        key.split("/", 3)[3]: body
        for key, body in objects.items()
        if key.startswith("data/") and key.split("/")[2] == dataset
    }
    return Published(
        frozenset(states),
        {name: body for name, body in own.items() if "/" not in name},
        {name[9:]: body for name, body in own.items() if name.startswith("previews/")},
        {name[5:]: body for name, body in own.items() if name.startswith("logs/") and name.count("/") == 1},
    )


def _calcloud(objects: Mapping[str, bytes], dataset: str) -> Published:
    names = {key.removeprefix("messages/").removesuffix(".trigger") for key in objects if key.startswith("messages/")}
    states = {name.removesuffix(f"-{dataset}") for name in names if name.endswith(f"-{dataset}")}
    prefix = f"outputs/{dataset}/"
    logs = {
        key.removeprefix(prefix): body
        for key, body in objects.items()
        if key.startswith(prefix) and "/" not in key.removeprefix(prefix) and not key.endswith(".tar.gz")
    }
    members: dict[str, bytes] = {}
    archive = objects.get(f"{prefix}{dataset}.tar.gz")
    if archive is not None:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isreg() else None
                body = b"a symbolic link" if file is None else file.read()
                members[member.name.removeprefix(f"{dataset}/")] = body
    return Published(
        frozenset(states),
        {name: body for name, body in members.items() if "/" not in name},
        {name[9:]: body for name, body in members.items() if name.startswith("previews/")},
        logs,
    )
