"""Pages about a dataset, and pages that list many, as HTML.

Every text of others goes through the escaping of jinja2. A page may load nothing, and run nothing but the one script
in it, whose digest its content security policy names.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from caldp.domain.exit_codes import explain
from caldp.domain.report.again import commands_again
from caldp.domain.report.page import DatasetPage, IndexPage
from caldp.domain.report.picture import Picture
from caldp.domain.run.observed import observed
from caldp.domain.run.secrets import Blotter
from caldp.views.report.charts import HEIGHT, WIDTH, plots
from caldp.views.report.pixels import pixel_data, scale_texts
from caldp.views.report.references import reference_rows
from caldp.views.report.timeline import timeline
from caldp.views.summary import file_rows, switch_rows
from caldp.views.units import size_text

if TYPE_CHECKING:
    from jinja2 import Environment

_STATES: Final = ("processed", "done", "error", "failed", "processing", "running", "lost")
_MOST_CAUSES: Final = 20


def dataset_page(page: DatasetPage, blot: Blotter | None = None) -> str:
    """Write the page about a dataset.

    Parameters
    ----------
    page
        Its contents.
    blot
        Takes credentials and control characters out of it.
    """
    record, status = page.shown.record, page.shown.status
    drawn = tuple(plots(page.curves))
    observation = {**page.target, **(observed(record) if record else {})}
    return _render(
        "dataset.html",
        blot,
        page=page,
        status=status,
        record=record,
        verdict=explain(record.status) if record else status.state,
        facts=observation,
        failures=record.failures if record else (),
        files=[*file_rows(record)] if record else [],
        switches=[*switch_rows(record.products)] if record else [],
        references=reference_rows(record, page.finding) if record else (),
        bars=timeline(record) if record else (),
        plots=drawn,
        samples=[{"label": one.label, "samples": one.samples} for one in drawn],
        image=page.image,
        pixels=pixel_data(page.image) if page.image else {},
        ticks=scale_texts(page.image) if page.image else (),
        again=commands_again(status.name, page.output, record),
    )


def index_page(page: IndexPage, names: Mapping[int, str], blot: Blotter | None = None, refresh: int = 0) -> str:
    """Write a page that lists datasets.

    Parameters
    ----------
    page
        Its contents.
    names
        Names of all pages by number, for the links between them.
    blot
        Takes credentials and control characters out of it.
    refresh
        Seconds after which a browser asks for the page again; 0 for never.
    """
    causes = [*page.causes.items()]
    return _render(
        "index.html", blot, page=page, names=names, states=_STATES, refresh=refresh,
        causes=causes[:_MOST_CAUSES], further=len(causes[_MOST_CAUSES:]),
    )  # fmt: skip


def _render(template: str, blot: Blotter | None, **values: Any) -> str:
    page = _environment(blot or Blotter()).get_template(template)
    return page.render(**values, WIDTH=WIDTH, HEIGHT=HEIGHT)


@cache
def _environment(blot: Blotter) -> Environment:
    """Return the templates: every text of others is blotted and escaped, and one that is missing is an error."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    def finalize(value: Any) -> Any:
        return blot(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=FunctionLoader(_source), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=finalize,
    )  # fmt: skip
    script, style = _source("page.js"), _source("page.css")
    ours = {"script": script, "style": style, "policy": _policy(script, style)}
    environment.globals |= {name: _ours(text) for name, text in ours.items()}
    environment.filters |= {"size": size_text, "data_uri": _data_uri, "plain_json": _plain_json}
    return environment


def _source(name: str) -> str:
    return files("caldp.views.report").joinpath(name).read_text(encoding="utf-8")


def _policy(script: str, style: str) -> str:
    """Return a content security policy that lets nothing in but what is in the page."""
    script_digest, style_digest = (b64encode(sha256(text.encode()).digest()).decode() for text in (script, style))
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{style_digest}'; script-src 'sha256-{script_digest}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _data_uri(picture: Picture) -> Any:
    """Write a picture as an address that holds it: a media type of ours, and base64."""
    return _ours(f"data:{picture.media_type};base64,{b64encode(picture.data).decode()}")


def _plain_json(value: Any) -> Any:
    """Write a value as JSON that can stand in an element of HTML: there is no mark in it."""
    text = json.dumps(value, separators=(",", ":"))
    return _ours(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _ours(text: str) -> Any:
    """Let a text be as it is: it is our own, or holds nothing that HTML would take for a mark."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704  # nosec B704
