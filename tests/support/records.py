"""Records of runs, held against their published schema."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from caldp.domain.run.record import RunRecord, record_schema


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(record_schema())


def valid_record(text: str) -> dict[str, Any]:
    """Parse a record that follows the schema and is read back as it was written; any other fails the test."""
    data: dict[str, Any] = json.loads(text)
    faults = [f"{error.json_path}: {error.message}" for error in _validator().iter_errors(data)]
    assert not faults, faults
    assert json.loads(json.dumps(RunRecord.from_json(text).to_plain())) == data
    return data


def read_record(path: Path) -> dict[str, Any]:
    """Read the record of a whole run from its file."""
    return valid_record(path.read_text())
