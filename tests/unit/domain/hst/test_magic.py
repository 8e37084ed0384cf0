"""File types by first bytes."""

import pytest

from caldp.domain.hst.magic import kind_of
from caldp.domain.run.quoting import quoted
from tests.support import raws
from tests.support.tarballs import tarball


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"", "an empty file"),
        (raws.raw("lsim01aaq")[:512], "a FITS file"),
        (b"PK\x03\x04\x14\x00", "a zip archive"),
        (tarball({"a": b"x"})[:512], "a file compressed with gzip"),
        (tarball({"PK\x03\x04": b"x"}, "w")[:512], "a tarball"),
        (b"\n<!DOCTYPE HTML>\n<title>Sign in", "an HTML page"),
        (b"\xef\xbb\xbf<html>", "an HTML page"),
        (b"<?xml version='1.0'?><Error>", "an XML document"),
        (b"Please see the other directory.\n", "a text file"),
        (bytes(512), ""),
        (b"\x00\x01\x02binary", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # the bytes of a tarball change with the clock
)
def test_kinds(head: bytes, kind: str) -> None:
    assert kind_of(head) == kind


@pytest.mark.parametrize(
    ("place", "shown"), [(".", "'.'"), ("a b", "'a b'"), ("it's", '"it\'s"'), ("a\x1b[2Jb", r"'a\x1b[2Jb'")]
)
def test_quotes(place: str, shown: str) -> None:
    assert quoted(place) == shown
