"""References chosen by the real CRDS library for many exposures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from caldp.adapters.headers.files import Headers
from caldp.adapters.references.contexts import newest_context
from caldp.adapters.references.crds_choice import CrdsChoice
from caldp.domain.errors import BestrefsError
from caldp.domain.run.events import Event
from caldp.domain.stale.header_values import FileHeaders
from caldp.simulation import SimulatedObservation
from caldp.simulation.crds_cache import CONTEXT
from tests.contracts.reference_choice import Case, ReferenceChoiceContract
from tests.support.contexts import copied_cache
from tests.support.measured import MEASURED

SERVERLESS = {"CRDS_SERVER_URL": "https://hst-serverless-mode.stsci.edu"}


def choice(cache: Path, context: str = CONTEXT) -> CrdsChoice:
    heard: list[Event] = []
    return CrdsChoice(cache, context, {**os.environ, **MEASURED, **SERVERLESS}, heard.append)


@pytest.fixture(scope="module")
def known(simulated: SimulatedObservation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Case]:
    cache = copied_cache(simulated.crds_cache, tmp_path_factory.mktemp("cache") / "with a blank")
    (cache / "config" / "hst" / "bad_files.txt").write_text("bad_flat.fits\n")
    (raw,) = list(Headers().files(next(simulated.inputs.glob("*_rawtag.fits"))))
    assert isinstance(raw, FileHeaders)
    selection = {key: str(value) for key, value in raw.union.items()}
    one = choice(cache)
    yield Case(one, CONTEXT, "cos", selection, "bad_flat.fits")
    one.close()


class TestCrdsChoice(ReferenceChoiceContract):
    @pytest.fixture
    def case(self, known: Case) -> Case:
        return known


@pytest.mark.parametrize("what", ["context", "cache"])
def test_what_is_missing_is_named(simulated: SimulatedObservation, tmp_path: Path, what: str) -> None:
    cache = simulated.crds_cache if what == "context" else tmp_path / "nowhere"
    one = choice(cache, "hst_4711.pmap")
    with pytest.raises(BestrefsError, match=r"hst_4711\.pmap" if what == "context" else "nowhere"):
        one.context()
    one.close()


def test_a_damaged_mapping_is_named(simulated: SimulatedObservation, tmp_path: Path) -> None:
    cache = copied_cache(simulated.crds_cache, tmp_path / "cache")
    path = cache / "mappings" / "hst" / "hst_cos_lamptab_sim0001.rmap"
    path.write_text(path.read_text().replace("N/A", "N/B"))
    one = choice(cache)
    with pytest.raises(BestrefsError, match=r"hst_cos_lamptab_sim0001\.rmap is damaged"):
        one.instrument("cos")
    assert one.context().name == CONTEXT
    one.close()


def test_a_worker_that_is_lost_is_an_error_and_the_next_question_starts_another(
    simulated: SimulatedObservation,
) -> None:
    one = choice(simulated.crds_cache)
    one.context()
    assert one._worker is not None
    one._worker.kill()
    one._worker.wait(10)
    with pytest.raises(BestrefsError, match="is lost"):
        one.instrument("cos")
    assert one.instrument("cos").kinds
    one.close()


def test_the_newest_context_has_the_highest_number(tmp_path: Path) -> None:
    directory = tmp_path / "mappings" / "hst"
    directory.mkdir(parents=True)
    assert newest_context(tmp_path) == ""
    for name in ("hst_0999.pmap", "hst_1290.pmap", "hst.pmap", "hst_acs_9999.imap", "hst_sim0001.pmap"):
        (directory / name).touch()
    assert newest_context(tmp_path) == "hst_1290.pmap"
    assert newest_context(tmp_path / "nowhere") == ""
