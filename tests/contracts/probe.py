"""Contract of the port Probe."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import evolve

from caldp.app.ports.probe import Probe
from caldp.domain.run.health import Finding, Severity
from caldp.domain.run.settings import Settings

SECRET = "abracadabra"


class ProbeContract:
    """Override the fixtures `probe` and `settings`; the rest is the contract."""

    @pytest.fixture
    def probe(self) -> Probe:
        raise NotImplementedError

    @pytest.fixture
    def settings(self, tmp_path: Path) -> Settings:
        """Settings under which not all is well: every place in them is missing, every server deaf."""
        return Settings(
            profile="x", home=str(tmp_path / "home"), crds_path=str(tmp_path / "cache"), crds_readonly_cache=True,
            crds_server_url=f"http://me:{SECRET}@127.0.0.1:9", input="s3://bucket/inputs",
        )  # fmt: skip

    @pytest.fixture
    def findings(self, probe: Probe, settings: Settings) -> list[Finding]:
        return list(probe(settings))

    def test_each_subject_is_found_once_and_in_words(self, findings: list[Finding]) -> None:
        subjects = [finding.subject for finding in findings]
        assert subjects
        assert len(subjects) == len(set(subjects))
        assert all(finding.subject and finding.text for finding in findings)

    def test_a_finding_that_is_not_ok_says_what_to_do(self, findings: list[Finding]) -> None:
        assert [one for one in findings if (one.severity is Severity.OK) is bool(one.remedy)] == []

    def test_nothing_is_changed(self, findings: list[Finding], tmp_path: Path) -> None:
        assert findings
        assert not (tmp_path / "home").exists()
        assert not (tmp_path / "cache").exists()

    def test_no_credential_is_shown(self, findings: list[Finding]) -> None:
        assert SECRET not in str(findings)

    def test_settings_that_name_nothing_raise_nothing(self, probe: Probe, settings: Settings) -> None:
        assert list(probe(evolve(settings, home="\0", crds_path="\0", crds_server_url="nowhere", input="")))
