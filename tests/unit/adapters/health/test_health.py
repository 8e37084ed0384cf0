"""Examination of machines with and without trouble."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from caldp.adapters.health.installers import find_installers
from caldp.adapters.health.machine import examine_machine
from caldp.adapters.health.programs import examine_programs, package_versions
from caldp.adapters.health.references import examine_references
from caldp.domain.exit_codes import ExitCode
from caldp.domain.run.health import Finding, Severity, ok, problem, status_of, warning
from caldp.domain.run.settings import Settings
from tests.fakes.memory_watch import FakeMemory
from tests.support.scripted import Script, install


def verdicts(findings: Iterable[Finding]) -> dict[str, str]:
    return {finding.subject: finding.severity.value for finding in findings}


def texts(findings: Iterable[Finding]) -> dict[str, str]:
    return {finding.subject: finding.text for finding in findings}


def test_the_status_is_1_if_there_is_a_problem() -> None:
    assert status_of([ok("a", ""), warning("b", "", "")]) is ExitCode.SUCCESS
    assert status_of([ok("a", ""), problem("b", "", "")]) is ExitCode.GENERIC_ERROR


def test_whatever_is_not_well_has_a_remedy(tmp_path: Path) -> None:
    settings = Settings(profile="x", crds_path=str(tmp_path / "none"), crds_readonly_cache=True)
    findings = [*examine_programs(Settings(profile="x"), {"PATH": ""}), *examine_references(settings)]
    assert [finding for finding in findings if finding.severity is not Severity.OK and not finding.remedy] == []
    assert {finding.severity for finding in findings} == set(Severity)


class TestPrograms:
    """Calibration programs."""

    def test_each_is_looked_for_and_asked_for_its_version(self, tmp_path: Path) -> None:
        install(tmp_path, "calacs.e", Script(lines=("10.5.0 (16-Mar-2026)", "more")))
        install(tmp_path, "calwf3.e", Script(status=1))
        findings = list(examine_programs(Settings(profile="x"), {"PATH": f"{tmp_path}:/bin:/usr/bin"}))
        assert texts(findings)["calacs.e"] == f"10.5.0 (16-Mar-2026) at {tmp_path / 'calacs.e'}"
        assert texts(findings)["calwf3.e"] == f"of unknown version at {tmp_path / 'calwf3.e'}"
        assert "cs0.e" not in verdicts(findings)
        assert verdicts(findings)["STIS"] == "warning"
        assert texts(findings)["STIS"] == "cannot be done without cs0.e"
        assert "engines" not in verdicts(findings), "one program is enough for some datasets"

    def test_without_any_there_is_a_problem(self) -> None:
        assert verdicts(examine_programs(Settings(profile="x"), {"PATH": ""}))["engines"] == "problem"

    def test_one_command_brings_all_that_an_instrument_lacks(self, tmp_path: Path) -> None:
        install(tmp_path, "runastrodriz", Script(lines=("3.11",)))
        environment = {"PATH": str(tmp_path), "PIXI_PROJECT_MANIFEST": "/somewhere/pixi.toml"}
        findings = {one.subject: one for one in examine_programs(Settings(profile="x"), environment)}
        python = find_installers(environment).python
        engines = f'{python} "$(caldp constraints --path)" "caldp[engines]"'
        assert findings["WFC3"].text == "cannot be done without calwf3.e"
        assert findings["WFC3"].remedy == "pixi add hstcal"
        assert findings["COS"].remedy == engines.replace("engines", "cos"), "COS needs no more"
        nothing = {one.subject: one for one in examine_programs(Settings(profile="x"), {**environment, "PATH": ""})}
        assert nothing["ACS"].text == "cannot be done without calacs.e and runastrodriz"
        assert nothing["ACS"].remedy == nothing["engines"].remedy == f"pixi add hstcal && {engines}"
        assert nothing["sky cells"].remedy == engines

    def test_packages_have_their_versions(self) -> None:
        versions = package_versions()
        assert list(versions)[:2] == ["caldp", "python"]
        assert versions["crds"]


class TestReferences:
    """The CRDS cache."""

    @pytest.fixture
    def cache(self, tmp_path: Path) -> Path:
        for name, text in {
            "config/hst/ref_cache_subdir_mode": "flat\n",
            "config/hst/server_config": "{'operational_context': 'hst_1.pmap'}",
            "mappings/hst/hst_1.pmap": "",
        }.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    @staticmethod
    def look(cache: Path, *, readonly: bool = True, context: str = "") -> list[Finding]:
        return list(
            examine_references(
                Settings(profile="x", crds_path=str(cache), crds_readonly_cache=readonly, crds_context=context)
            )
        )

    def test_a_good_cache_is_ok_in_every_way(self, cache: Path) -> None:
        findings = self.look(cache)
        assert set(verdicts(findings).values()) == {"ok"}
        assert texts(findings)["cache layout"] == "flat"
        assert texts(findings)["context"] == "hst_1.pmap (the cache's operational one)"

    @pytest.mark.parametrize(("readonly", "verdict"), [(True, "problem"), (False, "ok")])
    def test_no_cache_is_a_problem_if_none_may_be_made(self, tmp_path: Path, readonly: bool, verdict: str) -> None:
        findings = self.look(tmp_path / "none", readonly=readonly)
        assert verdicts(findings)["CRDS cache"] == verdict
        assert verdicts(findings)["context"] == verdict

    def test_a_context_that_is_not_there_is_a_problem_if_it_cannot_be_had(self, cache: Path) -> None:
        assert verdicts(self.look(cache, context="hst_2.pmap"))["context"] == "problem"
        findings = self.look(cache, context="hst_2.pmap", readonly=False)
        assert texts(findings)["context"] == "hst_2.pmap (CRDS_CONTEXT) will be downloaded"

    def test_a_cache_of_unknown_layout_is_said_to_be_so(self, cache: Path) -> None:
        mode = cache / "config/hst/ref_cache_subdir_mode"
        mode.write_text("round")
        assert verdicts(self.look(cache))["cache layout"] == "problem"
        mode.unlink()
        assert verdicts(self.look(cache))["cache layout"] == "warning"

    def test_a_damaged_configuration_names_no_context(self, cache: Path) -> None:
        (cache / "config/hst/server_config").write_text("{'operational")
        assert verdicts(self.look(cache))["context"] == "problem"

    def test_a_cache_that_should_be_and_cannot_be_written_is_a_problem(
        self, cache: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("os.access", lambda *_: False)  # root may write anywhere
        assert verdicts(self.look(cache, readonly=False))["cache access"] == "problem"
        assert verdicts(self.look(cache, readonly=True))["cache access"] == "ok"


class TestMachine:
    """Scratch space and memory."""

    @pytest.mark.parametrize(
        ("limit", "verdict"), [(500_000_000, "problem"), (2_000_000_000, "warning"), (1 << 50, "ok"), (None, "ok")]
    )
    def test_memory_is_what_the_container_may_use(
        self, limit: int | None, verdict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("os.sysconf", lambda name: {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 4_000_000}[name])
        settings = Settings(profile="x", home=str(tmp_path))
        assert verdicts(examine_machine(settings, FakeMemory(bound=limit)))["memory"] == verdict

    @pytest.mark.parametrize(("free", "verdict"), [(1, "problem"), (10, "warning"), (100, "ok")])
    def test_disk_is_what_is_free_where_scratch_work_happens(
        self, free: int, verdict: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usage = shutil.disk_usage(tmp_path)._replace(free=free * 1_000_000_000)
        monkeypatch.setattr("shutil.disk_usage", lambda _path: usage)
        settings = Settings(profile="x", home=str(tmp_path / "not" / "yet"))
        findings = list(examine_machine(settings, FakeMemory()))
        assert verdicts(findings)["disk"] == verdict
        assert verdicts(findings)["scratch space"] == "ok"
        assert list(tmp_path.iterdir()) == []

    def test_a_place_that_cannot_be_written_is_a_problem(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(**_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("tempfile.TemporaryFile", refuse)
        settings = Settings(profile="x", home=str(tmp_path))
        findings = list(examine_machine(settings, FakeMemory()))
        assert verdicts(findings)["scratch space"] == "problem"
        assert texts(findings)["scratch space"] == f"{tmp_path} cannot be written: Permission denied"
