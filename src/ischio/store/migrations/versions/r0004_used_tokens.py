"""The tokens of clients that came already, until they end."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "used_token",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("until", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False, index=True),
    )
