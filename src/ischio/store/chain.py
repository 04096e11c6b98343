"""The chain of the audit: each entry's digest covers the entry and the digest before it. Pure; no database here.

An entry that tells of something written holds that row's digest too (its proof), so one chain vouches for all tables.
An entry's number is not part of its digest: numbers run from 1 without gaps and the links give the order, so an entry
that was put in or moved is found at its place, and not in every entry after it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from ischio.store.entries import Flaw, Head

ANCHOR = "0" * 64
"""Stands for the entry before the first."""

Row = Mapping[str, Any]
"""Column name -> value."""


def digest(values: Sequence[Any]) -> str:
    """SHA-256, in hex, of the values as one JSON array in UTF-8 without spaces."""
    return sha256(msgspec.json.encode(values)).hexdigest()


def row_digest(row: Row) -> str:
    """Of a kept row: of the names and values of all columns, in the order of the names."""
    return digest(sorted(row.items()))


def entry_digest(entry: Row) -> str:
    """Of an audit entry: all columns but its number and the digest itself; the digest before it is one of them."""
    return row_digest({name: value for name, value in entry.items() if name not in ("number", "digest")})


def chain_flaws(entries: Iterable[Row], places: Callable[[], Mapping[str, int]]) -> Iterator[Flaw]:
    """What is wrong with the chain, entry by entry; entries: by number. places: the number of each digest.

    Cannot see that the tail was cut off: see `cut_flaws`.
    """
    number, before = 0, {ANCHOR}
    for entry in entries:
        if missing := entry["number"] - number - 1:
            yield Flaw(f"audit {number + 1}", _missing(number + 1, missing))
        number, own = entry["number"], entry_digest(entry)
        if own != entry["digest"]:
            yield Flaw(f"audit {number}", "It was changed after it was written.")
        elif not missing and entry["previous"] not in before:
            yield _misplaced(number, places().get(entry["previous"]))
        # Where an entry was changed, the next may go by either digest: it is not at fault.
        before = {own, entry["digest"]}
    if number == 0:
        yield Flaw("audit 1", "It is missing: the first entry tells of the making of the store.")


def _missing(first: int, count: int) -> str:
    return "It is missing." if count == 1 else f"It is missing, and all up to audit {first + count - 1}."


def _misplaced(number: int, written_after: int | None) -> Flaw:
    if number == 1:
        return Flaw("audit 1", "It is not the first entry that was written; those before it were removed.")
    if written_after is None:
        return Flaw(f"audit {number - 1}", "It was rewritten or put in, or an entry after it was removed.")
    if written_after > number:
        return Flaw(f"audit {number}", f"It was moved: it was written after what is now audit {written_after}.")
    return Flaw(f"audit {written_after + 1}", f"It was put in or moved; audit {number} was written in its place.")


def cut_flaws(kept: Iterable[Head], found: Mapping[int, str], last: int) -> Iterator[Flaw]:
    """What heads that were kept elsewhere show. found: the digests of their numbers; last: the last entry's number."""
    for head in kept:
        if head.number > last:
            yield Flaw(f"audit {head.number}", f"It is missing: the tail was cut off after audit {last}.")
        elif found.get(head.number) != head.digest:
            yield Flaw(f"audit {head.number}", "It is not the entry that was there when its digest was kept.")
