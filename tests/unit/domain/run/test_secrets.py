"""No credential, and nothing that steers a terminal, is ever seen in a log or a record."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caldp.domain.run.secrets import Blotter, blotted, visible, without_secrets


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("PATH", "/bin", "/bin"),
        ("MONKEY", "m", "m"),
        ("PWD", "/work", "/work"),
        ("OLDPWD", "/work", "/work"),
        ("GIT_AUTHOR_NAME", "Edwin", "Edwin"),
        ("CRDS_SERVER_URL", "https://hst-crds.stsci.edu", "https://hst-crds.stsci.edu"),
        ("MAST_API_TOKEN", "opensesame", "***"),
        ("A_KEY", "opensesame", "***"),
        ("MY_APIKEY", "opensesame", "***"),
        ("ASTROMETRY_PWD", "opensesame", "***"),
        ("SVM_PASSPHRASE", "opensesame", "***"),
        ("AWS_SECRET_ACCESS_KEY", "opensesame", "***"),
        ("AWS_ACCESS_KEY_ID", "opensesame", "***"),
        ("db_password", "opensesame", "***"),
        ("DB_PASS", "opensesame", "***"),
        ("https_proxy", "http://me:opensesame@proxy:80", "http://***@proxy:80"),
    ],
)
def test_variables_that_hold_credentials_are_blotted_out(name: str, value: str, shown: str) -> None:
    assert without_secrets({name: value}) == {name: shown}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("cannot reach http://me:opensesame@proxy:80/x", "cannot reach http://***@proxy:80/x"),
        ("http://me:open@sesame@proxy/x", "http://***@proxy/x"),
        ("http://me:open/sesame@proxy/x", "http://***@proxy/x"),
        ("https://opensesame@host/x", "https://***@host/x"),
        (
            "GET 's3.example.org/b/k?X-Amz-Credential=AKIA/x&X-Amz-Expires=60&X-Amz-Signature=0f9a' failed",
            "GET 's3.example.org/b/k?X-Amz-Credential=***&X-Amz-Expires=60&X-Amz-Signature=***' failed",
        ),
        ("b/k?X-Amz-Security-Token=FwoG&versionId=1", "b/k?X-Amz-Security-Token=***&versionId=1"),
        ("b/k?AWSAccessKeyId=AKIA&Expires=1&Signature=x%2F=", "b/k?AWSAccessKeyId=***&Expires=1&Signature=***"),
        ("https://x.blob.example.org/k?sv=1&sig=ab%3D", "https://x.blob.example.org/k?sv=1&sig=***"),
        ("https://mast.example.org/api?token=opensesame", "https://mast.example.org/api?token=***"),
        ("SVM_PASSPHRASE=open sesame, please", "SVM_PASSPHRASE=***"),
        ("export ASTROMETRY_PWD=opensesame", "export ASTROMETRY_PWD=***"),
        ("with ASTROMETRY_PWD=opensesame set", "with ASTROMETRY_PWD=*** set"),
        ("run --password=opensesame x", "run --password=*** x"),
        ("{'MY_APIKEY': 'opensesame', 'x': 1}", "{'MY_APIKEY': '***', 'x': 1}"),
        ('{"SecretAccessKey": "open", "b": "c"}', '{"SecretAccessKey": "***", "b": "c"}'),
        ("aws_secret_access_key = opensesame", "aws_secret_access_key = ***"),
        ("Authorization: Bearer opensesame", "Authorization: ***"),
        ("Authorization: Basic bWU6cHc=", "Authorization: ***"),
        ("sent Bearer opensesame1", "sent Bearer ***"),
        ('"SessionToken": "FwoGZXIvYXdzEJr1234567"', '"SessionToken": "***"'),
    ],
)
def test_credentials_in_texts_are_blotted_out(text: str, shown: str) -> None:
    assert blotted(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "connect(key=key, name=name)",
        "not well-formed (invalid token): line 1, column 0",
        "An error occurred (ExpiredToken) when calling the GetObject operation: The provided token has expired.",
        "keyword CCDAMP = 'C', DARKFILE = jref$p2m17374j_drk.fits",
        "Author: Edwin; authority: none",
        "Missing keyword EXPTIME: 3 cards",
        "https://hst-crds.stsci.edu:8001/get?name=hst_0729.pmap",
        "2026-11-25T12:00:00Z INFO  hst_0729.pmap assigns 27 reference files",
        "mail me@example.org",
    ],
)
def test_what_is_no_credential_stays(text: str) -> None:
    assert blotted(text) == text
    assert Blotter()(text) is text


def test_known_credentials_are_blotted_out_wherever_they_are() -> None:
    environment = {
        "MAST_API_TOKEN": "opensesame",
        "CRDS_SERVER_URL": "https://me:pass%40word@crds.example.org",
        "AWS_SHARED_CREDENTIALS_FILE": "/home/me/.aws/credentials",
        "AUTH": "basic",
        "PATH": "/usr/bin",
    }
    blot = Blotter.of(environment)
    said = "opensesame xopensesamex pass@word pass%40word /home/me/.aws/credentials basic /usr/bin"
    assert blot(said) == "*** x***x *** *** /home/me/.aws/credentials basic /usr/bin"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m and \x1b[2Jcleared", "red and cleared"),
        ("\x9b31mred\x9b0m", "red"),
        ("\x1b]0;a title\x07text", "text"),
        ("\x1b]8;;http://x.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1$r0m\x1b\\x\x1b_hidden\x1b\\y", "xy"),
        ("\x1b(Bcharset \x1bcreset", "charset reset"),
        ("bell\x07 back\x08space \x00nul \x7f", "bell� back�space �nul �"),
        ("\x85next\u202etxt.exe\udc80", "�next�txt.exe�"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("é ☉ 你好", "é ☉ 你好"),
        ("cut \x1b", "cut "),
        ("\x1b]0;no end", "0;no end"),
    ],
)
def test_nothing_steers_the_terminal(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.timeout(60)  # an expression that looks at the same again and again takes minutes
@pytest.mark.parametrize(
    "text",
    [
        "key" * 22_000, "key." * 16_000, "key " * 16_000 + "=", "://" * 22_000 + "@", "a" * 65_000 + "key=",
        "=key" * 16_000, "\x1b]" * 32_000, "\x9d" * 65_000,
        "\x1b[0" * 20_000, "token:" * 10_000, "key=\"" * 13_000, "key:'" * 13_000,
    ],
)  # fmt: skip
def test_a_long_line_is_looked_at_once(text: str) -> None:
    assert "opensesame" not in Blotter(("opensesame",))(text + " opensesame")


def test_an_escape_sequence_does_not_hide_a_credential() -> None:
    assert Blotter()("ASTROMETRY_P\x1b[0mWD=opensesame") == "ASTROMETRY_PWD=***"


@given(st.text())
def test_blotting_twice_is_blotting_once(text: str) -> None:
    assert blotted(blotted(text)) == blotted(text)


@given(st.text(alphabet=st.characters(max_codepoint=0x9F)))
def test_no_control_character_is_left(text: str) -> None:
    shown = visible(text)
    assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f]", shown)
    assert visible(shown) is shown


@given(
    st.dictionaries(
        st.sampled_from(["password", "apiKey", "SessionToken", "name", "url", "uri"]),
        st.one_of(st.text(alphabet="abcXYZ019 +/=&:@._-\"'\\{[?", max_size=30), st.none(), st.integers(), st.just([])),
    )
)
def test_json_stays_json(document: dict[str, object]) -> None:
    shown = json.loads(Blotter()(json.dumps(document)))
    assert shown.keys() == document.keys()
    assert not isinstance(document.get("password"), str) or shown["password"] == "***"
