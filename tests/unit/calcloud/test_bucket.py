"""Every key of CALCLOUD's bucket, spelled out."""

import pytest

from caldp.calcloud import (
    PREVIEW_LOG,
    PREVIEW_METRICS,
    PROCESS_LOG,
    PROCESS_METRICS,
    AnyDataset,
    BucketLayout,
    ContractError,
    DatasetName,
    MessageType,
    context_of,
    dataset_of,
)
from caldp.calcloud.layout import CalcloudLayout
from caldp.domain.output.messages import OWN_STATES

LAYOUT = BucketLayout("calcloud-processing")
DATASETS = [DatasetName.parse(name) for name in ("ieloc4yzq", "wfc3_epo_2h", "skycell-p0115x10y10")]


@pytest.mark.parametrize("dataset", DATASETS, ids=str)
def test_every_key(dataset: AnyDataset) -> None:
    name = dataset.name
    assert LAYOUT.input_key(dataset) == f"inputs/{name}.tar.gz"
    assert LAYOUT.archive_key(dataset) == f"outputs/{name}/{name}.tar.gz"
    assert LAYOUT.features_key(dataset) == f"control/{name}/{name}_MemModelFeatures.txt"
    assert LAYOUT.control_key(dataset) == f"control/{name}/job.json"
    assert LAYOUT.message_key(MessageType.PROCESSED, dataset) == f"messages/processed-{name}.trigger"
    assert LAYOUT.message_key(MessageType.ERROR, dataset) == f"messages/error-{name}"
    assert LAYOUT.message_body(dataset) == f"s3://calcloud-processing/outputs/{name}/{name}.tar.gz"
    assert {LAYOUT.log_key(dataset, log) for log in (PROCESS_LOG, PREVIEW_LOG, PROCESS_METRICS, PREVIEW_METRICS)} == {
        f"outputs/{name}/process.txt",
        f"outputs/{name}/preview.txt",
        f"outputs/{name}/process_metrics.txt",
        f"outputs/{name}/preview_metrics.txt",
    }


@pytest.mark.parametrize("dataset", DATASETS, ids=str)
def test_the_layout_that_caldp_publishes_in_has_the_same_messages(dataset: AnyDataset) -> None:
    for state in OWN_STATES:
        published = CalcloudLayout().message_key(dataset, state)
        assert published == LAYOUT.message_key(MessageType(state.value), dataset)


def test_what_a_job_is_told() -> None:
    dataset = DatasetName.parse("wfc3_epo_2h")
    assert LAYOUT.uri() == "s3://calcloud-processing"
    assert LAYOUT.inputs == "s3://calcloud-processing/inputs"
    assert LAYOUT.outputs(dataset) == "s3://calcloud-processing/outputs/wfc3_epo_2h"


def test_a_bucket_may_be_given_by_its_address() -> None:
    assert BucketLayout("s3://calcloud-processing/") == LAYOUT


@pytest.mark.parametrize("bucket", ["", "bucket/prefix", "UPPER", "a..b", "s3://s3://bucket"])
def test_what_is_no_bucket_is_refused(bucket: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        BucketLayout(bucket)


def test_the_context_is_the_name_of_an_empty_object() -> None:
    assert context_of(["crds_env_vars/", "crds_env_vars/hst_1234.pmap"]) == "hst_1234.pmap"


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ([], "names 0 CRDS contexts."),
        (["crds_env_vars/readme"], "names 0 CRDS contexts."),
        (["crds_env_vars/hst_2.pmap", "crds_env_vars/hst_1.pmap"], "names 2 CRDS contexts: hst_1.pmap, hst_2.pmap."),
    ],
)
def test_no_context_or_several_are_refused(keys: list[str], sentence: str) -> None:
    with pytest.raises(ContractError, match=sentence):
        context_of(keys)


@pytest.mark.parametrize("dataset", DATASETS, ids=str)
def test_a_key_tells_its_dataset(dataset: AnyDataset) -> None:
    keys = [
        LAYOUT.input_key(dataset),
        LAYOUT.archive_key(dataset),
        LAYOUT.log_key(dataset, PROCESS_METRICS),
        LAYOUT.features_key(dataset),
        LAYOUT.control_key(dataset),
        *(LAYOUT.message_key(kind, dataset) for kind in MessageType),
    ]
    assert [dataset_of(key) for key in keys] == [dataset] * len(keys)


@pytest.mark.parametrize(
    "key",
    ["", "inputs/", "inputs/readme.txt", "messages/cancel-all", "messages/x", "outputs/notes/a", "blackboard/x", "x"],
)
def test_other_keys_belong_to_no_dataset(key: str) -> None:
    assert dataset_of(key) is None
