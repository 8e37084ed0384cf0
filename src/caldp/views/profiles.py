"""Profiles that can be named, and the settings that they resolve to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import Enum
from typing import Any

from caldp.domain.run.profile import ProfileSource
from caldp.domain.run.secrets import without_secrets
from caldp.domain.run.settings import Resolved
from caldp.views.columns import columns


def profiles_text(sources: Sequence[ProfileSource]) -> str:
    """Write profiles as a table."""
    rows = [
        (source.name, str(source.path or "(part of caldp)"), source.problem or source.description) for source in sources
    ]
    return columns(rows, ("PROFILE", "FILE", "DESCRIPTION"))


def profiles_json(sources: Sequence[ProfileSource]) -> str:
    """Write profiles for machines."""
    entries = [
        {
            "name": source.name,
            "path": str(source.path) if source.path else None,
            "extends": source.extends,
            "description": source.description,
            "problem": source.problem,
        }
        for source in sources
    ]
    return json.dumps(entries, indent=2)


def _values(found: Resolved, names: Sequence[str]) -> dict[str, Any]:
    """Return settings as plain values; what is secret by its name is blotted out."""
    values = {name: getattr(found.settings, name) for name in names}
    for name, value in values.items():
        if isinstance(value, Enum):
            values[name] = value.value
        elif not isinstance(value, str | int | float):
            values[name] = without_secrets(value)
    return values


def settings_json(found: Resolved, names: Sequence[str]) -> str:
    """Write settings and their origins for machines."""
    values = _values(found, names)
    return json.dumps({name: {"value": values[name], "origin": found.origins[name]} for name in names}, indent=2)


def settings_toml(found: Resolved, names: Sequence[str], *, with_origins: bool) -> str:
    """Write settings as a profile's file has them, the tables last."""
    values = _values(found, names)
    lines, tables = [f"# profile {found.settings.profile}"], []
    for name, value in values.items():
        origin = f"  # {found.origins[name]}" if with_origins else ""
        if isinstance(value, dict):
            tables += [f"\n[{name}]{origin}", *(f"{key} = {json.dumps(item)}" for key, item in value.items())]
        else:
            lines.append(f"{name} = {json.dumps(value)}{origin}")  # JSON's scalars are TOML's
    return "\n".join(lines + tables)
