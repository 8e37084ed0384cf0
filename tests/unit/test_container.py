"""The composition root: every profile and location that it serves can be built, and engines beside us are found."""

from __future__ import annotations

import os
import sysconfig

import pytest

from caldp.adapters.support.our_programs import with_our_programs
from caldp.app.process.process_dataset import ProcessDataset
from caldp.container import build_pipeline
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.location import parse_input, parse_output
from caldp.domain.run.settings import PROFILES
from caldp.profiles import resolve_settings


@pytest.mark.parametrize("output", ["file:out", "none"])
@pytest.mark.parametrize("layout", ["tree", "calcloud"])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_pipeline_is_built_of_every_profile(profile: str, layout: str, output: str) -> None:
    settings = resolve_settings(profile, {"layout": layout}, {}).settings
    pipeline = build_pipeline(
        settings, DatasetName.parse("ldfd01010"), parse_input("file:in"), parse_output(output), {"HOME": "/home/me"}
    )
    assert isinstance(pipeline, ProcessDataset)
    assert pipeline.settings is settings
    assert (pipeline.destination is None) is (output == "none")


def test_simulated_observations_have_their_own_references() -> None:
    settings = resolve_settings("offsite", {}, {}).settings
    pipeline = build_pipeline(
        settings, DatasetName.parse("lsim01010"), parse_input("simulated:/box"), parse_output("none"), {"HOME": "/me"}
    )
    assert pipeline.settings.crds_path == "/box/crds_cache"


@pytest.mark.parametrize(
    ("environment", "first"), [({"PATH": "/my/bin:/bin"}, "/my/bin:/bin"), ({"HOME": "/home/me"}, os.defpath)]
)
def test_programs_that_pip_put_beside_us_are_found_after_all_others(environment: dict[str, str], first: str) -> None:
    assert with_our_programs(environment) == {**environment, "PATH": f"{first}:{sysconfig.get_path('scripts')}"}
