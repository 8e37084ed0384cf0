"""crds_s3_get as CRDS runs it: a program found on PATH, and an S3 server."""

from __future__ import annotations

import hashlib
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from caldp.adapters.references.crds_s3_get import main, plugin_directory
from caldp.domain.run.crds_variables import DOWNLOAD_PLUGIN
from tests.support.s3_server import S3Server

NAME = "x6f2041ql_flat.fits"
BODY = bytes(range(256)) * 4096
SHA1 = hashlib.sha1(BODY).hexdigest()
SOURCE = f"s3://hst-crds/references/hst/{NAME}"


@pytest.fixture
def environment(s3: S3Server) -> dict[str, str]:
    """CRDS's environment: our plug-in is first on PATH, CRDS's own program of this name comes later."""
    s3.bucket("hst-crds", **{f"references/hst/{NAME}": BODY})
    path = os.pathsep.join([str(plugin_directory()), str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**s3.environment, "PATH": path, "CALDP_PYTHON": sys.executable}


def run(command: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(shlex.split(command), env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "form",
    [
        DOWNLOAD_PLUGIN,
        "crds_s3_get ${SOURCE_URL} ${OUTPUT_PATH} --file-size ${FILE_SIZE} --file-sha1sum ${FILE_SHA1SUM}",
        "crds_s3_get ${SOURCE_URL} -d ${OUTPUT_PATH} --file-size ${FILE_SIZE} --file-sha1sum ${FILE_SHA1SUM}",
        "crds_s3_get ${SOURCE_URL} -d ${OUTPUT_PATH} -s ${FILE_SIZE} -c ${FILE_SHA1SUM} --ignore-cache",
    ],
)
def test_every_form_of_the_command_downloads_and_checks(form: str, environment: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "references" / "hst" / NAME
    values = {"FILENAME": SOURCE, "SOURCE_URL": SOURCE, "OUTPUT_PATH": str(target), "FILE_SIZE": str(len(BODY))}
    command = form
    for key, value in {**values, "FILE_SHA1SUM": SHA1}.items():
        command = command.replace(f"${{{key}}}", value)
    done = run(command, environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert target.read_bytes() == BODY
    assert [path.name for path in target.parent.iterdir()] == [NAME]


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (f"-s 3 -c {SHA1} -r 0", 10, f"should have 3 bytes and has {len(BODY)}"),
        (f"-s {len(BODY)} -c {'0' * 40} -r 0", 11, f"and has {SHA1}"),
        ("-s many", 1, "'many' is not a number"),
    ],
)
def test_a_file_that_is_not_what_was_ordered_does_not_get_its_name(
    options: str, status: int, said: str, environment: dict[str, str], tmp_path: Path
) -> None:
    done = run(f"crds_s3_get {SOURCE} -d {tmp_path}/{NAME} {options}", environment)
    assert done.returncode == status
    assert said in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_half_written_file_in_the_cache_is_replaced(environment: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / NAME
    target.write_bytes(BODY[:100])
    assert run(f"crds_s3_get {SOURCE} -d {target} -s {len(BODY)} -c {SHA1}", environment).returncode == 0
    assert target.read_bytes() == BODY


def test_a_whole_file_is_not_downloaded_again(environment: dict[str, str], s3: S3Server, tmp_path: Path) -> None:
    target = tmp_path / NAME
    target.write_bytes(BODY)
    s3.client.delete_object(Bucket="hst-crds", Key=f"references/hst/{NAME}")
    command = f"crds_s3_get {SOURCE} -d {target} -s {len(BODY)} -c {SHA1}"
    assert run(command, environment).returncode == 0
    missing = run(f"{command} --ignore-cache", environment)
    assert (missing.returncode, missing.stderr) == (1, f"crds_s3_get: {SOURCE}: S3 says 404\n")
    assert target.read_bytes() == BODY, "what was there is not lost"


def test_a_bare_name_is_found_by_the_uris_of_crds(environment: dict[str, str], tmp_path: Path) -> None:
    found = {**environment, "CRDS_REFERENCE_URI": "s3://hst-crds/references/hst/"}
    assert run(f"crds_s3_get {NAME} -d {tmp_path}", found).returncode == 0
    assert (tmp_path / NAME).read_bytes() == BODY
    lost = run(f"crds_s3_get hst_0729.pmap -d {tmp_path}", found)
    assert lost.returncode == 1
    assert "CRDS_MAPPING_URI does not say where it is" in lost.stderr


def test_a_passing_failure_is_tried_again(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, environment[name])
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _seconds: None)
    assert main([SOURCE, "-d", str(tmp_path / NAME), "-s", "3", "-r", "2"]) == 10
    assert capsys.readouterr().err.count("trying again") == 2


CRDS_DOWNLOAD = """
import sys
from crds.client import api
cacher = api.FileCacher("hst_0729.pmap")
api.get_download_metadata = lambda: {sys.argv[1]: {"size": sys.argv[2], "sha1sum": sys.argv[3]}}
cacher.download_files([sys.argv[1]], {sys.argv[1]: sys.argv[4]})
"""


def test_the_crds_library_downloads_with_it(environment: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "cache" / NAME
    crds = {
        **environment,
        "CRDS_PATH": str(tmp_path),
        "CRDS_OBSERVATORY": "hst",
        "CRDS_SERVER_URL": "https://hst-crds-serverless.stsci.edu",
        "CRDS_DOWNLOAD_MODE": "plugin",
        "CRDS_DOWNLOAD_PLUGIN": DOWNLOAD_PLUGIN,
        "CRDS_REFERENCE_URI": "s3://hst-crds/references/hst/",
    }
    command = [sys.executable, "-c", CRDS_DOWNLOAD, NAME, str(len(BODY)), SHA1, str(target)]
    done = subprocess.run(command, env=crds, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert target.read_bytes() == BODY
