"""Jobs that fail: the exit code that Batch sees, the message that is left, and what CALCLOUD then decides."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from attrs import evolve

from caldp.calcloud import BucketLayout, DatasetName, JobControl, JobOutcome, MessageType, combine, decide
from caldp.domain.errors import ContractError
from caldp.simulation import SimulatedObservation
from tests.support.calcloud_account import BUCKET, CRDS_BUCKET, Account
from tests.support.faulty_proxy import status

pytestmark = pytest.mark.engines

DS = "lsim01a1q"
ERROR = f"messages/error-{DS}"


@pytest.fixture(scope="session")
def observation(simulated: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory) -> SimulatedObservation:
    """One exposure, which takes half as long as its association; not to be changed."""
    inputs = tmp_path_factory.mktemp("exposure")
    for raw in simulated.inputs.glob(f"{DS}_*.fits"):
        shutil.copy(raw, inputs)
    return evolve(simulated, dataset=DS, inputs=inputs)


def assert_failed(account: Account, done: subprocess.CompletedProcess[str], code: int, then: MessageType) -> None:
    """Check everything that a failed job owes to CALCLOUD."""
    assert done.returncode == code, done.stderr
    assert decide(JobOutcome(code), JobControl()).message is then
    assert account.list("messages/") == [ERROR, f"messages/submit-{DS}"]
    assert account.get(ERROR).decode() == BucketLayout(BUCKET).message_body(DatasetName.parse(DS))
    assert "Traceback" not in done.stderr


def metrics(account: Account) -> tuple[str, str]:
    texts = [account.get(f"outputs/{DS}/{part}_metrics.txt").decode() for part in ("process", "preview")]
    return texts[0], texts[1]


@pytest.mark.parametrize("code", [31, 32, 33, 34])
def test_a_lack_of_memory_is_rescued_with_more(account: Account, code: int) -> None:
    done = account.submit(DS, CALDP_SIMULATE_ERROR=str(code), CALDP_PREVIEWS="0")
    assert_failed(account, done, code, MessageType.RESCUE)
    assert decide(JobOutcome(done.returncode), JobControl()).control == JobControl(memory_retries=1)
    assert decide(JobOutcome(done.returncode), JobControl(memory_retries=4)).message is MessageType.ERROR
    with pytest.raises(ContractError, match=f"exit status is {code}"):
        combine(*metrics(account))


def test_inputs_that_are_not_there(account: Account) -> None:
    account.delete(f"inputs/{DS}.tar.gz")
    assert_failed(account, account.submit(DS), 26, MessageType.ERROR)


def test_a_damaged_tarball(account: Account) -> None:
    account.put(f"inputs/{DS}.tar.gz", b"no tarball")
    assert_failed(account, account.submit(DS), 21, MessageType.ERROR)


def test_a_context_that_nobody_named(account: Account) -> None:
    account.delete("crds_env_vars/hst_sim0001.pmap")
    done = account.submit(DS)
    assert_failed(account, done, 27, MessageType.ERROR)
    assert f"In s3://{BUCKET}/ crds_env_vars/ names 0 CRDS contexts." in done.stderr
    members = f"outputs/{DS}/{DS}.tar.gz"
    assert members in account.list("outputs/"), "the inputs are there for whoever looks into it"


def test_a_reference_that_is_not_there(account: Account) -> None:
    account.s3.client.delete_object(Bucket=CRDS_BUCKET, Key="references/hst/simnuv_flat.fits")
    (account.cache / "references" / "hst" / "simnuv_flat.fits").unlink()
    done = account.submit(DS, CRDS_CLIENT_RETRY_COUNT="1", CRDS_CLIENT_RETRY_DELAY_SECONDS="0")
    assert_failed(account, done, 27, MessageType.ERROR)
    assert "simnuv_flat.fits" in done.stderr


def test_calibration_that_fails(account: Account) -> None:
    done = account.submit(DS, CALDP_SIMULATE_ERROR="23")
    assert_failed(account, done, 23, MessageType.ERROR)
    assert "\tExit status: 23" in metrics(account)[0]
    assert "\tExit status: 0" in metrics(account)[1]


def test_previews_that_fail(account: Account) -> None:
    done = account.submit(DS, CALDP_SIMULATE_ERROR="28")
    assert_failed(account, done, 28, MessageType.ERROR)
    assert "\tExit status: 0" in metrics(account)[0]
    assert "\tExit status: 28" in metrics(account)[1]


def test_products_that_cannot_be_stored(account: Account) -> None:
    account.proxy.on("POST", f"/outputs/{DS}/{DS}.tar.gz", status(403, "AccessDenied"), times=9)
    done = account.submit(DS, CALDP_PREVIEWS="0")
    assert_failed(account, done, 25, MessageType.ERROR)
    assert "access is denied" in done.stderr


def test_a_final_message_that_cannot_be_stored_is_no_success(account: Account) -> None:
    account.proxy.on("PUT", f"/messages/processed-{DS}", status(403, "AccessDenied"), times=9)
    assert_failed(account, account.submit(DS, CALDP_PREVIEWS="0"), 25, MessageType.ERROR)


def test_an_output_that_may_not_be_written_is_found_out_at_once(account: Account) -> None:
    account.proxy.on("PUT", f"/messages/processing-{DS}", status(403, "AccessDenied"), times=9)
    done = account.submit(DS)
    assert done.returncode == 25
    assert not [request.text for request in account.requests if "inputs/" in request.text]


def test_an_operator_cancels(account: Account) -> None:
    """Batch sends SIGTERM: the dataset must not look as if it were still processed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "caldp", "process", DS, f"s3://{BUCKET}/inputs", f"s3://{BUCKET}/outputs/{DS}",
         "--profile", "aws"],
        cwd=account.home, env=account.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if "----- references" in line:
            break
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode not in (0, 31, 32, 33, 34)
    assert account.list("messages/") == [ERROR, f"messages/submit-{DS}"]
    cancelled = JobOutcome(process.returncode, status_reason="Operator cancelled")
    assert decide(cancelled, JobControl(terminated=True)).message is MessageType.TERMINATED


def test_a_rescued_job_leaves_no_trace_of_its_failure(account: Account) -> None:
    assert account.submit(DS, CALDP_SIMULATE_ERROR="32", CALDP_PREVIEWS="0").returncode == 32
    assert account.submit(DS).returncode == 0
    assert account.list("messages/") == [f"messages/processed-{DS}.trigger", f"messages/submit-{DS}"]
    assert combine(*metrics(account)).memory_bin == 0
