"""The readme's ``caldp-process-aws s3://bucket/batch dataset``: inputs from MAST, the tree layout under the prefix."""

from __future__ import annotations

import pytest

from caldp.simulation import SimulatedObservation
from tests.support.calcloud_account import BUCKET, Account
from tests.support.mast_server import Observation, mast_server

pytestmark = pytest.mark.engines

DS = "lsim01010"
BATCH = "batch-22"
DATA = f"{BATCH}/data/cos/{DS}"


def test_the_readmes_command(account: Account, observation: SimulatedObservation) -> None:
    files = {path.name: path.read_bytes() for path in observation.inputs.iterdir()}
    before = set(account.list())
    with mast_server([Observation(DS, files)]) as mast:
        done = account.run("caldp-process-aws", f"s3://{BUCKET}/{BATCH}", DS, CALDP_MAST_SERVER=mast.url)
        assert mast.questions
    assert done.returncode == 0, done.stderr

    written = set(account.list()) - before
    assert {key for key in written if not key.startswith(f"{DATA}/")} == {f"{BATCH}/messages/datasets-processed/{DS}"}
    assert account.get(f"{BATCH}/messages/datasets-processed/{DS}") == b"", "the readme's message is an empty file"
    science = {key.removeprefix(f"{DATA}/") for key in written if key.count("/") == 4}
    assert {f"{DS}_asn.fits", "lsim01a1q_rawtag.fits", f"{DS}_x1dsum.fits", "lsim01a1q.tra"} <= science
    assert {key.rpartition("/")[2] for key in written if key.startswith(f"{DATA}/logs/")} == {
        "preview.txt",
        "preview_metrics.txt",
        "process.txt",
        "process_metrics.txt",
        "record.json",
    }
    assert f"{DATA}/previews/{DS}_x1dsum_thumb.png" in written

    texts = [request.text for request in account.requests]
    puts = [text for text in texts if text.startswith(f"PUT {BUCKET}/")]
    assert puts[0] == f"PUT {BUCKET}/{BATCH}/messages/datasets-processing/{DS}"
    assert puts[-1] == f"PUT {BUCKET}/{BATCH}/messages/datasets-processed/{DS}"
    assert f"GET {BUCKET} list crds_env_vars/" in texts, "the context is the bucket's, not the batch's"


def test_the_layout_can_be_asked_for(account: Account) -> None:
    """An explicit layout wins over the one that the output implies. The first request tells it, so nothing is
    calibrated.
    """
    account.delete(f"inputs/{DS}.tar.gz")
    assert account.submit(DS, CALDP_LAYOUT="tree").returncode == 26
    assert account.list(f"outputs/{DS}/messages/") == [f"outputs/{DS}/messages/datasets-error/{DS}"]
    command = ("process", DS, f"s3://{BUCKET}/inputs", f"s3://{BUCKET}/batch", "--profile", "aws")
    assert account.run("caldp", *command, "--layout", "calcloud").returncode == 26
    assert account.list("batch/messages/") == [f"batch/messages/error-{DS}"]
