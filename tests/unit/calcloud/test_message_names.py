"""Names of messages: parsed from names, keys and addresses; wildcards; the one type that triggers."""

import pytest

from caldp.calcloud import ContractError, DatasetName, MessageName, MessageType, expand

DATASETS = ("ieloc4yzq", "wfc3_epo_2h", "skycell-p0115x10y10")
TYPES = [
    "broadcast", "placed", "submit", "processing", "processed", "error", "ingesterror", "ingested", "terminated",
    "cancel", "rescue", "clean",
]  # fmt: skip


def test_the_types_are_those_of_calcloud_in_its_order() -> None:
    assert [kind.value for kind in MessageType] == TYPES


@pytest.mark.parametrize("kind", MessageType)
@pytest.mark.parametrize("dataset", DATASETS)
def test_a_name_survives_every_spelling(kind: MessageType, dataset: str) -> None:
    message = MessageName(kind, dataset)
    for spelling in (str(message), message.object_name, message.key, f"s3://calcloud-processing/{message.key}"):
        assert MessageName.parse(spelling) == message
    assert message.dataset == DatasetName.parse(dataset)
    assert str(message) == f"{kind.value}-{dataset}"


@pytest.mark.parametrize("dataset", DATASETS)
def test_only_processed_triggers(dataset: str) -> None:
    keys = {kind: MessageName(kind, dataset).key for kind in MessageType}
    assert keys.pop(MessageType.PROCESSED) == f"messages/processed-{dataset}.trigger"
    assert keys == {kind: f"messages/{kind.value}-{dataset}" for kind in keys}


@pytest.mark.parametrize("name", ["cancel-all", "rescue-all", "clean-all"])
def test_a_wildcard_stands_for_every_dataset(name: str) -> None:
    message = MessageName.parse(f"messages/{name}")
    assert message.is_wildcard
    assert message.dataset is None
    assert message.key == f"messages/{name}"


@pytest.mark.parametrize(
    "name",
    ["clean-ingested", "broadcast-kill", "cancel-1cc5817c_8d93_4119_bbd4_25407ee233b5", "processed-all"],
)
def test_a_subject_need_not_be_a_dataset(name: str) -> None:
    message = MessageName.parse(name)
    assert message.dataset is None
    assert message.key == f"messages/{name}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "error",
        "put-ipppssoot",
        "error-",
        "Error-ieloc4yzq",
        "error-ieloc4yzq.trigger",
        "error-../ieloc4yzq",
        "outputs/error-ieloc4yzq",
        "error-ieloc4yzq\n",
        "messages/messages/error-ieloc4yzq",
    ],
)
def test_what_is_no_message_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(ContractError, match=r"\.$"):
        MessageName.parse(text)


def test_a_refusal_is_a_value_error_as_in_calcloud() -> None:
    with pytest.raises(ValueError, match="'put' is not a type of message"):
        MessageType.parse("put")


@pytest.mark.parametrize(
    ("pattern", "prefixes"),
    [
        ("all", tuple(TYPES)),
        ("all-", tuple(TYPES)),
        ("all-all", tuple(TYPES)),
        ("all-lcw303cjq", tuple(f"{kind}-lcw303cjq" for kind in TYPES)),
        ("all-skycell-p0115x10y10", tuple(f"{kind}-skycell-p0115x10y10" for kind in TYPES)),
        ("rescue", ("rescue",)),
        ("rescue-all", ("rescue",)),
        ("rescue-lcw304cjq", ("rescue-lcw304cjq",)),
    ],
)
def test_patterns_expand_to_prefixes(pattern: str, prefixes: tuple[str, ...]) -> None:
    assert expand(pattern) == prefixes


def test_no_type_is_the_beginning_of_another() -> None:
    """Else listing the messages of one type by prefix would list another's."""
    assert not [(one, other) for one in TYPES for other in TYPES if one != other and other.startswith(one)]


@pytest.mark.parametrize("pattern", ["", "everything", "put-lcw304cjq", "all-a/b"])
def test_other_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(ContractError):
        expand(pattern)
