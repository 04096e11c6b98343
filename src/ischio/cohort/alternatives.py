"""Tables that show what the true one shows and differ in what it hides: as long as there are such, nobody can know.

They are found by integer linear programming with the solver HiGHS, in SciPy. Its answer is checked in whole numbers,
so nothing rests on its tolerances.
"""

import ctypes
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scipy.optimize import OptimizeResult

Terms = Mapping[str, int]
"""The signed counts of a sum: with their signs they come to nothing."""

Change = Mapping[str, int]
"""By how much the counts of another table differ from the true ones; those that are the same left out."""

FARTHEST = 16
"""A count is changed by no more than this: enough for the room that a small count needs, and kind to the solver."""
NODES = 500
"""After so many steps the solver gives the best that it has; a limit of time would make the answer the machine's."""


@dataclass(frozen=True, slots=True)
class Question:
    """What to look for around one count.

    sums: those in which a change may happen. lowest: the smallest change that keeps each count possible, of all that
    may change; a count that is not named stays as it is. prices: of changing a count that is not hidden yet.
    """

    key: str
    width: int
    sums: Sequence[Terms]
    lowest: Mapping[str, int]
    prices: Mapping[str, int]


def two_others(question: Question) -> frozenset[str] | None:
    """The counts to hide so that two tables differ by `width` in the one asked for, at the least price; none if none.

    What is returned are all counts in which one of the two differs from the true table.
    """
    found = _Programme(question).solved()
    if found is None or not all(_possible(question, change) for change in found):
        return None  # a solver that reckons in fractions may be wrong; what it found is then of no use
    more, less = found
    wide = more.get(question.key, 0) - less.get(question.key, 0) >= question.width
    return frozenset(more) | frozenset(less) if wide else None


def _possible(question: Question, change: Change) -> bool:
    """Whether every sum still holds and no count falls below what it can be."""
    kept = all(sum(sign * change.get(key, 0) for key, sign in terms.items()) == 0 for terms in question.sums)
    return kept and all(by >= question.lowest[key] for key, by in change.items())


class _Programme:
    """Columns: the changes of one table, those of the other, then for each count with a price whether it is hidden."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._keys = sorted(question.lowest)
        self._priced = sorted(question.prices)
        self._place = {key: place for place, key in enumerate(self._keys)}
        self._rows: list[int] = []
        self._columns: list[int] = []
        self._values: list[int] = []
        self._limits: list[tuple[float, float]] = []

    def solved(self) -> tuple[Change, Change] | None:
        """The two tables. None where there are none, or the solver comes to no end."""
        for table in (0, 1):
            self._sums_hold(table)
            for number, key in enumerate(self._priced):
                self._only_if_hidden(table, number, key)
        width = self._question.width
        self._row(
            {self._column(0, self._question.key): 1, self._column(1, self._question.key): -1}, width, 2 * FARTHEST
        )
        result = self._run()
        if result.x is None:
            return None
        whole = [round(value) for value in result.x]
        more, less = ({key: by for key in self._keys if (by := whole[self._column(table, key)])} for table in (0, 1))
        return more, less

    def _column(self, table: int, key: str) -> int:
        return table * len(self._keys) + self._place[key]

    def _row(self, terms: Mapping[int, int], low: float, high: float) -> None:
        for column, value in terms.items():
            self._rows.append(len(self._limits))
            self._columns.append(column)
            self._values.append(value)
        self._limits.append((low, high))

    def _sums_hold(self, table: int) -> None:
        for terms in self._question.sums:
            self._row({self._column(table, key): sign for key, sign in terms.items() if key in self._place}, 0, 0)

    def _only_if_hidden(self, table: int, number: int, key: str) -> None:
        """-lowest * hidden <= change <= FARTHEST * hidden."""
        change, hides = self._column(table, key), 2 * len(self._keys) + number
        self._row({change: 1, hides: -FARTHEST}, float("-inf"), 0)
        self._row({change: 1, hides: -self._lowest(key)}, 0, float("inf"))

    def _lowest(self, key: str) -> int:
        return max(self._question.lowest[key], -FARTHEST)

    def _run(self) -> "OptimizeResult":
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        columns = 2 * len(self._keys) + len(self._priced)
        matrix: Any = csr_array((self._values, (self._rows, self._columns)), shape=(len(self._limits), columns))
        low, high = zip(*self._limits, strict=True)
        lowest = [self._lowest(key) for key in self._keys]
        free = len(self._priced)
        with _silenced():
            return milp(
                c=[0] * (2 * len(self._keys)) + [self._question.prices[key] for key in self._priced],
                integrality=[1] * columns,
                bounds=Bounds([*lowest, *lowest, *[0] * free], [*[FARTHEST] * (2 * len(self._keys)), *[1] * free]),
                constraints=LinearConstraint(matrix, low, high),
                options={"mip_rel_gap": 0, "node_limit": NODES},
            )


@contextmanager
def _silenced() -> Iterator[None]:
    """HiGHS now and then prints a line of its own past Python, and standard output belongs to the command."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        ctypes.CDLL(None).fflush(None)  # what the library of C still holds
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
