"""Time and memory of a job from its two metrics files, and the rung of the memory ladder that it needs."""

import pytest

from caldp.calcloud import (
    RUNGS,
    ContractError,
    JobTargets,
    ResourceUsage,
    combine,
    gnu_time_text,
    memory_bin,
    parse_gnu_time,
    rung_of,
)


def metrics(seconds: float, kibibytes: int, status: int = 0) -> str:
    return gnu_time_text("caldp", ResourceUsage(wall_seconds=seconds, max_rss_bytes=kibibytes * 1024), status)


def test_the_ladder() -> None:
    assert [rung.memory_mib for rung in RUNGS] == [1792, 7168, 14336, 57344]


def test_a_rung_is_found_by_its_memory() -> None:
    assert [rung_of(rung.memory_mib) for rung in RUNGS] == list(RUNGS)
    with pytest.raises(ContractError, match="no rung of 2048 MiB"):
        rung_of(2048)


def test_both_parts_count() -> None:
    """The numbers that CALCLOUD's ModelIngest finds in these files, as computed by hand."""
    assert combine(metrics(92.79, 423_876), metrics(30.26, 236_576)) == JobTargets(
        wall_seconds=92 + 30 + 1, memory_gb=0.660452, memory_bin=0
    )


def test_hours_count() -> None:
    assert combine(metrics(3600, 1000), metrics(3725.5, 1000)).wall_seconds == 3600 + 3725 + 1


@pytest.mark.parametrize(
    ("gigabytes", "rung"),
    [(0, 0), (1.791999, 0), (1.792, 1), (7.167, 1), (7.168, 2), (14.3359, 2), (14.336, 3), (1000, 3)],
)
def test_the_rung_that_memory_needs(gigabytes: float, rung: int) -> None:
    assert memory_bin(gigabytes) == rung


def test_gnu_times_extra_line_on_top_of_a_failure_does_no_harm() -> None:
    timed = parse_gnu_time("Command exited with non-zero status 23\n" + metrics(5, 2048, 23))
    assert (timed.status, timed.usage.max_rss_bytes) == (23, 2048 * 1024)


@pytest.mark.parametrize("status", [1, 23, 40])
def test_a_failed_job_teaches_nothing(status: int) -> None:
    with pytest.raises(ContractError, match=f"metrics of preview .* exit status is {status}"):
        combine(metrics(5, 2048), metrics(5, 2048, status))


def test_what_is_not_gnu_times_is_refused() -> None:
    with pytest.raises(ContractError, match="metrics of process cannot be read"):
        combine("", metrics(5, 2048))
