"""Organisations and accounts, which are kept; sessions and failed sign-ins, which are not."""

import sqlalchemy as sa
from alembic import op

from ischio.store.migrations.kept import kept, only_add, texts

revision = "0003"
down_revision = "0002"

UNIQUE = dict.fromkeys(("organisation", "account"), ("id", "entry"))


def upgrade() -> None:
    op.create_table("organisation", *kept(), *texts("organisation", "name"))
    op.create_index("organisation_versions", "organisation", ["organisation", "entry"])
    op.create_table(
        "account",
        *kept(),
        *texts("account", "login", "organisation", "roles", "hash"),
        sa.Column("open", sa.Integer, nullable=False),
    )
    op.create_index("account_versions", "account", ["account", "entry"])
    op.create_index("account_of_login", "account", ["login", "entry"])
    for table, unique in UNIQUE.items():
        only_add(table, unique)
    _operational()


def _operational() -> None:
    """No triggers: what is signed in and what failed changes and goes."""
    op.create_table(
        "session", sa.Column("digest", sa.Text, primary_key=True), *texts("account", "began", "seen", "secret")
    )
    op.create_index("ix_session_account", "session", ["account"])
    op.create_table(
        "failed_sign_in",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        *texts("at"),
    )
