"""The real raw files name nothing outside of a run's directories once the real CRDS has assigned references."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.api import plan

pytestmark = pytest.mark.shared_data


@pytest.mark.parametrize(
    ("dataset", "context"),
    [
        ("ldfd01010", "hst_0729.pmap"),
        ("jbz504010", "hst_0729.pmap"),
        ("j6gp01mkq", "hst_0729.pmap"),
        ("j6gp01mkq", "hst_9729.pmap"),
        ("isim01010", "hst_0729.pmap"),
        ("osim01010", "hst_0729.pmap"),
    ],
)
def test_no_real_dataset_is_refused(
    dataset: str, context: str, shared_hst: Path, crds_cache: Path, tmp_path: Path
) -> None:
    environment = {"CRDS_PATH": str(crds_cache), "CRDS_CONTEXT": context, "CALDP_HOME": str(tmp_path)}
    planned = plan(dataset, f"file:{shared_hst / 'inputs'}", "none", environment=environment)
    assert planned.inputs is not None
    assert planned.inputs.obstacle is None
    assert planned.inputs.assignment is not None
    assert planned.inputs.assignment.references
