"""A batch that calibrates again what is stale, run to its end with the real calcos."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import caldp
from caldp import Verdict
from caldp.app.layouts import LAYOUTS
from caldp.domain.hst.dataset import DatasetName
from caldp.domain.output.layout import LayoutKind
from caldp.domain.output.messages import MessageState
from caldp.simulation.cos.references import RULES
from caldp.simulation.crds_cache import CONTEXT
from tests.support.batch_site import BatchSite
from tests.support.stale_place import NEW, StalePlace, write
from tests.support.stale_records import record

STALE, CURRENT = "lsim01a1q", "lsim01a2q"


def published(place: StalePlace, dataset: str, context: str, lamp: str) -> dict[str, bytes]:
    """Return what a run under a context has published, as far as it decides: its record and its message."""
    layout, name, raw = LAYOUTS[LayoutKind.TREE], DatasetName.parse(dataset), f"{dataset}_rawtag.fits"
    used = {rule.filekind.upper(): rule.filename for rule in RULES} | {"LAMPTAB": lamp}
    one = record(dataset, used, place.record.selection[raw], raws=(raw,), context=context)
    body = one.to_json().encode()
    return {layout.log_key(name, "record.json"): body, layout.message_key(name, MessageState.PROCESSED): b""}


@pytest.mark.engines
def test_exactly_what_is_stale_runs(place: StalePlace, tmp_path: Path) -> None:
    shutil.copytree(place.observation.inputs, tmp_path / "inputs")
    write(tmp_path / "out", published(place, STALE, CONTEXT, "simnuv_lamp.fits"))
    write(tmp_path / "out", published(place, CURRENT, NEW, "newnuv_lamp.fits"))
    known = {path: path.read_bytes() for path in (tmp_path / "out").rglob("record.json")}
    exports = {name: value for name, value in place.environment.items() if name.startswith("CRDS_")}
    site = BatchSite(
        tmp_path, {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CALDP_PREVIEWS": "false", **exports}
    )
    words = ("run", STALE, CURRENT, "inputs", "out", "--redo", "stale", "--context", NEW)
    done = site.run(*words)
    assert done.returncode == 0, done.stderr
    assert "LAMPTAB simnuv_lamp.fits -> newnuv_lamp.fits" in done.stderr
    assert site.status()["counts"] == {"done": 2}
    assert {path.parent.parent.name for path, body in known.items() if path.read_bytes() != body} == {STALE}
    assert (tmp_path / "out" / "data" / "cos" / STALE / f"{STALE}_x1d.fits").is_file()
    findings = caldp.stale(tmp_path / "out", context=NEW, environment=place.environment)
    assert {one.dataset: one.verdict for one in findings} == {STALE: Verdict.CURRENT, CURRENT: Verdict.CURRENT}
    assert "2 done already, 0 to run" in site.run(*words, "--dry-run").stdout
