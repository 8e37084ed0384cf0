"""No credential is ever seen in a log or a record."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caldp.domain.secrets import blotted, without_secrets


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("PATH", "/bin", "/bin"),
        ("MONKEY", "m", "m"),
        ("CRDS_SERVER_URL", "https://hst-crds.stsci.edu", "https://hst-crds.stsci.edu"),
        ("MAST_API_TOKEN", "opensesame", "***"),
        ("A_KEY", "opensesame", "***"),
        ("AWS_SECRET_ACCESS_KEY", "opensesame", "***"),
        ("db_password", "opensesame", "***"),
        ("https_proxy", "http://me:opensesame@proxy:80", "http://***@proxy:80"),
    ],
)
def test_variables_that_hold_credentials_are_blotted_out(name: str, value: str, shown: str) -> None:
    assert without_secrets({name: value}) == {name: shown}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cannot reach http://me:opensesame@proxy:80/x", "cannot reach http://***@proxy:80/x"),
        (
            "GET 's3.example.org/b/k?X-Amz-Credential=AKIA/x&X-Amz-Expires=60&X-Amz-Signature=0f9a' failed",
            "GET 's3.example.org/b/k?X-Amz-Credential=***&X-Amz-Expires=60&X-Amz-Signature=***' failed",
        ),
        ("https://mast.example.org/api?token=opensesame", "https://mast.example.org/api?token=***"),
        ("connect(key=key, name=name)", "connect(key=key, name=name)"),
    ],
)
def test_addresses_lose_users_and_signatures(text: str, shown: str) -> None:
    assert blotted(text) == shown


@given(st.text())
def test_blotting_twice_is_blotting_once(text: str) -> None:
    assert blotted(blotted(text)) == blotted(text)
