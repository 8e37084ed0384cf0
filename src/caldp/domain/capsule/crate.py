"""Description of a capsule as an RO-Crate of the profile Process Run Crate 0.5."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from caldp.domain.lock.lock import Lock

METADATA: Final = "ro-crate-metadata.json"
_CRATE: Final = "https://w3id.org/ro/crate/1.1"
_PROFILE: Final = "https://w3id.org/ro/wfrun/process/0.5"
_TERMS: Final = "https://archive.stsci.edu/publishing/data-use"
_TYPES: Final = {".fits": "application/fits", ".json": "application/json", ".txt": "text/plain"}


def crate_text(lock: Lock, files: Mapping[str, int], made: datetime, repository: str) -> str:
    """Write the description of a capsule.

    Parameters
    ----------
    lock
        The lock.
    files
        Size in bytes of each file, by path relative to the crate's root; the description itself left out.
    made
        Time at which the capsule is made.
    repository
        Address of caldp's source.
    """
    return (
        json.dumps(
            {
                "@context": [f"{_CRATE}/context", "https://w3id.org/ro/terms/workflow-run/context"],
                "@graph": list(_graph(lock, files, made, repository)),
            },
            indent=2,
        )
        + "\n"
    )


def _graph(lock: Lock, files: Mapping[str, int], made: datetime, repository: str) -> Iterator[dict[str, Any]]:
    parts = sorted(files)
    yield {
        "@id": METADATA, "@type": "CreativeWork", "about": {"@id": "./"}, "conformsTo": {"@id": _CRATE},
    }  # fmt: skip
    yield {
        "@id": "./",
        "@type": "Dataset",
        "conformsTo": {"@id": _PROFILE},
        "name": f"Calibration of the Hubble dataset {lock.dataset}",
        "description": f"Raw files, reference files and lock of a calibration of {lock.dataset} by {_engines(lock)}.",
        "datePublished": made.isoformat(timespec="seconds"),
        "license": {"@id": _TERMS},
        "hasPart": [{"@id": path} for path in parts],
        "mentions": {"@id": "#run"},
    }
    yield {"@id": _PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"}
    yield {"@id": _TERMS, "@type": "CreativeWork", "name": "Data use policy of the MAST archive", "url": _TERMS}
    yield {
        "@id": "#run",
        "@type": "CreateAction",
        "name": f"Calibration of {lock.dataset} under {lock.context}",
        "description": "Its result is the list of digests of the products in the lock; the products are not enclosed.",
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "endTime": made.isoformat(timespec="seconds"),
        "instrument": {"@id": repository},
        "object": [{"@id": path} for path in parts if path.startswith(("inputs/", "crds/references/", "own/"))],
        "result": {"@id": "lock.json"},
    }
    yield {
        "@id": repository,
        "@type": "SoftwareApplication",
        "name": "caldp",
        "url": repository,
        "version": lock.versions.get("caldp", "unknown"),
        "softwareRequirements": _single([{"@id": _home(engine.program)} for engine in lock.engines]),
    }
    for engine in lock.engines:
        yield {
            "@id": _home(engine.program),
            "@type": "SoftwareApplication",
            "name": engine.program,
            "url": _home(engine.program),
            "version": engine.version or engine.build or "unknown",
        }
    for path in parts:
        yield {
            "@id": path,
            "@type": "File",
            "name": path.rpartition("/")[2],
            "contentSize": str(files[path]),
            "encodingFormat": _TYPES.get(path[path.rfind(".") :], "text/plain"),
        }


def _engines(lock: Lock) -> str:
    return ", ".join(f"{engine.program} {engine.version}".strip() for engine in lock.engines)


def _home(program: str) -> str:
    """Return the address of a program: the page of its package, and its name."""
    package = "hstcal" if program.endswith(".e") else "calcos" if program == "calcos" else "drizzlepac"
    return f"https://github.com/spacetelescope/{package}#{program}"


def _single(values: list[dict[str, str]]) -> Any:
    """Write a single value as such, as RO-Crate 1.1 recommends."""
    return values[0] if len(values) == 1 else values
