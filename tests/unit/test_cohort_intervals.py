"""Intervals against published values, and against their definition."""

from math import comb

import pytest

from ischio.cohort.intervals import median_ranks, wilson

# R. G. Newcombe, Stat Med 1998;17:857-872, table I, method 3.
NEWCOMBE = [
    (81, 263, 0.2553, 0.3662),
    (15, 148, 0.0624, 0.1605),
    (0, 20, 0.0, 0.1611),
    (1, 29, 0.0061, 0.1718),
]

# W. J. Conover, Practical Nonparametric Statistics: ranks for a median at 95 % or more.
RANKS = [(5, None), (6, (1, 6)), (8, (1, 8)), (9, (2, 8)), (10, (2, 9)), (20, (6, 15)), (50, (18, 33)), (100, (40, 61))]


@pytest.mark.parametrize(("met", "of", "low", "high"), NEWCOMBE)
def test_wilson_as_published(met: int, of: int, low: float, high: float) -> None:
    found = wilson(met, of)
    assert found is not None
    assert tuple(round(end, 4) for end in found) == (low, high)


def test_wilson_of_nothing_of_none_and_of_all() -> None:
    assert wilson(0, 0) is None
    assert wilson(0, 7)[0] == 0.0
    assert wilson(7, 7)[1] == 1.0


@pytest.mark.parametrize(("count", "ranks"), RANKS)
def test_ranks_of_a_median_as_published(count: int, ranks: tuple[int, int] | None) -> None:
    assert median_ranks(count) == ranks


@pytest.mark.parametrize("count", [6, 17, 250, 999, 1000, 1001, 1002, 1501, 2000, 2001])
def test_the_ranks_are_the_narrowest_that_hold_the_median(count: int) -> None:
    low, high = median_ranks(count) or (0, 0)
    outside = 2 * sum(comb(count, below) for below in range(low))
    wider = 2 * sum(comb(count, below) for below in range(low + 1))
    assert high == count + 1 - low
    assert outside * 20 <= 1 << count < wider * 20
