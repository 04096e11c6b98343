"""What differs between the answers of two versions: positions, rules and reviews, without the reasons.

The whole assessment of somebody of whom little is known takes most of its time for what would open a gate. Here only
what differs is wanted.
"""

from collections.abc import Iterator
from dataclasses import replace

from ischio.engine.answer import Answer
from ischio.engine.compare import moved
from ischio.engine.position import positions
from ischio.engine.status import Status
from ischio.model.about import Side
from ischio.model.comparison import Changes, Comparison, DateChange, TruthChange


def compared(before: Answer, after: Answer) -> Comparison:
    """What differs between two answers, part by part; an action that only one version has and that does not apply is
    no difference."""
    found = [
        _without_what_never_applied(moved(was, now))
        for was, now in zip(positions(before), positions(after), strict=True)
    ]
    for place, side in enumerate(Side):
        rules, review = tuple(_rules(before, after, side)), _review(before, after, side)
        found[place] = replace(found[place], rules=rules, review=review)
    return Comparison(tuple(changes for changes in found if changes != Changes(changes.part)))


def _without_what_never_applied(changes: Changes) -> Changes:
    nothing = (None, Status.NOT_APPLICABLE.value)
    kept = (each for each in changes.actions if each.before not in nothing or each.after not in nothing)
    return replace(changes, actions=tuple(kept))


def _rules(before: Answer, after: Answer, side: Side) -> Iterator[TruthChange]:
    """The criteria of both versions whose truth differs, gates and diversions among them."""
    for name, criterion in after.pathway.criteria.items():
        if name in before.pathway.criteria:
            was, now = (answer.hips[side].truth(name) for answer in (before, after))
            if was is not now:
                yield TruthChange(name, criterion.about.title, was, now)


def _review(before: Answer, after: Answer, side: Side) -> DateChange | None:
    was, now = (review.date if (review := answer.review(side)) else None for answer in (before, after))
    return DateChange(was, now) if was != now else None
