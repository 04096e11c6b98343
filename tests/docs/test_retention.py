"""The page of what is kept tells of every table of the store, as it is, and patients can read its last part."""

import re
from pathlib import Path

from pages import tables

from ischio.interfaces.readability import reading
from ischio.store.erasing import OF_NOBODY
from ischio.store.schema import AUDIT, METADATA

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "retention.md"


def told() -> dict[str, tuple[str, ...]]:
    (rows,) = tables("retention.md").values()
    return {row[0].strip("`"): row[1:] for row in rows}


def test_every_table_of_the_store_is_told_of():
    """A table that is made later: say what is in it, how long, why, and what an erasure does with it."""
    assert set(told()) == {table.name for table in METADATA.sorted_tables}
    assert all(len(row) == 4 and all(row) for row in told().values())


def test_what_an_erasure_does_is_told_as_it_is():
    unerased = {table.name: told()[table.name][-1] for table in OF_NOBODY}
    assert all(does.startswith("nothing: ") for does in unerased.values())
    assert told()[AUDIT.name][-1].startswith("stays as it is")
    deleted = {name for name, row in told().items() if "delete" in row[-1]}
    assert deleted == set(told()) - set(unerased) - {AUDIT.name}


def test_the_part_for_patients_is_easy_to_read():
    part = PAGE.read_text("utf-8").partition("for patients\n")[2]
    found = reading(re.sub(r"\s+", " ", part))
    assert found.easy, found
