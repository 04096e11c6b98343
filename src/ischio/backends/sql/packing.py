"""Where the values of all facts of a hip lie: a few whole numbers of 63 bits, the packs.

Turning rows into columns costs rows times columns, so the values are not given a column each: every reader has some
bits of a pack, and a row for each hip is made by joining bits.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ischio.backends.sql.readers import DAY_BITS, Pattern, Reader

BITS = 63
PACKS_OF_A_PART = 8
"""Packs are filled by parts: a row of bits is offered to these few packs, and not to all."""

NOTHING, UNKNOWN, FIRST_VALUE = 0, 1, 2
"""What the bits of a reader say: nothing matches, the value cannot be told, or the value, counted from the smallest."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The bits of one reader. pack: from 0; shift: how many bits lie below; bits: of the value; beside: of a day."""

    pack: int
    shift: int
    bits: int
    beside: int

    @property
    def part(self) -> int:
        return self.pack // PACKS_OF_A_PART

    @property
    def place(self) -> int:
        """Within the part."""
        return self.pack % PACKS_OF_A_PART

    @property
    def weight(self) -> int:
        """What the value is multiplied with to lie in its place."""
        return 1 << self.shift

    @property
    def weight_beside(self) -> int:
        return 1 << (self.shift + self.bits)

    def value(self, pack: str) -> str:
        return _taken(pack, self.shift, self.bits)

    def day_beside(self, pack: str) -> str:
        return _taken(pack, self.shift + self.bits, self.beside)


def _taken(pack: str, shift: int, bits: int) -> str:
    return f"(({pack} >> {shift}) & {(1 << bits) - 1})" if shift else f"({pack} & {(1 << bits) - 1})"


def beside(reader: Reader) -> bool:
    """Whether a day lies beside the value: the last of an open date, that of an attestation, or of what is stale."""
    return reader.attests or reader.vouched or (reader.told_in_full and reader.pattern is Pattern.DATE)


def slots_of(readers: Iterable[Reader]) -> Mapping[int, Slot]:
    """By the reader's number. The person and a hip have packs of their own."""
    found: dict[int, Slot] = {}
    filled = {False: [0], True: [0]}
    for reader in readers:
        low, high = reader.limits
        bits = (high - low + FIRST_VALUE).bit_length()
        day = DAY_BITS if beside(reader) else 0
        packs = filled[reader.of_hip]
        if packs[-1] + bits + day > BITS:
            packs.append(0)
        found[reader.number] = Slot(len(packs) - 1, packs[-1], bits, day)
        packs[-1] += bits + day
    return found


def packs_of(slots: Mapping[int, Slot], readers: Iterable[Reader]) -> list[int]:
    """The packs that these readers fill."""
    return sorted({slots[reader.number].pack for reader in readers})
