"""Findings of an examination."""

from __future__ import annotations

import json
from collections.abc import Sequence

from caldp.domain.run.health import Finding
from caldp.views.columns import columns


def findings_text(findings: Sequence[Finding]) -> str:
    """Write findings as a table, each remedy below its finding."""
    rows = []
    for finding in findings:
        rows.append((finding.severity.value, finding.subject, finding.text))
        if finding.remedy:
            rows.append(("", "", f"-> {finding.remedy}"))
    return columns(rows)


def findings_json(findings: Sequence[Finding]) -> str:
    """Write findings for machines."""
    entries = [
        {"subject": one.subject, "verdict": one.severity.value, "text": one.text, "remedy": one.remedy}
        for one in findings
    ]
    return json.dumps(entries, indent=2)
