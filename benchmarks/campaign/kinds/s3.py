"""S3 that fails on the way: resets, truncation, refusals, pages of HTML, flipped bits, silence."""

from __future__ import annotations

import io
import random
import tarfile
import time
from collections.abc import Callable, Mapping
from typing import Final

from benchmarks.campaign.attempt import Try
from benchmarks.campaign.judging import judge
from benchmarks.campaign.outputs import DirectoryOutput, Output
from benchmarks.campaign.world import LAYOUTS, World, s3_variables
from tests.support.faulty_proxy import Answer, Forward, Trouble, cut_after, faulty_proxy, lose_answer, reset, status

_SILENCE: Final = 2.0
"""Seconds after which a run asks again."""


def s3(attempt: Try, world: World) -> None:
    """Fetch from S3, publish to it, or both, with up to four kinds of trouble on the way."""
    chance = attempt.chance
    layout = chance.choice(LAYOUTS)
    bucket = world.bucket(attempt)
    bucket.client.put_object(Bucket=bucket.bucket, Key=f"in/{attempt.subject.dataset}.tar.gz", Body=_tarball(attempt))
    source = f"s3://{bucket.bucket}/in" if chance.random() < 0.5 else f"file:{attempt.subject.inputs}"
    output: Output = bucket if source.startswith("file:") or chance.random() < 0.5 else DirectoryOutput(
        attempt.place / "out"
    )  # fmt: skip
    earlier = world.good[attempt.subject.dataset].objects[layout] if chance.random() < 0.4 else None
    if earlier is not None:
        output.put(earlier)
    attempt.engine()
    with faulty_proxy(world.s3()) as proxy:
        for _ in range(chance.choice((1, 1, 2, 4))):
            name = chance.choice(sorted(TROUBLES))
            method = chance.choice(("GET", "PUT", "PUT", "HEAD", "POST", "DELETE"))
            times, skip = chance.choice((1, 1, 2, 3, 100)), chance.randrange(8)
            attempt.tell(f"{name}: {method}, {times} times after {skip}")
            proxy.on(method, "", TROUBLES[name](chance), times=times, skip=skip)
        exports = s3_variables(proxy.url) | {
            "CALDP_NETWORK_TIMEOUT": str(_SILENCE), "AWS_MAX_ATTEMPTS": "3", "CALDP_TRANSFERS": "2"
        }  # fmt: skip
        ended = attempt.run(source, output.address, "--layout", layout, exports=exports)
    judge(attempt, output, ended, layout=layout, earlier=earlier, reachable=output is not bucket)


def _tarball(attempt: Try) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz", compresslevel=1) as tar:
        for path in sorted(attempt.subject.inputs.iterdir()):
            tar.add(path, path.name)
    return buffer.getvalue()


def _html(_chance: random.Random) -> Trouble:
    page = b"<html><body><h1>Log in to the network</h1></body></html>"
    return lambda _forward: Answer(200, {"Content-Type": "text/html"}, page)


def _silent(chance: random.Random) -> Trouble:
    seconds = _SILENCE * chance.choice((0.5, 2.0))

    def trouble(forward: Forward) -> Answer:
        time.sleep(seconds)
        return forward()

    return trouble


def _flipped(chance: random.Random) -> Trouble:
    """Flip a bit of the answer's body, or of a header value that describes it."""
    where = chance.random()

    def trouble(forward: Forward) -> Answer:
        answer = forward()
        if not answer.body:
            return answer
        body = bytearray(answer.body)
        body[int(where * len(body))] ^= 4
        return Answer(answer.status, answer.headers, bytes(body))

    return trouble


def _shortened(chance: random.Random) -> Trouble:
    """Leave the end of the body out, and say that this was all."""
    share = chance.random()

    def trouble(forward: Forward) -> Answer:
        answer = forward()
        return Answer(answer.status, _sized(answer.headers), answer.body[: int(len(answer.body) * share)])

    return trouble


def _sized(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() != "content-length"}


TROUBLES: Final[dict[str, Callable[[random.Random], Trouble]]] = {
    "reset": lambda _chance: reset,
    "answer lost": lambda _chance: lose_answer,
    "cut off": lambda chance: cut_after(chance.randrange(1_000_000), hard=chance.random() < 0.5),
    "503": lambda _chance: status(503, "ServiceUnavailable"),
    "SlowDown": lambda _chance: status(503, "SlowDown"),
    "500": lambda _chance: status(500, "InternalError"),
    "403": lambda _chance: status(403, "AccessDenied"),
    "404": lambda _chance: status(404, "NoSuchKey"),
    "HTML": _html,
    "silence": _silent,
    "a flipped bit": _flipped,
    "shortened": _shortened,
}
