"""Parameters of AstroDrizzle that a user may set, as drizzlepac itself declares them.

``runastrodriz`` takes the parameters of its final product from the MDRIZTAB that the exposures name. Source:
drizzlepac 3.11 (``runastrodriz.py``, ``mdzhandler.py``, ``pars/astrodrizzle.cfgspc``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from attrs import frozen

from caldp.domain.errors import UsageError
from caldp.domain.hst.dataset import AnyDataset
from caldp.domain.hst.files import Cell

_SECTION: Final = re.compile(r"\[(?P<name>[^\]]*)\]")
_PARAMETER: Final = re.compile(r"(?P<name>\w+)\s*=\s*(?P<kind>\w+)_kw\((?P<arguments>.*)\)\s*$")
_TEXT: Final = re.compile(r'"([^"]*)"')
_EXCLUDED: Final = frozenset({
    "driz_sep_refimage", "final_refimage", "skymask_cat", "skyfile", "skyuser", "use_static",
    "driz_sep_ra", "driz_sep_dec", "final_ra", "final_dec",
})  # fmt: skip
"""Parameters that name files or keywords; and positions, which an MDRIZTAB holds to 0.03 arcsec only, since it has no
columns of double precision (``mdzhandler.py``)."""
_NUMBERS: Final = {"integer": int, "integer_or_none": int, "float": float, "float_or_none": float}
_FLAGS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_GRID: Final = frozenset({"rot", "scale", "outnx", "outny", "crpix1", "crpix2"})
"""Parameters of a grid of one's own, which AstroDrizzle looks at only where it is told to (``final_wcs``)."""


@frozen
class Parameter:
    """One parameter.

    Attributes
    ----------
    name
        Its name.
    kind
        ``boolean``, ``integer``, ``integer_or_none``, ``float``, ``float_or_none``, ``string`` or ``option``.
    choices
        Words that an option may be.
    """

    name: str
    kind: str
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> Cell:
        """Read a value.

        Raises
        ------
        UsageError
            If it is of the wrong type.
        """
        text = text.strip()
        if self.kind == "boolean":
            value = _FLAGS.get(text.lower())
            if value is not None:
                return value
        elif self.kind == "option":
            found = next((choice for choice in self.choices if choice.lower() == text.lower()), None)
            if found is not None:
                return found
        elif self.kind in _NUMBERS:
            if self.kind.endswith("_or_none") and text.lower() in ("none", "indef"):
                return None
            try:
                return _finite(_NUMBERS[self.kind](text))
            except ValueError:
                pass
        else:
            return text
        raise UsageError(f"The drizzle parameter {self.name} is {text!r}.", advice=f"Expected {self._expected}.")

    @property
    def _expected(self) -> str:
        words = {"boolean": "true or false", "integer": "a whole number", "float": "a number"}
        if self.kind == "option":
            return f"one of {', '.join(self.choices)}"
        plain = self.kind.removesuffix("_or_none")
        return words[plain] + (", or none" if plain != self.kind else "")


def _finite(number: float) -> float:
    if number - number != 0:
        raise ValueError("not finite")
    return number


def declared(specification: str) -> dict[str, Parameter]:
    """Read the parameters of AstroDrizzle's steps from the text of ``astrodrizzle.cfgspc``.

    Parameters before the first step, and those of the instrument, are the pipeline's own.
    """
    return {
        parameter.name: parameter
        for section, parameter in _parameters(specification)
        if section.startswith("STEP") and parameter.name not in _EXCLUDED
    }


def _parameters(specification: str) -> Iterator[tuple[str, Parameter]]:
    section = ""
    for line in specification.splitlines():
        if match := _SECTION.match(line.strip()):
            section = match["name"].strip()
        elif match := _PARAMETER.match(line.strip()):
            before_default = match["arguments"].split("default", 1)[0]
            choices = tuple(_TEXT.findall(before_default)) if match["kind"] == "option" else ()
            yield section, Parameter(match["name"], match["kind"], choices)


def check_drizzled(dataset: AnyDataset) -> None:
    """Check by a dataset's name alone that its pipeline drizzles with parameters of the exposures' MDRIZTAB.

    Raises
    ------
    UsageError
        If it does not.
    """
    if dataset.is_mosaic or not dataset.instrument.recipe.stage2:
        raise UsageError(
            f"{dataset} has no drizzle parameters: runastrodriz makes no product of it.",
            advice="Leave them out." if not dataset.is_mosaic else "Mosaics take theirs from drizzlepac's own files.",
        )


def parameters_for_table(wishes: Mapping[str, str], known: Mapping[str, Parameter]) -> dict[str, Cell]:
    """Return the columns of an MDRIZTAB that make AstroDrizzle do as a user wishes.

    Parameters
    ----------
    wishes
        Texts of values, by parameter.
    known
        Parameters of drizzlepac.

    Raises
    ------
    UsageError
        If there is no such parameter, or a value is of the wrong type.
    """
    columns: dict[str, Cell] = {}
    for name, text in wishes.items():
        if name not in known:
            close = get_close_matches(name, known, n=1)
            raise UsageError(
                f"AstroDrizzle has no parameter {name} that can be set here.",
                advice=f"Did you mean {close[0]}?" if close else f"Those are {', '.join(sorted(known))}.",
            )
        columns[name] = known[name].read(text)
    for step in ("driz_sep", "final"):
        asked = any(name.startswith(f"{step}_") and name.removeprefix(f"{step}_") in _GRID for name in wishes)
        if asked and f"{step}_wcs" not in wishes:
            columns[f"{step}_wcs"] = True
    return columns
