"""Draws that are the same on every machine and with every version of Python."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import cos, log, pi, sqrt
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """One stream of draws, named by words, so that what one stream draws never moves another.

    Only `Random.random` is used: Python promises that it stays as it is, and promises it for nothing else.
    """

    def __init__(self, *words: object) -> None:
        self._draw = Random("/".join(map(str, words))).random

    def happens(self, share: float) -> bool:
        return self._draw() < share

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self._draw()

    def whole(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._draw() * (high - low + 1))

    def after(self, day: date, fewest: int, most: int) -> date:
        """A day so many days after another."""
        return day + timedelta(days=self.whole(fewest, most))

    def one_of(self, options: Sequence[T]) -> T:
        return options[int(self._draw() * len(options))]

    def weighted(self, weights: Mapping[str, float]) -> str:
        """One of the words, each as often as its weight says; the weights need not add up to anything."""
        left = self._draw() * sum(weights.values())
        for word, weight in weights.items():
            left -= weight
            if left < 0:
                return word
        return word

    def normal(self, mean: float, deviation: float, low: float, high: float) -> float:
        """About a mean, and held within limits."""
        drawn = sqrt(-2 * log(1 - self._draw())) * cos(2 * pi * self._draw())
        return min(max(mean + deviation * drawn, low), high)
