"""Profile of those who name none."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp import profiles
from caldp.api import make_request
from caldp.domain.run.settings import NO_SERVER

ALONE = {"CRDS_PATH": "/my/cache"}


@pytest.mark.parametrize(
    ("environment", "has_store", "expected"),
    [
        ({}, True, "onsite"),
        ({}, False, "offsite"),
        (ALONE, False, "onsite"),
        (ALONE | {"CRDS_SERVER_URL": NO_SERVER}, False, "onsite"),
        (ALONE | {"CRDS_SERVER_URL": "https://hst-crds.stsci.edu"}, False, "offsite"),
        ({"CRDS_SERVER_URL": NO_SERVER}, False, "offsite"),
    ],
)
def test_it_is_onsite_only_where_a_cache_is_there_that_no_server_fills(
    environment: dict[str, str], has_store: bool, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "_CENTRAL_STORE", tmp_path if has_store else tmp_path / "none")
    assert make_request("j8cb010b0", environment=environment).settings.profile == expected
    assert make_request("j8cb010b0", profile="aws", output="o", environment=environment).settings.profile == "aws"
