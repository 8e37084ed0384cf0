"""Manifests: lists and tables of datasets, and all of their mistakes at once."""

from __future__ import annotations

import pytest

from caldp.domain.batch.manifest import Entry, Problem, read_manifest, read_names
from caldp.domain.errors import InvalidManifest

LIST = """
# datasets of program 8992
J8CB010B0
ldfd01010   # the quasar

acs_8ph_01
"""
CSV = """dataset, input, crds_context
j8cb010b0,,
# ldfd01010,,
obes03010,s3://bucket/raw,hst_0729.pmap
"""
ECSV = """# %ECSV 1.0
# ---
# datatype:
# - {name: dataset, datatype: string}
# - {name: timeout, datatype: float64}
# schema: astropy-2.0
dataset timeout
j8cb010b0 ""
obes03010 3600.0
"""


def test_a_list_has_a_name_a_line() -> None:
    assert read_manifest(LIST).entries == [Entry("j8cb010b0"), Entry("ldfd01010"), Entry("acs_8ph_01")]
    assert [entry.line for entry in read_manifest(LIST).entries] == [3, 4, 6]


@pytest.mark.parametrize("text", [CSV, CSV.replace(",", "\t"), CSV.replace(",", ";"), "\ufeff" + CSV])
def test_a_table_has_inputs_and_settings_of_each_dataset(text: str) -> None:
    own = {"crds_context": "hst_0729.pmap"}
    assert read_manifest(text).entries == [Entry("j8cb010b0"), Entry("obes03010", 4, "s3://bucket/raw", own)]


def test_astropys_tables_are_read() -> None:
    assert read_manifest(ECSV).entries == [Entry("j8cb010b0"), Entry("obes03010", settings={"timeout": "3600.0"})]


def test_astropys_tables_may_have_another_delimiter() -> None:
    text = "# %ECSV 1.0\n# ---\n# delimiter: ','\ndataset,timeout\nj8cb010b0,5\n"
    assert read_manifest(text).entries == [Entry("j8cb010b0", settings={"timeout": "5"})]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("j8cb010b\n", ["line 1: 'j8cb010b' is not the name of an HST dataset"]),
        ("j8cb010b0\n\nJ8CB010B0\n", ["line 3: j8cb010b0 is there already, line 1"]),
        ("u2eq0201t\n", ["line 1: u2eq0201t belongs to WFPC2, which caldp does not calibrate"]),
        ("dataset,colour\nj8cb010b0,red\n",
         ["line 1: there is no setting 'colour'; columns are dataset, input and settings"]),
        ("dataset,output\nj8cb010b0,x\n",
         ["line 1: 'output' is the same for a whole batch: give it on the command line"]),
        ("dataset,timeout,timeout\nj8cb010b0,1,2\n", ["line 1: the column 'timeout' is there 2 times"]),
        ("dataset,timeout\nj8cb010b0\nobes03010,1\n", ["line 2: 1 cells where the header has 2"]),
        ("dataset,input\n,x\n", ["line 2: '' is not the name of an HST dataset"]),
        ("dataset,input\nj8cb010b0,ftp:x\n", ["line 2: 'ftp:x' is not an input location"]),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(text: str, problems: list[str]) -> None:
    assert [str(problem) for problem in read_manifest(text).problems] == problems


def test_all_mistakes_are_told_at_once() -> None:
    reading = read_manifest("foo\nj8cb010b0\nj8cb010b0\nbar\n")
    with pytest.raises(InvalidManifest) as caught:
        reading.refuse("list.txt")
    assert caught.value.message.startswith("list.txt has 3 mistakes:\n  line 1: 'foo'")
    assert caught.value.message.count("\n  line ") == 3
    assert caught.value.exit_code == 2


def test_thousands_of_mistakes_fit_a_screen() -> None:
    reading = read_manifest("foo\n" * 3000)
    with pytest.raises(InvalidManifest, match="and 2950 more"):
        reading.refuse("list.txt")


def test_names_of_a_command_line_have_no_line() -> None:
    assert read_names(["ldfd01010", "ldfd01010"]).problems == [Problem(0, "ldfd01010 is there already, before it")]
    read_names(["ldfd01010"]).refuse("names")
