"""The engines' environment, from where the user left it."""

from __future__ import annotations

from pathlib import Path

import pytest

from caldp.app.calibration.engine_environment import engine_environment
from caldp.app.process.flow import WorkDirectory
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.run.events import Event, Level, Note
from caldp.domain.run.settings import Settings


@pytest.fixture
def work(tmp_path: Path) -> WorkDirectory:
    work = WorkDirectory(tmp_path)
    work.data.mkdir()
    return work


def build(
    work: WorkDirectory, dataset: str = "j8cb010b0", tell: list[Event] | None = None, **settings: object
) -> dict[str, str]:
    told: list[Event] = [] if tell is None else tell
    made = Settings(profile="onsite", **settings)  # type: ignore[arg-type]
    caller = {"PATH": "/bin", "AWS_SECRET_ACCESS_KEY": "x", "https_proxy": "http://me:pw@proxy"}
    return engine_environment(DatasetName.parse(dataset), made, caller, Path("/run/ref"), work, told.append)


def test_references_are_the_links_of_this_run(work: WorkDirectory) -> None:
    environment = build(work)
    names = ("iref", "jref", "oref", "lref", "nref", "uref", "uref_linux")
    assert {name: environment[name] for name in names} == dict.fromkeys(names, "/run/ref/")


@pytest.mark.parametrize(
    ("mode", "jref"),
    [("flat", "references/hst/"), ("instrument", "references/hst/acs/"), (None, "references/hst/acs/")],
)
def test_visits_find_references_in_the_cache(mode: str | None, jref: str, work: WorkDirectory, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    (cache / "config" / "hst").mkdir(parents=True)
    if mode is not None:
        (cache / "config" / "hst" / "ref_cache_subdir_mode").write_text(f"{mode}\n")
    assert build(work, "acs_8ph_01", crds_path=str(cache))["jref"] == f"{cache}/{jref}"


def test_the_dataset_s_own_file_is_read_and_its_bad_lines_are_told(work: WorkDirectory) -> None:
    (work.data / "j8cb010b0_cal_env.txt").write_bytes(b"ASTROMETRY_APPLY_APRIORI=off\r\nbad line\nMY_URL=caf\xe9=1\n")
    told: list[Event] = []
    environment = build(work, tell=told)
    assert environment["ASTROMETRY_APPLY_APRIORI"] == "off"
    assert "MY_URL" not in environment
    warnings = [event.text for event in told if isinstance(event, Note) and event.level is Level.WARNING]
    assert warnings == [
        "j8cb010b0_cal_env.txt, line 2: expected KEY=VALUE; the line is passed over.",
        (
            "j8cb010b0_cal_env.txt, line 3: MY_URL cannot be set by an input; the line is passed over. "
            "If you trust it, set it in [engine_environment] of a profile of your own."
        ),
    ]


def test_the_environment_can_be_seen_without_its_secrets(work: WorkDirectory) -> None:
    told: list[Event] = []
    environment = build(work, tell=told, engine_environment={"A_TOKEN": "t"})
    shown = [event.text for event in told if isinstance(event, Note) and event.level is Level.DETAIL]
    assert "PATH=/bin" in shown
    assert "https_proxy=http://***@proxy" in shown
    assert "A_TOKEN=***" in shown
    assert environment["A_TOKEN"] == "t"
    assert "AWS_SECRET_ACCESS_KEY" not in environment
