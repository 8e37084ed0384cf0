"""A CRDS bucket as CALCLOUD's jobs find it, made from a CRDS cache."""

from __future__ import annotations

import ast
import hashlib
import os
import subprocess
import sys
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any

_PICKLE = """
import pickle, sys
from crds.core import rmap
mapping = rmap.get_cached_mapping(sys.argv[1])
mapping.force_load()
sys.stdout.buffer.write(pickle.dumps(mapping))
"""


def crds_objects(
    cache: Path, context: str, *, pickled: bool, names: Container[str] | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield keys and contents of a CRDS bucket.

    Parameters
    ----------
    cache
        A CRDS cache with the flat layout.
    context
        The context to be pickled.
    pickled
        True for the context as a pickle, False for its mappings.
    names
        The references that it has; by default all.
    """
    references = [
        path for path in sorted((cache / "references" / "hst").iterdir()) if names is None or path.name in names
    ]
    yield "config/hst/server_config", _server_config(cache, references)
    yield "config/hst/bad_files.txt", (cache / "config" / "hst" / "bad_files.txt").read_bytes()
    for path in references:
        yield f"references/hst/{path.name}", path.read_bytes()
    if pickled:
        yield f"pickles/hst/{context}.pkl", _pickle(cache, context)
    else:
        for path in sorted((cache / "mappings" / "hst").iterdir()):
            yield f"mappings/hst/{path.name}", path.read_bytes()


def _server_config(cache: Path, references: list[Path]) -> bytes:
    """Add sizes and checksums to the configuration: CRDS downloads nothing without them."""
    from crds.client.proxy import crds_encode

    config: dict[str, Any] = ast.literal_eval((cache / "config" / "hst" / "server_config").read_text())
    config["download_metadata"] = crds_encode({path.name: _catalogue_entry(path) for path in references})
    return repr(config).encode()


def _catalogue_entry(path: Path) -> Mapping[str, str]:
    digest = hashlib.sha1(path.read_bytes(), usedforsecurity=False).hexdigest()
    return {"size": str(path.stat().st_size), "sha1sum": digest}


def _pickle(cache: Path, context: str) -> bytes:
    variables = {
        "CRDS_PATH": str(cache),
        "CRDS_SERVER_URL": "https://hst-serverless-mode.stsci.edu",
        "CRDS_OBSERVATORY": "hst",
        "CRDS_READONLY_CACHE": "1",
    }
    command = [sys.executable, "-c", _PICKLE, context]
    return subprocess.run(command, env={**os.environ, **variables}, check=True, capture_output=True).stdout
