"""Result of a replay, as text or as JSON."""

from __future__ import annotations

import json

from caldp.domain.comparison.agreement import Agreement
from caldp.domain.lock.judgement import Replay
from caldp.domain.run.plain import to_plain
from caldp.views.comparison import causes_text, products_text


def replay_text(replay: Replay) -> str:
    """Write the verdicts of a replay for people; a run that failed has none."""
    if not replay.products:
        return f"{replay.outcome.record.dataset}: the run failed; nothing can be compared."
    lines = [f"{replay.outcome.record.dataset}: {replay.agreement.value.upper()}"]
    if replay.engines:
        lines += ["Engines, locked -> now", *causes_text(replay.engines)]
    lines += products_text(replay.products)
    if any(one.agreement is Agreement.DIFFERENT and not one.is_read and one.hdus for one in replay.products):
        lines.append(
            "A lock tells which data differ, and not by how much: give the locked run's products by --against."
        )
    return "\n".join(lines)


def replay_json(replay: Replay) -> str:
    """Write the verdicts of a replay for machines, with the record of its run."""
    return json.dumps(
        {
            "schema": 1,
            "dataset": str(replay.outcome.record.dataset),
            "status": int(replay.status),
            "verify": replay.verification.value,
            "agreement": replay.agreement.value if replay.products else None,
            "engines": to_plain(replay.engines),
            "products": to_plain(replay.products),
            "record": replay.outcome.record.to_plain(),
        },
        indent=2,
    )
