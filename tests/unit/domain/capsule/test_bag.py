"""Texts of bags and crates, and warnings of exclusive access."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from caldp.domain.capsule import bag
from caldp.domain.capsule.crate import crate_text
from caldp.domain.capsule.exclusive import exclusive_warning
from caldp.domain.errors import InvalidCapsule
from caldp.domain.hst.files import Extension, FitsFacts, UnreadableFits
from caldp.domain.lock.make import make_lock
from tests.support.locked import RECORDED

DIGEST = "0123456789abcdef" * 4
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def test_a_manifest_is_read_as_it_was_written() -> None:
    digests = {"data/b.fits": DIGEST, "data/a.fits": DIGEST[::-1]}
    text = bag.manifest_text(digests)
    assert text.splitlines()[0] == f"{DIGEST[::-1]}  data/a.fits"
    assert bag.parse_manifest(text, bag.MANIFEST) == digests


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "line 1 of manifest-sha256.txt is not a SHA-256 and a path"),
        (f"{DIGEST[1:]}  data/a", "is not a SHA-256"),
        (f"{DIGEST}  ../a", "may lie outside of it"),
        (f"{DIGEST}  /etc/passwd", "may lie outside of it"),
        (f"{DIGEST}  data/../../a", "may lie outside of it"),
        (f"{DIGEST}  data\\a", "may lie outside of it"),
        (f"{DIGEST}  data/a\n{DIGEST}  data/a", "has data/a twice"),
    ],
)
def test_a_manifest_that_names_what_it_must_not_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidCapsule, match=message.replace("\\", "\\\\")):
        bag.parse_manifest(text, bag.MANIFEST)


def test_what_is_missing_and_what_is_too_much_is_named() -> None:
    found = {*bag.TAGS, bag.TAG_MANIFEST, "data/a"}
    assert list(bag.problems(found, {"data/a"}, {*bag.TAGS})) == []
    assert list(bag.problems(found | {"data/b"}, {"data/a"}, {*bag.TAGS})) == ["data/b is in no manifest"]
    assert list(bag.problems(found, {"data/a", "data/c"}, {*bag.TAGS})) == ["data/c is missing"]
    assert next(bag.problems(found, {"data/a", "x"}, {*bag.TAGS})).startswith("x is named by")
    assert list(bag.problems(found, {"data/a"}, {"bagit.txt", bag.MANIFEST})) == [
        "bag-info.txt is not named by tagmanifest-sha256.txt", "bag-info.txt is in no manifest",
    ]  # fmt: skip


def test_the_metadata_of_a_bag_count_its_payload() -> None:
    text = bag.info_text("lsim01010", date(2026, 11, 26), 3, 1000, "caldp 1")
    assert "Payload-Oxum: 1000.3\n" in text
    assert "Bagging-Date: 2026-11-26\n" in text


def test_a_crate_describes_every_file_and_the_run() -> None:
    lock = make_lock(RECORDED)
    files = {"lock.json": 10, "inputs/lsim01a1q_rawtag.fits": 5, "crds/references/hst/sim_flat.fits": 7}
    graph = {item["@id"]: item for item in json.loads(crate_text(lock, files, NOW, "https://example.org"))["@graph"]}
    root = graph["./"]
    assert root["conformsTo"] == {"@id": "https://w3id.org/ro/wfrun/process/0.5"}
    assert {part["@id"] for part in root["hasPart"]} == files.keys()
    run = graph["#run"]
    assert {item["@id"] for item in run["object"]} == files.keys() - {"lock.json"}
    assert run["instrument"] == {"@id": "https://example.org"}
    assert graph[run["instrument"]["@id"]]["version"] == "1.0"
    assert graph["https://github.com/spacetelescope/calcos#calcos"]["version"] == "3.6.2"
    referenced = [each["@id"] for item in graph.values() for value in item.values() for each in _references(value)]
    assert set(referenced) - graph.keys() == {"https://w3id.org/ro/crate/1.1"}


def _references(value: object) -> list[dict[str, str]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


@pytest.mark.parametrize(
    ("primary", "extension", "is_warned"),
    [
        ({"DATE-OBS": "2026-06-01"}, {}, True),
        ({"TDATEOBS": "2026-06-01"}, {}, True),
        ({}, {"DATE-OBS": "2026-06-01T12:00:00"}, True),
        ({"DATE-OBS": "2017-06-30"}, {}, False),
        ({"DATE-OBS": "soon"}, {}, False),
        ({}, {}, False),
    ],
)
def test_young_data_are_warned_of(primary: dict[str, str], extension: dict[str, str], is_warned: bool) -> None:
    warning = exclusive_warning(FitsFacts("x_raw.fits", primary, (Extension("SCI", extension),)), NOW)
    assert warning.startswith("x_raw.fits was observed on 2026-06-01") if is_warned else warning == ""


def test_a_file_that_cannot_be_read_is_not_warned_of() -> None:
    assert exclusive_warning(UnreadableFits("x_raw.fits", "it is empty"), NOW) == ""
