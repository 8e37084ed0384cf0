"""Contract of the port HeaderSource."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import frozen

from caldp.app.ports.header_source import HeaderSource
from caldp.domain.errors import InputNotFound, InvalidInput
from caldp.domain.hst.files import UnreadableFits
from caldp.domain.stale.header_values import FileHeaders

NAMES = ("jbz504haq_flt.fits", "jbz504haq_raw.fits", "jbz504hcq_raw.fits")
"""Whole files, in order."""
DAMAGED = "jbz504hdq_raw.fits"


@frozen
class Case:
    """A source, and a directory with the files of `NAMES` and `DAMAGED`, and a text file.

    Attributes
    ----------
    source
        Under test.
    directory
        The directory.
    """

    source: HeaderSource
    directory: Path


class HeaderSourceContract:
    """Override the fixture `case`; the rest is the contract."""

    @pytest.fixture
    def case(self, tmp_path: Path) -> Case:
        raise NotImplementedError

    def test_whole_files_of_a_directory_come_in_order(self, case: Case) -> None:
        found = [one for one in case.source.files(case.directory) if isinstance(one, FileHeaders)]
        assert tuple(one.name for one in found) == NAMES
        assert {one.container for one in found} == {str(case.directory)}
        for one in found:
            assert one.hdus[0]["INSTRUME"] == "ACS"
            assert one.hdus[1]["EXTNAME"] == "SCI"

    def test_a_damaged_file_of_a_directory_is_named(self, case: Case) -> None:
        damaged = [one for one in case.source.files(case.directory) if isinstance(one, UnreadableFits)]
        assert [one.name for one in damaged] == [DAMAGED]
        assert damaged[0].reason

    def test_a_damaged_file_that_was_asked_for_is_refused(self, case: Case) -> None:
        with pytest.raises(InvalidInput, match=DAMAGED):
            list(case.source.files(case.directory / DAMAGED))

    def test_a_missing_place_is_named(self, case: Case) -> None:
        with pytest.raises(InputNotFound, match="nowhere"):
            list(case.source.files(case.directory / "nowhere"))

    def test_a_stream_gives_the_same_headers(self, case: Case) -> None:
        path = case.directory / NAMES[0]

        def chunks() -> Iterator[bytes]:
            data = path.read_bytes()
            yield from (data[start : start + 1000] for start in range(0, len(data), 1000))

        (streamed,) = case.source.stream(NAMES[0], "s3://bucket/x", chunks())
        (read,) = case.source.files(path)
        assert isinstance(streamed, FileHeaders)
        assert isinstance(read, FileHeaders)
        assert (streamed.name, streamed.hdus) == (read.name, read.hdus)
        assert streamed.place == "s3://bucket/x"

    def test_parts_give_the_same_headers(self, case: Case) -> None:
        path = case.directory / NAMES[0]
        data = path.read_bytes()
        found = case.source.parts(NAMES[0], "s3://bucket/x", lambda start, size: data[start : start + size])
        (read,) = case.source.files(path)
        assert isinstance(found, FileHeaders)
        assert isinstance(read, FileHeaders)
        assert (found.name, found.hdus, found.place) == (read.name, read.hdus, "s3://bucket/x")

    def test_what_is_not_there_is_no_file(self, case: Case) -> None:
        assert isinstance(case.source.parts(NAMES[0], "s3://bucket/x", lambda _start, _size: b""), UnreadableFits)
