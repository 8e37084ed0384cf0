"""The composition root: every profile and location that it serves can be built, and engines beside us are found."""

from __future__ import annotations

import os
import sysconfig

import pytest

from caldp.adapters.support.our_programs import with_our_programs
from caldp.api import make_request
from caldp.app.process.process_dataset import ProcessDataset
from caldp.container import build_pipeline
from caldp.domain.run.settings import PROFILES


@pytest.mark.parametrize("output", ["file:out", "none"])
@pytest.mark.parametrize("layout", ["tree", "calcloud"])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_pipeline_is_built_of_every_profile(profile: str, layout: str, output: str) -> None:
    request = make_request("ldfd01010", "in", output, profile=profile, overrides={"layout": layout}, environment={})
    pipeline = build_pipeline(request, {"HOME": "/home/me"})
    assert isinstance(pipeline, ProcessDataset)
    assert pipeline.request is request
    assert (pipeline.destination is None) is (output == "none")


def test_simulated_observations_have_their_own_references() -> None:
    request = make_request("lsim01010", "simulated:/box", "none", profile="offsite", environment={})
    assert request.settings.crds_path == "/box/crds_cache"
    pipeline = build_pipeline(request, {"HOME": "/me", "CRDS_PATH": "/real"})
    assert "CRDS_PATH" not in pipeline.environment


@pytest.mark.parametrize(
    ("environment", "first"), [({"PATH": "/my/bin:/bin"}, "/my/bin:/bin"), ({"HOME": "/home/me"}, os.defpath)]
)
def test_programs_that_pip_put_beside_us_are_found_after_all_others(environment: dict[str, str], first: str) -> None:
    assert with_our_programs(environment) == {**environment, "PATH": f"{first}:{sysconfig.get_path('scripts')}"}
