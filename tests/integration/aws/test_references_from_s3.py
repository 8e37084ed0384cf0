"""The real CRDS library without a cache of its own: context, rules and references from S3."""

from __future__ import annotations

import os
import shutil
import tarfile
from pathlib import Path

import pytest
from astropy.io import fits

from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.references.crds import CrdsReferences
from caldp.container import make_references
from caldp.domain.calibration.assignment import Assignment
from caldp.domain.errors import BestrefsError
from caldp.domain.run.settings import PROFILES, Layer, environment_layer, resolve
from caldp.simulation import SimulatedObservation
from tests.support.calcloud_account import CRDS_BUCKET
from tests.support.crds_bucket import crds_objects
from tests.support.faulty_proxy import FaultyProxy, cut_after
from tests.support.s3_server import S3Server


def references(s3: S3Server, home: Path, context: str, **exports: str) -> CrdsReferences:
    """Make the service that the profile aws asks for."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        **{name: value for name, value in s3.environment.items() if name.startswith("AWS_")},
        "CRDS_PATH": str(home / "crds_cache"),
        "CRDSBUCKET": f"s3://{CRDS_BUCKET}",
        "CRDS_CLIENT_RETRY_DELAY_SECONDS": "0",
        **exports,
    }
    layers = (Layer("profile aws", PROFILES["aws"]), environment_layer(environment))
    return make_references(resolve("aws", layers).settings, environment, AstropyFits(), lambda: context)


def assign(service: CrdsReferences, raws: list[Path]) -> Assignment:
    try:
        return service.assign(raws, lambda _event: None)
    finally:
        service.close()


@pytest.fixture
def raws(observation: SimulatedObservation, tmp_path: Path) -> list[Path]:
    """Copies of the simulated raw files, and a cache that is as empty as a new container's, but flat."""
    data, config = tmp_path / "data", tmp_path / "crds_cache" / "config" / "hst"
    shutil.copytree(observation.inputs, data)
    config.mkdir(parents=True)
    (config / "ref_cache_subdir_mode").write_text("flat")
    return sorted(data.glob("*_rawtag.fits"))


@pytest.mark.parametrize("pickled", [True, False], ids=["pickle", "mappings"])
def test_the_context_is_a_pickle_or_mappings(
    s3: S3Server, observation: SimulatedObservation, raws: list[Path], tmp_path: Path, *, pickled: bool
) -> None:
    s3.bucket(CRDS_BUCKET, **dict(crds_objects(observation.crds_cache, observation.context, pickled=pickled)))
    service = references(s3, tmp_path, observation.context, CRDS_USE_PICKLED_CONTEXTS=str(int(pickled)))
    assignment = assign(service, raws)
    assert assignment.context == observation.context
    assert len(assignment.references) == 10
    for reference in assignment.references:
        original = observation.crds_cache / "references" / "hst" / reference.name
        assert reference.path.read_bytes() == original.read_bytes()
        assert reference.path.is_relative_to(tmp_path)
    assert fits.getheader(raws[0])["FLATFILE"] == "lref$simnuv_flat.fits"


def test_a_context_that_the_bucket_does_not_have(
    s3: S3Server, observation: SimulatedObservation, raws: list[Path], tmp_path: Path
) -> None:
    s3.bucket(CRDS_BUCKET, **dict(crds_objects(observation.crds_cache, observation.context, pickled=True)))
    sentence = r"The context hst_0001\.pmap is neither in the cache nor where CRDS downloads from\..*NoSuchKey"
    with pytest.raises(BestrefsError, match=sentence) as failed:
        assign(references(s3, tmp_path, "hst_0001.pmap"), raws)
    assert "CRDS_CONTEXT" in failed.value.advice


def test_a_damaged_object_is_not_used(
    s3: S3Server, observation: SimulatedObservation, raws: list[Path], tmp_path: Path
) -> None:
    """One bit of a flat is wrong in the bucket; its configuration has the checksum of the right one."""
    objects = dict(crds_objects(observation.crds_cache, observation.context, pickled=True))
    name = "simnuv_flat.fits"
    body = bytearray(objects[f"references/hst/{name}"])
    body[-100] ^= 1
    s3.bucket(CRDS_BUCKET, **{**objects, f"references/hst/{name}": bytes(body)})
    for _ in range(2):
        with pytest.raises(BestrefsError, match=f"{name} cannot be downloaded.*SHA-1"):
            assign(references(s3, tmp_path, observation.context, AWS_MAX_ATTEMPTS="2"), raws)
    cache = tmp_path / "crds_cache"
    assert not list(cache.rglob(f"*{name}*"))
    s3.client.put_object(Bucket=CRDS_BUCKET, Key=f"references/hst/{name}", Body=objects[f"references/hst/{name}"])
    assert assign(references(s3, tmp_path, observation.context), raws).references
    [flat] = cache.rglob(name)
    assert flat.read_bytes() == objects[f"references/hst/{name}"]


@pytest.mark.shared_data
def test_a_real_context_and_real_names_in_a_new_containers_cache(
    s3: S3Server, crds_cache: Path, shared_hst: Path, tmp_path: Path
) -> None:
    """The cache is arranged by instrument: CRDS tells the instrument from a real reference's name."""
    with tarfile.open(shared_hst / "inputs" / "j6gp01mkq.tar.gz") as archive:
        archive.extractall(tmp_path / "here", filter="data")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    here, there = (tmp_path / place / "j6gp01mkq_raw.fits" for place in ("here", "there"))
    onsite = {**os.environ, "CRDS_SERVER_URL": "https://hst-serverless-mode.stsci.edu"}
    local = CrdsReferences(crds_cache, lambda: "hst_0729.pmap", readonly=True, environment=onsite, fits=AstropyFits())
    expected = assign(local, [here])
    names = {reference.name for reference in expected.references}
    s3.bucket(CRDS_BUCKET, **dict(crds_objects(crds_cache, "hst_0729.pmap", pickled=True, names=names)))
    found = assign(references(s3, tmp_path, "hst_0729.pmap"), [there])
    assert [(item.keyword, item.name) for item in found.references] == [
        (item.keyword, item.name) for item in expected.references
    ]
    assert {item.path.parent for item in found.references} == {tmp_path / "crds_cache" / "references" / "hst" / "acs"}
    assert fits.getheader(there) == fits.getheader(here)


def test_a_context_whose_pickle_breaks_off_is_asked_for_again(
    s3: S3Server, proxy: FaultyProxy, observation: SimulatedObservation, raws: list[Path], tmp_path: Path
) -> None:
    s3.bucket(CRDS_BUCKET, **dict(crds_objects(observation.crds_cache, observation.context, pickled=True)))
    proxy.on("GET", "pickles/", cut_after(1000))
    service = references(s3, tmp_path, observation.context, AWS_ENDPOINT_URL=proxy.url)
    assert len(assign(service, raws).references) == 10
    assert sum("pickles/" in path for _, path in proxy.requests) == 2, "it is read once more, and then known"


def test_a_context_whose_pickle_never_arrives_is_given_up_once(
    s3: S3Server, proxy: FaultyProxy, observation: SimulatedObservation, raws: list[Path], tmp_path: Path
) -> None:
    s3.bucket(CRDS_BUCKET, **dict(crds_objects(observation.crds_cache, observation.context, pickled=True)))
    proxy.on("GET", "pickles/", cut_after(1000), times=100)
    service = references(s3, tmp_path, observation.context, AWS_ENDPOINT_URL=proxy.url, AWS_MAX_ATTEMPTS="2")
    with pytest.raises(BestrefsError, match=r"The place of the pickle of .* breaks the connection\.$"):
        assign(service, raws)
    assert sum("pickles/" in path for _, path in proxy.requests) == 2
