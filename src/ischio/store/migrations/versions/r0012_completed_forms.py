"""The forms that patients completed, so that each is found by its id and pushed once; those of before wait as well."""

import re
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

from ischio.store.event_form import event_of
from ischio.store.migrations.kept import texts

revision = "0012"
down_revision = "0011"

_COMPLETED_HERE = re.compile(r"QuestionnaireResponse/([a-z-]+\.v[A-Za-z0-9.-]+?\.[0-9A-Za-z-]+)")
"""The source of the events of a form that was filled in here; others bear an id of another shape."""


def upgrade() -> None:
    table = op.create_table(
        "completed_form",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("id", "server", "person")),
        *texts("state", "at", "there", "why"),
    )
    op.create_index("completed_form_of_person", "completed_form", ["server", "person"])
    op.create_index("completed_form_state", "completed_form", ["server", "state"])
    rows = list(_completed(op.get_bind()))
    if rows:
        op.bulk_insert(table, rows)


def _completed(connection: sa.Connection) -> Iterator[dict[str, str]]:
    """Those that lie in the event log, by the time at which they came."""
    event = sa.table("event", *map(sa.column, ("entry", "server", "person", "change", "body")))
    audit = sa.table("audit", *map(sa.column, ("number", "at")))
    wanted = (
        sa.select(event.c.server, event.c.person, event.c.body, audit.c.at)
        .join(audit, event.c.entry == audit.c.number)
        .where(event.c.change == "added", event.c.body.like('%"QuestionnaireResponse/%'))
        .order_by(event.c.entry)
    )
    seen = set()
    for row in connection.execute(wanted):
        found = _COMPLETED_HERE.fullmatch(event_of(row.body).source)
        if found is not None and (key := (found[1], row.server, row.person)) not in seen:
            seen.add(key)
            whose = dict(zip(("id", "server", "person"), key, strict=True))
            yield whose | {"state": "waiting", "at": row.at, "there": "", "why": ""}
