"""Runs with fakes at every port: published files, messages and verdict."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import shutil
import signal
import tarfile
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from caldp.app.ports.preview_renderer import Drawing
from caldp.app.process.flow import Destination
from caldp.app.process.identity import make_identity
from caldp.app.process.process_dataset import ProcessDataset
from caldp.app.scratch.ownership import read_owner
from caldp.calcloud.layout import CalcloudLayout
from caldp.domain.calibration.expected.structure import SPECTRUM
from caldp.domain.errors import ArchiveError, InputNotFound, PreviewError, PublishError, Stopped
from caldp.domain.exit_codes import ExitCode
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.hst.files import Extension, FitsFacts, HeaderValue, Values
from caldp.domain.output.layout import Category, TreeLayout
from caldp.domain.output.lease import Lease
from caldp.domain.output.location import FileLocation, MastLocation
from caldp.domain.output.previews import PreviewKind, PreviewRequest
from caldp.domain.run.events import Event, Step, StepEnded, StepStarted
from caldp.domain.run.identity import Machine
from caldp.domain.run.leftovers import OwnerState
from caldp.domain.run.record import WcsRecord
from caldp.domain.run.request import RunRequest
from caldp.domain.run.settings import Settings
from tests.fakes.archive_source import FakeSource
from tests.fakes.calibration_runner import FakeRunner
from tests.fakes.fits_files import FakeFits
from tests.fakes.object_store import MemoryStore
from tests.fakes.packer import FakePacker
from tests.fakes.preview_renderer import FakeRenderer
from tests.fakes.probe import FakeProbe
from tests.fakes.reference_file_service import FakeReferences
from tests.support.scripted import Script

DATASET = DatasetName.parse("ld9m10ujq")
RAW = "ld9m10ujq_rawtag.fits"
HEADER: dict[str, HeaderValue] = {
    "ROOTNAME": "ld9m10ujq", "EXPTYPE": "EXTERNAL/SCI", "OBSTYPE": "SPECTROSCOPIC", "OBSMODE": "TIME-TAG",
    "TAGFLASH": "NONE", "EXPTIME": 10.0,
}  # fmt: skip
PRODUCTS = tuple(f"ld9m10ujq_{kind}.fits" for kind in ("corrtag", "counts", "flt", "x1d"))
HOME = "data/cos/ld9m10ujq"
LOGS = ("preview.txt", "preview_metrics.txt", "process.txt", "process_metrics.txt", "record.json")


@frozen
class Stage:
    """A pipeline and what stands around it."""

    pipeline: ProcessDataset
    store: MemoryStore
    references: FakeReferences
    runner: FakeRunner
    home: Path

    def messages(self) -> list[str]:
        return [item.key.removeprefix("messages/") for item in self.store.list("messages/")]

    def with_settings(self, **changes: Any) -> Stage:
        request = self.pipeline.request
        return self.with_request(settings=evolve(request.settings, **changes))

    def with_request(self, **changes: Any) -> Stage:
        return evolve(self, pipeline=evolve(self.pipeline, request=evolve(self.pipeline.request, **changes)))


def parts_of(name: str) -> tuple[Extension, ...]:
    """Make the extensions that a product must have."""
    if "corrtag" in name:
        return tuple(Extension(part, data_bytes=8, rows=1) for part in ("EVENTS", "GTI", "TIMELINE"))
    if "x1d" in name:
        columns = {f"TTYPE{number}": column for number, column in enumerate(sorted(SPECTRUM), 1)}
        values = dict.fromkeys(("WAVELENGTH", "NET"), Values.VARIED)
        return (Extension("SCI", columns, data_bytes=8, rows=1, values=values),)
    return tuple(Extension(part, data_bytes=8, values={"SCI": Values.VARIED}) for part in ("SCI", "ERR", "DQ"))


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Return a pipeline that calibrates a single COS exposure without fault."""
    fits, store = FakeFits(), MemoryStore()
    raw = FitsFacts(RAW, {**HEADER, "FLATCORR": "PERFORM", "X1DCORR": "PERFORM"})
    for name in PRODUCTS:
        extracted = "COMPLETE" if name.endswith("x1d.fits") else "PERFORM"
        fits.know(FitsFacts(name, {**HEADER, "FLATCORR": "COMPLETE", "X1DCORR": extracted}, parts_of(name)))
    reference = tmp_path / "cache" / "sim_flat.fits"
    reference.parent.mkdir()
    reference.touch()
    home = tmp_path / "home"
    references = FakeReferences("hst_0729.pmap", {"FLATFILE": reference}, fits)
    runner = FakeRunner({"calcos": Script(lines=("CALCOS",), files=dict.fromkeys((*PRODUCTS, "ld9m10ujq.tra"), b"S"))})
    renderer = FakeRenderer()
    pipeline = ProcessDataset(
        request=RunRequest(
            DATASET, FileLocation("in"), FileLocation("out"), Settings(profile="onsite", home=str(home), previews=True)
        ),
        environment={"PATH": "/bin"},
        versions={"caldp": "1"},
        source=FakeSource({RAW: partial(fits.put, facts=raw)}),
        references=references,
        runner=runner,
        fits=fits,
        renderers=dict.fromkeys(PreviewKind, renderer),
        astrometry=FakeProbe("astrometry"),
        destination=Destination(store, TreeLayout(), FakePacker()),
    )
    return Stage(pipeline, store, references, runner, home)


def test_a_good_run_publishes_everything_and_leaves_no_scratch(stage: Stage) -> None:
    outcome = stage.pipeline()
    assert outcome.status is ExitCode.SUCCESS
    assert outcome.ok
    published = {item.key for item in stage.store.list("data/")}
    assert published >= {f"{HOME}/{name}" for name in (RAW, *PRODUCTS, "ld9m10ujq.tra")}
    assert published >= {f"{HOME}/logs/{name}" for name in LOGS}
    assert f"{HOME}/previews/ld9m10ujq_x1d.png" in published
    assert stage.messages() == ["datasets-processed/ld9m10ujq"]
    assert list(stage.home.iterdir()) == []
    assert stage.references.closed


def test_the_outcome_tells_steps_products_references_and_usage(stage: Stage) -> None:
    outcome = stage.pipeline()
    order = [Step.ANNOUNCE, Step.FETCH, Step.REFERENCES, Step.CALIBRATE, Step.PREVIEW]
    order += [Step.RECORD, Step.PUBLISH]
    assert [step.step for step in outcome.steps] == order
    assert {product.name for product in outcome.products} >= set(PRODUCTS)
    assert [(reference.keyword, reference.name) for reference in outcome.references] == [("FLATFILE", "sim_flat.fits")]
    assert outcome.record.engines[0].argv == ("calcos", RAW)


def test_the_record_is_published_and_complete(stage: Stage) -> None:
    stage.pipeline()
    body = stage.store.get_bytes(f"{HOME}/logs/record.json")
    assert body is not None
    record = json.loads(body)
    assert (record["schema"], record["status"], record["context"]) == (2, 0, "hst_0729.pmap")
    assert [item["name"] for item in record["inputs"]] == [RAW]
    assert record["engines"][0]["status"] == 0
    assert record["environment"]["lref"].endswith("/ref/")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_record_has_the_digest_of_every_file_and_its_key(stage: Stage) -> None:
    outcome = stage.pipeline()
    record = json.loads(stage.store.get_bytes(f"{HOME}/logs/record.json") or b"")
    products = {item["name"]: item for item in record["products"]}
    assert products.keys() >= {*PRODUCTS, "ld9m10ujq.tra", "ld9m10ujq_x1d.png"}
    files = {item["key"]: item for item in (*record["products"], *record["prepared"])}
    assert files.keys() == {item["key"] for item in record["objects"] if "/logs/" not in item["key"]}
    for key, item in files.items():
        body = stage.store.get_bytes(key)
        assert body is not None
        assert (item["size"], len(item["sha256"])) == (len(body), 64)
        if not item["name"].endswith(".fits"):  # of FITS files the fake digests the headers, too
            assert item["sha256"] == sha256(body)
    assert [hdu["name"] for hdu in products["ld9m10ujq_flt.fits"]["hdus"]] == ["", "SCI", "ERR", "DQ"]
    assert {item["category"] for item in record["products"]} == {"product", "preview"}
    assert json.loads(outcome.record.to_json())["products"] == record["products"]


def test_the_record_has_the_inputs_as_they_came_and_as_they_were_calibrated(stage: Stage) -> None:
    record = stage.pipeline().record
    (raw,), (prepared,) = record.inputs, record.prepared
    assert (raw.name, raw.category, raw.key) == (RAW, None, "")
    assert (prepared.name, prepared.category, prepared.key) == (RAW, Category.PRODUCT, f"{HOME}/{RAW}")
    assert raw.switches == prepared.switches == {"FLATCORR": "PERFORM", "X1DCORR": "PERFORM"}
    assert raw.hdus[0].header != prepared.hdus[0].header, "references and versions were written into it"
    assert raw.hdus[0].data == prepared.hdus[0].data


def test_the_record_has_references_and_what_crds_went_by(stage: Stage) -> None:
    record = stage.pipeline().record
    (reference,) = record.references
    assert (reference.override, reference.size, reference.sha256) == ("", 0, sha256(b""))
    assert record.crds_server == "https://crds.example.org"
    assert record.selection == {RAW: {"INSTRUME": "COS", "DETECTOR": "FUV"}}


def test_an_override_is_marked_as_one(stage: Stage, tmp_path: Path) -> None:
    mine = tmp_path / "mine_flat.fits"
    fits = stage.pipeline.fits
    assert isinstance(fits, FakeFits)
    fits.put(mine, FitsFacts(mine.name))
    raw = FitsFacts(RAW, {**HEADER, "FLATCORR": "PERFORM", "X1DCORR": "PERFORM", "FLATFILE": "N/A"})
    stage = stage.with_settings(reference_overrides={"FLATFILE": str(mine)})
    record = evolve(stage.pipeline, source=FakeSource({RAW: partial(fits.put, facts=raw)}))().record
    assert [(each.keyword, each.name, each.override) for each in record.references] == [
        ("FLATFILE", "mine_flat.fits", str(mine))
    ]
    assert record.references[0].size == len(b"SIMPLE")


def test_the_record_has_engines_machine_and_job(stage: Stage) -> None:
    environment = {
        "PATH": "/bin", "OMP_NUM_THREADS": "3", "AWS_BATCH_JOB_ID": "5f1d", "AWS_BATCH_JOB_ATTEMPT": "2",
    }  # fmt: skip
    machine = Machine("Linux-6.1", "AMD EPYC", 2, 4 << 30)
    record = evolve(stage.pipeline, environment=environment, machine=machine, packages={"attrs": "26.1"})().record
    assert record.programs == (stage.runner.identify("calcos", {}),)
    assert record.machine == evolve(machine, threads={"OMP_NUM_THREADS": "3"})
    assert (record.job, record.attempt, record.packages) == ("5f1d", 2, {"attrs": "26.1"})


@pytest.mark.parametrize("number", ["", "x", "-1", "1.5", "\N{SUPERSCRIPT TWO}"])
def test_what_is_no_number_of_an_attempt_is_none(stage: Stage, number: str) -> None:
    pipeline = evolve(stage.pipeline, environment={"PATH": "/bin", "AWS_BATCH_JOB_ATTEMPT": number})
    assert pipeline().record.attempt is None


def test_the_record_has_the_request_and_its_digest(stage: Stage) -> None:
    request = stage.pipeline.request
    record = stage.pipeline().record
    assert RunRequest.from_plain(record.request) == request
    assert record.request_digest == request.digest


def test_scratch_is_apart_from_products(stage: Stage) -> None:
    good = stage.runner.installed["calcos"]
    scratch = {"calcos.tmp": b"S", "calcos.log": b"log"}
    stage.runner.installed["calcos"] = evolve(good, files={**good.files, **scratch})
    record = stage.pipeline().record
    assert {each.name for each in record.scratch} == scratch.keys()
    assert {(each.category, each.key, each.sha256) for each in record.scratch} == {(None, "", "")}
    assert not {each.name for each in record.products} & scratch.keys()


def test_the_record_has_the_astrometric_solutions(stage: Stage) -> None:
    solved = {"WCSNAME": "IDC_0461802ej-FIT_IMG_GAIAeDR3", "WCSTYPE": "\x1b[31ma posteriori solution"}
    parts = tuple(evolve(part, keywords=solved) if part.name == "SCI" else part for part in parts_of(PRODUCTS[2]))
    assert isinstance(stage.pipeline.fits, FakeFits)
    stage.pipeline.fits.know(FitsFacts(PRODUCTS[2], {**HEADER, "FLATCORR": "COMPLETE"}, parts))
    products = {each.name: each for each in stage.pipeline().record.products}
    assert products[PRODUCTS[2]].wcs == (WcsRecord("SCI,1", "IDC_0461802ej-FIT_IMG_GAIAeDR3", "a posteriori solution"),)
    assert products[PRODUCTS[3]].wcs == ()


def test_a_failed_run_has_digests_of_what_it_published(stage: Stage) -> None:
    good = stage.runner.installed["calcos"]
    stage.runner.installed["calcos"] = evolve(good, status=3)
    outcome = stage.pipeline()
    assert outcome.status is ExitCode.STAGE1_ERROR
    assert {each.name for each in outcome.record.products} >= set(PRODUCTS)
    assert all(each.sha256 and each.key for each in outcome.record.products)


def test_a_failed_rerun_names_the_keys_of_its_own_place(stage: Stage) -> None:
    assert stage.pipeline().ok
    good = stage.runner.installed["calcos"]
    stage.runner.installed["calcos"] = evolve(good, status=3)
    outcome = stage.pipeline()
    keys = {each.key for each in outcome.record.products}
    assert all(key.startswith(f"attempts/ld9m10ujq/{outcome.record.run}/") for key in keys)
    assert keys <= stage.store.objects.keys()


def test_inside_a_tarball_keys_are_names_of_members(stage: Stage) -> None:
    destination = Destination(stage.store, CalcloudLayout(), FakePacker())
    record = evolve(stage.pipeline, destination=destination)().record
    (archive,) = (item.key for item in record.objects if item.key.endswith(".tar.gz"))
    with tarfile.open(fileobj=io.BytesIO(stage.store.get_bytes(archive) or b"")) as members:
        names = set(members.getnames())
    assert {each.key for each in (*record.products, *record.prepared)} == names


def test_without_an_output_files_have_digests_and_no_keys(stage: Stage) -> None:
    record = evolve(stage.pipeline, destination=None)().record
    assert record.products
    assert all(each.sha256 and each.category and not each.key for each in record.products)


def test_what_is_secret_in_the_engines_environment_stays_out_of_logs_and_record(stage: Stage) -> None:
    environment = {"PATH": "/bin", "https_proxy": "http://me:opensesame@proxy:3128"}
    stage = stage.with_settings(engine_environment={"MAST_API_TOKEN": "opensesame"})
    outcome = evolve(stage.pipeline, environment=environment)()
    assert stage.runner.calls[0].environment["MAST_API_TOKEN"] == "opensesame"
    assert "opensesame" not in outcome.record.to_json()
    assert not [item.key for item in stage.store.list("") if b"opensesame" in (stage.store.get_bytes(item.key) or b"")]


def test_what_an_engine_says_is_heard_without_credentials_and_escape_sequences(stage: Stage) -> None:
    lines = (
        "\x1b[2J\x1b[31mCALCOS\x1b[0m\x07 starts",
        "asking https://me:opensesame@crds.example.org",
        "GET https://s3.example.org/k?X-Amz-Credential=AKIAopensesame&X-Amz-Signature=opensesame",
        "ASTROMETRY_PWD=open sesame opensesame",
        "the token is sesameopen",
    )
    good = stage.runner.installed["calcos"]
    stage.runner.installed["calcos"] = evolve(good, lines=lines)
    told: list[Event] = []
    pipeline = evolve(stage.pipeline, environment={"PATH": "/bin", "MAST_API_TOKEN": "sesameopen"})
    outcome = pipeline(told.append)
    assert outcome.status is ExitCode.SUCCESS
    everything = [stage.store.get_bytes(item.key) or b"" for item in stage.store.list("")]
    everything += [outcome.record.to_json().encode(), repr(told).encode()]
    for secret in (b"opensesame", b"open sesame", b"sesameopen", b"\x1b", b"\x07", b"u001b"):
        assert not [body for body in everything if secret in body]
    log = stage.store.get_bytes(f"{HOME}/logs/process.txt")
    assert log is not None
    assert "CALCOS\N{REPLACEMENT CHARACTER} starts" in log.decode()


def test_a_failure_is_explained_without_credentials(stage: Stage) -> None:
    trouble = ArchiveError("GET https://me:opensesame@mast.example.org failed.", advice="Set MAST_PASSWORD=opensesame.")
    outcome = evolve(stage.pipeline, source=FakeSource({}, trouble=trouble))()
    assert "GET https://***@mast.example.org failed." in outcome.record.failures[0].message
    assert "opensesame" not in outcome.record.to_json()
    assert not [item.key for item in stage.store.list("") if b"opensesame" in (stage.store.get_bytes(item.key) or b"")]


def test_engines_run_in_the_work_directory_with_links_to_the_assigned_references(stage: Stage) -> None:
    outcome = stage.with_settings(keep_work=True).pipeline()
    work = Path(outcome.work_directory)
    assert work.parent == stage.home
    assert stage.runner.calls[0].directory == work / "data"
    assert [path.name for path in (work / "ref").iterdir()] == ["sim_flat.fits"]
    assert (work / "data" / RAW).exists()


def test_an_engine_that_says_success_and_makes_nothing_fails_the_run(stage: Stage) -> None:
    stage.runner.installed["calcos"] = Script(lines=("Warning: no spectrum",), status=0)
    outcome = stage.pipeline()
    assert outcome.status is ExitCode.STAGE1_ERROR
    assert "x1d" in outcome.record.failures[0].message
    assert stage.messages() == ["datasets-error/ld9m10ujq"]
    assert f"{HOME}/{RAW}" in {item.key for item in stage.store.list("data/")}
    assert Path(outcome.work_directory).is_dir()


def test_what_cannot_be_fetched_is_an_error_that_still_leaves_logs_and_a_message(stage: Stage) -> None:
    trouble = ArchiveError("MAST is down.", advice="Try again later.")
    stage = stage.with_request(source=MastLocation())
    outcome = evolve(stage.pipeline, source=FakeSource({}, trouble=trouble))()
    assert outcome.status is ExitCode.ASTROQUERY_ERROR
    assert outcome.record.failures[0].advice == "Try again later."
    assert stage.messages() == ["datasets-error/ld9m10ujq"]
    assert f"{HOME}/logs/process.txt" in {item.key for item in stage.store.list("data/")}
    assert stage.runner.calls == []
    assert stage.references.closed
    assert outcome.work_directory == ""
    assert list(stage.home.iterdir()) == []


def test_a_failed_run_leaves_its_scratch_directory_and_says_so_in_it(stage: Stage) -> None:
    stage.runner.installed["calcos"] = Script(status=1)
    outcome = stage.pipeline()
    owner = read_owner(Path(outcome.work_directory))
    assert owner is not None
    assert (owner.dataset, owner.state) == (DATASET.name, OwnerState.FAILED)
    kept = stage.with_settings(keep_work=True).pipeline()
    owner = read_owner(Path(kept.work_directory))
    assert owner is not None
    assert owner.state is OwnerState.KEPT


def test_an_output_that_cannot_be_written_ends_the_run_before_it_begins(stage: Stage) -> None:
    def trouble(_action: str, _key: str) -> None:
        raise PublishError("The disk is full.")

    destination = Destination(MemoryStore(trouble), TreeLayout(), FakePacker())
    outcome = evolve(stage.pipeline, destination=destination)()
    assert outcome.status is ExitCode.GENERIC_ERROR
    assert stage.runner.calls == []


def test_a_publishing_failure_counts_when_all_else_went_well(stage: Stage) -> None:
    def trouble(_action: str, key: str) -> None:
        if key.endswith("_x1d.fits"):
            raise PublishError("The disk is full.")

    store = MemoryStore(trouble)
    outcome = evolve(stage.pipeline, destination=Destination(store, TreeLayout(), FakePacker()))()
    assert outcome.status is ExitCode.GENERIC_ERROR
    assert [item.key for item in store.list("messages/")] == ["messages/datasets-error/ld9m10ujq"]
    assert Path(outcome.work_directory, "data", "ld9m10ujq_x1d.fits").exists()


def test_a_preview_that_fails_loses_no_product(stage: Stage) -> None:
    def refuse(_request: PreviewRequest) -> None:
        raise PreviewError("x1d cannot be drawn.")

    renderers = dict.fromkeys(PreviewKind, FakeRenderer(refuse))
    outcome = evolve(stage.pipeline, renderers=renderers)()
    assert outcome.status is ExitCode.CREATE_PREVIEWS_ERROR
    assert f"{HOME}/ld9m10ujq_x1d.fits" in {item.key for item in stage.store.list("data/")}
    assert stage.messages() == ["datasets-error/ld9m10ujq"]


def test_nothing_is_published_if_there_is_no_destination(stage: Stage) -> None:
    outcome = evolve(stage.pipeline, destination=None)()
    assert outcome.ok
    assert list(stage.store.list("")) == []


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (MemoryError(), ExitCode.CALDP_MEMORY_ERROR),
        (OSError(12, "Cannot allocate memory"), ExitCode.OS_MEMORY_ERROR),
        (RuntimeError("a bug"), ExitCode.STAGE1_ERROR),
    ],
)
def test_whatever_is_raised_in_a_step_becomes_a_status(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception, status: ExitCode
) -> None:
    def run(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(stage.runner, "run", run)
    outcome = stage.pipeline()
    assert outcome.status is status
    assert stage.messages() == ["datasets-error/ld9m10ujq"]
    log = stage.store.get_bytes(f"{HOME}/logs/process.txt") or b""
    assert b"DEBUG Traceback (most recent call last):" in log
    assert type(error).__name__.encode() in log


def test_a_stop_at_any_moment_is_no_success(stage: Stage) -> None:
    """A signal may arrive between two steps, where nothing is being done that could fail."""
    events: list[Event] = []
    assert stage.pipeline(events.append).ok
    fetching, last = events.index(StepStarted(Step.FETCH)), events.index(StepStarted(Step.PUBLISH))
    for moment in (index for index in range(last + 1) if isinstance(events[index], StepStarted | StepEnded)):
        stage.store.objects.clear()
        heard = count()

        def stop(_event: Event, heard: Iterator[int] = heard, moment: int = moment) -> None:
            if next(heard) == moment:
                raise Stopped(signal.SIGTERM)

        outcome = stage.pipeline(stop)
        assert outcome.status is ExitCode.TERMINATED, events[moment]
        (failure,) = outcome.record.failures
        assert failure.message == "Stopped by the batch system or kill (SIGTERM).", events[moment]
        assert outcome.work_directory in failure.advice
        assert bool(outcome.work_directory) is (moment > fetching), events[moment]
        if events[moment] == StepStarted(
            Step.ANNOUNCE
        ):  # the dataset was not this run's by then: nothing may be said of it
            assert stage.messages() == []
            continue
        assert stage.messages() == ["datasets-error/ld9m10ujq"], events[moment]
        record = json.loads(stage.store.get_bytes(f"{HOME}/logs/record.json") or b"")
        assert record["status"] == 143, events[moment]


def test_a_stop_after_the_last_message_changes_nothing(stage: Stage) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, StepEnded) and event.step is Step.PUBLISH:
            raise Stopped(signal.SIGTERM)

    outcome = stage.pipeline(stop)
    assert outcome.ok
    assert not outcome.record.failures
    assert stage.messages() == ["datasets-processed/ld9m10ujq"]


@pytest.mark.parametrize("earlier", [False, True], ids=["first run", "rerun"])
def test_a_stop_at_any_operation_on_the_store_leaves_one_final_message(stage: Stage, earlier: bool) -> None:
    assert not earlier or stage.pipeline().ok
    before = dict(stage.store.objects)
    for moment in range(1000):
        stage.store.objects.clear()
        stage.store.objects.update(before)
        heard = count()

        def stop(_action: str, _key: str, heard: Iterator[int] = heard, moment: int = moment) -> None:
            if next(heard) == moment:
                raise Stopped(signal.SIGINT)

        stage.store.trouble = stop
        outcome = stage.pipeline()
        stage.store.trouble = lambda _action, _key: None
        if next(heard) <= moment:
            break
        said = stage.messages()
        if not said:  # it was stopped before it had a claim on the dataset
            assert outcome.status is ExitCode.INTERRUPTED
            continue
        assert said in (["datasets-processed/ld9m10ujq"], ["datasets-error/ld9m10ujq"]), moment
        record = json.loads(stage.store.get_bytes(f"{HOME}/logs/record.json") or b"{}")
        if said == ["datasets-processed/ld9m10ujq"]:
            assert record["status"] == 0, moment
            assert {item["key"] for item in record["objects"]} < set(stage.store.objects), moment
        else:
            assert outcome.status is ExitCode.INTERRUPTED, moment
        assert not [event for event in outcome.record.failures if "after it had been judged" in event.message], moment
    assert moment > 20


def test_a_second_stop_ends_the_run_without_a_lie(stage: Stage) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, StepStarted) and event.step in (Step.CALIBRATE, Step.PUBLISH):
            raise Stopped(signal.SIGINT)

    outcome = stage.pipeline(stop)
    assert outcome.status is ExitCode.INTERRUPTED
    stopped, again = outcome.record.failures
    assert stopped.message == "Stopped by you (Ctrl-C)."
    assert again.message.startswith("Stopped before the message error was written: ")
    assert stage.messages() == ["datasets-error/ld9m10ujq"]


def test_a_failed_rerun_changes_nothing_but_for_the_place_of_failed_attempts(stage: Stage) -> None:
    assert stage.pipeline().ok
    before = dict(stage.store.objects)
    outcome = evolve(stage.pipeline, source=FakeSource({}, trouble=InputNotFound("There is no such input.")))()
    assert outcome.status is ExitCode.INPUT_TAR_FILE_ERROR
    assert stage.store.objects.items() >= before.items()
    aside = {key.split("/")[-1] for key in stage.store.objects.keys() - before.keys()}
    assert aside == {"process.txt", "process_metrics.txt", "preview_metrics.txt", "record.json"}
    assert outcome.receipt is not None
    record = json.loads(stage.store.get_bytes(f"attempts/ld9m10ujq/{outcome.record.run}/logs/record.json") or b"")
    assert (record["run"], record["status"]) == (outcome.record.run, ExitCode.INPUT_TAR_FILE_ERROR)


def test_the_record_names_every_object_of_its_run(stage: Stage) -> None:
    outcome = stage.pipeline()
    record = json.loads(stage.store.get_bytes(f"{HOME}/logs/record.json") or b"")
    assert record["run"] == outcome.record.run
    assert {item["key"]: item["size"] for item in record["objects"]} == {
        item.key: item.size for item in stage.store.list("data/") if not item.key.endswith("/record.json")
    }


def test_another_run_of_the_dataset_is_left_alone(stage: Stage) -> None:
    other = Lease(make_identity({}), 60.0).to_bytes()  # of this very process: it lives
    stage.store.put_bytes("messages/datasets-processing/ld9m10ujq", other)
    outcome = stage.pipeline()
    assert outcome.status is ExitCode.GENERIC_ERROR
    assert "is being processed by run" in outcome.record.failures[0].message
    assert stage.store.objects == {"messages/datasets-processing/ld9m10ujq": other}
    assert stage.runner.calls == []


@pytest.mark.parametrize("gone", ["logs", "."])
@pytest.mark.parametrize("step", [Step.FETCH, Step.CALIBRATE, Step.RECORD, Step.PUBLISH])
@pytest.mark.parametrize("earlier", [False, True], ids=["first run", "rerun"])
def test_the_last_word_is_said_also_when_the_scratch_directory_is_gone(
    stage: Stage, gone: str, step: Step, earlier: bool
) -> None:
    if earlier:
        assert stage.pipeline().ok
    before = dict(stage.store.objects)

    def remove(event: Event) -> None:
        if event == StepStarted(step):
            (work,) = stage.home.glob("caldp-work-*")
            shutil.rmtree(work / gone)

    outcome = stage.pipeline(remove)
    if outcome.ok:
        assert (step, gone) == (Step.PUBLISH, "logs")
        assert stage.messages() == ["datasets-processed/ld9m10ujq"]
    elif earlier:
        assert stage.messages() == ["datasets-processed/ld9m10ujq"]
        assert stage.store.objects.items() >= before.items()
    else:
        assert stage.messages() == ["datasets-error/ld9m10ujq"]


def test_a_stopped_run_publishes_what_explains_it_and_no_products(stage: Stage) -> None:
    def stop(event: Event) -> None:
        if event == StepStarted(Step.PREVIEW):
            raise Stopped(signal.SIGHUP)

    outcome = stage.pipeline(stop)
    assert outcome.status is ExitCode.HUNG_UP
    assert {each.key for each in outcome.record.products} == {""}
    published = {item.key.removeprefix(f"{HOME}/") for item in stage.store.list(HOME)}
    assert published == {f"logs/{name}" for name in LOGS}


def test_an_interrupt_publishes_the_error_and_passes_on(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(stage.runner, "run", run)
    with pytest.raises(KeyboardInterrupt):
        stage.pipeline()
    assert stage.messages() == ["datasets-error/ld9m10ujq"]


@pytest.mark.parametrize("code", [21, 23, 27, 28, 31, 32, 33, 34])
def test_errors_of_every_step_can_be_simulated(stage: Stage, code: int) -> None:
    outcome = stage.with_settings(simulate_error=code).pipeline()
    assert outcome.status == code
    assert stage.messages() == ["datasets-error/ld9m10ujq"]


def test_a_rerun_gives_the_same_tree(stage: Stage) -> None:
    stage.pipeline()
    first = [item.key for item in stage.store.list("")]
    stage.store.put_bytes(f"{HOME}/ld9m10ujq_old.fits", b"left by a version long ago")
    stage.pipeline()
    assert [item.key for item in stage.store.list("")] == first


def test_listeners_hear_of_every_step(stage: Stage) -> None:
    heard: list[Event] = []
    stage.pipeline(heard.append)
    assert {type(event).__name__ for event in heard} >= {"StepStarted", "StepEnded", "Note", "EngineLine"}


def test_a_run_whose_record_cannot_be_written_is_not_processed(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Path.write_text

    def full(path: Path, *arguments: Any, **options: Any) -> int:
        if path.name == "record.json":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return write(path, *arguments, **options)

    monkeypatch.setattr(Path, "write_text", full)
    outcome = stage.pipeline()
    assert outcome.status is ExitCode.GENERIC_ERROR
    assert "disk is full" in outcome.record.failures[0].message
    assert stage.messages() == ["datasets-error/ld9m10ujq"]


@pytest.mark.parametrize("how", ["changed", "removed", "new"])
def test_a_product_that_is_written_after_it_was_judged_is_not_processed(how: str, stage: Stage) -> None:
    """A child that had left the engine's session cut off a product 0.4 s after it was judged."""
    late = "ld9m10ujq_flt.fits" if how != "new" else "ld9m10ujq_late.fits"

    class Late(FakeRenderer):
        def draw(self, request: PreviewRequest, directory: Path) -> Drawing:
            (path,) = (each.parent / late for each in directory.parent.rglob(RAW))
            path.unlink() if how == "removed" else path.write_bytes(b"cut")
            return super().draw(request, directory)

    pipeline = evolve(stage.pipeline, renderers=dict.fromkeys(PreviewKind, Late()))
    outcome = pipeline()
    assert outcome.status is ExitCode.GENERIC_ERROR
    assert late in outcome.record.failures[0].message
    assert stage.messages() == ["datasets-error/ld9m10ujq"]
    published = {item.key for item in stage.store.list("data/")}
    assert f"{HOME}/logs/record.json" in published, "and what there is, to find out why"
