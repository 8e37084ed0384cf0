"""Stale datasets in outputs of both layouts, on disk and in S3, and in batches; records are made up, CRDS is real."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Mapping
from contextlib import closing
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from attrs import frozen

import caldp
from caldp import Rung, Verdict
from caldp.adapters.headers.files import Headers
from caldp.adapters.references.crds_choice import CrdsChoice
from caldp.app.layouts import LAYOUTS
from caldp.batches.manifest import read
from caldp.batches.run import prepare
from caldp.domain.errors import BestrefsError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import LayoutKind
from caldp.domain.output.messages import MessageState
from caldp.domain.run.record import RunRecord
from caldp.domain.stale.findings import Origin
from caldp.domain.stale.header_values import FileHeaders
from caldp.simulation import SimulatedObservation
from caldp.simulation.cos.references import RULES
from caldp.simulation.crds_cache import CONTEXT, SERVERLESS
from tests.support.contexts import copied_cache, derive_context, reference
from tests.support.s3_server import S3Server
from tests.support.stale_records import record

NEW = "hst_9801.pmap"


@frozen
class Place:
    """A simulated observation, and a cache with a context in which the spectrum of a lamp differs.

    Attributes
    ----------
    observation
        The observation.
    cache
        The cache.
    record
        Record of its calibration, as a run would write it.
    """

    observation: SimulatedObservation
    cache: Path
    record: RunRecord

    @property
    def environment(self) -> dict[str, str]:
        exports = {"CRDS_PATH": str(self.cache), "CRDS_READONLY_CACHE": "1", "CRDS_SERVER_URL": SERVERLESS}
        return {**os.environ, **exports}

    def objects(self, kind: LayoutKind) -> Mapping[str, bytes]:
        """Return record and message by key."""
        layout, dataset = LAYOUTS[kind], self.record.dataset
        message = layout.message_key(dataset, MessageState.PROCESSED)
        return {layout.log_key(dataset, "record.json"): self.record.to_json().encode(), message: b""}


@pytest.fixture(scope="module")
def place(simulated: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory) -> Place:
    cache = copied_cache(simulated.crds_cache, tmp_path_factory.mktemp("cache") / "crds")
    with fits.open(cache / "references" / "hst" / "simnuv_lamp.fits") as hdus:
        hdus[1].data["INTENSITY"] = np.roll(hdus[1].data["INTENSITY"], 5, axis=1)
        hdus.writeto(reference(cache, "newnuv_lamp.fits"))
    derive_context(cache, CONTEXT, NEW, {"simnuv_lamp.fits": "newnuv_lamp.fits"})
    raws = sorted(simulated.inputs.glob("*_rawtag.fits"))
    (headers,) = Headers().files(raws[0])
    assert isinstance(headers, FileHeaders)
    exports = {**os.environ, "CRDS_SERVER_URL": SERVERLESS}
    with closing(CrdsChoice(cache, CONTEXT, exports, lambda _event: None)) as choice:
        missing = dict.fromkeys(choice.instrument("cos").keys, "UNDEFINED")  # so CRDS has it
    selection = missing | {keyword: str(value) for keyword, value in headers.union.items()}
    used = {rule.filekind.upper(): rule.filename for rule in RULES}
    names = tuple(raw.name for raw in raws)
    return Place(simulated, cache, record(simulated.dataset, used, selection, raws=names, context=CONTEXT))


def write(directory: Path, objects: Mapping[str, bytes]) -> None:
    for key, data in objects.items():
        path = directory / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.mark.parametrize("kind", LayoutKind)
def test_a_bucket_is_read_by_its_records(place: Place, s3: S3Server, kind: LayoutKind) -> None:
    s3.bucket("caldp-out")
    for key, data in place.objects(kind).items():
        s3.client.put_object(Bucket="caldp-out", Key=f"pre/fix/{key}", Body=data)
    environment = place.environment | dict(s3.environment)
    (finding,) = caldp.stale("s3://caldp-out/pre/fix", context=NEW, environment=environment)
    assert (finding.origin, finding.verdict) == (Origin.RECORD, Verdict.STALE)
    assert finding.reason == "LAMPTAB simnuv_lamp.fits -> newnuv_lamp.fits"
    assert finding.place.startswith("s3://caldp-out/pre/fix/")


def test_a_tarball_of_calcloud_without_a_record_is_read_by_its_headers(place: Place, tmp_path: Path) -> None:
    dataset = DatasetName.parse(place.observation.dataset)
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for raw in place.observation.inputs.glob("*_rawtag.fits"):
            with fits.open(raw) as hdus:
                hdus[0].header.update({rule.filekind: f"lref${rule.filename}" for rule in RULES})
                data = BytesIO()
                hdus.writeto(data)
            member = tarfile.TarInfo(f"{dataset}/{raw.name}")
            member.size = data.tell()
            data.seek(0)
            tar.addfile(member, data)
    key = f"outputs/{dataset}/{dataset}.tar.gz"
    write(tmp_path, {key: packed.getvalue(), f"messages/processed-{dataset}.trigger": b""})
    for where in (tmp_path, tmp_path / key):
        (finding,) = caldp.stale(where, context=NEW, environment=place.environment)
        assert (finding.origin, finding.dataset) == (Origin.HEADERS, str(dataset))
        assert {one.rung for one in finding.types if one.keyword == "LAMPTAB"} == {Rung.CHANGED}
        assert {one.rung for one in finding.types if one.keyword != "LAMPTAB"} == {Rung.UNCHANGED}


def test_a_tarball_beside_its_record_is_read_by_that(place: Place, tmp_path: Path) -> None:
    dataset = DatasetName.parse(place.observation.dataset)
    key = LAYOUTS[LayoutKind.CALCLOUD].archive_key(dataset)
    write(tmp_path, {**place.objects(LayoutKind.CALCLOUD), key: b"not even a tarball"})
    (finding,) = caldp.stale(tmp_path / key, context=CONTEXT, environment=place.environment)
    assert (finding.origin, finding.verdict) == (Origin.RECORD, Verdict.CURRENT)


def test_a_context_that_is_not_there_is_an_error_before_anything_is_read(place: Place, tmp_path: Path) -> None:
    write(tmp_path, place.objects(LayoutKind.TREE))
    with pytest.raises(BestrefsError, match=r"hst_4711\.pmap"):
        list(caldp.stale(tmp_path, context="hst_4711.pmap", environment=place.environment))


def test_the_newest_context_of_the_cache_is_taken(place: Place, tmp_path: Path) -> None:
    write(tmp_path, place.objects(LayoutKind.TREE))
    (finding,) = caldp.stale(tmp_path, environment=place.environment)
    assert finding.new_context == NEW


@pytest.mark.parametrize(("context", "reason"), [(NEW, "LAMPTAB simnuv_lamp.fits -> newnuv_lamp.fits"), (CONTEXT, "")])
def test_a_batch_runs_what_is_stale(place: Place, tmp_path: Path, context: str, reason: str) -> None:
    write(tmp_path / "out", place.objects(LayoutKind.TREE))
    prepared = prepare(
        read([place.observation.dataset]), place.observation.inputs, tmp_path / "out", redo="stale", is_dry=True,
        overrides={"crds_context": context}, environment=place.environment,
    )  # fmt: skip
    assert list(prepared.plan.reasons.values()) == ([reason] if reason else [])
