"""``caldp status`` of a bucket, through the console script."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.s3_server import S3Server

CALDP = str(Path(sys.executable).parent / "caldp")


def test_a_bucket_with_more_datasets_than_one_page_lists(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "40")  # a page of the server, which has 1000 of itself
    names = [f"j{number:04}1010" for number in range(110)]
    s3.bucket("hst-out", **{f"batch/messages/datasets-processed/{name}": b"" for name in names})
    s3.client.put_object(Bucket="hst-out", Key=f"batch/data/acs/{names[7]}/x_drz.fits", Body=b"12345")
    assert s3.client.list_objects_v2(Bucket="hst-out")["IsTruncated"]
    whole = subprocess.run(
        [CALDP, "status", "s3://hst-out/batch", "--json"],
        env=s3.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(whole.stdout)
    assert [one["name"] for one in found] == names
    assert (found[7]["products"], found[7]["product_bytes"], found[7]["remark"]) == (1, 5, "")
    some = subprocess.run(
        [CALDP, "status", "s3://hst-out/batch", names[7], "j99991010"],
        env=s3.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert some.stdout.splitlines()[-1] == "2 datasets: 1 no message, 1 processed"
