"""Which answers were shown, and the knowledge that each rests on: enough to make any of them again."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from sqlalchemy import RowMapping, Select, select

from ischio.store.database import Database
from ischio.store.entries import Access, Action, Answered, Person
from ischio.store.moments import read_moment
from ischio.store.schema import ASSESSMENT, AUDIT, KNOWLEDGE
from ischio.store.writing import writer_on


@dataclass(frozen=True, slots=True)
class KnowledgeFiles:
    """The knowledge of one version as one text, and its SHA-256, by which it is known."""

    pathway_id: str
    pathway_version: str
    files: str = field(repr=False)
    digest: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", sha256(self.files.encode()).hexdigest())


class Answers:
    """new_id: makes the ids of rows."""

    def __init__(self, database: Database, new_id: Callable[[], str]) -> None:
        self._database, self._new_id = database, new_id

    def put_in(self, knowledge: KnowledgeFiles, by: Access) -> None:
        """Keeps the files of a version; those that are there already stay as they are."""
        row = {
            "id": knowledge.digest,
            "pathway_id": knowledge.pathway_id,
            "pathway_version": knowledge.pathway_version,
            "files": knowledge.files,
        }
        with writer_on(self._database, on_disk=True) as writer:
            same = select(KNOWLEDGE.c.id).where(KNOWLEDGE.c.id == row["id"])
            if writer.connection.execute(same).first() is None:
                writer.keep(KNOWLEDGE, row, by, None)

    def knowledge(self, digest: str) -> KnowledgeFiles | None:
        with self._database.reading() as connection:
            row = connection.execute(select(KNOWLEDGE).where(KNOWLEDGE.c.id == digest)).mappings().one_or_none()
        return KnowledgeFiles(row["pathway_id"], row["pathway_version"], row["files"]) if row else None

    def keep(self, answered: Answered) -> Answered:
        """Keeps that an answer was shown (its own id is not looked at), unless the last one shown was the same."""
        whom = answered.whom
        row = {
            "id": self._new_id(),
            "server": whom.server,
            "person": whom.id,
            "seen": answered.seen,
            "index_date": answered.index.isoformat(),
            "knowledge": answered.knowledge,
            "digest": answered.digest,
        }
        with self._database.reading() as connection:
            last = connection.execute(_of(whom).limit(1)).mappings().one_or_none()
        if last and all(last[name] == row[name] for name in ("seen", "index_date", "knowledge", "digest")):
            return _answered(last)
        with writer_on(self._database) as writer:
            writer.keep(ASSESSMENT, row, answered.by, whom)
        return _answered({**row, "who": answered.by.who, "at": answered.by.at.isoformat()})

    def of(self, person: Person, by: Access) -> tuple[Answered, ...]:
        """Those shown of a person, the newest first."""
        with writer_on(self._database) as writer:
            writer.note(by, Action.READ, "assessment", person)
            rows = writer.connection.execute(_of(person)).mappings().all()
        return tuple(map(_answered, rows))


def _of(person: Person) -> Select[tuple[object, ...]]:
    joined = select(ASSESSMENT, AUDIT.c.who, AUDIT.c.at).join(AUDIT, ASSESSMENT.c.entry == AUDIT.c.number)
    about = (ASSESSMENT.c.server == person.server, ASSESSMENT.c.person == person.id)
    return joined.where(*about).order_by(ASSESSMENT.c.entry.desc())


def _answered(row: RowMapping | dict[str, object]) -> Answered:
    return Answered(
        id=str(row["id"]),
        whom=Person(str(row["server"]), str(row["person"])),
        seen=int(str(row["seen"])),
        index=date.fromisoformat(str(row["index_date"])),
        knowledge=str(row["knowledge"]),
        digest=str(row["digest"]),
        by=Access(str(row["who"]), read_moment(str(row["at"]))),
    )
