"""A simulated observation, and a context in which one of its reference files differs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
from astropy.io import fits
from attrs import frozen

from caldp.adapters.headers.files import Headers
from caldp.adapters.references.crds_choice import CrdsChoice
from caldp.app.layouts import LAYOUTS
from caldp.domain.output.layout import LayoutKind
from caldp.domain.output.messages import MessageState
from caldp.domain.run.record import RunRecord
from caldp.domain.stale.header_values import FileHeaders
from caldp.simulation import SimulatedObservation
from caldp.simulation.cos.references import RULES
from caldp.simulation.crds_cache import CONTEXT, SERVERLESS
from tests.support.contexts import copied_cache, derive_context, reference
from tests.support.stale_records import record

NEW = "hst_9801.pmap"


@frozen
class StalePlace:
    """A simulated observation, and a cache with a context in which the spectrum of a lamp differs.

    Attributes
    ----------
    observation
        The observation.
    cache
        The cache.
    record
        Record of its calibration, as a run would write it.
    """

    observation: SimulatedObservation
    cache: Path
    record: RunRecord

    @property
    def environment(self) -> dict[str, str]:
        exports = {"CRDS_PATH": str(self.cache), "CRDS_READONLY_CACHE": "1", "CRDS_SERVER_URL": SERVERLESS}
        return {**os.environ, **exports}

    def objects(self, kind: LayoutKind) -> Mapping[str, bytes]:
        """Return record and message by key."""
        layout, dataset = LAYOUTS[kind], self.record.dataset
        message = layout.message_key(dataset, MessageState.PROCESSED)
        return {layout.log_key(dataset, "record.json"): self.record.to_json().encode(), message: b""}


def make_place(observation: SimulatedObservation, directory: Path) -> StalePlace:
    """Derive a context in which another lamp spectrum is assigned to a COS observation, and make up its record."""
    cache = copied_cache(observation.crds_cache, directory / "cache")
    with fits.open(cache / "references" / "hst" / "simnuv_lamp.fits") as hdus:
        hdus[1].data["INTENSITY"] = np.roll(hdus[1].data["INTENSITY"], 5, axis=1)
        hdus.writeto(reference(cache, "newnuv_lamp.fits"))
    derive_context(cache, CONTEXT, NEW, {"simnuv_lamp.fits": "newnuv_lamp.fits"})
    raws = sorted(observation.inputs.glob("*_rawtag.fits"))
    (headers,) = Headers().files(raws[0])
    assert isinstance(headers, FileHeaders)
    exports = {**os.environ, "CRDS_SERVER_URL": SERVERLESS}
    with closing(CrdsChoice(cache, CONTEXT, exports, lambda _event: None)) as choice:
        missing = dict.fromkeys(choice.instrument("cos").keys, "UNDEFINED")  # so CRDS has it
    selection = missing | {keyword: str(value) for keyword, value in headers.union.items()}
    used = {rule.filekind.upper(): rule.filename for rule in RULES}
    names = tuple(raw.name for raw in raws)
    return StalePlace(observation, cache, record(observation.dataset, used, selection, raws=names, context=CONTEXT))


def write(directory: Path, objects: Mapping[str, bytes]) -> None:
    """Write objects of an output below a directory."""
    for key, data in objects.items():
        path = directory / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
