"""Small cells: nobody can work a hidden count back from what is shown, tried by a solver that knows every total."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
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


class Reader:
    """Somebody who sees the counts that are shown, knows every sum, and knows that what is hidden is not zero."""

    def __init__(self, counts: Mapping[str, int], totals: Sequence[Total], covered: Iterable[str]) -> None:
        self.solver = z3.Solver()
        self.tables = [{key: z3.Int(f"{key} {which}") for key in counts} for which in "ab"]
        for number in self.tables:
            for key, count in counts.items():
                self.solver.add(number[key] >= 1 if key in covered else number[key] == count)
            for total in totals:
                self.solver.add(number[total.whole] == z3.Sum([number[part] for part in total.parts]))
        assert self.solver.check() == z3.sat, "the true counts are possible"

    def can_tell(self, key: str, width: int) -> bool:
        """Whether no two tables that are possible lie so far apart in this count."""
        one, other = (number[key] for number in self.tables)
        return bool(self.solver.check(one - other >= width) == z3.unsat)


def small_ones(counts: Mapping[str, int]) -> set[str]:
    return {key for key, count in counts.items() if 0 < count < LEAST}


@pytest.mark.parametrize("block", range(4))
def test_no_hidden_count_can_be_worked_back(block: int) -> None:
    """A small count could have five values or more, and any other that is hidden two."""
    hid = 0
    for seed in range(block * 50, block * 50 + 50):
        counts, totals = tables(seed)
        covered, small = hidden(counts, totals), small_ones(counts)
        reader = Reader(counts, totals, covered)
        assert small <= covered, seed
        assert [key for key in sorted(small) if reader.can_tell(key, LEAST - 1)] == [], seed
        assert [key for key in sorted(covered - small) if reader.can_tell(key, 1)] == [], seed
        hid += bool(covered)
    assert hid > 25, "most of these tables have something to hide"


def test_the_reader_would_see_it() -> None:
    """The same trial finds the count where only the small one itself is hidden."""
    counts = {"a": 3, "b": 30, "all": 33}
    totals = [Total("all", ("a", "b"))]
    assert Reader(counts, totals, {"a"}).can_tell("a", 1)
    assert not Reader(counts, totals, {"a", "b"}).can_tell("a", LEAST - 1)


# ---- no more than needed ----------------------------------------------------------------------------------------


def square(seed: int) -> tuple[dict[str, int], list[Total]]:
    """A small table with its margins."""
    chance = Random(seed)
    rows, columns = chance.choice(((2, 2), (2, 3), (3, 3), (2, 4)))
    most = chance.choice((6, 12, 40, 200))
    counts = {
        f"c{i} {j}": 0 if chance.random() < 0.2 else chance.randint(1, most)
        for i in range(rows)
        for j in range(columns)
    }
    totals = [Total(f"row {i}", tuple(f"c{i} {j}" for j in range(columns))) for i in range(rows)]
    totals += [Total(f"column {j}", tuple(f"c{i} {j}" for i in range(rows))) for j in range(columns)]
    add(counts, totals)
    totals += [
        Total("all", tuple(f"row {i}" for i in range(rows))),
        Total("all", tuple(f"column {j}" for j in range(columns))),
    ]
    add(counts, totals)
    return counts, totals


def protects(counts: Mapping[str, int], totals: Sequence[Total], covered: set[str]) -> bool:
    if any(len(covered.intersection(total.terms)) == 1 for total in totals):
        return False
    reader = Reader(counts, totals, covered)
    return not any(reader.can_tell(key, LEAST - 1) for key in small_ones(counts))


def fewest(counts: Mapping[str, int], totals: Sequence[Total], most: int) -> int:
    """How many further counts must be hidden at least: every choice of fewer than `most` is tried."""
    small = small_ones(counts)
    further = [key for key, count in counts.items() if count and key not in small]
    choices = ((number, each) for number in range(most) for each in combinations(further, number))
    return next((number for number, each in choices if protects(counts, totals, {*small, *each})), most)


def test_of_a_small_table_no_more_is_hidden_than_one_count_above_the_fewest() -> None:
    beyond = Counter[int]()
    for seed in range(40):
        counts, totals = square(seed)
        number = len(hidden(counts, totals)) - len(small_ones(counts))
        beyond[number - fewest(counts, totals, number)] += 1
    assert max(beyond) <= 1, beyond
    assert beyond[0] >= 34, "nearly always there are none fewer"


def test_what_is_hidden_is_needed_every_count_of_it() -> None:
    for seed in range(200, 230):
        counts, totals = square(seed)
        covered, small = set(hidden(counts, totals)), small_ones(counts)
        assert [key for key in covered - small if protects(counts, totals, covered - {key})] == [], seed


STAGES, KINDS = ("off", "evaluation", "care", "injection", "surgery", "closed"), ("none", "red", "other", "dead")
DIVERTED = {
    "none": (1700, 610, 330, 24, 22, 230),
    "red": (0, 28, 11, 1, 2, 3),
    "other": (600, 12, 0, 0, 0, 7),
    "dead": (40, 19, 6, 0, 1, 9),
}


def test_most_of_a_table_like_that_of_a_registry_is_shown() -> None:
    """Stages by diversions, with all margins: four small counts take five others along."""
    counts = {f"{kind} {stage}": n for kind in KINDS for stage, n in zip(STAGES, DIVERTED[kind], strict=True)}
    totals = [Total(kind, tuple(f"{kind} {stage}" for stage in STAGES)) for kind in KINDS]
    totals += [Total(stage, tuple(f"{kind} {stage}" for kind in KINDS)) for stage in STAGES]
    add(counts, totals)
    totals += [Total("all", STAGES), Total("all", KINDS)]
    add(counts, totals)
    covered = hidden(counts, totals, spared=("all", *STAGES))
    assert len(small_ones(counts)) == 4
    assert len(covered) <= 9
    assert covered.isdisjoint(("all", *STAGES, *KINDS))
