"""Identities of accounts at other providers, which are kept; and by which of them a session was begun."""

import sqlalchemy as sa
from alembic import op

from ischio.store.migrations.kept import kept, only_add, texts

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "identity",
        *kept(),
        *texts("issuer", "subject", "account"),
        sa.Column("linked", sa.Integer, nullable=False),
    )
    op.create_index("identity_versions", "identity", ["issuer", "subject", "entry"])
    op.create_index("identity_of_account", "identity", ["account", "entry"])
    only_add("identity", ("id", "entry"))
    for name in ("issuer", "subject", "sid"):
        op.add_column("session", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.create_index("session_of_identity", "session", ["issuer", "subject"])
