"""Intervals of 95 %: of a share after Wilson, of a median by order statistics. Equal counts give equal numbers."""

from math import comb, exp, lgamma, log, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
_EXACT = 1000
"""Up to so many values the binomial distribution is summed exactly; beyond, in floating point."""


def wilson(met: int, of: int) -> tuple[float, float] | None:
    """The score interval of a share, without correction for continuity; None of nothing.

    Source: E. B. Wilson, J Am Stat Assoc 1927;22:209-212; R. G. Newcombe, Stat Med 1998;17:857-872, method 3.
    """
    if of == 0:
        return None
    share, spread = met / of, Z * Z / of
    centre = share + spread / 2
    reach = Z * sqrt((share * (1 - share) + spread / 4) / of)
    low, high = (centre - reach) / (1 + spread), (centre + reach) / (1 + spread)
    # At the ends the interval touches them exactly, which floating point misses by a hair.
    return (0.0 if met == 0 else low), (1.0 if met == of else high)


def median_ranks(count: int) -> tuple[int, int] | None:
    """The ranks (from 1) of the two values between which the median of the population lies; None below six values.

    The narrowest pair of equal distance from both ends that holds it with at least 95 %: the lower rank is the largest
    r with P(B < r) <= 2.5 %, B binomial with half a chance. Source: W. J. Conover, Practical Nonparametric Statistics,
    3rd ed. 1999, section 3.2.
    """
    rank = _lower_rank(count)
    return (rank, count + 1 - rank) if rank else None


def _lower_rank(count: int) -> int:
    if count <= _EXACT:
        below, rank = 0, 0
        while (below := below + comb(count, rank)) * 40 <= 1 << count:
            rank += 1
        return rank
    return _lower_rank_of_many(count)


def _lower_rank_of_many(count: int) -> int:
    """From the middle downwards: about as many steps as the square root of the count."""
    rank = (count + 1) // 2  # P(B < rank) is half, less half of the middle term where there is one
    below = 0.5 if count % 2 else 0.5 - _term(count, rank) / 2
    while below > (1 - CONFIDENCE) / 2:
        rank -= 1
        below -= _term(count, rank)
    return rank


def _term(count: int, of: int) -> float:
    """P(B = of)."""
    return exp(lgamma(count + 1) - lgamma(of + 1) - lgamma(count - of + 1) - count * log(2))
