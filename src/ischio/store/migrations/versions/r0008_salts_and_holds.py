"""A salt in each kept row, so that a person can be erased beside the audit; and holds, which exempt somebody.

Digests of rows without a salt could be found again by trying. So rows that are there get one too, the audit loses what
it said of their content, and its chain is begun anew; its last head so far is told in a new entry (decision 607).
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any

import sqlalchemy as sa
from alembic import op

from ischio.model.mistake import Mistake
from ischio.store.audit import looked_through
from ischio.store.chain import ANCHOR, digest, entry_digest, row_digest
from ischio.store.entries import Access, Action
from ischio.store.faults import StoreUnusable
from ischio.store.migrations.kept import kept, only_add, salt, texts
from ischio.store.unlocking import unlocked
from ischio.store.writing import head_of, writer_in

revision = "0008"
down_revision = "0007"

AT_A_TIME = 1000
TOLD = ("card", "decline", "feedback")
"""Of rows of these the audit told a code of what stood in them: a reason, an outcome."""
SAID = ("card", "outcome", "at", "suggestions", "reason_system", "reason_code", "comment")
"""What the id of feedback is the digest of, after the salt of its card."""

Row = Mapping[str, Any]


def upgrade() -> None:
    connection = op.get_bind()
    tables = _kept_tables(connection)
    _refuse_tampered(connection, tables)
    before = head_of(connection)
    with unlocked(connection, ["audit", *(table.name for table in tables)]):
        for table in tables:
            op.add_column(table.name, salt())
        _salted(connection, _kept_tables(connection))
        _begin_anew(connection)
    op.create_table(
        "hold", *kept(), salt(), *texts("server", "person", "reason"), sa.Column("holds", sa.Integer, nullable=False)
    )
    op.create_index("hold_of_person", "hold", ["server", "person", "entry"])
    only_add("hold", ("id", "entry"))
    if before is not None:
        writer = writer_in(connection)
        now = Access("ischio", datetime.now(UTC))
        writer.note(
            now, Action.EXECUTE, "audit", None, why=f"begun anew after audit {before.number}", record=before.digest
        )
        writer.write()


def _kept_tables(connection: sa.Connection) -> list[sa.Table]:
    """As they are in the database, cards before the feedback on them."""
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if "entry" in table.c]


def _refuse_tampered(connection: sa.Connection, tables: list[sa.Table]) -> None:
    """A new chain over rows that were tampered with would vouch for them. An empty audit is that of a new store."""
    flaws = looked_through(connection, tables)[0] if head_of(connection) else []
    if flaws:
        named = "; ".join(f"{flaw.row}: {flaw.what}" for flaw in flaws[:3])
        what = f"The audit does not verify ({len(flaws)} flaws), and a new chain would hide that. {named}"
        raise StoreUnusable(Mistake(what, "Put the newest backup that verifies in its place, then migrate."))


def _salted(connection: sa.Connection, tables: list[sa.Table]) -> None:
    """Gives each row its salt, and the entry that vouches for it the new proof."""
    salts: dict[str, str] = {}
    audit = sa.table("audit", *map(sa.column, ("number", "record", "proof")))
    proved = (
        sa.update(audit)
        .where(audit.c.number == sa.bindparam("n"))
        .values(record=sa.bindparam("r"), proof=sa.bindparam("p"))
    )
    for table in tables:
        put = sa.update(table).where(table.c.entry == sa.bindparam("n"))
        for rows in _pages(connection, table, table.c.entry):
            new = [row | {"salt": token_hex(16)} for row in rows]
            if table.name == "card":
                salts |= {row["id"]: row["salt"] for row in new}
            if table.name == "feedback":
                new = [row | {"id": digest([salts[row["card"]], *(row[name] for name in SAID)])} for row in new]
            connection.execute(
                put.values(id=sa.bindparam("r"), salt=sa.bindparam("s")),
                [{"n": row["entry"], "r": row["id"], "s": row["salt"]} for row in new],
            )
            connection.execute(proved, [{"n": row["entry"], "r": row["id"], "p": row_digest(row)} for row in new])


def _begin_anew(connection: sa.Connection) -> None:
    audit = sa.Table("audit", sa.MetaData(), autoload_with=connection)
    put = sa.update(audit).where(audit.c.number == sa.bindparam("n"))
    put = put.values(why=sa.bindparam("w"), previous=sa.bindparam("p"), digest=sa.bindparam("d"))
    previous = ANCHOR
    for rows in _pages(connection, audit, audit.c.number):
        changes = []
        for row in rows:
            why = "" if row["what"] in TOLD and row["proof"] else row["why"]
            own = entry_digest(row | {"why": why, "previous": previous})
            changes.append({"n": row["number"], "w": why, "p": previous, "d": own})
            previous = own
        connection.execute(put, changes)


def _pages(connection: sa.Connection, table: sa.Table, number: sa.Column[int]) -> Iterator[list[dict[str, Any]]]:
    """All rows by a number, some at a time, because they are changed meanwhile."""
    last, names = 0, [str(column.name) for column in table.columns]
    while True:
        wanted = sa.select(table).where(number > last).order_by(number).limit(AT_A_TIME)
        rows = [dict(zip(names, row, strict=True)) for row in connection.execute(wanted)]
        if not rows:
            return
        yield rows
        last = rows[-1][str(number.name)]
