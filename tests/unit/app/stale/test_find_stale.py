"""Stale datasets of outputs and of loose files, found with fakes of CRDS and of the comparison."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from caldp.adapters.fits.astropy import AstropyFits
from caldp.app.layouts import LAYOUTS
from caldp.app.stale.find_stale import FindStale
from caldp.app.stale.places import part_of_output, search
from caldp.domain.errors import BestrefsError, InputNotFound, UsageError
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import LayoutKind
from caldp.domain.output.location import FileLocation, Nowhere, OutputLocation
from caldp.domain.run.record import FileRecord, ReferenceRecord, RunRecord
from caldp.domain.stale.findings import DatasetFinding, Origin
from caldp.domain.stale.header_values import FileHeaders
from caldp.domain.stale.remarks import Present
from caldp.domain.stale.rules import ContextFacts
from caldp.domain.stale.rungs import Rung, Verdict
from tests.fakes.header_source import FakeHeaders
from tests.fakes.object_store import MemoryStore
from tests.fakes.reference_choice import FakeChoice
from tests.fakes.reference_comparison import FakeComparison
from tests.support.stale_records import record

COS = {"INSTRUME": "COS", "DETECTOR": "FUV", "CENWAVE": "1105.0"}
OLD = {"FLATFILE": "a_flat.fits", "LAMPTAB": "a_lamp.fits"}
NEW = {"FLATFILE": "a_flat.fits", "LAMPTAB": "b_lamp.fits", "HVTAB": "N/A"}
TABLES = {"a_lamp.fits": {1105.0: 1.0, 1280.0: 1.0}, "b_lamp.fits": {1105.0: 1.0, 1280.0: 2.0}}


def find(directory: Path, rule: Mapping[str, str] | None = None, **more: Any) -> FindStale:
    for name in TABLES:
        (directory / name).touch()
    facts = ContextFacts("hst_9729.pmap", frozenset({"a_flat.fits"}))
    choice = FakeChoice(facts, lambda _selection: rule or NEW, frozenset({"DETECTOR"}), directory)
    values: dict[str, Any] = {
        "choice": choice, "comparison": FakeComparison(TABLES), "headers": FakeHeaders({}), "fits": AstropyFits(),
        "present": Present(), "overrides": {},
    }  # fmt: skip
    return FindStale(**values | more)


def store_of(*records: RunRecord, kind: LayoutKind = LayoutKind.TREE) -> MemoryStore:
    store, layout = MemoryStore(), LAYOUTS[kind]
    for one in records:
        store.put_bytes(layout.log_key(one.dataset, "record.json"), one.to_json().encode())
        (key, *_) = [key for key in layout.message_keys(one.dataset) if "processed" in key]
        store.put_bytes(key, b"")
    return store


def only(found: FindStale, store: MemoryStore) -> DatasetFinding:
    (finding,) = found.in_output(store)
    return finding


@pytest.mark.parametrize("kind", LayoutKind)
def test_a_record_tells_all_that_is_needed(tmp_path: Path, kind: LayoutKind) -> None:
    finding = only(find(tmp_path), store_of(record("ldfd01vnq", OLD, COS), kind=kind))
    assert (finding.origin, finding.verdict) == (Origin.RECORD, Verdict.CURRENT)
    assert (finding.old_context, finding.new_context) == ("hst_0729.pmap", "hst_9729.pmap")
    assert {one.keyword: one.rung for one in finding.types} == {
        "FLATFILE": Rung.UNCHANGED, "LAMPTAB": Rung.SAME_ROWS,
    }  # fmt: skip
    assert [one.keyword for one in finding.withdrawn] == ["FLATFILE"]


def test_rows_that_are_used_make_a_dataset_stale(tmp_path: Path) -> None:
    finding = only(find(tmp_path), store_of(record("ldfd01vnq", OLD, {**COS, "CENWAVE": "1280.0"})))
    assert finding.verdict is Verdict.STALE
    assert finding.reason == "LAMPTAB a_lamp.fits -> b_lamp.fits"


def test_datasets_come_in_the_order_of_their_names_or_as_they_are_asked_for(tmp_path: Path) -> None:
    store = store_of(*(record(name, OLD, COS) for name in ("ldfd01vpq", "ldfd01vnq", "ldfd01vrq")))
    assert [one.dataset for one in find(tmp_path).in_output(store)] == ["ldfd01vnq", "ldfd01vpq", "ldfd01vrq"]
    (asked,) = find(tmp_path).in_output(store, [DatasetName.parse("ldfd01vpq")])
    assert asked.dataset == "ldfd01vpq"


def test_an_output_without_messages_is_listed_by_its_files(tmp_path: Path) -> None:
    store = MemoryStore()
    store.put_bytes("data/cos/ldfd01vnq/logs/record.json", record("ldfd01vnq", OLD, COS).to_json().encode())
    store.put_bytes("data/cos/notes.txt", b"")
    assert only(find(tmp_path), store).dataset == "ldfd01vnq"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"{", "its record cannot be read: It is no JSON"),
        (b"[1]", "its record cannot be read"),
        (b'{"schema": 9}', "its record cannot be read: schema is 9; expected 1 or 2"),
        (
            b'{"schema": 2, "run": "", "dataset": "ldfd01vnq", "status": 0, "references": 5}',
            "its record cannot be read: references is 5",
        ),
        (
            b'{"schema": 2, "run": "r", "dataset": "ldfd01vnq", "status": 0}',
            "its record names no raw file with references",
        ),
        (b'{"schema": 2, "run": "r", "dataset": "ldfd01vnq", "status": 23}', "its record says status 23"),
    ],
)
def test_a_record_that_tells_nothing_is_a_problem_of_its_dataset(tmp_path: Path, body: bytes, problem: str) -> None:
    store = store_of(record("ldfd01vnq", OLD, COS), record("ldfd01vpq", OLD, COS))
    store.objects["data/cos/ldfd01vnq/logs/record.json"] = body
    first, second = find(tmp_path).in_output(store)
    assert first.problem.startswith(problem)
    assert (first.verdict, second.verdict) == (Verdict.UNKNOWN, Verdict.CURRENT)


def test_a_dataset_that_is_being_processed_has_no_record_yet(tmp_path: Path) -> None:
    store = MemoryStore()
    store.put_bytes("messages/datasets-processing/ldfd01vnq", b"{}")
    finding = only(find(tmp_path), store)
    assert (finding.verdict, finding.problem) == (Verdict.UNKNOWN, "it has neither a record nor FITS files")


def test_a_mosaic_refers_to_its_exposures(tmp_path: Path) -> None:
    finding = only(find(tmp_path), store_of(evolve(record("acs_8ph_01", {}, {}), selection={})))
    assert finding.verdict is Verdict.UNKNOWN
    assert finding.problem.startswith("it is made of calibrated exposures")


def test_a_file_that_is_not_in_the_cache_leaves_a_type_open(tmp_path: Path) -> None:
    found = find(tmp_path)
    (tmp_path / "a_lamp.fits").unlink()
    finding = only(found, store_of(record("ldfd01vnq", OLD, COS)))
    assert (finding.verdict, finding.reason) == (
        Verdict.UNKNOWN, "LAMPTAB a_lamp.fits -> b_lamp.fits (a_lamp.fits is not in the cache)",
    )  # fmt: skip


def test_another_size_of_the_old_file_means_that_it_is_not_at_hand(tmp_path: Path) -> None:
    one = record("ldfd01vnq", OLD, COS)
    entries = tuple(evolve(entry, size=5) for entry in one.references)
    finding = only(find(tmp_path), store_of(evolve(one, references=entries)))
    assert {each.rung for each in finding.types if each.keyword == "LAMPTAB"} == {Rung.UNKNOWN}


def test_keywords_that_newer_rules_look_at_are_missing_in_a_record(tmp_path: Path) -> None:
    less = {key: value for key, value in COS.items() if key != "DETECTOR"}
    finding = only(find(tmp_path), store_of(record("ldfd01vnq", OLD, less)))
    assert finding.verdict is Verdict.UNKNOWN
    assert finding.problem == "the record has no DETECTOR of ldfd01vnq_raw.fits, which the rules look at"


def raw_headers(name: str, **primary: Any) -> FileHeaders:
    return FileHeaders(name, f"/data/{name}", "/data", ({"INSTRUME": "COS", "DETECTOR": "FUV", **primary},))


@pytest.mark.parametrize("schema", [1, 2])
def test_the_raw_file_beside_tells_what_the_record_lacks(tmp_path: Path, schema: int) -> None:
    """The record has no central wavelength: all rows would be compared. In schema 1 it has no header values at all."""
    name = "ldfd01vnq_raw.fits"
    key = f"data/cos/ldfd01vnq/{name}"
    one = record("ldfd01vnq", OLD, {"INSTRUME": "COS", "DETECTOR": "FUV"}, prepared=(FileRecord(name, 2880, key=key),))
    store = store_of(one)
    assert only(find(tmp_path), store).verdict is Verdict.STALE
    if schema == 1:
        data = {**one.to_plain(), "schema": 1}
        del data["selection"]
        store.objects["data/cos/ldfd01vnq/logs/record.json"] = json.dumps(data).encode()
    store.put_bytes(key, b"a file")
    headers = FakeHeaders({Path(name): raw_headers(name, CENWAVE=1105)})
    finding = only(find(tmp_path, headers=headers), store)
    assert finding.verdict is Verdict.CURRENT
    assert {each.rung for each in finding.types if each.keyword == "LAMPTAB"} == {Rung.SAME_ROWS}


def test_older_engines_and_other_settings_are_remarks(tmp_path: Path) -> None:
    settings = {"previews": True, "crds_context": "hst_0729.pmap", "astrometry": "off"}
    one = record("ldfd01vnq", OLD, COS, programs={"calcos": "3.6.1", "cs0.e": "3.5"}, request={"settings": settings})
    now = Present(
        lambda: {"calcos": "3.6.10", "cs0.e": "3.5"}, {"previews": False, "crds_context": "", "astrometry": "off"}
    )
    finding = only(find(tmp_path, present=now), store_of(one))
    assert finding.remarks == ("engine calcos 3.6.1 -> 3.6.10", "setting previews True -> False")
    assert finding.verdict is Verdict.CURRENT


def test_a_file_of_the_users_own_is_compared_by_its_content(tmp_path: Path) -> None:
    mine = tmp_path / "mine_lamp.fits"
    mine.write_bytes(b"x")
    digest = AstropyFits().digest(mine)
    assert digest is not None
    entry = ReferenceRecord("LAMPTAB", mine.name, ("ldfd01vnq_raw.fits",), str(mine), 1, digest.sha256)
    store = store_of(evolve(record("ldfd01vnq", {}, COS), references=(entry,)))
    own = find(tmp_path, {"LAMPTAB": "b_lamp.fits"}, overrides={"LAMPTAB": str(mine)})
    assert [one.rung for one in only(own, store).types] == [Rung.UNCHANGED]
    mine.write_bytes(b"y")
    changed = only(find(tmp_path, overrides=own.overrides), store)
    assert {one.rung for one in changed.types if one.keyword == "LAMPTAB"} == {Rung.UNKNOWN}


def headers_in(directory: Path, *files: FileHeaders) -> FakeHeaders:
    known = {}
    for file in files:
        (directory / file.name).touch()
        known[directory / file.name] = evolve(file, place=str(directory / file.name), container=str(directory))
    return FakeHeaders(known)


def product(name: str, **primary: Any) -> FileHeaders:
    used = {"FLATFILE": "lref$a_flat.fits", "LAMPTAB": "lref$a_lamp.fits", "CRDS_CTX": "hst_0595.pmap"}
    return raw_headers(name, **{**used, "ROOTNAME": name[:9], **primary})


def test_loose_products_tell_by_their_headers(tmp_path: Path) -> None:
    files = (
        product("ldfd01vnq_x1d.fits", ASN_ID="LDFD01010", CENWAVE=1105),
        product("ldfd01vpq_x1d.fits", ASN_ID="LDFD01010", CENWAVE=1280),
        product("ldfd02abq_x1d.fits", CENWAVE=1105, CAL_VER="3.3.4 (2018-12-13)"),
    )
    found = find(tmp_path, headers=headers_in(tmp_path, *files), present=Present(lambda: {"calcos": "3.6.2"}))
    first, second = found.in_files([tmp_path])
    assert (first.dataset, first.verdict, first.old_context) == ("ldfd01010", Verdict.STALE, "hst_0595.pmap")
    assert {(one.rung, one.exposures) for one in first.types if one.keyword == "LAMPTAB"} == {
        (Rung.SAME_ROWS, ("ldfd01vnq_x1d.fits",)), (Rung.CHANGED, ("ldfd01vpq_x1d.fits",)),
    }  # fmt: skip
    assert (second.dataset, second.verdict) == ("ldfd02abq", Verdict.CURRENT)
    assert second.remarks == ("engine calcos 3.3.4 (2018-12-13) -> 3.6.2",)


def test_a_product_tells_what_was_used_and_the_raw_file_what_was_asked_for(tmp_path: Path) -> None:
    files = (
        product("ldfd01vnq_rawtag.fits", CENWAVE=1105, LAMPTAB="lref$b_lamp.fits", FLATCORR="OMIT"),
        product("ldfd01vnq_corrtag.fits", CENWAVE=1280, FLATFILE="lref$z_flat.fits", FLATCORR="COMPLETE"),
    )
    (finding,) = find(tmp_path, headers=headers_in(tmp_path, *files)).in_files([tmp_path])
    assert {one.keyword: one.rung for one in finding.types} == {
        "FLATFILE": Rung.UNUSED, "LAMPTAB": Rung.SAME_ROWS,
    }  # fmt: skip


def test_a_drizzled_product_is_examined_by_its_members(tmp_path: Path) -> None:
    member = product("jbz504haq_flt.fits", INSTRUME="ACS", ASN_ID="JBZ504010", CENWAVE=1105)
    drizzled = raw_headers(
        "jbz504011_drz.fits", INSTRUME="ACS", ASN_ID="JBZ504010",
        D001DATA="jbz504haq_flt.fits[sci,1]", D002DATA="jbz504hcq_flt.fits[sci,1]",
    )  # fmt: skip
    headers = headers_in(tmp_path, member, drizzled)
    (finding,) = find(tmp_path, headers=headers).in_files([tmp_path / drizzled.name])
    assert (finding.dataset, finding.verdict) == ("jbz504010", Verdict.STALE)
    (remark,) = finding.remarks
    assert remark == (
        "the header of jbz504011_drz.fits is blended from its members', which are examined instead; "
        "not at hand: jbz504hcq"
    )
    alone = headers_in(tmp_path, drizzled)
    (tmp_path / member.name).unlink()
    (finding,) = find(tmp_path, headers=alone).in_files([tmp_path])
    assert finding.verdict is Verdict.UNKNOWN
    assert finding.problem == "no member of jbz504011_drz.fits is at hand, and its own header is blended"


def test_a_place_without_datasets_is_an_error(tmp_path: Path) -> None:
    headers = headers_in(tmp_path, raw_headers("notes.fits"))
    with pytest.raises(InputNotFound, match="No raw file or product"):
        list(find(tmp_path, headers=headers).in_files([tmp_path]))
    headers = headers_in(tmp_path, product("ldfd01vnq_x1d.fits"))
    with pytest.raises(InputNotFound, match="ldfd01vpq"):
        list(find(tmp_path, headers=headers).in_files([tmp_path], [DatasetName.parse("ldfd01vpq")]))


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/x/out/data/cos/ldfd01010", ("/x/out", "ldfd01010")),
        ("/x/outputs/ldfd01010/ldfd01010.tar.gz", ("/x", "ldfd01010")),
        ("/x/outputs/ldfd01010", ("/x", "ldfd01010")),
        ("/data/cos/ldfd01010", ("/", "ldfd01010")),
        ("/x/inputs/ldfd01010.tar.gz", None),
        ("/x/data/acs/ldfd01010", None),
        ("/x/data/cos/notes", None),
    ],
)
def test_parts_of_outputs_are_recognised(path: str, part: tuple[str, str] | None) -> None:
    found = part_of_output(Path(path))
    assert (found and (found[0], found[1].name)) == part


def test_places_are_outputs_their_parts_or_loose_files(tmp_path: Path) -> None:
    home = tmp_path / "out" / "data" / "cos" / "ldfd01vnq" / "logs"
    home.mkdir(parents=True)
    (home / "record.json").write_text("{}")
    store = store_of(record("ldfd01vnq", OLD, COS), record("ldfd01vpq", OLD, COS))
    opened: list[str] = []

    def open_store(location: OutputLocation) -> MemoryStore | None:
        opened.append(str(location))
        return None if isinstance(location, Nowhere) else store

    def names(*places: OutputLocation) -> list[str]:
        return [one.dataset for one in search(find(tmp_path), places, (), open_store)]

    out = tmp_path / "out"
    assert names(FileLocation(str(out))) == ["ldfd01vnq", "ldfd01vpq"]
    assert names(FileLocation(str(home.parent))) == ["ldfd01vnq"]
    assert opened == [f"file:{out}", f"file:{out}"]
    with pytest.raises(UsageError, match="none holds nothing"):
        names(Nowhere())
    with pytest.raises(UsageError, match="no place"):
        names()


def test_failed_runs_are_told(tmp_path: Path) -> None:
    store = store_of(record("ldfd01vnq", OLD, COS, status=ExitCode.STAGE1_ERROR))
    assert only(find(tmp_path), store).problem == "its record says status 23"


def test_digests_that_are_none_tell_nothing(tmp_path: Path) -> None:
    one = record("ldfd01vnq", OLD, COS).to_plain()
    for entry in one["references"]:
        entry["hdus"], entry["size"] = [{"name": 5}], 17
    store = store_of(record("ldfd01vnq", OLD, COS))
    store.objects["data/cos/ldfd01vnq/logs/record.json"] = json.dumps(one).encode()
    assert only(find(tmp_path), store).verdict is Verdict.UNKNOWN


def test_a_rule_that_fails_is_a_problem_of_its_dataset(tmp_path: Path) -> None:
    def rule(selection: Mapping[str, str]) -> Mapping[str, str]:
        if selection.get("CENWAVE") == "0.0":
            raise BestrefsError("CRDS failed.")
        return NEW

    found = find(tmp_path, choice=FakeChoice(ContextFacts("hst_9729.pmap"), rule, directory=tmp_path))
    store = store_of(record("ldfd01vnq", OLD, {**COS, "CENWAVE": "0.0"}), record("ldfd01vpq", OLD, COS))
    first, second = found.in_output(store)
    assert (first.problem, first.verdict) == ("ldfd01vnq_raw.fits: CRDS failed", Verdict.UNKNOWN)
    assert second.verdict is Verdict.CURRENT


def test_a_wavecal_of_the_same_name_tells_by_itself(tmp_path: Path) -> None:
    files = (
        product("obes03010_raw.fits", INSTRUME="STIS", LAMPTAB="oref$a_lamp.fits"),
        product("obes03010_wav.fits", INSTRUME="STIS", LAMPTAB="oref$z_lamp.fits"),
        product("obes03010_flt.fits", INSTRUME="STIS", LAMPTAB="oref$b_lamp.fits"),
    )
    (finding,) = find(tmp_path, headers=headers_in(tmp_path, *files)).in_files([tmp_path])
    assert {(one.old, one.exposures) for one in finding.types if one.keyword == "LAMPTAB"} == {
        ("b_lamp.fits", ("obes03010_flt.fits",)), ("z_lamp.fits", ("obes03010_wav.fits",)),
    }  # fmt: skip


def test_the_layout_of_the_last_record_is_asked_for_first(tmp_path: Path) -> None:
    names = ("ldfd01vnq", "ldfd01vpq", "ldfd01vrq")
    store, asked = store_of(*(record(name, OLD, COS) for name in names), kind=LayoutKind.CALCLOUD), list[str]()
    store.trouble = lambda _action, key: asked.append(key)
    examiner = find(tmp_path).examiner(store)
    assert {examiner.examine(DatasetName.parse(name)).verdict for name in names} == {Verdict.CURRENT}
    assert asked == [
        "data/cos/ldfd01vnq/logs/record.json", *(f"outputs/{name}/record.json" for name in names),
    ]  # fmt: skip
