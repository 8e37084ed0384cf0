"""Stale datasets in outputs of both layouts, on disk and in S3, and in batches; records are made up, CRDS is real."""

from __future__ import annotations

import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from astropy.io import fits

import caldp
from caldp import Rung, Verdict
from caldp.app.layouts import LAYOUTS
from caldp.batches.manifest import read
from caldp.batches.run import prepare
from caldp.domain.errors import BestrefsError
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import LayoutKind
from caldp.domain.stale.findings import Origin
from caldp.simulation.cos.references import RULES
from caldp.simulation.crds_cache import CONTEXT
from tests.support.s3_server import S3Server
from tests.support.stale_place import NEW, StalePlace, write


@pytest.mark.parametrize("kind", LayoutKind)
def test_a_bucket_is_read_by_its_records(place: StalePlace, s3: S3Server, kind: LayoutKind) -> None:
    s3.bucket("caldp-out")
    for key, data in place.objects(kind).items():
        s3.client.put_object(Bucket="caldp-out", Key=f"pre/fix/{key}", Body=data)
    environment = place.environment | dict(s3.environment)
    (finding,) = caldp.stale("s3://caldp-out/pre/fix", context=NEW, environment=environment)
    assert (finding.origin, finding.verdict) == (Origin.RECORD, Verdict.STALE)
    assert finding.reason == "LAMPTAB simnuv_lamp.fits -> newnuv_lamp.fits"
    assert finding.place.startswith("s3://caldp-out/pre/fix/")


def test_a_tarball_of_calcloud_without_a_record_is_read_by_its_headers(place: StalePlace, tmp_path: Path) -> None:
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


def test_a_tarball_beside_its_record_is_read_by_that(place: StalePlace, tmp_path: Path) -> None:
    dataset = DatasetName.parse(place.observation.dataset)
    key = LAYOUTS[LayoutKind.CALCLOUD].archive_key(dataset)
    write(tmp_path, {**place.objects(LayoutKind.CALCLOUD), key: b"not even a tarball"})
    (finding,) = caldp.stale(tmp_path / key, context=CONTEXT, environment=place.environment)
    assert (finding.origin, finding.verdict) == (Origin.RECORD, Verdict.CURRENT)


def test_a_context_that_is_not_there_is_an_error_before_anything_is_read(place: StalePlace, tmp_path: Path) -> None:
    write(tmp_path, place.objects(LayoutKind.TREE))
    with pytest.raises(BestrefsError, match=r"hst_4711\.pmap"):
        list(caldp.stale(tmp_path, context="hst_4711.pmap", environment=place.environment))


def test_the_newest_context_of_the_cache_is_taken(place: StalePlace, tmp_path: Path) -> None:
    write(tmp_path, place.objects(LayoutKind.TREE))
    (finding,) = caldp.stale(tmp_path, environment=place.environment)
    assert finding.new_context == NEW


@pytest.mark.parametrize(("context", "reason"), [(NEW, "LAMPTAB simnuv_lamp.fits -> newnuv_lamp.fits"), (CONTEXT, "")])
def test_a_batch_runs_what_is_stale(place: StalePlace, tmp_path: Path, context: str, reason: str) -> None:
    write(tmp_path / "out", place.objects(LayoutKind.TREE))
    prepared = prepare(
        read([place.observation.dataset]), place.observation.inputs, tmp_path / "out", redo="stale", is_dry=True,
        overrides={"crds_context": context}, environment=place.environment,
    )  # fmt: skip
    assert list(prepared.plan.reasons.values()) == ([reason] if reason else [])
