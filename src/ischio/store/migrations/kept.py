"""What the steps share: columns of tables to which rows are only added, and the triggers that hold others off."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def texts(*names: str, needed: bool = True) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=not needed) for name in names]


def salt() -> sa.Column[str]:
    """The column that step 0008 gave every kept table; one made later begins with `[*kept(), salt()]`."""
    return sa.Column("salt", sa.Text, nullable=False, server_default="")


def kept() -> list[sa.Column[Any]]:
    """The columns with which a kept table begins."""
    entry = sa.Column("entry", NUMBER, sa.ForeignKey("audit.number"), nullable=False, unique=True)
    return [sa.Column("id", sa.Text, primary_key=True), entry]


def only_add(table: str, unique: Sequence[str]) -> None:
    """Has the database itself refuse to change or delete a row. unique: the columns in which no value is twice."""
    if op.get_bind().dialect.name == "sqlite":
        _refuse_in_sqlite(table, unique)
    else:
        _refuse_in_postgresql(table)


def _refuse_in_sqlite(table: str, unique: Sequence[str]) -> None:
    refusal = f"SELECT RAISE(ABORT, '{table}: rows are only added, never changed or deleted')"
    for change in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} BEGIN {refusal}; END")
    # INSERT OR REPLACE deletes a row without asking the trigger on DELETE.
    same = " OR ".join(f"{column} = NEW.{column}" for column in unique)
    again = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"
    op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {again} BEGIN {refusal}; END")


def _refuse_in_postgresql(table: str) -> None:
    """By the function that the first step made."""
    for change, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change} BEFORE {change.upper()} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION ischio_refuse()"
        )
