"""Memory features: the text in the bucket, and the numbers that the model takes."""

import pytest

from caldp.calcloud import ContractError, DatasetName, Ipppssoot, MemoryFeatures

TEXT = "n_files=2\ntotal_mb=4.032\nDETECTOR=UVIS\nSUBARRAY=False\nDRIZCORR=OMIT\nPCTECORR=PERFORM\nCRSPLIT=1"


def encoded(text: str, name: str = "iaao11ofq") -> dict[str, int]:
    dataset = DatasetName.parse(name)
    assert isinstance(dataset, Ipppssoot)
    return MemoryFeatures.parse(text).encode(dataset)


def test_the_text_is_read() -> None:
    assert MemoryFeatures.parse(TEXT) == MemoryFeatures(
        n_files=2, total_mb=4.032, detector="UVIS", drizcorr="OMIT", pctecorr="PERFORM", crsplit="1"
    )


def test_the_model_takes_whole_numbers_in_its_order() -> None:
    features = encoded(TEXT)
    assert features == {
        "n_files": 2,
        "total_mb": 4,
        "drizcorr": 0,
        "pctecorr": 1,
        "crsplit": 1,
        "subarray": 0,
        "detector": 1,
        "dtype": 0,
        "instr": 3,
    }
    assert list(features) == [
        "n_files", "total_mb", "drizcorr", "pctecorr", "crsplit", "subarray", "detector", "dtype", "instr",
    ]  # fmt: skip


def test_a_spectrum_has_only_some_of_them() -> None:
    features = encoded("n_files=3\r\ntotal_mb=2.2752\r\nDETECTOR=NUV\r\nSUBARRAY=True\r\n\r\n", "la8p01010")
    assert features == {
        "n_files": 3,
        "total_mb": 2,
        "drizcorr": 0,
        "pctecorr": 0,
        "crsplit": 0,
        "subarray": 1,
        "detector": 0,
        "dtype": 1,
        "instr": 1,
    }


@pytest.mark.parametrize(("text", "number"), [("NaN", 0), ("1", 1), ("1.0", 1), ("2", 2), ("3", 2), ("", 2)])
def test_crsplit_has_three_classes(text: str, number: int) -> None:
    assert encoded(f"CRSPLIT={text}")["crsplit"] == number


def test_without_a_crsplit_there_is_no_split() -> None:
    assert encoded("n_files=1")["crsplit"] == 0
    assert MemoryFeatures.parse("") == MemoryFeatures()


@pytest.mark.parametrize(("megabytes", "number"), [("0.39168000000000003", 0), ("2.5", 2), ("3.5", 4), ("1e3", 1000)])
def test_the_size_is_rounded_half_to_even(megabytes: str, number: int) -> None:
    assert encoded(f"total_mb={megabytes}")["total_mb"] == number


@pytest.mark.parametrize(("name", "number"), [("j8cb010b0", 0), ("la8p01010", 1), ("o4de05090", 2), ("ib8t01010", 3)])
def test_instruments_have_numbers(name: str, number: int) -> None:
    assert encoded("", name)["instr"] == number


@pytest.mark.parametrize("text", ["n_files", "n_files=two", "total_mb=", "n_files=1.5"])
def test_a_damaged_text_is_refused(text: str) -> None:
    with pytest.raises(ContractError, match=r"\.$"):
        MemoryFeatures.parse(text)
