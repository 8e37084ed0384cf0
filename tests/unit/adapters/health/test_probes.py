"""Each probe keeps the contract."""

from __future__ import annotations

from functools import partial

import pytest

from caldp.adapters.health.astrometry import examine_astrometry
from caldp.adapters.health.machine import examine_machine
from caldp.adapters.health.network import examine_network
from caldp.adapters.health.programs import examine_programs
from caldp.adapters.health.references import examine_references
from caldp.adapters.memory.cgroup import CgroupMemory
from caldp.app.ports.probe import Probe
from tests.contracts.probe import SECRET, ProbeContract
from tests.support.astrometry_server import at

DEAF = "http://127.0.0.1:9"


class TestPrograms(ProbeContract):
    @pytest.fixture
    def probe(self) -> Probe:
        return partial(examine_programs, environ={"PATH": ""})


class TestReferences(ProbeContract):
    @pytest.fixture
    def probe(self) -> Probe:
        return examine_references


class TestMachine(ProbeContract):
    @pytest.fixture
    def probe(self) -> Probe:
        return partial(examine_machine, memory=CgroupMemory())


class TestNetwork(ProbeContract):
    @pytest.fixture
    def probe(self, monkeypatch: pytest.MonkeyPatch) -> Probe:
        monkeypatch.setattr("caldp.adapters.health.network.MAST", DEAF)
        return partial(examine_network, environ={"AWS_ENDPOINT_URL_S3": f"http://me:{SECRET}@127.0.0.1:9"})


class TestAstrometry(ProbeContract):
    @pytest.fixture
    def probe(self) -> Probe:
        return partial(examine_astrometry, environ=at(f"http://me:{SECRET}@127.0.0.1:9"))
