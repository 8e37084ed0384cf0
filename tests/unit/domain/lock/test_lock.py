"""Locks: made from a record alone, sorted, without paths; read with distrust."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from attrs import evolve

from caldp.domain.errors import InvalidLock, InvalidRecord
from caldp.domain.lock.lock import Lock, lock_schema
from caldp.domain.lock.make import make_lock
from caldp.domain.run.settings import Settings
from tests.support.locked import HDUS, RECORDED

LOCK = make_lock(RECORDED)
PLAIN = LOCK.to_plain()


def test_a_lock_is_read_as_it_was_written_and_follows_its_schema() -> None:
    text = LOCK.to_json()
    assert Lock.from_json(text) == LOCK
    assert Lock.from_json(text).to_json() == text
    jsonschema.validate(json.loads(text), lock_schema())


def test_a_lock_is_sorted() -> None:
    assert list(json.loads(LOCK.to_json())) == sorted(json.loads(LOCK.to_json()))
    assert [one.name for one in LOCK.inputs] == ["lsim01010_asn.fits", "lsim01a1q_rawtag.fits"]
    assert [one.keyword for one in LOCK.references] == ["FLATFILE", "FLUXTAB"]
    assert [one.name for one in LOCK.products] == ["lsim01010_x1dsum.fits", "lsim01a1q_x1d.fits"]
    assert LOCK.switches == {"lsim01a1q_rawtag.fits": {"BRSTCORR": "OMIT", "FLATCORR": "PERFORM"}}


def test_a_lock_holds_no_path_and_nothing_of_the_machine() -> None:
    text = LOCK.to_json()
    assert "someone" not in text
    assert "/" not in text
    assert LOCK.variables == {"ASTROMETRY_APPLY_APRIORI": "off", "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "2"}


def test_what_determines_products_is_applied_to_settings() -> None:
    settings = LOCK.apply(Settings(profile="onsite", crds_path="/cache", previews=False))
    assert (settings.csys_ver, settings.awsdpver, settings.awsysver, settings.previews) == ("1", "2", "3", True)
    assert settings.crds_path == "/cache"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": 23}, "ended with status 23"),
        ({"dataset": "acs_92c_01"}, "is mosaicked"),
        ({"inputs": ()}, "lacks inputs, engines or products"),
        ({"programs": ()}, "lacks inputs, engines or products"),
        ({"inputs": (evolve(RECORDED.inputs[0], sha256=""),)}, "lacks digests of lsim01a1q_rawtag.fits"),
        ({"products": (evolve(RECORDED.products[0], hdus=()),)}, "lacks digests of lsim01a1q_x1d.fits"),
        ({"references": (evolve(RECORDED.references[0], sha256=""),)}, "lacks digests of own_phot.fits"),
        ({"environment": {"OMP_NUM_THREADS": "all"}}, "OMP_NUM_THREADS=all is not a variable"),
    ],
)
def test_a_record_that_does_not_say_enough_is_refused(change: Any, message: str) -> None:
    with pytest.raises(InvalidRecord, match=message):
        make_lock(evolve(RECORDED, **change))


def edited(**changes: Any) -> str:
    return json.dumps(PLAIN | changes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no JSON"),
        ("[]", "expected an object"),
        ("{}", "no lock of schema 1"),
        (edited(schema=2), "no lock of schema 1"),
        (edited(dataset="n8cb010b0"), "dataset"),
        (edited(dataset="acs_92c_01"), "expected a dataset's name"),
        (edited(inputs=[], references=[]), "no inputs or no engines"),
        (
            edited(not_applicable={"lsim01a1q_rawtag.fits": ["EXPTIME"]}),
            "'EXPTIME' of 'lsim01a1q_rawtag.fits' is no",
        ),
        (edited(not_applicable={"lsim01a1q_rawtag.fits": ["FLATFILE"]}), "is no type of reference file that it can l"),
        (edited(inputs=[{"name": "../../etc/passwd", "sha256": "1" * 64}]), "expected a plain file name"),
        (edited(inputs=[{"name": "/etc/passwd", "sha256": "1" * 64}]), "expected a plain file name"),
        (edited(inputs=[{"name": ".hidden", "sha256": "1" * 64}]), "expected a plain file name"),
        (edited(inputs=[{"name": "a.fits", "sha256": "1" * 63}]), "expected 64 hexadecimal digits"),
        (edited(inputs=[*PLAIN["inputs"], PLAIN["inputs"][0]]), "is twice among the inputs"),
        (edited(products=[*PLAIN["products"], PLAIN["products"][0]]), "is twice among the products"),
        (edited(references=[PLAIN["references"][0] | {"name": "sub/x.fits"}]), "expected a plain file name"),
        (edited(references=[PLAIN["references"][0] | {"keyword": "FLAT FILE"}]), "expected a header keyword"),
        (edited(references=[PLAIN["references"][0] | {"exposures": ["j8cb01u2q_raw.fits"]}]), "which is no input"),
        (
            edited(references=[PLAIN["references"][0], PLAIN["references"][0] | {"keyword": "X", "sha256": "0" * 64}]),
            "has two digests",
        ),
        (edited(settings={"crds_path": "/tmp"}), "there is no setting 'crds_path'"),
        (edited(variables={"LD_PRELOAD": "/tmp/x.so"}), "LD_PRELOAD=/tmp/x.so is not a variable that a lock may set"),
        (edited(variables={"ASTROMETRY_SERVICE_URL": "http://evil"}), "is not a variable that a lock may set"),
        (edited(variables={"OMP_SCHEDULE": "a\n b"}), "is not a variable that a lock may set"),
        (edited(context="../hst_0001.pmap"), "the context is '../hst_0001.pmap'"),
        (edited(versions={"crds": "1\nEVIL"}), "the version of 'crds' is"),
        (edited(engines=[{"program": "../calcos"}]), "expected a plain file name"),
        (edited(switches=[]), "expected an object"),
    ],
)
def test_a_lock_that_no_run_made_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidLock) as caught:
        Lock.from_json(text)
    assert message in caught.value.message
    assert caught.value.exit_code == 2


def test_a_setting_of_the_wrong_type_is_refused() -> None:
    lock = Lock.from_json(edited(settings={"previews": "perhaps"}))
    with pytest.raises(InvalidLock, match="expected true or false"):
        lock.apply(Settings(profile="onsite"))
    with pytest.raises(InvalidLock, match="A setting cannot be read"):
        Lock.from_json(edited(settings={"csys_ver": ["a"]})).apply(Settings(profile="onsite"))


def test_digests_of_products_are_those_of_the_record() -> None:
    assert {one.hdus for one in LOCK.products} == {HDUS}
