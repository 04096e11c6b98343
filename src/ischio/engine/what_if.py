"""What if facts were otherwise: the same pathway asked twice, and the difference. Nothing is written anywhere."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from ischio.engine.ahead import ahead
from ischio.engine.answer import Answer
from ischio.engine.assess import assess
from ischio.engine.compare import compare
from ischio.engine.following import following
from ischio.engine.judge import shown, unit_shown
from ischio.engine.position import positions
from ischio.engine.sensitivity import measured, sensitivities
from ischio.model.about import Side
from ischio.model.assessment import Assessment
from ischio.model.comparison import Changes, Comparison
from ischio.model.pathway import Pathway
from ischio.model.what_if import Supposed, WhatIf
from ischio.record.events import Record
from ischio.record.supposition import Supposition, suppose

CONTRACT = "1.0"


def what_if(pathway: Pathway, record: Record, index: date, suppositions: Sequence[Supposition]) -> WhatIf:
    """The answer as it is, the answer with the suppositions, what differs, and what would open the gate ahead.

    A supposition of what is so already changes nothing. What always follows from the others is supposed with them.
    """
    now = Answer(pathway, record, index)
    new = [one for one in suppositions if _before(now, one) != (type(one.value), one.value)]
    alike = tuple(_of_one_measurement(now, suppositions, new))
    follow = (*alike, *following(pathway, record, index, (*new, *alike)))
    then = Answer(pathway, suppose(record, (*new, *follow)), index)
    before, after = (assess(pathway, answer.record, index) for answer in (now, then))
    told = (*((one, one in new, False) for one in suppositions), *((one, True, True) for one in follow))
    return WhatIf(
        CONTRACT,
        False,
        before.pathway,
        index,
        before.patient,
        tuple(_supposed(now, *each) for each in told),
        positions(now),
        positions(then),
        _difference(before, after),
        tuple(sensitivities(then)),
        tuple(found for hip in then.hips.values() if (found := ahead(hip)) is not None),
    )


def _before(now: Answer, supposition: Supposition) -> tuple[type, object]:
    """The value of the fact as it is, with its type: 1 equals True, and is another value."""
    value = now.facts[supposition.side or Side.RIGHT][supposition.fact].value
    return type(value), value


def _of_one_measurement(
    now: Answer, suppositions: Sequence[Supposition], new: Sequence[Supposition]
) -> Iterator[Supposition]:
    """The same of the other facts that hold the measurement which is supposed to be otherwise."""
    stated = {(one.fact, one.side) for one in suppositions}
    for one in new:
        for facts in measured(now.pathway, now.facts[one.side or Side.RIGHT]):
            if one.fact in facts:
                yield from (replace(one, fact=fact) for fact in facts if (fact, one.side) not in stated)


def _supposed(now: Answer, supposition: Supposition, differs: bool, follows: bool) -> Supposed:
    type_ = now.pathway.facts[supposition.fact].type
    return Supposed(
        supposition.side.value if supposition.side is not None else "person",
        supposition.fact,
        shown(type_, now.facts[supposition.side or Side.RIGHT][supposition.fact].value),
        shown(type_, supposition.value),
        unit_shown(type_),
        differs,
        follows,
    )


def _difference(before: Assessment, after: Assessment) -> Comparison:
    """What differs but for `valid_until`: what is supposed has no date, and so it would never grow old."""
    parts = (replace(part, valid_until=None) for part in compare(before, after).parts)
    return Comparison(tuple(part for part in parts if part != Changes(part.part)))
