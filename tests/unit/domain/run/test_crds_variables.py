"""Variables that CRDS and the engines read from their environment."""

from __future__ import annotations

import pytest

from caldp.domain.run.crds_variables import crds_variables, reference_variables
from caldp.domain.run.settings import PROFILES, Layer, Settings, environment_layer, resolve


def settings(profile: str, **environ: str) -> Settings:
    return resolve(profile, (Layer(f"profile {profile}", PROFILES[profile]), environment_layer(environ))).settings


def test_onsite_is_a_read_only_cache_without_a_server() -> None:
    assert crds_variables(settings("onsite"), {}) == {
        "CRDS_OBSERVATORY": "hst",
        "CRDS_SERVER_URL": "https://hst-serverless-mode.stsci.edu",
        "CRDS_PATH": "/grp/crds/cache",
        "CRDS_READONLY_CACHE": "1",
    }


def test_aws_downloads_with_the_plugin_from_the_bucket() -> None:
    assert crds_variables(settings("aws", CRDSBUCKET="s3://hst-crds/", CRDS_CONTEXT="hst_0729.pmap"), {}) == {
        "CRDS_OBSERVATORY": "hst",
        "CRDS_SERVER_URL": "https://hst-crds-serverless.stsci.edu",
        "CRDS_PATH": "~/crds_cache",
        "CRDS_READONLY_CACHE": "0",
        "CRDS_CONTEXT": "hst_0729.pmap",
        "CRDS_CONFIG_URI": "s3://hst-crds/config/hst/",
        "CRDS_REFERENCE_URI": "s3://hst-crds/references/hst/",
        "CRDS_PICKLE_URI": "s3://hst-crds/pickles/hst/",
        "CRDS_DOWNLOAD_MODE": "plugin",
        "CRDS_DOWNLOAD_PLUGIN": "crds_s3_get ${FILENAME} -d ${OUTPUT_PATH} -s ${FILE_SIZE} -c ${FILE_SHA1SUM}",
        "CRDS_USE_PICKLED_CONTEXTS": "1",
        "CRDS_S3_ENABLED": "1",
        "CRDS_S3_RETURN_URI": "0",
        "CRDS_CLIENT_RETRY_COUNT": "4",
        "CRDS_CLIENT_RETRY_DELAY_SECONDS": "10",
    }


def test_a_bucket_without_pickles_has_mappings() -> None:
    environ = {"CRDSBUCKET": "s3://hst-crds", "CRDS_USE_PICKLED_CONTEXTS": "0"}
    variables = crds_variables(settings("aws", **environ), environ)
    assert variables["CRDS_MAPPING_URI"] == "s3://hst-crds/mappings/hst/"
    assert variables["CRDS_USE_PICKLED_CONTEXTS"] == "0"


def test_what_the_caller_says_of_crds_wins() -> None:
    environ = {"CRDS_CLIENT_RETRY_COUNT": "9", "CRDS_S3_ENABLED": "", "CRDS_DOWNLOAD_PLUGIN": "fetch ${SOURCE_URL}"}
    found = crds_variables(settings("aws"), environ)
    assert found["CRDS_CLIENT_RETRY_COUNT"] == "9"
    assert found["CRDS_S3_ENABLED"] == "1", "an empty variable says nothing"
    assert found["CRDS_DOWNLOAD_PLUGIN"] == "fetch ${SOURCE_URL}"


def test_what_crds_writes_into_a_process_that_imports_it_is_no_address() -> None:
    environ = {"CRDSBUCKET": "s3://hst-crds", "CRDS_PICKLE_URI": "None", "CRDS_CONFIG_URI": "none"}
    found = crds_variables(settings("aws", **environ), environ)
    assert found["CRDS_PICKLE_URI"] == "s3://hst-crds/pickles/hst/"
    assert found["CRDS_CONFIG_URI"] == "s3://hst-crds/config/hst/"


@pytest.mark.parametrize(("flat", "expected"), [(True, "/c/references/hst/"), (False, "/c/references/hst/wfpc2/")])
def test_reference_directories_end_with_a_slash(flat: bool, expected: str) -> None:
    variables = reference_variables("/c/", flat=flat)
    assert variables["uref"] == variables["uref_linux"] == expected
    assert set(variables) == {"iref", "jref", "oref", "lref", "nref", "uref", "uref_linux"}
    assert all(value.endswith("/") for value in variables.values())
