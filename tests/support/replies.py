"""Answers of a stand-in server, and trouble with them."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen


@frozen
class Reply:
    """Answer of the server.

    Attributes
    ----------
    length
        Length that it announces; by default that of the body.
    reset
        Break the connection after the body.
    pause
        Seconds before the answer.
    trickle
        Seconds between pieces of 17 bytes; 0 to send all at once.
    stall
        Seconds after the body.
    part
        Content-Range, of an answer with a part of the file.
    """

    body: bytes
    status: int = 200
    length: int | None = None
    reset: bool = False
    pause: float = 0.0
    trickle: float = 0.0
    stall: float = 0.0
    part: str = ""


Fault = Callable[[bytes], Reply]
"""Function of the right body that returns the answer in its stead."""


def status(code: int) -> Fault:
    """Answer with a status."""
    return lambda _body: Reply(b"trouble", code)


def flipped(body: bytes) -> Reply:
    """Change one bit, far behind the headers."""
    place = len(body) * 9 // 10
    return Reply(body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :])


def truncated(body: bytes) -> Reply:
    """Send half of what is announced."""
    return Reply(body[: len(body) // 2], length=len(body))


def shortened(body: bytes) -> Reply:
    """Send half, and announce no more."""
    return Reply(body[: len(body) // 2])


def lengthened(body: bytes) -> Reply:
    """Send more."""
    return Reply(body + bytes(2880))


def reset(_body: bytes) -> Reply:
    """Break the connection."""
    return Reply(b"", length=100, reset=True)


def page(_body: bytes) -> Reply:
    """Answer as a proxy does that wants to be logged in to."""
    return Reply(b"<html><title>Please log in</title></html>")


def late(seconds: float) -> Fault:
    """Answer late."""
    return lambda body: Reply(body, pause=seconds)


def stalled(body: bytes) -> Reply:
    """Send half, and then nothing for a long time."""
    return Reply(body[: len(body) // 2], length=len(body), stall=120.0)


def trickling(body: bytes) -> Reply:
    """Send 17 bytes ten times a second, without end for any that waits."""
    return Reply(body, trickle=0.1)
