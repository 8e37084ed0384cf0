"""Attributes of astroquery beyond its public interface: they are there, used in one module, and missed by name."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from astroquery.mast import MastClass
from astroquery.mast.discovery_portal import PortalAPI
from packaging.requirements import Requirement

from caldp.adapters.support.astroquery_client import OFFICIAL, REQUIRED, new_client, session_of
from caldp.domain.errors import ArchiveError

ROOT = Path(__file__).resolve().parents[4]
HERE = "http://127.0.0.1:9"


def bound() -> Requirement:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (line,) = [line for line in project["dependencies"] if line.startswith("astroquery")]
    return Requirement(line)


def test_every_address_and_the_session_of_the_installed_astroquery_are_ours() -> None:
    client = new_client(HERE)
    sent: list[str] = []

    class Stop(Exception):
        pass

    def note(_method: str, url: str, **_options: object) -> None:
        sent.append(url)
        raise Stop

    session_of(client).request = note  # type: ignore[assignment, method-assign]
    with pytest.raises(Stop):
        client.service_request_async("Mast.Caom.Products", {"obsid": "1"})
    with pytest.raises(Stop):
        client.login(token="none")
    assert len(sent) == 2
    assert {url.removeprefix(HERE)[:1] for url in sent} == {"/"}
    assert session_of(client).hooks["response"] == []


def test_other_clients_keep_their_archive() -> None:
    new_client(HERE)
    assert PortalAPI.MAST_REQUEST_URL.startswith(OFFICIAL)
    assert MastClass()._auth_obj.SESSION_INFO_URL.startswith(OFFICIAL)


@pytest.mark.parametrize(("lacking", "owner"), [("MAST_REQUEST_URL", PortalAPI), ("service_request_async", MastClass)])
def test_an_astroquery_that_lacks_something_is_told_with_the_versions_that_work(
    lacking: str, owner: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(owner, lacking)
    with pytest.raises(ArchiveError, match=lacking) as caught:
        new_client(HERE)
    assert f"pip install '{REQUIRED}'" in (caught.value.advice or "")


def test_the_version_is_bounded_on_both_sides() -> None:
    assert {clause.operator for clause in bound().specifier} == {">=", "<"}
    assert bound() == Requirement(REQUIRED)


def test_no_other_module_reaches_inside_astroquery() -> None:
    reaching = re.compile(r"client\._(session|auth_obj|portal_api_connection|service_api_connection)\b")
    found = {path.name for path in (ROOT / "src").rglob("*.py") if reaching.search(path.read_text(encoding="utf-8"))}
    assert found == {"astroquery_client.py"}
