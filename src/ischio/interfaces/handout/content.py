"""The handout as texts in one language: what was released, and nothing else of the pathway.

The page and the PDF are made from the same texts, so that neither can say something of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from gettext import NullTranslations

from ischio.clinic.released import Released, can_be_told
from ischio.interfaces.locale.catalogue import catalogue, primary, spoken_day, spoken_number
from ischio.model.about import NONE_YET, Side
from ischio.model.assessment import Assessment
from ischio.model.pathway import Pathway
from ischio.model.patient import ENGLISH, Headed, Lines, PatientWords, Phrase, RedFlagBox


@dataclass(frozen=True, slots=True)
class Whose:
    """For whom the handout is, and by whom. phone: of the organisation. Each may be empty."""

    name: str = ""
    organisation: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class OwnNumber:
    """A score of the patient's own: its first and last reading. id: of the outcome."""

    id: str
    first: Decimal
    last: Decimal
    higher_is_better: bool


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the way. here: the patient is there."""

    title: Phrase
    here: bool


@dataclass(frozen=True, slots=True)
class ToDo:
    """Something to do. dose: of an exercise, in the clinician's own words."""

    title: Phrase
    text: Phrase
    dose: str = ""


@dataclass(frozen=True, slots=True)
class Handout:
    """Every text of a handout. language: BCP 47; labels: the headings, by a key of `_labels`. way: empty beside it."""

    language: str
    labels: Mapping[str, str]
    whose: tuple[str, ...]
    organisation: str
    phone: str
    box: RedFlagBox
    condition: Headed | None
    stage: Headed | None
    way: tuple[Step, ...]
    message: str
    to_do: tuple[ToDo, ...]
    forms: bool
    positions: Lines | None
    numbers: tuple[str, ...]
    unknowns: Lines
    next_visit: str
    made_from: tuple[str, ...]


def words_of(pathway: Pathway, language: str) -> PatientWords | None:
    """The words in a language, or else in English; None where the pathway has none for patients."""
    return pathway.patient.get(primary(language)) or pathway.patient.get(ENGLISH)


def handout(
    released: Released, pathway: Pathway, whose: Whose, numbers: Iterable[OwnNumber] = (), language: str = ENGLISH
) -> Handout:
    """The handout of what was released. language: one of `pathway.patient`; another one gives English.

    Released actions that have no words for patients are left out.
    """
    words = words_of(pathway, language) or pathway.patient[ENGLISH]
    spoken = catalogue(words.language)
    stage = words.stages.get(released.stage)
    named = {*released.actions, *(one.component for one in released.exercises)}
    shown = not named.isdisjoint(words.positions_with)
    return Handout(
        language=words.language,
        labels=_labels(spoken),
        whose=tuple(
            part for part in (whose.name, side_told(pathway, released.side, spoken), _day(released, words)) if part
        ),
        organisation=whose.organisation,
        phone=whose.phone,
        box=words.red_flags,
        condition=words.condition if stage else None,
        stage=stage,
        way=_way(released, pathway, words),
        message=released.message,
        to_do=tuple(_to_do(released, words)),
        forms=bool(released.forms),
        positions=words.positions if shown else None,
        numbers=tuple(_numbers(numbers, words, spoken)) if released.numbers else (),
        unknowns=words.unknowns,
        next_visit=spoken_day(released.next_visit, words.language) if released.next_visit else "",
        made_from=tuple(_made_from(released, pathway, words, spoken)),
    )


def may_be_released(pathway: Pathway, assessment: Assessment, side: str) -> tuple[str, ...]:
    """The actions that may be released of a side now."""
    hips = [hip.actions for hip in assessment.hips if hip.side == side]
    actions = (action for actions in (*hips, assessment.person.actions) for action in actions)
    return tuple(action.id for action in actions if can_be_told(pathway, action))


def _labels(spoken: NullTranslations) -> dict[str, str]:
    _ = spoken.gettext
    return {
        "title": _("Your plan"),
        "where": _("Where you are now"),
        "here": _("you are here"),
        "message": _("From your clinic"),
        "to_do": _("What to do"),
        "dose": _("How much"),
        "forms": _("Please answer your questions before your next visit."),
        "numbers": _("Your numbers"),
        "next_visit": _("Next visit"),
        "questions": _("Your questions for us"),
        "page": _("page {page} of {pages}"),
    }


def side_told(pathway: Pathway, side: Side, spoken: NullTranslations) -> str:
    """Which hip, in words."""
    _ = spoken.gettext
    hips = {Side.LEFT: _("left hip"), Side.RIGHT: _("right hip")}
    return hips[side] if pathway.body_part == "hip" else f"{side.value} {pathway.body_part}"


def _day(released: Released, words: PatientWords) -> str:
    return spoken_day(released.on, words.language)


def _way(released: Released, pathway: Pathway, words: PatientWords) -> tuple[Step, ...]:
    """The stages that come one after the other; none where the patient is in none of them."""
    ordered = [stage.id for stage in pathway.ordered_stages if stage.id in words.stages]
    if released.stage not in ordered:
        return ()
    return tuple(Step(words.stages[name].title, name == released.stage) for name in ordered)


def _to_do(released: Released, words: PatientWords) -> Iterator[ToDo]:
    """Exercises first, each with its dose; an action that is also an exercise is told once."""
    doses = {exercise.component: exercise.dose for exercise in released.exercises}
    rest = (name for name in released.actions if name not in doses)
    for name in (*doses, *rest):
        if told := words.actions.get(name):
            yield ToDo(told.title, told.text, doses.get(name, ""))


def _numbers(numbers: Iterable[OwnNumber], words: PatientWords, spoken: NullTranslations) -> Iterator[str]:
    _ = spoken.gettext
    for one in numbers:
        if name := words.scores.get(one.id):
            better = _("Higher is better.") if one.higher_is_better else _("Lower is better.")
            first, last = (spoken_number(value, words.language) for value in (one.first, one.last))
            if first == last:
                told = _("%(name)s: still %(last)s.") % {"name": name.text, "last": last}
            else:
                told = _("%(name)s: from %(first)s to %(last)s.") % {"name": name.text, "first": first, "last": last}
            yield f"{told} {better}"


def _made_from(released: Released, pathway: Pathway, words: PatientWords, spoken: NullTranslations) -> Iterator[str]:
    """What it was made from, who has reviewed it, and what it is not."""
    _ = spoken.gettext
    reviewed = {"when": spoken_day(pathway.reviewed, words.language)}
    yield _("Made from the pathway %(title)s %(version)s.") % {
        "title": pathway.title,
        "version": released.pathway_version,
    }
    yield _("Content checked on %(when)s by the project.") % reviewed
    if words.reviewer == NONE_YET:
        yield _("Not yet reviewed by an independent clinician.")
        if words.language != ENGLISH:
            yield _("Translated by machine. No translator has reviewed it yet.")
    else:
        yield _("Reviewed by %(who)s.") % {"who": words.reviewer}
    yield _("Not a medical device.")
    yield _("Your clinic chose what stands here.")
