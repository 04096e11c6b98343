"""The truth about synthetic people, kept apart from their records: written beside them, and read again."""

import csv
import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from io import StringIO
from operator import attrgetter
from pathlib import Path
from typing import TextIO

from ischio.model.mistake import IschioError, Mistake
from ischio.synthesis.flaws import Flaw
from ischio.synthesis.people import Person

FOLDER = "truth"


@dataclass(frozen=True, slots=True)
class TruePerson:
    """condition: what truly is the matter, such as `ifi` or `mimic: hamstring`; with either hip of a person."""

    person: str
    condition: str
    sex: str
    birth_date: date
    first_visit: date
    left_care_on: date | None
    died_on: date | None


@dataclass(frozen=True, slots=True)
class TrueHip:
    """Where a hip truly stood on the registry's date, in the words of the pathway. condition: of this hip alone."""

    person: str
    side: str
    condition: str
    stage: str
    diversion: str
    since: date | None
    ischiofemoral_space: float
    quadratus_femoris_space: float


@dataclass(frozen=True, slots=True)
class TrueStay:
    """Where a hip truly stood from a day on, until its next stay."""

    person: str
    side: str
    since: date
    stage: str
    diversion: str


@dataclass(frozen=True, slots=True)
class TrueEvent:
    """One thing that truly happened. concept: as in terminology.yaml. until: None for what goes on."""

    person: str
    event: str
    concept: str
    side: str
    kind: str
    value: str
    on: date
    until: date | None


@dataclass(frozen=True, slots=True)
class TrueFlaw:
    """What went wrong on the way of an event into the record. resource: where it shows, empty if nowhere."""

    person: str
    kind: str
    concept: str
    side: str
    on: date | None
    event: str
    resource: str


Row = TruePerson | TrueHip | TrueStay | TrueEvent | TrueFlaw
TABLES: dict[str, type[Row]] = {
    "people": TruePerson,
    "hips": TrueHip,
    "course": TrueStay,
    "events": TrueEvent,
    "flaws": TrueFlaw,
}
KEPT = (
    "episode_start", "ifi_diagnosis", "exercise_therapy", "image_guided_injection", "injection_response",
    "injection_not_possible", "surgical_referral", "surgical_opinion", "ifi_surgery", "surgeon_release", "re_entry",
    "pathway_closed", "mri_hip_pelvis", "pain_score", "ihot12", "mhhs",
)  # fmt: skip
"""Concepts whose true events are kept: decisions, treatments, scores."""


def rows_of(person: Person, flaws: Iterable[Flaw]) -> Iterator[tuple[str, Row]]:
    """The true rows of one person, each with its table."""
    left = person.last if person.left_care else None
    yield (
        "people",
        TruePerson(person.id, person.condition, person.sex, person.birth, person.first_visit, left, person.died),
    )
    for hip in person.hips:
        side = hip.side.value
        now = hip.stay_on(person.last)
        since = None if now.since == date.min else now.since
        spaces = round(hip.ifs, 1), round(hip.qfs, 1)
        yield "hips", TrueHip(person.id, side, hip.condition, now.stage, now.diversion or "", since, *spaces)
        for one in hip.course_until(person.last)[1:]:
            yield "course", TrueStay(person.id, side, one.since, one.stage, one.diversion or "")
    for event in person.chart.events:
        if event.concept in KEPT and event.start is not None:
            until = event.end.latest if event.end is not None else None
            value = "" if event.value is None else str(event.value)
            where = event.side.value if event.side else ""
            start = event.start.earliest
            yield (
                "events",
                TrueEvent(person.id, event.source, event.concept, where, event.kind.value, value, start, until),
            )
    for flaw in flaws:
        yield "flaws", TrueFlaw(person.id, flaw.kind, flaw.concept, flaw.side, flaw.on, flaw.event, flaw.resource)


def as_csv(table: str, rows: Iterable[Row]) -> bytes:
    """Rows of a table, without its heading."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows(map(attrgetter(*_columns(table)), rows))
    return text.getvalue().encode()


def heading(table: str) -> bytes:
    return (",".join(_columns(table)) + "\n").encode()


def _columns(table: str) -> list[str]:
    return [field.name for field in fields(TABLES[table])]


# ---- reading ----------------------------------------------------------------------------------------------------


def truth_table(folder: Path) -> tuple[TrueHip, ...]:
    """Where every hip of a synthetic registry truly stood on its date.

    Raises IschioError where the folder holds no truth. The other tables beside it (README.md there) are plain CSV.
    """
    return tuple(
        TrueHip(
            row["person"],
            row["side"],
            row["condition"],
            row["stage"],
            row["diversion"],
            date.fromisoformat(row["since"]) if row["since"] else None,
            float(row["ischiofemoral_space"]),
            float(row["quadratus_femoris_space"]),
        )
        for row in _read(folder, "hips")
    )


def true_courses(folder: Path) -> tuple[TrueStay, ...]:
    """Where every hip truly stood from which day on; before its first stay it was not on the pathway."""
    return tuple(
        TrueStay(row["person"], row["side"], date.fromisoformat(row["since"]), row["stage"], row["diversion"])
        for row in _read(folder, "course")
    )


def _read(folder: Path, table: str) -> Iterator[dict[str, str]]:
    with _opened(folder / FOLDER / f"{table}.csv") as file:
        yield from csv.DictReader(file)


def _opened(path: Path) -> TextIO:
    packed = path.with_name(f"{path.name}.gz")
    if packed.exists():
        return gzip.open(packed, "rt", encoding="utf-8", newline="")
    try:
        return path.open(encoding="utf-8", newline="")
    except FileNotFoundError:
        mend = "Name a folder that `ischio synthesize` wrote."
        raise IschioError(Mistake("The folder holds no truth of a synthetic registry.", mend, str(path))) from None
