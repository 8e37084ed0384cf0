"""Exported variables, sorted by the part of a run that reads them."""

from __future__ import annotations

from caldp.domain.run.exports import exported_environment, exported_layer
from caldp.domain.run.settings import resolve

EXPORTS = {
    "CRDS_PATH": "/data/crds",
    "CRDSCONTEXT": "hst_0001.pmap",
    "CRDS_CONTEXT": "hst_0729.pmap",
    "CRDS_READONLY_CACHE": "1",
    "CRDS_CLIENT_RETRY_COUNT": "9",
    "CALDP_TIMEOUT": "60",
    "CALDP_HOME": "",
    "ASTROMETRY_COMPUTE_APOSTERIORI": "off",
    "jref": "/data/crds/references/hst/acs/",
    "CALDP_PROFILE_ENV": "offsite",
    "AWS_PROFILE": "hst",
    "MAST_API_TOKEN": "abracadabra",
    "PATH": "/opt/hstcal/bin:/bin",
}


def test_settings_and_tables_of_a_profile() -> None:
    layer = exported_layer("my-config", EXPORTS)
    found = resolve("my-config", (layer,))
    settings = found.settings
    assert (settings.crds_path, settings.crds_context) == ("/data/crds", "hst_0729.pmap")
    assert settings.crds_readonly_cache is True
    assert settings.timeout == 60.0
    assert settings.home == ".", "an empty variable sets nothing"
    assert settings.crds_environment == {"CRDS_CLIENT_RETRY_COUNT": "9"}
    assert settings.engine_environment == {"ASTROMETRY_COMPUTE_APOSTERIORI": "off"}
    assert found.origins["crds_path"] == "my-config"


def test_the_rest_belongs_to_the_environment_of_a_run() -> None:
    assert exported_environment(EXPORTS) == {
        "AWS_PROFILE": "hst",
        "MAST_API_TOKEN": "abracadabra",
        "PATH": "/opt/hstcal/bin:/bin",
    }
