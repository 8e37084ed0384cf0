"""References that are remembered by intervals of dates, against those that CRDS assigns for each date by itself."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from caldp.adapters.headers.files import Headers
from caldp.adapters.references.rules_by_date import RulesByDate
from caldp.domain.stale.header_values import FileHeaders

pytestmark = pytest.mark.shared_data
DATASETS = {"acs": "j6gp01mkq", "cos": "ldfd01010", "stis": "osim01010", "wfc3": "isim01010"}


@pytest.fixture
def context(crds_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    from crds.core import rmap

    for name, value in {"CRDS_PATH": str(crds_cache), "CRDS_OBSERVATORY": "hst", "CRDS_READONLY_CACHE": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CRDS_SERVER_URL", "https://hst-serverless-mode.stsci.edu")
    return rmap.get_cached_mapping("hst_9729.pmap")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Types that CRDS is asked for."""
    from crds.core.rmap import InstrumentContext

    calls: list[str] = []
    original = InstrumentContext.get_best_references

    def counted(self: Any, header: Any, include: Any = None) -> Any:
        calls.extend(include or ())
        return original(self, header, include)

    monkeypatch.setattr(InstrumentContext, "get_best_references", counted)
    return calls


def selection_of(shared_hst: Path, instrument: str) -> dict[str, str]:
    files = Headers().files(shared_hst / "inputs" / f"{DATASETS[instrument]}.tar.gz")
    raw = next(one for one in files if isinstance(one, FileHeaders) and "_raw" in one.name)
    return {keyword: str(value) for keyword, value in raw.union.items()}


@pytest.mark.parametrize("instrument", DATASETS)
def test_every_date_gets_what_crds_says(shared_hst: Path, context: Any, calls: list[str], instrument: str) -> None:
    """Dates lie on those of the rules, beside them, and anywhere; and before there was an instrument."""
    selection, rules, chance = selection_of(shared_hst, instrument), RulesByDate(context), random.Random(instrument)
    rules.assign(selection)
    kinds = len(calls)
    moments = sorted({date for dates in rules._dates.values() for date in dates or ()})
    chosen = [*chance.sample(moments, min(len(moments), 12)), "2009-05-14 00:00:00", "2009-05-13 23:59:59"]
    chosen += [f"{chance.randint(1995, 2027)}-0{chance.randint(1, 9)}-15 12:00:01" for _ in range(6)]
    for moment in chosen:
        date, time = moment.split(" ")
        for wanted in (time, f"{time[:-1]}{(int(time[-1]) + 1) % 10}"):
            own = {**selection, "DATE-OBS": date, "TIME-OBS": wanted}
            assert rules.assign(own) == RulesByDate(context).assign(own), moment
    del calls[:]
    rules.assign(own)
    assert len(calls) <= kinds / 3, "most types are remembered"


@pytest.mark.parametrize("when", ["", "yesterday", "2009-13-77"])
def test_what_is_no_date_is_left_to_crds(shared_hst: Path, context: Any, when: str) -> None:
    selection = {**selection_of(shared_hst, "cos"), "DATE-OBS": when}
    found = RulesByDate(context).assign(selection)
    assert {name[:9] for name in found.values()} <= {"N/A", "NOT FOUND"}
