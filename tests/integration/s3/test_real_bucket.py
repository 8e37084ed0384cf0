"""A real bucket, if the user names one: CALDP_S3_TEST_INPUTS and CALDP_S3_TEST_OUTPUTS, such as s3://bucket/prefix.

The inputs hold tarballs of datasets, ``<dataset>.tar.gz``, and are only read. Below the outputs every test makes a
prefix of its own and removes what it has stored there.
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from attrs import evolve

from caldp.adapters.archive.s3 import make_s3_archive
from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.store.s3 import S3Store, make_s3_store
from caldp.app.ports.object_store import ObjectStore
from caldp.domain.hst.dataset import DatasetName, is_dataset_name
from caldp.domain.hst.files import FitsFacts
from caldp.domain.output.location import S3Location, parse_output
from caldp.domain.run.settings import Settings
from tests.contracts.object_store import ObjectStoreContract, RawAccess

pytestmark = pytest.mark.s3_bucket

SETTINGS = Settings(profile="test")


def place(variable: str) -> S3Location:
    """Read a place from the environment."""
    if not os.environ.get(variable):
        pytest.skip(f"{variable} is not set")
    location = parse_output(os.environ[variable])
    assert isinstance(location, S3Location)
    return location


class _Bucket(RawAccess):
    def __init__(self, store: S3Store) -> None:
        self._client, self._root = store.client, store.root

    def _stored(self) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._root.bucket, Prefix=f"{self._root.prefix}/"
        )
        return [item["Key"] for page in pages for item in page.get("Contents", ())]

    def read(self, key: str) -> bytes:
        return self._client.get_object(Bucket=self._root.bucket, Key=f"{self._root.prefix}/{key}")["Body"].read()

    def keys(self) -> set[str]:
        return {key.removeprefix(f"{self._root.prefix}/") for key in self._stored()}

    def fill(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._client.put_object(Bucket=self._root.bucket, Key=f"{self._root.prefix}/{key}", Body=b"")

    def leftovers(self) -> list[str]:
        uploads = self._client.list_multipart_uploads(Bucket=self._root.bucket, Prefix=self._root.prefix)
        return [upload["Key"] for upload in uploads.get("Uploads", ())]

    def clean(self) -> None:
        """Remove everything."""
        for key in self._stored():
            self._client.delete_object(Bucket=self._root.bucket, Key=key)


class TestRealBucket(ObjectStoreContract):
    @pytest.fixture
    def store(self) -> Iterator[ObjectStore]:
        root = place("CALDP_S3_TEST_OUTPUTS")
        root = evolve(root, prefix=f"{root.prefix}/caldp-tests-{secrets.token_hex(6)}".lstrip("/"))
        store = make_s3_store(root, SETTINGS, os.environ)
        yield store
        _Bucket(store).clean()
        store.client.close()

    @pytest.fixture
    def raw(self, store: S3Store) -> RawAccess:
        return _Bucket(store)


def test_fetches_a_real_dataset(tmp_path: Path) -> None:
    root, fits = place("CALDP_S3_TEST_INPUTS"), AstropyFits()
    archive = make_s3_archive(root, SETTINGS, os.environ, fits)
    listing = archive.client.list_objects_v2(Bucket=root.bucket, Prefix=f"{root.prefix}/".lstrip("/"))
    names = [item["Key"].rpartition("/")[2].removesuffix(".tar.gz") for item in listing.get("Contents", ())]
    datasets = [name for name in names if is_dataset_name(name)]
    assert datasets, f"there is no tarball of a dataset in {root}"
    paths = archive.fetch(DatasetName.parse(datasets[0]), tmp_path, lambda _: None)
    assert all(isinstance(fits.facts(path), FitsFacts) for path in paths if path.suffix == ".fits")
    archive.client.close()
