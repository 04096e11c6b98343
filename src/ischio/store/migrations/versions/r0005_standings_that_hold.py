"""Whose rows of the list may be out of date, found without a look at each row."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index("standing_holds", "standing", ["organisation", "holds_until", "knowledge", "known_as"])
