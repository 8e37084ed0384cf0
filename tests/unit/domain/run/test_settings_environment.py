"""Environment variables as a source of settings."""

from __future__ import annotations

import pytest

from caldp.domain.errors import InvalidSetting
from caldp.domain.run.settings import environment_layer, resolve


def test_a_value_knows_the_variable_it_came_from() -> None:
    resolved = resolve("x", (environment_layer({"CRDS_PATH": "/c", "CALDP_TIMEOUT": ""}),))
    assert resolved.settings.crds_path == "/c"
    assert resolved.origins["crds_path"] == "environment CRDS_PATH"
    assert resolved.origins["timeout"] == "default"


@pytest.mark.parametrize(
    ("environ", "context", "origin"),
    [
        ({"CRDSCONTEXT": "hst_1.pmap"}, "hst_1.pmap", "environment CRDSCONTEXT"),
        ({"CRDSCONTEXT": "hst_1.pmap", "CRDS_CONTEXT": "hst_2.pmap"}, "hst_2.pmap", "environment CRDS_CONTEXT"),
        ({"CRDSCONTEXT": "hst_1.pmap", "CRDS_CONTEXT": ""}, "hst_1.pmap", "environment CRDSCONTEXT"),
    ],
)
def test_calclouds_spelling_of_the_context_counts_too(environ: dict[str, str], context: str, origin: str) -> None:
    resolved = resolve("aws", (environment_layer(environ),))
    assert resolved.settings.crds_context == context
    assert resolved.origins["crds_context"] == origin


def test_a_wrong_value_is_an_error_that_names_the_variable() -> None:
    with pytest.raises(InvalidSetting, match="environment CALDP_TIMEOUT: timeout is 'soon'"):
        resolve("x", (environment_layer({"CALDP_TIMEOUT": "soon"}),))
