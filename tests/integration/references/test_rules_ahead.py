"""Workers that find their rules loaded assign what others do, and notice whatever has changed since."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread

import pytest
from attrs import evolve

from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.references import head_start
from caldp.adapters.references.catalogue import SERVERLESS
from caldp.adapters.references.crds import CrdsReferences
from caldp.adapters.references.head_start import WORKER, worker_recipe
from caldp.adapters.support.warm_pool import WarmPool
from caldp.domain.errors import BestrefsError
from tests.support.offsite_user import User, assign, tried

CONTEXT = "hst_sim0001.pmap"
DARK = "simnuv_flat.fits"
RULES = "hst_cos_flatfile_sim0001.rmap"


def service(user: User, **exports: str) -> CrdsReferences:
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(user.home), "CRDS_SERVER_URL": SERVERLESS, **exports,
    }  # fmt: skip
    return CrdsReferences(user.cache, CONTEXT, readonly=True, environment=environment, fits=AstropyFits())


@pytest.fixture
def warmed(synced: User, monkeypatch: pytest.MonkeyPatch) -> Iterator[User]:
    """Somebody whose workers are forked from a server that has loaded the rules for COS."""
    recipe = worker_recipe(service(synced).ahead(["cos"]))
    pool = WarmPool(lambda script: recipe if script == WORKER else None)
    monkeypatch.setattr(head_start, "own_line", lambda: pool)
    worker = head_start.start_worker(service(synced)._environment)
    assert worker.stdin is not None
    worker.close()
    assert len(pool._warm) == 1
    yield synced
    pool.close()


def test_the_same_is_assigned_without_reading_rules_again(warmed: User, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.read_bytes() for path in warmed.raws}
    with watched(service(warmed)) as (crds, seen):
        found = assign(crds, warmed)
    assert not any(map(is_begun_anew, seen))
    written = [path.read_bytes() for path in warmed.raws]
    for path, data in before.items():
        path.write_bytes(data)
    with monkeypatch.context() as cold:
        cold.setattr(head_start, "own_line", lambda: None)
        assert assign(service(warmed), warmed) == found
    assert [path.read_bytes() for path in warmed.raws] == written
    (warmed.cache / "mappings" / "hst" / RULES).unlink()
    assert RULES in tried(service(warmed), warmed).message, "files of rules are looked at by each worker"


def is_begun_anew(words: bytes) -> bool:
    return b"-m\0caldp.adapters.references.crds_worker" in words


@contextmanager
def watched(crds: CrdsReferences) -> Iterator[tuple[CrdsReferences, set[bytes]]]:
    """Start a worker, and look at its command line until it ends."""
    crds.prepare()
    assert crds._worker is not None
    place, seen = Path("/proc", str(crds._worker.pid), "cmdline"), set[bytes]()

    def look() -> None:
        with suppress(OSError):  # it has ended
            while True:
                seen.add(place.read_bytes())
                time.sleep(0.01)

    thread = Thread(target=look)
    thread.start()
    yield crds, seen
    thread.join()


def withdraw(user: User) -> CrdsReferences:
    (user.cache / "config" / "hst" / "bad_files.txt").write_text(f"{DARK}\n")
    return service(user)


def move(user: User) -> CrdsReferences:
    """Use another cache, which lacks a file of rules."""
    other = evolve(user, home=user.home / "other")
    shutil.copytree(user.cache, other.cache)
    (other.cache / "mappings" / "hst" / RULES).unlink()
    return service(other, HOME=str(user.home))


@pytest.mark.parametrize(("change", "told"), [(withdraw, "has withdrawn"), (move, RULES)])
def test_what_has_changed_since_is_noticed(warmed: User, change: Callable[[User], CrdsReferences], told: str) -> None:
    with watched(change(warmed)) as (crds, seen):
        assert told in tried(crds, warmed).message
    assert any(map(is_begun_anew, seen))


def test_rules_that_cannot_be_loaded_are_told_by_each_worker(synced: User, monkeypatch: pytest.MonkeyPatch) -> None:
    (synced.cache / "mappings" / "hst" / RULES).write_text("no rules")
    recipe = worker_recipe(service(synced).ahead(["cos"]))
    pool = WarmPool(lambda script: recipe if script == WORKER else None)
    monkeypatch.setattr(head_start, "own_line", lambda: pool)
    try:
        for _ in range(2):
            with pytest.raises(BestrefsError, match=RULES):
                assign(service(synced), synced)
    finally:
        pool.close()


def test_nothing_is_loaded_ahead_that_may_change(synced: User) -> None:
    assert service(synced).ahead([]) is None
    assert service(synced, CRDS_CONFIG_URI="s3://bucket/config/hst/").ahead(["cos"]) is None
    assert service(synced, CRDS_SERVER_URL="https://hst-crds.stsci.edu").ahead(["cos"]) is None
    assert synced.service(context=CONTEXT).ahead(["cos"]) is None
    assert synced.offline().ahead(["cos"]) is None, "its context is asked for"
