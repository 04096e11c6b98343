"""Sign-ins that failed of late, counted for each login and each address over all processes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from ischio.store.database import Database
from ischio.store.moments import moment, read_moment
from ischio.store.schema import FAILED_SIGN_IN as FAILED


@dataclass(frozen=True, slots=True)
class Failed:
    """How often, and when last."""

    count: int
    at: datetime


class FailedSignIns:
    def __init__(self, database: Database) -> None:
        self._database = database

    def take(
        self,
        keys: Sequence[str],
        at: datetime,
        forgotten_before: datetime,
        wait: Callable[[Mapping[str, Failed]], timedelta],
    ) -> timedelta:
        """Counts a try as failed before it is made, so that many at once are no way round; `give_back` if it was not.

        wait: how long to wait yet, by what failed. If that is any time at all, it is returned and nothing is counted.
        """
        with self._database.writing(on_disk=False) as connection:
            connection.execute(delete(FAILED).where(FAILED.c.at < moment(forgotten_before)))
            rows = connection.execute(select(FAILED).where(FAILED.c.key.in_(keys))).mappings()
            found = {row["key"]: Failed(row["count"], read_moment(row["at"])) for row in rows}
            if left := wait(found):
                return left
            for key in keys:
                if key in found:
                    counted = {"count": found[key].count + 1, "at": moment(at)}
                    connection.execute(update(FAILED).where(FAILED.c.key == key).values(counted))
                else:
                    connection.execute(insert(FAILED), {"key": key, "count": 1, "at": moment(at)})
        return timedelta()

    def give_back(self, key: str) -> None:
        """Takes one try back."""
        with self._database.writing(on_disk=False) as connection:
            connection.execute(update(FAILED).where(FAILED.c.key == key).values(count=FAILED.c.count - 1))

    def forget(self, key: str) -> None:
        with self._database.writing(on_disk=False) as connection:
            connection.execute(delete(FAILED).where(FAILED.c.key == key))
