"""An output in a directory, and one in S3."""

from pathlib import Path

import pytest

from tests.support.s3_server import S3Server
from tests.support.shared_outputs import DirectoryOutput, Output, S3Output


@pytest.fixture(params=["directory", "S3"])
def output(request: pytest.FixtureRequest, tmp_path: Path, s3: S3Server) -> Output:
    return DirectoryOutput(tmp_path / "out") if request.param == "directory" else S3Output(s3)
