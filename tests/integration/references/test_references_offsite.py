"""The real CRDS client and a real HTTP server, with trouble: what a cache gets, and what a user is told."""

from __future__ import annotations

import ast
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from caldp.adapters.support.pace import TransferLimits
from caldp.domain.calibration.assignment import Assignment
from caldp.domain.run.events import Transfer
from tests.support.crds_server import CrdsServer
from tests.support.limits import file_size_limit
from tests.support.measured import MEASURED
from tests.support.offsite_user import Heard, User, assign, tried
from tests.support.processes import is_gone
from tests.support.replies import (
    Fault,
    flipped,
    late,
    lengthened,
    page,
    reset,
    shortened,
    status,
    trickling,
    truncated,
)

DARK = "simnuv_flat.fits"
DEAD = "simnuv_dead.fits"
RULES = "hst_cos_flatfile_sim0001.rmap"


def damage(path: Path) -> None:
    path.write_bytes(flipped(path.read_bytes()).body)


def test_an_empty_cache_is_filled_although_everything_fails_once(user: User, server: CrdsServer) -> None:
    server.fail_each(status(503))
    trouble: dict[str, Fault] = {
        "get_server_info": page,
        "hst_sim0001.pmap": truncated,
        RULES: flipped,
        DARK: flipped,
        DEAD: truncated,
        "simnuv_bpix.fits": reset,
        "simnuv_lamp.fits": lengthened,
        "simnuv_wcp.fits": shortened,
        "simnuv_tds.fits": late(0.5),
    }
    for name, fault in trouble.items():
        server.fail(name, fault)
    heard = Heard()
    assigned = assign(user.service(exports=MEASURED), user, heard.events.append)
    assert assigned.context == "hst_sim0001.pmap"
    assert len(assigned.references) == 10
    assert all(user.is_whole(reference.name) for reference in assigned.references)
    assert {path.name for path in (user.cache / "mappings" / "hst").iterdir()} == set(server.names("map"))
    assert user.hidden() == []
    size = user.reference(DARK).stat().st_size
    assert Transfer(DARK, size, size) in heard.events
    server.requests.clear()
    assert assign(user.service(), user).context == assigned.context
    assert set(server.requests) == {"get_server_info"}


def test_a_bit_lost_in_transit_never_reaches_the_cache(user: User, server: CrdsServer) -> None:
    server.fail_always(DARK, flipped)
    error = tried(user.service(attempts=2, exports=MEASURED), user)
    assert f"{DARK} cannot be downloaded" in error.message
    assert "SHA-1" in error.message
    assert not user.reference(DARK).exists()
    assert user.hidden() == []
    server.mend()
    assign(user.service(), user)
    assert user.is_whole(DARK)


@pytest.mark.parametrize("name", [DARK, RULES])
def test_a_damaged_file_in_a_writable_cache_is_fetched_anew(synced: User, server: CrdsServer, name: str) -> None:
    [path] = synced.cache.rglob(name)
    damage(path)
    heard = Heard()
    assign(synced.service(exports=MEASURED), synced, heard.events.append)
    assert path.read_bytes() == next(synced.original.rglob(name)).read_bytes()
    assert f"{name} is damaged" in heard.warnings()
    assert "fetched anew" in heard.warnings()
    assert {key for key in server.requests if "." in key} == {name}


@pytest.mark.parametrize("name", [DARK, RULES])
def test_a_damaged_file_in_a_readonly_cache_ends_the_run_each_time(synced: User, server: CrdsServer, name: str) -> None:
    [path] = synced.cache.rglob(name)
    damage(path)
    for _ in range(2):
        error = tried(synced.offline(exports=MEASURED), synced)
        assert f"{path} is damaged" in error.message
        assert "sync" in error.advice
    assert not server.requests


def test_a_readonly_cache_is_compared_with_the_server_where_there_is_one(synced: User) -> None:
    config = synced.cache / "config" / "hst" / "server_config"
    info = ast.literal_eval(config.read_text())
    del info["download_metadata"]
    config.write_text(repr(info))
    damage(synced.reference(DEAD))
    assert f"{DEAD} is damaged" in tried(synced.service(readonly=True), synced).message
    assign(synced.service(readonly=True, check="off"), synced)


def test_a_cache_of_stand_ins_is_used_with_a_warning_unless_the_check_is_strict(synced: User) -> None:
    config = synced.cache / "config" / "hst" / "server_config"
    info = ast.literal_eval(config.read_text())
    for name in list(info["download_metadata"]):
        if name.endswith(".fits") and name != DEAD:
            info["download_metadata"][name] = {"size": "1234567890", "sha1sum": "0" * 40}
    config.write_text(repr(info))
    for _ in range(2):
        heard = Heard()
        assign(synced.offline(), synced, heard.events.append)
        assert "is no copy of the server's: 9 of 10 files have another size" in heard.warnings()
    assert "is damaged" in tried(synced.offline(check="strict"), synced).message


@pytest.mark.parametrize(("name", "variable"), [(DARK, "CRDS_ALLOW_BAD_REFERENCES"), (RULES, "CRDS_ALLOW_BAD_RULES")])
def test_withdrawn_files_end_the_run_unless_crds_is_told_to_allow_them(synced: User, name: str, variable: str) -> None:
    (synced.cache / "config" / "hst" / "bad_files.txt").write_text(f"another_drk.fits\n{name}\n")
    error = tried(synced.offline(), synced)
    assert "has withdrawn" in error.message
    assert name in error.message
    assert variable in error.advice
    heard = Heard()
    assign(synced.offline(exports={variable: "1", **MEASURED}), synced, heard.events.append)
    assert "has withdrawn" in heard.warnings()


def test_the_servers_own_list_of_withdrawn_files_counts_offsite(user: User, server: CrdsServer) -> None:
    server.withdrawn = [DARK]
    assert f"as scientifically invalid: {DARK}" in tried(user.service(), user).message


def unreachable() -> str:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}"


def test_a_server_that_cannot_be_reached(user: User, synced: User) -> None:
    nowhere = unreachable()
    heard = Heard()
    assert assign(synced.service(url=nowhere), synced, heard.events.append).references
    assert "cannot be reached (connection refused)" in heard.warnings()
    (user.cache / "config" / "hst" / "server_config").unlink()
    secret = nowhere.replace("http://", "http://somebody:SECRET@")
    error = tried(user.service(url=secret), user)
    assert "The CRDS server http://***@127.0.0.1" in error.message
    assert "SECRET" not in error.message + error.advice


Spoil = Callable[[User, CrdsServer], object]


@pytest.mark.parametrize(
    ("spoil", "context", "said"),
    [
        (lambda _user, server: server.fail_always("get_server_info", page), "", "something else than JSON"),
        (lambda _user, server: server.fail_always("get_server_info", status(401)), "", "with the status 401"),
        (lambda _user, _server: None, "hst_9999.pmap", r"does not know the file hst_9999\.pmap"),
        (lambda _user, server: server.fail_always(DEAD, status(404)), "", "simnuv_dead.fits.*status 404"),
        (lambda user, _server: (user.cache / "references").write_text("in the way"), "", "cannot be written to the C"),
    ],
    ids=["page", "refused", "context", "missing", "unwritable"],
)
def test_what_cannot_be_mended_is_said_in_a_sentence(
    user: User, server: CrdsServer, spoil: Spoil, context: str, said: str
) -> None:
    spoil(user, server)
    error = tried(user.service(context=context, attempts=2), user)
    assert re.search(said, error.message), error.message


def test_a_full_disk_leaves_nothing_behind(user: User) -> None:
    service = user.service(attempts=1)
    with file_size_limit(1 << 20):
        service.prepare()
    error = tried(service, user)
    assert f"{DARK} cannot be written" in error.message
    assert not user.reference(DARK).exists()
    assert user.hidden() == []


def test_a_server_that_trickles_is_asked_again(user: User, server: CrdsServer) -> None:
    server.fail(DARK, trickling)
    service = user.service(limits=TransferLimits(minimum=10_000, window=1, deadline=60))
    assign(service, user)
    assert user.is_whole(DARK)
    assert server.requests[DARK] > 1


def test_a_file_has_so_much_time_and_no_more(user: User, server: CrdsServer) -> None:
    server.fail_always(DARK, trickling)
    error = tried(user.service(limits=TransferLimits(minimum=0, window=1, deadline=1.5)), user)
    assert f"{DARK} cannot be downloaded" in error.message
    assert "CALDP_TRANSFER_DEADLINE" in error.message
    assert not user.reference(DARK).exists()
    assert user.hidden() == []


def test_a_download_program_of_the_users_own_has_so_much_time_too(user: User, server: CrdsServer) -> None:
    plugin = "sh -c 'exec sleep 60' ${SOURCE_URL} ${OUTPUT_PATH}"
    exports = {"CRDS_DOWNLOAD_MODE": "plugin", "CRDS_DOWNLOAD_PLUGIN": plugin}
    error = tried(user.service(exports=exports, limits=TransferLimits(deadline=1.5)), user)
    assert "CALDP_TRANSFER_DEADLINE" in error.message


def test_runs_at_the_same_time_download_each_file_once(user: User, server: CrdsServer) -> None:
    server.fail(DARK, late(1.0))
    services = [user.service() for _ in range(3)]
    homes = [user.home / f"run {number}" for number in range(3)]
    runs = list[Callable[[], Assignment]]()
    for service, home in zip(services, homes, strict=True):
        shutil.copytree(user.home / "data", home)
        raws = sorted(home.glob("*_rawtag.fits"))
        runs.append(lambda service=service, raws=raws: service.assign(raws, lambda _event: None))  # type: ignore[misc]
    with ThreadPoolExecutor(3) as pool:
        assigned = [future.result() for future in [pool.submit(run) for run in runs]]
    assert assigned[0] == assigned[1] == assigned[2]
    assert {name: count for name, count in server.requests.items() if "." in name and count != 1} == {}
    assert user.hidden() == []


@pytest.mark.parametrize("damaging", [False, True])
def test_a_plugin_of_the_users_own_downloads(user: User, server: CrdsServer, *, damaging: bool) -> None:
    script = user.home / "fetch"
    script.write_text(
        f"""cp "$(find {user.original} -name "${{1##*/}}")" "$2"\n"""
        + (f"""case $1 in *{DARK}) printf x | dd of="$2" bs=1 seek=9000 conv=notrunc;; esac\n""" if damaging else "")
    )
    plugin = f"sh '{script}' ${{SOURCE_URL}} ${{OUTPUT_PATH}}"
    service = user.service(attempts=2, exports={"CRDS_DOWNLOAD_MODE": "plugin", "CRDS_DOWNLOAD_PLUGIN": plugin})
    if damaging:
        assert f"{DARK} cannot be downloaded" in tried(service, user).message
        assert not user.reference(DARK).exists()
    else:
        assert len(assign(service, user).references) == 10
        assert user.is_whole(DARK)
    assert {name for name in server.requests if "." in name} == set()
    assert user.hidden() == []


class Stop(BaseException):
    """Error that a signal raises."""


def test_a_stop_ends_the_worker_and_nothing_else_is_said(user: User, server: CrdsServer) -> None:
    server.fail_always("get_server_info", late(30.0))

    def stop(_number: int, _frame: object) -> None:
        raise Stop

    service, heard = user.service(), Heard()
    service.prepare()
    worker = service._worker
    assert worker is not None
    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 1.0)
        started = time.monotonic()
        with pytest.raises(Stop):
            service.assign(user.raws, heard.events.append)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - started < 25
    assert is_gone(worker.pid)
    assert heard.warnings() == ""
    service.close()


RUN = """
import os, sys, time
from pathlib import Path
from caldp.adapters.fits.astropy import AstropyFits
from caldp.adapters.references.crds import CrdsReferences
service = CrdsReferences(Path(sys.argv[1]), str, readonly=False, environment=dict(os.environ), fits=AstropyFits())
service.prepare()
print(service._worker.pid, flush=True)
service.assign([Path(name) for name in sys.argv[2:]], lambda _event: None)
"""


def test_a_killed_run_leaves_no_worker(user: User, server: CrdsServer) -> None:
    server.fail_always("get_server_info", late(30.0))
    environment = {"PATH": os.environ["PATH"], "HOME": str(user.home), "CRDS_SERVER_URL": user.url}
    command = [sys.executable, "-c", RUN, str(user.cache), *map(str, user.raws)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        worker = int(run.stdout.readline())
        assert not is_gone(worker)
        run.kill()
    end = time.monotonic() + 60
    while not is_gone(worker) and time.monotonic() < end:
        time.sleep(0.05)
    assert is_gone(worker)
