"""The check digit of SNOMED CT ids (Verhoeff): an id that a spreadsheet rounded, or that somebody made up, fails it."""

from functools import lru_cache

# SNOMED CT Technical Implementation Guide, "Verhoeff dihedral group D5 check": the group's table, and one permutation
# of the digits, applied once more at each place from the right.
_PERMUTED = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _product(a: int, b: int) -> int:
    """Two members of the dihedral group: 0 to 4 are turns, 5 to 9 are flips."""
    turn = (a + b) % 5 if a < 5 else (a - b) % 5
    return turn + 5 * ((a < 5) is not (b < 5))


def _permutations() -> tuple[tuple[int, ...], ...]:
    """The permutation applied 0 to 7 times; then it is back at the start."""
    rows = [tuple(range(10))]
    for _ in range(7):
        rows.append(tuple(rows[-1][digit] for digit in _PERMUTED))
    return tuple(rows)


_AT_PLACE = _permutations()


@lru_cache(maxsize=4096)
def is_sound(identifier: str) -> bool:
    """Whether an id of SNOMED CT has the right check digit. An id of another shape has none."""
    if not (identifier.isascii() and identifier.isdigit() and 6 <= len(identifier) <= 18):
        return False
    check = 0
    for place, digit in enumerate(reversed(identifier)):
        check = _product(check, _AT_PLACE[place % 8][int(digit)])
    return check == 0
