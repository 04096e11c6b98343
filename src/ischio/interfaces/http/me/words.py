"""What a patient is told of the pathway: one place, so that every page says the same as the handout."""

from ischio.clinic.released import Released
from ischio.interfaces.handout.content import Handout, Whose, handout, words_of
from ischio.interfaces.handout.numbers import own_numbers
from ischio.interfaces.locale.catalogue import primary
from ischio.model.pathway import Pathway
from ischio.model.patient import EMERGENCY, ENGLISH, Lines, Phrase, RedFlagBox
from ischio.record.events import Record

NOW, TODAY = "Call the emergency number now", "Call us today"


def box_of(pathway: Pathway, language: str) -> RedFlagBox:
    """When to call; of a pathway without words for patients, all its red flags by their titles."""
    words = words_of(pathway, language)
    if words is not None:
        return words.red_flags
    now = {one.fact: Phrase(one.about.title) for one in pathway.flags if one.urgency == EMERGENCY}
    rest = {one.fact: Phrase(one.about.title) for one in pathway.flags if one.urgency != EMERGENCY}
    flags = {one.fact: (one.fact,) for one in pathway.flags}
    return RedFlagBox(Lines(Phrase(NOW), now), Lines(Phrase(TODAY), rest), flags, ())


def told(pathway: Pathway, released: Released, record: Record, whose: Whose, language: str) -> Handout | None:
    """What was released of one hip, in words. None where the pathway has none for patients."""
    if ENGLISH not in pathway.patient:
        return None
    numbers = own_numbers(pathway, record, released) if released.numbers else ()
    return handout(released, pathway, whose, numbers, primary(language))
