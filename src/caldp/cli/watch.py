"""``caldp watch``: an output in a browser, live."""

from __future__ import annotations

import re
import time
from threading import Lock
from typing import Annotated, Final

import typer

from caldp.cli.text import examples, say

EXAMPLES = examples(
    "caldp watch outputs",
    "caldp watch s3://my-bucket/batch-22 --batch latest --open",
)
_PAGE: Final = re.compile(r"([a-z0-9_-]+)\.html")


def watch(
    output: Annotated[str, typer.Argument(help="file:PATH or s3://bucket/prefix, in either layout.")] = "file:.",
    batch: Annotated[
        str, typer.Option(metavar="ID", help="List the datasets of a batch and its progress; latest for the last.")
    ] = "",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; default: any free one.")] = 0,
    every: Annotated[int, typer.Option(min=1, help="Seconds between two looks at the output.")] = 10,
    show: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    profile: Annotated[str, typer.Option(help="Profile that says how S3 is reached.")] = "",
) -> int:
    """Show an output, or a batch, in a browser: the list that "caldp report" writes, looked at anew every few seconds.

    The page is served on this machine only, at an address that nobody else knows, until Ctrl-C. Nothing can be changed
    through it.
    """
    from caldp.cli.interrupts import raising_interrupts
    from caldp.cli.loopback import LoopbackServer

    pages = Pages(output, batch, every, profile)
    pages("index.html")  # mistakes are told here, and not in a browser
    with raising_interrupts(), LoopbackServer(pages, port) as server:
        say(server.address)
        if show:
            import webbrowser

            webbrowser.open(server.address)
        server.serve_forever()
    return 0


class Pages:
    """Pages of an output by name, made when they are asked for; the list again only after a while.

    Parameters
    ----------
    output, batch, profile
        As for the command.
    every
        Seconds for which a list is good.
    """

    def __init__(self, output: str, batch: str, every: int, profile: str) -> None:
        from caldp.api import gather_report

        self._gather = gather_report(output, profile=profile)
        self._output, self._batch, self._every, self._profile = output, batch, every, profile
        self._lock = Lock()
        self._made = float("-inf")
        self._lists: dict[str, str] = {}
        self._names: frozenset[str] = frozenset()

    def __call__(self, name: str) -> str | None:
        """Return a page; None if there is none of that name.

        Raises
        ------
        CaldpError
            If the output cannot be read.
        """
        from caldp.cli.report import page_about

        lists = self._fresh()
        if name in lists:
            return lists[name]
        match = _PAGE.fullmatch(name)
        return page_about(self._gather, match[1]) if match and match[1] in self._names else None

    def _fresh(self) -> dict[str, str]:
        from caldp.cli.report import list_pages, look_at

        with self._lock:  # many browsers look at an output once
            if time.monotonic() - self._made >= self._every:
                listed = look_at(self._output, (), self._batch, self._profile)
                self._lists = dict(list_pages(self._gather, listed, self._every))
                self._names, self._made = frozenset(listed.there), time.monotonic()
            return self._lists
