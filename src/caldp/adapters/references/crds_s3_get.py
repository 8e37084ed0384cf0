"""The plug-in with which CRDS downloads reference files from S3: ``crds_s3_get``.

CRDS runs it as a program, in the form of `caldp.domain.run.crds_variables.DOWNLOAD_PLUGIN`; it is found through
`plugin_directory`. The forms of earlier versions of CRDS and caldp are understood too.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from caldp.adapters.references.s3_objects import Order, PluginError, client_for, difference, download
from caldp.domain.run.secrets import Blotter

PROGRAM: Final = "crds_s3_get"
_INTERRUPTED: Final = 2  # CRDS 13 takes it for a keyboard interrupt
_KINDS: Final = {".pmap": "MAPPING", ".imap": "MAPPING", ".rmap": "MAPPING", ".pickle": "PICKLE"}
_CONFIG_FILES: Final = frozenset({"server_config", "bad_files.txt"})


def plugin_directory() -> Path:
    """Return the directory whose ``crds_s3_get`` is ours; it belongs at the front of CRDS's PATH.

    The program runs the Python that ``CALDP_PYTHON`` names, else ``python3``.
    """
    return Path(__file__).with_name("crds_plugin")


def plugin_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with which a process like this one finds our ``crds_s3_get``."""
    path = os.pathsep.join(filter(None, (str(plugin_directory()), environ.get("PATH"))))
    return {"PATH": path, "CALDP_PYTHON": sys.executable}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status: 0, 1 failed, 2 usage or interrupt, 10 size, 11 checksum."""
    options = _parser().parse_args(arguments)
    try:
        order = _order(options, os.environ)
        if not options.ignore_cache and order.destination.is_file() and difference(order, order.destination) is None:
            return 0
        download(order, client_for(order.source), tries=options.max_retries + 1, say=_say)
    except PluginError as error:
        _say(str(error))
        return error.status
    except KeyboardInterrupt:
        return _INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(PROGRAM, description="Download one CRDS file from S3, and check it.")
    parser.add_argument("source", help="s3://bucket/key, or a file name to be found by CRDS_REFERENCE_URI and its like")
    parser.add_argument("target", nargs="?", default="", help="path of the file (or use -d)")
    parser.add_argument("-d", "--destination", default="", help="path of the file, or a directory for it")
    parser.add_argument("-s", "--file-size", default="", help="size it must have, bytes")
    parser.add_argument("-c", "--file-sha1sum", default="", help="SHA-1 checksum it must have")
    parser.add_argument("-r", "--max-retries", type=int, default=3, help="further tries after a passing failure")
    parser.add_argument("-I", "--ignore-cache", action="store_true", help="download even what is there and right")
    parser.add_argument("--loglevel", default="INFO", help=argparse.SUPPRESS)  # CRDS's own program has it
    return parser


def _order(options: argparse.Namespace, environ: Mapping[str, str]) -> Order:
    """Read the command line, which came from CRDS and not from a user's hand."""
    source = options.source if options.source.startswith("s3://") else _uri(options.source, environ)
    name = source.rpartition("/")[2]
    destination = Path(options.destination or options.target)
    if destination == Path() or not name:
        raise PluginError(f"{options.source} needs a destination: {PROGRAM} SOURCE -d PATH")
    if destination.name != name:
        destination = destination / name
    size, sha1 = (text.strip().lower() for text in (options.file_size, options.file_sha1sum))
    if size not in ("", "none") and not size.isdigit():
        raise PluginError(f"{options.source}: the size {size!r} is not a number of bytes")
    return Order(source, destination, int(size) if size.isdigit() else None, "" if sha1 == "none" else sha1)


def _uri(name: str, environ: Mapping[str, str]) -> str:
    kind = "CONFIG" if name in _CONFIG_FILES else _KINDS.get(Path(name).suffix, "REFERENCE")
    root = environ.get(f"CRDS_{kind}_URI", "")
    if not root.startswith("s3://"):
        raise PluginError(f"{name} is not an s3:// address, and CRDS_{kind}_URI does not say where it is")
    return f"{root.rstrip('/')}/{name}"


def _say(text: str) -> None:
    sys.stderr.write(f"{PROGRAM}: {Blotter.of(os.environ)(text)}\n")


if __name__ == "__main__":
    raise SystemExit(main())
