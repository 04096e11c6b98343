"""The index date, as one constant of the statement or as a column of `people`: two printers with one face."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from ischio.backends.sql.dialect import Dialect
from ischio.backends.sql.text import Column, case
from ischio.language.regions import changes_of_parameters, era_of, interval_on
from ischio.model.dates import Duration, shift
from ischio.model.facts import Interval
from ischio.model.pathway import Pathway


class Index(ABC):
    """day: the day number of the index date. columns: of our tables, that hold it."""

    day: str
    columns: tuple[str, ...]

    @abstractmethod
    def of_people(self, dialect: Dialect) -> tuple[Column, ...]:
        """Person and index date, read from `people`."""

    @abstractmethod
    def moved(self, dialect: Dialect, duration: Duration, sign: int) -> str:
        """The index date moved by a duration."""

    @abstractmethod
    def on_date(self, pathway: Pathway, printed: Callable[[date], str]) -> str:
        """What depends on the parameter values of the date. printed: the text for a date on which they hold."""


@dataclass(frozen=True)
class OneDate(Index):
    """One index date for all."""

    on: date
    columns = ()

    @property
    def day(self) -> str:  # type: ignore[override]  # fixed by the date
        return str(self.on.toordinal())

    def of_people(self, dialect: Dialect) -> tuple[Column, ...]:  # noqa: ARG002  # the other printer needs it
        return (Column("person", "person"),)

    def moved(self, dialect: Dialect, duration: Duration, sign: int) -> str:  # noqa: ARG002  # as above
        return str(shift(self.on, duration, sign).toordinal())

    def on_date(self, pathway: Pathway, printed: Callable[[date], str]) -> str:  # noqa: ARG002  # as above
        return printed(self.on)


@dataclass(frozen=True)
class DateColumn(Index):
    """The column `index_date` of `people`."""

    day = "index_day"
    columns = ("index_day",)

    def of_people(self, dialect: Dialect) -> tuple[Column, ...]:
        return (Column("person", "person"), Column("index_day", dialect.day_number("index_date")))

    def moved(self, dialect: Dialect, duration: Duration, sign: int) -> str:
        return dialect.moved(self.day, sign * duration.months, sign * duration.days)

    def on_date(self, pathway: Pathway, printed: Callable[[date], str]) -> str:
        changes = changes_of_parameters(pathway)
        texts = [(since, printed(since)) for since in reversed(changes)]
        before = printed(era_of(pathway, date.min))
        if all(text == before for _, text in texts):
            return before
        return case(*((f"index_day >= {since.toordinal()}", text) for since, text in texts), otherwise=before)


@dataclass(frozen=True)
class Calendar:
    """Dates as the statements reckon them."""

    pathway: Pathway
    dialect: Dialect
    index: Index

    def from_index(self, interval: Interval | None, sign: int = -1) -> str:
        """The index date moved by an interval."""
        if interval is None:
            return self.index.day
        return self.index.on_date(
            self.pathway,
            lambda on: self.index.moved(self.dialect, interval_on(self.pathway, interval, on), sign),
        )

    def moved(self, day: str, interval: Interval | None, sign: int = 1) -> str:
        """A day moved by an interval."""
        if interval is None:
            return day

        def printed(on: date) -> str:
            duration = interval_on(self.pathway, interval, on)
            return self.dialect.moved(day, sign * duration.months, sign * duration.days)

        return self.index.on_date(self.pathway, printed)
