"""Which tokens of clients came already: each counts once, whichever process it reaches and whatever is restarted.

No person stands in these rows, and they are taken away once their token has ended: they are not part of the audit.
"""

import math
from hashlib import sha256

from sqlalchemy import delete, exists, insert, select

from ischio.store.database import Database
from ischio.store.schema import USED_TOKEN


class UsedTokens:
    def __init__(self, database: Database) -> None:
        self._database = database

    def first_time(self, issuer: str, name: str, until: float, now: float) -> bool:
        """Notes a token; whether it came for the first time. name: its id (`jti`). until, now: seconds since 1970."""
        row = {"id": sha256(f"{len(issuer)} {issuer} {name}".encode("utf-8", "replace")).hexdigest()}
        with self._database.writing(on_disk=False) as connection:
            connection.execute(delete(USED_TOKEN).where(USED_TOKEN.c.until < math.floor(now)))
            if connection.scalar(select(exists().where(USED_TOKEN.c.id == row["id"]))):
                return False
            connection.execute(insert(USED_TOKEN), row | {"until": math.ceil(until)})
        return True
