"""Locations of inputs and outputs (docs/reference/contracts/locations.md)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

import pytest
from hypothesis import given

from caldp.domain.errors import InvalidLocation
from caldp.domain.exit_codes import ExitCode
from caldp.domain.output.location import (
    FileLocation,
    InputLocation,
    MastLocation,
    Nowhere,
    OutputLocation,
    S3Location,
    SimulatedLocation,
    parse_input,
    parse_output,
)
from tests.support.strategies import ALMOST_LOCATIONS

BOTH_WAYS: list[tuple[str, FileLocation | S3Location, str]] = [
    # text, location, how it is written
    ("file:.", FileLocation("."), "file:."),
    ("file:", FileLocation("."), "file:."),
    ("file:inputs", FileLocation("inputs"), "file:inputs"),
    ("file:../a b/c", FileLocation("../a b/c"), "file:../a b/c"),
    ("file:/abs/path", FileLocation("/abs/path"), "file:/abs/path"),
    ("file:///abs/path", FileLocation("/abs/path"), "file:/abs/path"),
    ("file:////abs", FileLocation("/abs"), "file:/abs"),
    ("file:~/x", FileLocation("~/x"), "file:~/x"),
    ("file:s3://b", FileLocation("s3://b"), "file:s3://b"),
    ("s3://calcloud-hst-pipeline-inputs", S3Location("calcloud-hst-pipeline-inputs"), "s3://calcloud-hst-pipeline-inputs"),
    ("inputs", FileLocation("inputs"), "file:inputs"),
    ("inputs/2026", FileLocation("inputs/2026"), "file:inputs/2026"),
    ("/data/inputs", FileLocation("/data/inputs"), "file:/data/inputs"),
    (".", FileLocation("."), "file:."),
    ("..", FileLocation(".."), "file:.."),
    ("~/inputs", FileLocation("~/inputs"), "file:~/inputs"),
    ("./none", FileLocation("./none"), "file:./none"),
    ("./j8cb010b0", FileLocation("./j8cb010b0"), "file:./j8cb010b0"),
    ("./a:b", FileLocation("./a:b"), "file:./a:b"),
    ("s3://bucket/", S3Location("bucket"), "s3://bucket"),
    ("s3://bucket/batch-22", S3Location("bucket", "batch-22"), "s3://bucket/batch-22"),
    ("s3://bucket/outputs/j8cb010b0/", S3Location("bucket", "outputs/j8cb010b0"), "s3://bucket/outputs/j8cb010b0"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "location", "written"), BOTH_WAYS)
def test_directories_and_buckets(text: str, location: FileLocation | S3Location, written: str) -> None:
    assert parse_input(text) == parse_output(text) == location
    assert str(location) == written


@pytest.mark.parametrize(
    ("text", "location", "written"),
    [
        ("astroquery:", MastLocation(), "astroquery:"),
        ("astroquery://", MastLocation(), "astroquery:"),
        ("astroquery:pollers", MastLocation(FileLocation("pollers")), "astroquery:pollers"),
        ("astroquery:/pollers", MastLocation(FileLocation("/pollers")), "astroquery:/pollers"),
        ("astroquery:s3://bucket/prefix", MastLocation(S3Location("bucket", "prefix")), "astroquery:s3://bucket/prefix"),
    ],
)  # fmt: skip
def test_the_archive_with_the_place_of_a_poller_file(text: str, location: InputLocation, written: str) -> None:
    assert parse_input(text) == location
    assert str(location) == written


def test_observations_that_are_simulated_in_a_directory() -> None:
    assert parse_input("simulated:caldp-demo") == SimulatedLocation("caldp-demo")
    assert str(SimulatedLocation("caldp-demo")) == "simulated:caldp-demo"


@pytest.mark.parametrize("text", ["none", "None", "NONE"])
def test_publishing_nothing(text: str) -> None:
    assert parse_output(text) == Nowhere()
    assert str(Nowhere()) == "none"


NO_INPUTS = {
    "": "Expected a directory, file:PATH, astroquery: or s3://bucket/prefix",
    "none": "Expected a directory, file:PATH, astroquery: or s3://bucket/prefix",
    "FILE:.": "Did you mean file:PATH ?",
    "http://example.org/x": "Expected a directory, file:",
    "astroquery": "Did you mean astroquery: ?",
    "mast": "Did you mean astroquery: ?",
    "s3//bucket/prefix": "Did you mean s3://bucket/prefix ?",
    "astroquery:s3:bucket": "Expected",
    "a:b": "Expected a directory",
}
NO_OUTPUTS = {
    "": "Expected a directory, file:PATH, s3://bucket/prefix or none",
    "astroquery:": "Expected a directory, file:PATH, s3://bucket/prefix or none",
    "S3://bucket": "Did you mean s3://bucket/prefix ?",
}


@pytest.mark.parametrize(("text", "advice"), NO_INPUTS.items())
def test_what_is_no_input_is_refused_with_advice(text: str, advice: str) -> None:
    with pytest.raises(InvalidLocation, match="is not an input location") as caught:
        parse_input(text)
    assert advice in caught.value.advice
    assert caught.value.exit_code is ExitCode.CMDLINE_ERROR


@pytest.mark.parametrize("read", [parse_input, parse_output])
@pytest.mark.parametrize("text", ["j8cb010b0", "LDFD01010", "acs_8ph_01", "skycell-p2381x06y09"])
def test_a_second_dataset_is_answered_with_how_to_process_several(
    read: Callable[[str], InputLocation | OutputLocation], text: str
) -> None:
    with pytest.raises(InvalidLocation, match=f"{text} is a dataset where an (input|output) location") as caught:
        read(text)
    assert "caldp batch run takes several" in caught.value.advice
    assert f"./{text}" in caught.value.advice


def test_a_path_is_a_directory_whatever_its_name() -> None:
    assert parse_input(PurePath("j8cb010b0")) == parse_output(PurePath("j8cb010b0")) == FileLocation("j8cb010b0")
    assert parse_output(PurePath("none")) == FileLocation("none")


@pytest.mark.parametrize(("text", "advice"), NO_OUTPUTS.items())
def test_what_is_no_output_is_refused_with_advice(text: str, advice: str) -> None:
    with pytest.raises(InvalidLocation, match="is not an output location") as caught:
        parse_output(text)
    assert advice in caught.value.advice


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("file://host/path", "absolute path"),
        ("file:a\0b", "NUL"),
        ("s3:bucket", "bucket's name"),
        ("s3://", "bucket's name"),
        ("s3:///key", "bucket's name"),
        ("s3://Bucket", "bucket's name"),
        ("s3://b", "bucket's name"),
        ("s3://a_b_c", "bucket's name"),
        ("s3://a..b", "bucket's name"),
        ("s3://-bucket", "bucket's name"),
        (f"s3://{'b' * 64}", "bucket's name"),
        ("s3://bucket/a//b", "prefix"),
        ("s3://bucket/../other", "prefix"),
        ("s3://bucket/./a", "prefix"),
        ("s3://bucket/a\0", "NUL"),
    ],
)
def test_the_refusal_says_what_is_wrong(text: str, why: str) -> None:
    for parse in (parse_input, parse_output):
        with pytest.raises(InvalidLocation, match=why):
            parse(text)


@given(ALMOST_LOCATIONS)
def test_any_text_is_an_input_or_gives_our_error(text: str) -> None:
    try:
        location: InputLocation = parse_input(text)
    except InvalidLocation as error:
        assert error.advice
    else:
        assert parse_input(str(location)) == location


@given(ALMOST_LOCATIONS)
def test_any_text_is_an_output_or_gives_our_error(text: str) -> None:
    try:
        location: OutputLocation = parse_output(text)
    except InvalidLocation as error:
        assert error.advice
    else:
        assert parse_output(str(location)) == location


@pytest.mark.parametrize(
    ("text", "paths", "bucket", "is_here", "code"),
    [
        ("file:in", ("in",), "", True, ExitCode.INPUT_TAR_FILE_ERROR),
        ("s3://bucket/in", (), "bucket", False, ExitCode.S3_DOWNLOAD_ERROR),
        ("astroquery:", (), "", False, ExitCode.ASTROQUERY_ERROR),
        ("astroquery:/pollers", ("/pollers",), "", False, ExitCode.ASTROQUERY_ERROR),
        ("astroquery:s3://bucket/pollers", (), "", False, ExitCode.ASTROQUERY_ERROR),
        ("simulated:box", ("box",), "", False, ExitCode.INPUT_TAR_FILE_ERROR),
    ],
)
def test_an_input_answers_for_itself(
    text: str, paths: tuple[str, ...], bucket: str, is_here: bool, code: ExitCode
) -> None:
    location = parse_input(text)
    assert (location.local_paths, location.bucket, location.is_here) == (paths, bucket, is_here)
    assert location.fetch_code is code
    assert location.is_simulated is text.startswith("simulated:")


@pytest.mark.parametrize(
    ("text", "paths", "code"),
    [
        ("file:out", ("out",), ExitCode.GENERIC_ERROR),
        ("s3://bucket/out", (), ExitCode.S3_UPLOAD_ERROR),
        ("none", (), ExitCode.GENERIC_ERROR),
    ],
)
def test_an_output_answers_for_itself(text: str, paths: tuple[str, ...], code: ExitCode) -> None:
    location = parse_output(text)
    assert (location.local_paths, location.publish_code) == (paths, code)
