"""The simulated CRDS cache: mappings whose checksums hold, a context that reaches them all."""

import ast
import hashlib
import re
from pathlib import Path

import pytest

from caldp.simulation import INSTRUMENTS, SimulatedObservation, simulate


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> SimulatedObservation:
    return simulate("cos", tmp_path_factory.mktemp("cache"), exposure_time=60.0)


def mappings(simulated: SimulatedObservation) -> list[Path]:
    return sorted((simulated.crds_cache / "mappings" / "hst").iterdir())


def test_each_mapping_carries_its_checksum(simulated: SimulatedObservation) -> None:
    for path in mappings(simulated):
        lines = path.read_text().splitlines(keepends=True)
        (claimed,) = re.findall(r"'sha1sum' : '([0-9a-f]{40})'", "".join(lines))
        kept = "".join(line for line in lines if "sha1sum" not in line)
        assert hashlib.sha1(kept.encode()).hexdigest() == claimed, path.name


def test_each_mapping_knows_its_own_name(simulated: SimulatedObservation) -> None:
    for path in mappings(simulated):
        assert f"'name' : '{path.name}'" in path.read_text()


def test_the_context_reaches_every_rule(simulated: SimulatedObservation) -> None:
    directory = simulated.crds_cache / "mappings" / "hst"
    reached, waiting = set(), [simulated.context]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        waiting += re.findall(r": '(hst_\w+\.[ir]map)'", (directory / name).read_text().split("selector")[1])
    assert reached == {path.name for path in mappings(simulated)}
    assert {f"hst_{instrument}_sim0001.imap" for instrument in INSTRUMENTS} <= reached


def test_the_configuration_names_the_context_and_the_layout(simulated: SimulatedObservation) -> None:
    config = simulated.crds_cache / "config" / "hst"
    server = ast.literal_eval((config / "server_config").read_text())
    assert server["operational_context"] == simulated.context
    assert server["mappings"] == [path.name for path in mappings(simulated)]
    assert (config / "ref_cache_subdir_mode").read_text() == "flat"


def test_files_for_spectra_are_relevant_to_spectra_only(simulated: SimulatedObservation) -> None:
    """CRDS would otherwise fail on images: it finds no such file for them."""
    rules = [path for path in mappings(simulated) if path.name.startswith("hst_cos_")]
    of_spectra = [path for path in rules if "OBSTYPE" in path.read_text()]
    assert len(of_spectra) == 7
    for path in of_spectra:
        assert "'rmap_relevance' : '(OBSTYPE == \"SPECTROSCOPIC\")'" in path.read_text(), path.name
