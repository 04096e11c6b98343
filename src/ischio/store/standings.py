"""Where everyone stands, ready to be listed: worked out elsewhere, changed freely; no answer rests on it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any
from unicodedata import combining, normalize

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    RowMapping,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    union,
    update,
)

from ischio.model.about import Side
from ischio.store.database import Database
from ischio.store.entries import Action, Known, Person
from ischio.store.schema import AUDIT, EVENT, PERSON, STANDING


class Place(IntEnum):
    """In which order people are listed."""

    RED_FLAG = 0
    OVERDUE = 1
    CANNOT_TELL = 2
    REST = 3


@dataclass(frozen=True, slots=True)
class Score:
    """A score at its last reading. unit: None of a bare number. change: since the first reading; None without one."""

    fact: str
    value: float
    on: date | None
    change: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A row of the list: one hip of one person, or the person where neither hip is on the pathway (side None).

    born: as far as it is known (2026, 2026-03, 2026-03-31), or empty. stage, diversion, alert, step: ids of the
    pathway. alert: the first red flag, alert_on: its date. step: the action that comes next. due: the day of that or of
    the review, whichever is first; due_for: `review`, or the id of the action. cannot_tell: whether the gate ahead is
    unknown; missing: facts that would open it. knowledge: digest of what it was worked out by. holds_until: the first
    day on which it may no longer be true; None once something was written since.
    """

    known: Known
    side: Side | None
    born: str
    sex: str
    stage: str
    since: date | None
    diversion: str | None
    alert: str | None
    alert_on: date | None
    step: str | None
    due: date | None
    due_for: str | None
    cannot_tell: bool
    missing: tuple[str, ...]
    score: Score | None
    knowledge: str
    holds_until: date | None

    def place(self, on: date) -> Place:
        """Where it stands in the list of a day."""
        if self.alert:
            return Place.RED_FLAG
        if self.due is not None and self.due < on:
            return Place.OVERDUE
        return Place.CANNOT_TELL if self.cannot_tell else Place.REST


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be listed: of whom, on which day. search: words, each in a name or an identifier.

    stage: an id. due_by: only what is due by that day. place: only these.
    """

    organisation: str
    on: date
    search: str = ""
    stage: str = ""
    due_by: date | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """rows: of the list; people: in them. The others: rows of those with a red flag, overdue, due by the day asked
    for (the overdue among them), and those of which it cannot be told."""

    rows: int
    people: int
    red_flag: int
    overdue: int
    due: int
    cannot_tell: int


class Standings:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, whom: Iterable[Known], rows: Sequence[Standing], head: int) -> None:
        """Puts rows in the place of all that there were about these people.

        head: the number of the audit's last entry before the rows were worked out. Somebody about whom anything was
        written after it is passed over: these rows do not know of it, and that writing has marked the old ones.
        """
        with self._database.writing(on_disk=False) as connection:
            still = {known for known in whom if not _written_after(connection, known, head)}
            for known in still:
                own = (STANDING.c.organisation == known.organisation, STANDING.c.known_as == known.id)
                connection.execute(delete(STANDING).where(*own))
            true = [_row(each) for each in rows if each.known in still]
            if true:
                connection.execute(insert(STANDING), true)

    def page(self, wanted: Wanted, first: int, most: int) -> tuple[Standing, ...]:
        """Some rows of the list: red flags, overdue, cannot tell, the rest; in each by the day due and the name."""
        keys = select(STANDING.c.organisation, STANDING.c.known_as, STANDING.c.side)
        page = keys.where(*_conditions(wanted)).order_by(*_order(wanted.on)).offset(first).limit(most).subquery()
        same = and_(*(STANDING.c[name] == page.c[name] for name in ("organisation", "known_as", "side")))
        rows = select(STANDING).join(page, same).order_by(*_order(wanted.on))
        with self._database.reading() as connection:
            return tuple(map(_standing, connection.execute(rows).mappings()))

    def counts(self, wanted: Wanted, due_by: date) -> Counts:
        """How many rows there are of each kind. due_by: the last day of what counts as due."""
        place, due = _place(wanted.on), and_(STANDING.c.due.is_not(None), STANDING.c.due <= due_by.isoformat())
        # Apart from the rest: so the database reads them in the order of its key, and need not sort them.
        people = select(STANDING.c.known_as).where(*_conditions(wanted)).distinct().subquery()
        counted = select(
            func.count(),
            select(func.count()).select_from(people).scalar_subquery(),
            _how_many(place == Place.RED_FLAG),
            _how_many(place == Place.OVERDUE),
            _how_many(due),
            _how_many(STANDING.c.cannot_tell == 1),
        )
        with self._database.reading() as connection:
            return Counts(*connection.execute(counted.where(*_conditions(wanted))).one())

    def stages(self, organisation: str) -> dict[str, int]:
        """How many rows each stage has."""
        counted = select(STANDING.c.stage, func.count()).where(STANDING.c.organisation == organisation)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(counted.group_by(STANDING.c.stage))}

    def of(self, known: Known) -> tuple[Standing, ...]:
        own = (STANDING.c.organisation == known.organisation, STANDING.c.known_as == known.id)
        with self._database.reading() as connection:
            return tuple(map(_standing, connection.execute(select(STANDING).where(*own)).mappings()))

    def unsettled(self, on: date, knowledge: str, organisation: str | None = None) -> tuple[Known, ...]:
        """People whose rows may not be true on a day, or were worked out by other knowledge, or are not there."""
        over = or_(STANDING.c.holds_until <= on.isoformat(), STANDING.c.knowledge != knowledge)
        rows = (STANDING.c.organisation == PERSON.c.organisation, STANDING.c.known_as == PERSON.c.known_as)
        stale = select(STANDING.c.organisation, STANDING.c.known_as).where(over)
        new = select(PERSON.c.organisation, PERSON.c.known_as).where(~select(STANDING.c.side).where(*rows).exists())
        if organisation is not None:
            stale = stale.where(STANDING.c.organisation == organisation)
            new = new.where(PERSON.c.organisation == organisation)
        waiting, later = union(stale, new).subquery(), PERSON.alias()
        wanted = select(PERSON).join(waiting, _same(PERSON, waiting)).order_by(PERSON.c.entry)
        newer = select(later.c.id).where(_same(later, PERSON), later.c.entry > PERSON.c.entry).exists()
        with self._database.reading() as connection:
            found = connection.execute(wanted.where(~newer)).mappings().all()
        return tuple(_known(row) for row in found)


def _same(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    """Two rows that are about the same person."""
    return and_(one.c.organisation == other.c.organisation, one.c.known_as == other.c.known_as)


def unsettle(connection: Connection, person: Person) -> None:
    """Marks what is listed about somebody as no longer true, in the transaction that makes it so."""
    about = (STANDING.c.server == person.server, STANDING.c.person == person.id)
    connection.execute(update(STANDING).where(*about).values(holds_until=""))


def _written_after(connection: Connection, known: Known, head: int) -> bool:
    """Whether an event or a name of somebody was written, or all of it erased, after that entry of the audit."""
    whom = known.whom
    of_audit = (AUDIT.c.number > head, AUDIT.c.server == whom.server, AUDIT.c.person == whom.id)
    erased = select(AUDIT.c.number).where(*of_audit, AUDIT.c.action == Action.DELETE.value)
    event = select(EVENT.c.id).where(EVENT.c.server == whom.server, EVENT.c.person == whom.id, EVENT.c.entry > head)
    name = select(PERSON.c.id).where(PERSON.c.server == whom.server, PERSON.c.person == whom.id, PERSON.c.entry > head)
    return any(connection.execute(wanted.limit(1)).first() for wanted in (event, name, erased))


def folded(text: str) -> str:
    """For searching: without capitals, accents and runs of blanks."""
    plain = "".join(letter for letter in normalize("NFKD", text.casefold()) if not combining(letter))
    return " ".join(plain.split())


# ---- what is asked ------------------------------------------------------------------------------------------------


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [STANDING.c.organisation == wanted.organisation]
    conditions += [STANDING.c.folded.contains(word, autoescape=True) for word in folded(wanted.search).split()]
    if wanted.stage:
        conditions.append(STANDING.c.stage == wanted.stage)
    if wanted.due_by is not None:
        conditions.append(STANDING.c.due <= wanted.due_by.isoformat())
    if wanted.place is not None:
        cannot_tell = STANDING.c.cannot_tell == 1
        is_it = cannot_tell if wanted.place is Place.CANNOT_TELL else _place(wanted.on) == wanted.place
        conditions.append(is_it)
    return conditions


def _place(on: date) -> ColumnElement[int]:
    """As `Standing.place` says it."""
    return case(
        (STANDING.c.alert.is_not(None), int(Place.RED_FLAG)),
        (STANDING.c.due < on.isoformat(), int(Place.OVERDUE)),
        (STANDING.c.cannot_tell == 1, int(Place.CANNOT_TELL)),
        else_=int(Place.REST),
    )


def _order(on: date) -> tuple[ColumnElement[Any], ...]:
    """Names after their folded form: both databases then agree, whatever order of letters they were set up with."""
    never = case((STANDING.c.due.is_(None), 1), else_=0)
    return (_place(on), never, STANDING.c.due, STANDING.c.folded, STANDING.c.known_as, STANDING.c.side)


def _how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0).cast(Integer)


# ---- rows ---------------------------------------------------------------------------------------------------------


def _row(standing: Standing) -> dict[str, object]:
    known = standing.known
    return {
        "organisation": known.organisation,
        "known_as": known.id,
        "side": standing.side.value if standing.side else "",
        "server": known.whom.server,
        "person": known.whom.id,
        "name": known.name,
        "identifier": known.identifier,
        "folded": folded(f"{known.name} {known.identifier}"),
        "born": standing.born,
        "sex": standing.sex,
        "stage": standing.stage,
        "since": _day(standing.since),
        "diversion": standing.diversion,
        "alert": standing.alert,
        "alert_on": _day(standing.alert_on),
        "step": standing.step,
        "due": _day(standing.due),
        "due_for": standing.due_for,
        "cannot_tell": int(standing.cannot_tell),
        "missing": msgspec.json.encode(standing.missing).decode(),
        "score": msgspec.json.encode(standing.score).decode(),
        "knowledge": standing.knowledge,
        "holds_until": _day(standing.holds_until) or "",
    }


def _standing(row: RowMapping) -> Standing:
    return Standing(
        known=_known(row),
        side=Side(row["side"]) if row["side"] else None,
        born=row["born"],
        sex=row["sex"],
        stage=row["stage"],
        since=_read_day(row["since"]),
        diversion=row["diversion"],
        alert=row["alert"],
        alert_on=_read_day(row["alert_on"]),
        step=row["step"],
        due=_read_day(row["due"]),
        due_for=row["due_for"],
        cannot_tell=bool(row["cannot_tell"]),
        missing=tuple(msgspec.json.decode(row["missing"])),
        score=msgspec.json.decode(row["score"], type=Score | None),
        knowledge=row["knowledge"],
        holds_until=_read_day(row["holds_until"]),
    )


def _known(row: RowMapping) -> Known:
    whom = Person(row["server"], row["person"])
    return Known(row["known_as"], row["organisation"], whom, row["name"], row["identifier"])


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _read_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
