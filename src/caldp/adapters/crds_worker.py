"""The process in which the CRDS library works; started by `caldp.adapters.references_crds`.

CRDS is configured by environment variables, keeps global caches, logs to standard error and takes a second to
import. In a process of its own it has an environment of its own, may start before there is anything to assign, and
leaves the caller as it was.

It reads one JSON object from standard input and writes one to standard output.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def assign(request: dict[str, Any]) -> dict[str, Any]:
    """Assign best references.

    Parameters
    ----------
    request
        ``files``: names in the working directory; ``context``: a context, or empty for the default one; ``sync``:
        whether missing references may be downloaded.

    Returns
    -------
    dict
        ``context``: the context used; ``errors``: how many CRDS counted; ``references``: for each file its
        keywords with the names of their references; ``paths``: where each reference should lie in the cache.
    """
    from crds.bestrefs.bestrefs import assign_bestrefs
    from crds.core import config, heavy_client

    context = heavy_client.get_context_name("hst", request["context"] or None)
    names = request["files"]
    errors = assign_bestrefs(names, context=context, sync_references=request["sync"])
    try:
        mapping = heavy_client.get_pickled_mapping(context)  # as bestrefs has it: in the cloud from a pickle
    except Exception:  # CRDS says no more than that there is no file called none
        return {"failure": f"the context {context} is neither in the cache nor where CRDS downloads from."}
    references = {name: _assigned(name, mapping) for name in names}
    used = {reference for keywords in references.values() for reference in keywords.values()}
    paths = {reference: str(config.locate_reference(reference, "hst")) for reference in used}
    return {"context": context, "errors": int(errors), "references": references, "paths": paths}


def _assigned(name: str, mapping: Any) -> dict[str, str]:
    """Read back which references a header names, of the types that CRDS knows for its instrument."""
    from astropy.io import fits

    header = fits.getheader(name)
    kinds = mapping.get_imap(str(header["INSTRUME"]).lower()).get_filekinds()
    values = {kind.upper(): str(header.get(kind.upper(), "")) for kind in kinds}
    return {kind: value.partition("$")[2].strip() for kind, value in values.items() if "$" in value}


def main() -> int:
    """Import CRDS, wait for the request, answer it."""
    import crds.bestrefs.bestrefs  # noqa: F401  the import is what takes time

    line = sys.stdin.readline()
    if not line:
        return 0  # the caller went away before it had anything to assign
    request = json.loads(line)
    os.chdir(request["directory"])
    try:
        answer = assign(request)
    except Exception as error:  # whatever CRDS raises is the caller's to explain
        answer = {"failure": f"{type(error).__name__}: {error}"}
    Path(request["answer"]).write_text(json.dumps(answer))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
