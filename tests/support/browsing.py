"""Pages in a browser: all that they ask for and complain of is noted."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import Factory, define

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SCREENSHOTS: Final = Path(os.environ.get("CALDP_SCREENSHOTS") or Path(tempfile.gettempdir()) / "caldp-screenshots")
"""Directory that keeps what the pages looked like, for people."""
_SERIOUS: Final = ("serious", "critical")
_LONGEST: Final = 300_000  # ms that anything may take on a busy machine


@define
class Visit:
    """A page that is looked at.

    Attributes
    ----------
    page
        The page.
    asked
        Addresses that it asked for, those inside of it apart.
    complaints
        Messages on its console, errors of its script, and dialogs.
    """

    page: Page
    asked: list[str] = Factory(list)
    complaints: list[str] = Factory(list)

    def watch(self) -> None:
        """Note from now on."""
        self.page.on("request", lambda one: None if one.url.startswith("data:") else self.asked.append(one.url))
        self.page.on("console", lambda one: self.complaints.append(f"{one.type}: {one.text}"))
        self.page.on("pageerror", lambda one: self.complaints.append(str(one)))
        self.page.on("dialog", partial(_refuse, self.complaints))

    def open(self, path: Path) -> Page:
        """Go to a page of this machine."""
        self.page.goto(path.absolute().as_uri())
        return self.page

    def keep(self, name: str) -> None:
        """Keep a picture of the whole page."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    def barriers(self) -> list[str]:
        """Return what keeps people out of the page, by axe: its serious violations of accessibility."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {node['html'][:200]}" for one in found if one["impact"] in _SERIOUS for node in one["nodes"]
        ]


def _refuse(complaints: list[str], dialog: Any) -> None:
    complaints.append(f"dialog: {dialog.message}")
    dialog.dismiss()


@contextmanager
def visiting(browser: Browser, **options: Any) -> Iterator[Visit]:
    """Open an empty page, with options of playwright's for its context."""
    context = browser.new_context(**options)
    context.set_default_timeout(_LONGEST)
    try:
        visit = Visit(context.new_page())
        visit.watch()
        yield visit
    finally:
        context.close()
