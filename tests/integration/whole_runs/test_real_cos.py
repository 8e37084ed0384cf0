"""A real COS association, from its name to its products, with real calcos."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from astropy.io import fits
from attrs import frozen

from tests.support.identity import differing
from tests.support.records import read_record
from tests.support.site import Site

pytestmark = [pytest.mark.shared_data, pytest.mark.engines]

EXPOSURES = ("ldfd01vnq", "ldfd01vpq", "ldfd01vrq", "ldfd01vtq")
RAWS = {f"{root}_{suffix}.fits" for root in EXPOSURES for suffix in ("rawtag_a", "spt")} | {"ldfd01010_asn.fits"}
PRODUCTS = (
    {f"{root}_{suffix}.fits" for root in EXPOSURES for suffix in ("corrtag_a", "counts_a", "flt_a", "lampflash", "x1d")}
    | {f"{root}.tra" for root in EXPOSURES}
    | {f"ldfd01010_{suffix}.fits" for suffix in ("jnk", "x1dsum", "x1dsum1", "x1dsum2", "x1dsum3", "x1dsum4")}
)

DRAWN = [f"ldfd01010_x1dsum{number}" for number in ("", 1, 2, 3, 4)] + [f"{root}_x1d" for root in EXPOSURES]
PREVIEWS = {f"{name}{ending}" for name in DRAWN for ending in (".png", "_thumb.png", "_prev.fits")}
LOGS = {"process.txt", "preview.txt", "process_metrics.txt", "preview_metrics.txt", "record.json"}
HOME = "out/data/cos/ldfd01010"


@frozen
class Run:
    site: Site
    done: subprocess.CompletedProcess[str]
    inputs_before: list[str]
    inputs_after: list[str]


def listing(directory: Path) -> list[str]:
    return sorted(f"{path} {path.stat().st_mtime_ns}" for path in directory.rglob("*"))


@pytest.fixture(scope="module")
def run(shared_hst: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Process ldfd01010 once, as the issue has it: relative paths, from a directory with a blank in its name."""
    root = tmp_path_factory.mktemp("real")
    shared = root / "shared data"
    shared.symlink_to(shared_hst)
    directory = root / "work here"
    directory.mkdir()
    exports = {"CRDS_CONTEXT": "hst_0729.pmap", "CALDP_EXPOSURES_AT_ONCE": "2"}
    site = Site(directory, {"CRDS_PATH": "../shared data/crds_cache", **exports})
    before = listing(shared_hst)
    done = site.run("process", "ldfd01010", "file:../shared data/inputs", "file:out")
    return Run(site, done, before, listing(shared_hst))


def test_ends_with_status_0_and_the_whole_tree_and_nothing_else(run: Run) -> None:
    assert run.done.returncode == 0, run.done.stderr[-2000:]
    expected = {f"{HOME}/{name}" for name in RAWS | PRODUCTS}
    expected |= {f"{HOME}/previews/{name}" for name in PREVIEWS} | {f"{HOME}/logs/{name}" for name in LOGS}
    expected |= {"out/messages/datasets-processed/ldfd01010"}
    assert set(run.site.files()) == expected
    assert (run.site.directory / "out/messages/datasets-processed/ldfd01010").stat().st_size == 0


def test_inputs_and_cache_are_untouched(run: Run) -> None:
    assert run.inputs_after == run.inputs_before


def test_every_switch_of_the_spectra_is_complete(run: Run) -> None:
    switches = fits.getheader(run.site.directory / HOME / "ldfd01vnq_rawtag_a.fits")["*CORR"]
    performed = [name for name, value in switches.items() if value == "PERFORM"]
    assert len(performed) > 15
    for name in ("ldfd01vnq_x1d.fits", "ldfd01010_x1dsum.fits"):
        header = fits.getheader(run.site.directory / HOME / name)
        assert {header[switch] for switch in performed} == {"COMPLETE"}


def test_raws_say_which_software_processed_them(run: Run) -> None:
    header = fits.getheader(run.site.directory / HOME / "ldfd01vnq_rawtag_a.fits")
    assert (header["CSYS_VER"], header["AWSDPVER"], header["AWSYSVER"]) == ("UNDEFINED",) * 3
    assert header["RANDSEED"] == 1
    assert header["CRDS_CTX"] == "hst_0729.pmap"


def test_calcos_is_heard_on_the_terminal_and_in_the_log(run: Run) -> None:
    log = (run.site.directory / HOME / "logs" / "process.txt").read_text()
    assert "CALCOS version" in log
    assert "CALCOS version" in run.done.stderr


def test_metrics_stand_where_calcloud_reads_them(run: Run) -> None:
    lines = (run.site.directory / HOME / "logs" / "process_metrics.txt").read_text().splitlines()
    assert lines[4].strip().startswith("Elapsed (wall clock) time")
    assert int(lines[9].rpartition(": ")[2]) > 500_000  # calcos takes more than a gigabyte
    assert lines[-1].strip() == "Exit status: 0"


def test_the_record_tells_the_whole_run(run: Run) -> None:
    record = read_record(run.site.directory / HOME / "logs" / "record.json")
    assert (record["dataset"], record["context"], record["profile"]) == ("ldfd01010", "hst_0729.pmap", "onsite")
    *exposures, combination = (engine["argv"] for engine in record["engines"])
    assert exposures == [["calcos", f"{root}_asn.fits"] for root in EXPOSURES]
    assert [Path(word).name for word in combination[-2:]] == ["cos_combination.py", "ldfd01010_asn.fits"]
    assert [program["program"] for program in record["programs"]] == ["calcos"]
    assert {item["name"] for item in record["products"]} == PRODUCTS | PREVIEWS
    assert "FLATFILE" in {item["keyword"] for item in record["references"]}
    assert record["failures"] == []
    assert record["versions"]["calcos"]


def test_exposures_side_by_side_make_what_one_calcos_makes(run: Run, shared_hst: Path, tmp_path: Path) -> None:
    exports = {"CRDS_CONTEXT": "hst_0729.pmap", "CALDP_EXPOSURES_AT_ONCE": "1", "CALDP_PREVIEWS": "no"}
    site = Site(tmp_path, {"CRDS_PATH": str(shared_hst / "crds_cache"), **exports})
    done = site.run("process", "-q", "ldfd01010", f"file:{shared_hst / 'inputs'}", "file:out")
    assert done.returncode == 0, done.stderr
    whole, apart = tmp_path / HOME, run.site.directory / HOME
    record = read_record(whole / "logs" / "record.json")
    assert [engine["argv"] for engine in record["engines"]] == [["calcos", "ldfd01010_asn.fits"]]
    assert {path.name for path in apart.iterdir() if path.is_file()} == RAWS | PRODUCTS
    assert differing(whole, apart) == []


def test_calcos_exits_0_without_a_member_and_the_run_fails(run: Run, shared_hst: Path, tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    shutil.unpack_archive(shared_hst / "inputs" / "ldfd01010.tar.gz", inputs)
    (inputs / "ldfd01vpq_rawtag_a.fits").unlink()
    cache = shared_hst / "crds_cache"
    site = Site(tmp_path, {"CRDS_PATH": str(cache), "CRDS_CONTEXT": "hst_0729.pmap"})
    done = site.run("process", "-q", "ldfd01010", f"file:{inputs}", "file:out")
    assert done.returncode == 23
    assert "ldfd01vpq" in done.stderr
    assert (tmp_path / "out/messages/datasets-error/ldfd01010").exists()
