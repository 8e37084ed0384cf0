"""Types of the values that a profile's file holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from caldp.domain.calibration.astrometry import Astrometry
from caldp.domain.calibration.reference_check import ReferenceCheck
from caldp.domain.calibration.switch_facts import Wish
from caldp.domain.errors import InvalidSetting
from caldp.domain.output.layout import LayoutKind
from caldp.domain.run.settings import Setting, describe


def checked(values: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """Check that values have their settings' types; unknown keys are left for `caldp.domain.run.settings.resolve`."""
    for setting in describe():
        if setting.name in values:
            _check(setting, values[setting.name], path)
    return values


def _check(setting: Setting, value: Any, path: Path) -> None:
    from cattrs import Converter

    converter = Converter()
    # Left to itself cattrs calls bool("false"), which is True.
    for kind in (bool, str, int):
        converter.register_structure_hook(kind, _exactly)
    converter.register_structure_hook(float, lambda number, _: float(_exactly(number, int | float)))
    converter.register_structure_hook_func(lambda kind: kind in _TABLES, _table)
    try:
        converter.structure(value, setting.type)
    except (TypeError, ValueError) as error:
        expected = _EXPECTED.get(setting.type, "a table of texts in quotes")
        raise InvalidSetting(f"{path}: {setting.name} is {value!r}.", advice=f"Expected {expected}.") from error


def _exactly(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{value!r} is no {kind}")
    return value


def _table(value: Any, _kind: Any) -> dict[str, str]:
    return {key: _exactly(item, str) for key, item in _exactly(value, dict).items()}


_TABLES: Final = (Mapping[str, str], Mapping[str, Wish])
_EXPECTED: Final[dict[Any, str]] = {
    bool: "true or false, without quotes",
    str: "a text in quotes",
    int: "a whole number without quotes",
    float: "a number without quotes",
    **{kind: " or ".join(f'"{choice.value}"' for choice in kind) for kind in (LayoutKind, ReferenceCheck, Astrometry)},
}
