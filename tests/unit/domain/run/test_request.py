"""Requests of runs."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from caldp.domain.calibration.astrometry import Astrometry
from caldp.domain.calibration.switch_facts import Wish
from caldp.domain.errors import InvalidRecord
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import LayoutKind
from caldp.domain.output.location import FileLocation, MastLocation, Nowhere, S3Location
from caldp.domain.run.request import RunRequest
from caldp.domain.run.settings import PROFILES, Layer, Settings, resolve

REQUEST = RunRequest(
    DatasetName.parse("j8cb010b0"),
    FileLocation("/data/inputs"),
    S3Location("bucket", "batch-22"),
    Settings(profile="onsite", crds_context="hst_0729.pmap", engine_environment={"OMP_NUM_THREADS": "2"}),
)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("source", [FileLocation("/in"), MastLocation(), S3Location("bucket", "in")])
def test_a_request_is_read_as_it_was_written(profile: str, source: Any) -> None:
    settings = resolve(profile, (Layer("profile", PROFILES[profile]),)).settings
    request = RunRequest(DatasetName.parse("acs_8ph_01"), source, Nowhere(), settings)
    again = RunRequest.from_json(request.to_json())
    assert again == request
    assert again.digest == request.digest


DETERMINE: list[dict[str, Any]] = [
    {"crds_context": "hst_0730.pmap"},
    {"reference_overrides": {"DARKFILE": "/my_dark.fits"}},
    {"engine_environment": {}},
    {"previews": False},
    {"astrometry": Astrometry.OFF},
    {"csys_ver": "1"},
    {"crds_environment": {"CRDS_MODE": "remote"}},
    {"switches": {"FLATCORR": Wish.OMIT}},
    {"members": "j8cb01u2q"},
    {"drizzle": {"final_scale": "0.03"}},
    {"table_values": {"XTRACTAB:HEIGHT": "35"}},
]
OTHER: list[dict[str, Any]] = [
    {"profile": "offsite"},
    {"home": "/scratch"},
    {"work_dir": "/scratch/1"},
    {"keep_work": True},
    {"layout": LayoutKind.CALCLOUD},
    {"transfers": 9},
    {"timeout": 5.0},
    {"attempts": 1},
    {"lease": 7.0},
    {"crds_path": "/cache"},
    {"simulate_error": 23},
]


@pytest.mark.parametrize("change", DETERMINE, ids=str)
def test_what_determines_the_products_changes_the_digest_and_is_named(change: dict[str, Any]) -> None:
    changed = evolve(REQUEST, settings=evolve(REQUEST.settings, **change))
    assert changed.digest != REQUEST.digest
    (difference,) = changed.differences(REQUEST)
    assert difference.startswith(f"{next(iter(change))} ")


@pytest.mark.parametrize("change", OTHER, ids=str)
def test_everything_else_does_not(change: dict[str, Any]) -> None:
    changed = evolve(REQUEST, settings=evolve(REQUEST.settings, **change), target=Nowhere())
    assert changed.digest == REQUEST.digest
    assert changed.differences(REQUEST) == ()


def test_without_a_wish_a_request_is_what_it_was_before_there_were_wishes() -> None:
    assert not {"switches", "members", "drizzle", "table_values"} & REQUEST.determinants.keys()
    wished = evolve(REQUEST, settings=evolve(REQUEST.settings, switches={"FLATCORR": Wish.OMIT}, members="j8cb01u2q"))
    assert RunRequest.from_json(wished.to_json()) == wished
    assert wished.settings.without_wishes == REQUEST.settings
    assert wished.differences(REQUEST) == (
        "switches None -> {'FLATCORR': 'OMIT'}", "members None -> 'j8cb01u2q'",
    )  # fmt: skip


def test_another_dataset_or_source_is_another_request() -> None:
    others = [evolve(REQUEST, dataset=DatasetName.parse("j8cb010b1")), evolve(REQUEST, source=MastLocation())]
    assert len({REQUEST.digest, *(other.digest for other in others)}) == 3
    assert others[1].differences(REQUEST) == ("source 'file:/data/inputs' -> 'astroquery:'",)


def test_credentials_are_never_written_and_do_not_change_the_digest_that_is_read_back() -> None:
    settings = evolve(
        REQUEST.settings,
        engine_environment={"ASTROMETRY_PWD": "opensesame", "SVM_QC": "on"},
        crds_server_url="https://me:opensesame@crds.example.org",
    )
    request = evolve(REQUEST, settings=settings)
    text = request.to_json()
    assert "opensesame" not in text
    assert "SVM_QC" in text
    assert RunRequest.from_json(text).digest == request.digest


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"schema": 9}, "schema is '9'"),
        ({"dataset": "nonsense"}, "nonsense"),
        ({"source": "http://x"}, "http://x"),
        ({"target": 5}, "no request"),
        ({"settings": {"profile": 5}}, "settings.profile"),
        ({"settings": []}, "settings"),
    ],
    ids=str,
)
def test_what_is_no_request_is_refused(change: dict[str, Any], said: str) -> None:
    plain = {**REQUEST.to_plain(), **change}
    with pytest.raises(InvalidRecord, match=said):
        RunRequest.from_plain(plain)


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", "1", '"x"', "[" * 100_000])
def test_what_is_no_json_of_a_request_is_refused(text: str) -> None:
    with pytest.raises(InvalidRecord):
        RunRequest.from_json(text)


LEAVES = st.none() | st.booleans() | st.integers() | st.text()


@given(st.recursive(LEAVES, lambda leaf: st.lists(leaf) | st.dictionaries(st.text(), leaf)))
def test_no_data_do_anything_but_be_refused(data: Any) -> None:
    for key in REQUEST.to_plain():
        with pytest.raises(InvalidRecord):
            RunRequest.from_plain({**REQUEST.to_plain(), key: [data]})
