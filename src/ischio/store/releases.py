"""What a patient may see, released by a clinician: of each side the newest version counts, and each is kept."""

from collections.abc import Callable

from sqlalchemy import select

from ischio.model.about import Side
from ischio.store.database import Database
from ischio.store.entries import Access, Known
from ischio.store.schema import RELEASE
from ischio.store.writing import writer_on


class Releases:
    """new_id: makes the ids of versions."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self._database, self._new_id = database, new_id

    def keep(self, known: Known, side: Side, body: str | None, by: Access) -> str:
        """body: what was released, as JSON; None takes back what was. Returns the id of the version."""
        row = {
            "id": self._new_id(),
            "organisation": known.organisation,
            "server": known.whom.server,
            "person": known.whom.id,
            "side": side.value,
            "body": body,
        }
        with writer_on(self._database, on_disk=True) as writer:
            writer.keep(RELEASE, row, by, known.whom, "released" if body is not None else "withdrawn")
        return str(row["id"])

    def of(self, known: Known) -> tuple[str, ...]:
        """What is released of somebody now, the newest first."""
        whose = (RELEASE.c.server == known.whom.server, RELEASE.c.person == known.whom.id)
        ours = RELEASE.c.organisation == known.organisation
        wanted = select(RELEASE.c.side, RELEASE.c.body).where(*whose, ours).order_by(RELEASE.c.entry.desc())
        newest: dict[str, str | None] = {}
        with self._database.reading() as connection:
            for side, body in connection.execute(wanted):
                newest.setdefault(side, body)
        return tuple(body for body in newest.values() if body is not None)
