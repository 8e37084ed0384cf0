"""Lines for streams of any encoding."""

from __future__ import annotations

import io
import sys

import pytest

from caldp.calcloud.layout import CalcloudLayout
from caldp.cli.text import say


def test_what_an_encoding_does_not_have_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii", errors="strict"))
    say("ausg\N{LATIN SMALL LETTER A WITH DIAERESIS}nge \N{REPLACEMENT CHARACTER}")
    assert written.getvalue() == b"ausg\\xe4nge \\ufffd\n"


def test_the_address_in_a_message_is_the_paths_bytes() -> None:
    assert CalcloudLayout().message_body("/ausg\udcc3\udca4nge/x.tar.gz") == b"/ausg\xc3\xa4nge/x.tar.gz"
