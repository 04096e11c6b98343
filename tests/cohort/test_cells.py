"""Small cells: nobody can work a hidden count back from what is shown, tried by a solver that knows every total."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

import pytest
import z3

from ischio.cohort.cells import LEAST, Total, hidden

ROWS = ("a", "b", "c")


def named(counts: Mapping[str, int], *totals: tuple[str, tuple[str, ...]]) -> tuple[set[str], tuple[Total, ...]]:
    sums = tuple(Total(whole, parts) for whole, parts in totals)
    return set(hidden(counts, sums)), sums


@pytest.mark.parametrize(
    ("counts", "covered"),
    [
        ({"a": 20, "b": 30, "all": 50}, set()),
        ({"a": 20, "b": 0, "all": 20}, set()),
        ({"a": 20, "b": 3, "all": 23}, {"a", "b"}),
        ({"a": 3, "b": 4, "all": 7}, {"a", "b"}),
        ({"a": 2, "b": 3, "all": 5}, {"a", "b", "all"}),
        ({"a": 0, "b": 4, "all": 4}, {"b", "all"}),
        ({"a": 9, "b": 5, "all": 14}, set()),
    ],
    ids=[
        "nothing is small",
        "zero speaks of nobody",
        "one small count takes a second one along",
        "two small ones hide each other",
        "their sum goes too where it leaves them little room",
        "a small sum",
        "five is shown",
    ],
)
def test_what_is_hidden_of_two_counts_and_their_sum(counts: dict[str, int], covered: set[str]) -> None:
    assert named(counts, ("all", ("a", "b")))[0] == covered


def test_a_sum_is_spared_where_a_part_can_be_hidden() -> None:
    covered, _ = named({"a": 2, "b": 7, "c": 90, "all": 99}, ("all", ROWS))
    assert covered == {"a", "b"}


def test_the_same_people_counted_twice_are_hidden_in_both() -> None:
    """Four of nine by stage, and by review: the second table may not tell the first."""
    counts = {"a": 4, "b": 5, "all": 9, "overdue": 4, "ahead": 5}
    covered, _ = named(counts, ("all", ("a", "b")), ("all", ("overdue", "ahead")), ("a", ("overdue",)))
    assert {"a", "overdue", "b", "ahead"} <= covered


def test_what_is_shown_nowhere_protects_nothing_and_needs_no_hiding() -> None:
    counts = {"part": 30, "rest": 900, "all": 930}
    assert hidden(counts, (Total("all", ("part", "rest")),), unlisted=("rest",)) == frozenset()
    counts = {"part": 898, "rest": 2, "all": 900}
    assert "part" in hidden(counts, (Total("all", ("part", "rest")),), unlisted=("rest",))


# ---- any tables -------------------------------------------------------------------------------------------------


def tables(seed: int) -> tuple[dict[str, int], list[Total]]:
    """A random table with its margins, and a second one that shares its rows; many cells small or zero."""
    chance = Random(seed)
    rows, columns, others = (chance.randint(1, 5) for _ in range(3))
    most = chance.choice((2, 6, 12, 40, 400))
    counts = {f"c{i} {j}": chance.choice((0, chance.randint(0, most))) for i in range(rows) for j in range(columns)}
    totals = [Total(f"row {i}", tuple(f"c{i} {j}" for j in range(columns))) for i in range(rows)]
    totals += [Total(f"column {j}", tuple(f"c{i} {j}" for i in range(rows))) for j in range(columns)]
    add(counts, totals)
    totals += [
        Total("all", tuple(f"row {i}" for i in range(rows))),
        Total("all", tuple(f"column {j}" for j in range(columns))),
    ]
    for i in range(rows):
        left = counts[f"row {i}"]
        for j in range(others):
            counts[f"d{i} {j}"] = left if j == others - 1 else chance.randint(0, left)
            left -= counts[f"d{i} {j}"]
        totals.append(Total(f"row {i}", tuple(f"d{i} {j}" for j in range(others))))
    add(counts, totals)
    return counts, totals


def add(counts: dict[str, int], totals: Sequence[Total]) -> None:
    for total in totals:
        counts[total.whole] = sum(counts[part] for part in total.parts)


def worked_back(counts: Mapping[str, int], totals: Sequence[Total], covered: frozenset[str]) -> Iterator[str]:
    """The hidden counts that have one possible value only, all sums and all visible counts taken together."""
    number = {key: z3.Int(key) for key in counts}
    solver = z3.Solver()
    for key, count in counts.items():
        solver.add(number[key] >= 1 if key in covered else number[key] == count)
    for total in totals:
        solver.add(number[total.whole] == z3.Sum([number[part] for part in total.parts]))
    assert solver.check() == z3.sat, "the true counts are possible"
    for key in sorted(covered):
        solver.push()
        solver.add(number[key] != counts[key])
        if solver.check() != z3.sat:
            yield key
        solver.pop()


@pytest.mark.parametrize("block", range(4))
def test_no_hidden_count_can_be_worked_back(block: int) -> None:
    hid = 0
    for seed in range(block * 50, block * 50 + 50):
        counts, totals = tables(seed)
        covered = hidden(counts, totals)
        assert {key for key, count in counts.items() if 0 < count < LEAST} <= covered, seed
        assert list(worked_back(counts, totals, covered)) == [], seed
        hid += bool(covered)
    assert hid > 25, "most of these tables have something to hide"


def test_the_solver_would_see_it() -> None:
    """The same trial finds the count where only the small one itself is hidden."""
    counts = {"a": 3, "b": 30, "all": 33}
    totals = [Total("all", ("a", "b"))]
    assert list(worked_back(counts, totals, frozenset({"a"}))) == ["a"]
