"""The report as one page: a single HTML file that asks for nothing else and needs no script."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from ischio.cohort.called import Called
from ischio.cohort.quality import SYNTHETIC
from ischio.cohort.tables import HIDDEN, Shown
from ischio.cohort.tabulated import gate_key, hips_key, on_pathway_key, review_key
from ischio.interfaces.cohort.content import Block, Head, Section, Sheet, told
from ischio.interfaces.cohort.sections import sections
from ischio.interfaces.look.documents import document
from ischio.interfaces.words import day
from ischio.model.pathway import Pathway


@dataclass(frozen=True, slots=True)
class Made:
    """How a report was made. command: as it was given, but for the folder written to; facts: names and values."""

    command: str
    facts: tuple[tuple[str, str], ...]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    title: str
    subtitle: str
    notices: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    command: str
    made: tuple[tuple[str, str], ...]
    footing: tuple[str, ...]


def report(
    shown: Shown, pathway: Pathway, dates: tuple[date, ...], made: Made, further: Sequence[Section] = ()
) -> Report:
    """further: sections of measures, outcomes and intake, told before what the report cannot show."""
    return Report(
        title=f"{pathway.title}: a registry",
        subtitle=f"{told(shown.counts['persons'])} persons on {day(dates[-1])}",
        notices=(*_synthetic(shown), *made.notices, *_hiding(shown)),
        keys=tuple(_keys(shown, pathway, dates[-1])),
        sections=(
            *sections(shown, pathway, dates),
            *further,
            _limits(shown, pathway),
            _made(pathway, dates[-1]),
        ),
        command=made.command,
        made=made.facts,
        footing=tuple(pathway.statements),
    )


def page(made: Report) -> str:
    """The whole page."""
    return document(__package__, "report", also=("chart",), report=made)


def _synthetic(shown: Shown) -> Iterator[str]:
    """That people were made up, if any were."""
    synthetic, persons = shown.counts[SYNTHETIC], shown.counts["persons"]
    if synthetic == 0:
        return
    if synthetic == persons:
        yield (
            f"All {told(persons)} persons are synthetic: they do not exist. Nothing here says anything about real "
            "people, how common something is, or how a treatment works."
        )
    elif synthetic is HIDDEN:
        yield "Some of these persons are synthetic: they do not exist, and every figure here is mixed with theirs."
    else:
        yield (
            f"{told(synthetic)} of {told(persons)} persons are synthetic: they do not exist, and every figure here is "
            "mixed with theirs."
        )


def _hiding(shown: Shown) -> Iterator[str]:
    if shown.least is None:
        yield (
            "Small counts are shown. Somebody who knows a person may know them again from such a count: keep this "
            "report where the records are kept."
        )
    elif shown.any_hidden:
        yield (
            f"Counts from 1 to {shown.least - 1} are hidden, and with them those from which they could be worked back. "
            "Hidden is not zero."
        )


def _keys(shown: Shown, pathway: Pathway, on: date) -> Iterator[tuple[str, str]]:
    """The first numbers of the page; one that is hidden is told in its table alone."""
    called = Called.by(pathway)
    titles = {
        "persons": "Persons",
        hips_key(on): called.Hips,
        on_pathway_key(on): f"{called.Hips} on the pathway",
        gate_key(on, "all", "unknown"): "Gate ahead not known",
        review_key(on, "all", "overdue"): "Reviews overdue",
    }
    return ((title, told(count)) for key, title in titles.items() if (count := shown.counts[key]) is not HIDDEN)


LIMITS = (
    "No cause and effect. Those who are treated in one way differ from those who are treated in another, in ways that "
    "records do not hold. Nothing here says that a treatment helped.",
    "Only what was written down and could be read. What is not recorded is not known: it is never taken for no, and it "
    "is not proof that something was left undone.",
    "{called.Hips} are counted, unless persons are named. Two {called.hips} of one person are not independent; the "
    "intervals treat them as if they were.",
    "The people are those whose records were given. Whether they are like others with the complaint cannot be told.",
    "Each day is judged by what had happened by then, also if it was written down later: how things were, and not what "
    "was known then.",
)
ALONG = (
    "What changes by the mere passing of time (a value that grows stale, a trial that grows long enough) is seen on "
    "the next day on which something is recorded, so a stay may seem a little long.",
)
TWO_REPORTS = (
    "Hiding works within this report. Two reports about nearly the same people, laid side by side, may tell small "
    "counts by their difference.",
)


def _limits(shown: Shown, pathway: Pathway) -> Section:
    limits = (limit.format(called=Called.by(pathway)) for limit in LIMITS)
    items = (*limits, *(ALONG if "stays" in shown.tables else ()), *(TWO_REPORTS if shown.least else ()))
    return Section("limits", "What this cannot show", items=items)


def _made(pathway: Pathway, on: date) -> Section:
    """The command and versions stand in the page itself; the parameters are a table."""
    rows = tuple(_parameters(pathway, on))
    heads = (Head("Parameter", False), Head("Value on the cohort's date", False), Head("Set by", False))
    return Section("made", "How this was made", blocks=(Block(sheet=Sheet("Parameters", heads, rows, folded=True)),))


def _parameters(pathway: Pathway, on: date) -> Iterator[tuple[str, ...]]:
    for parameter in pathway.parameters.values():
        value = parameter.on(on)
        words = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        yield parameter.about.title, words, "the site" if parameter.overridden else "the pathway"
