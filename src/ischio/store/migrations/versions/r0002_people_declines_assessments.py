"""People, what was declined, what was answered and from which knowledge; and where everyone stands, for the list."""

import sqlalchemy as sa
from alembic import op

from ischio.store.migrations.kept import NUMBER, kept, only_add, texts

revision = "0002"
down_revision = "0001"

UNIQUE = dict.fromkeys(("person", "decline", "knowledge", "assessment"), ("id", "entry"))


def upgrade() -> None:
    op.create_table("person", *kept(), *texts("organisation", "known_as", "server", "person", "name", "identifier"))
    op.create_index("person_known_as", "person", ["organisation", "known_as", "entry"])
    op.create_index("person_identified", "person", ["organisation", "identifier"])
    op.create_index("person_of_server", "person", ["server", "person", "entry"])
    op.create_table(
        "decline",
        *kept(),
        *texts("organisation", "server", "person"),
        *texts("side", needed=False),
        *texts("rule", "reason", "comment", "pathway_id", "pathway_version"),
    )
    op.create_index("decline_of_person", "decline", ["server", "person", "entry"])
    op.create_index("decline_of_rule", "decline", ["organisation", "rule", "entry"])
    op.create_table("knowledge", *kept(), *texts("pathway_id", "pathway_version", "files"))
    op.create_table(
        "assessment",
        *kept(),
        *texts("server", "person"),
        sa.Column("seen", NUMBER, nullable=False),
        *texts("index_date"),
        sa.Column("knowledge", sa.Text, sa.ForeignKey("knowledge.id"), nullable=False),
        *texts("digest"),
    )
    op.create_index("assessment_of_person", "assessment", ["server", "person", "entry"])
    for table, unique in UNIQUE.items():
        only_add(table, unique)
    _standing()


def _standing() -> None:
    """No trigger: it holds nothing that cannot be worked out again."""
    op.create_table(
        "standing",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("organisation", "known_as", "side")),
        *texts("server", "person", "name", "identifier", "folded", "born", "sex", "stage"),
        *texts("since", "diversion", "alert", "alert_on", "step", "due", "due_for", needed=False),
        sa.Column("cannot_tell", sa.Integer, nullable=False),
        *texts("missing", "score", "knowledge", "holds_until"),
    )
    op.create_index("standing_of_person", "standing", ["server", "person"])
    op.create_index("standing_holds_until", "standing", ["organisation", "holds_until"])
