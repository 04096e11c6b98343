"""The events that match a fact on one date: for certain, possibly, and those passed over."""

from collections.abc import Sequence
from datetime import date

from ischio.model.facts import Selection
from ischio.model.frozen import frozen
from ischio.model.truth import FALSE, TRUE, UNKNOWN, Truth, conjunction
from ischio.record.bounds import Bounds, Moment, bounds_of
from ischio.record.dossier import Matches
from ischio.record.events import Ignored, State
from ischio.record.occurrence import Occurrence
from ischio.record.reading import Reading


@frozen(eq=False)
class Selected:
    """certain, possible: within bounds for certain, or as far as the dates tell. unsided, incomplete: as of Matches,
    those that may lie within bounds. ignored: not used on this date, whatever else there is.
    """

    bounds: Bounds
    certain: Sequence[Reading]
    possible: Sequence[Reading]
    unsided: Sequence[Reading]
    incomplete: Sequence[Reading]
    ignored: Sequence[Ignored]

    @property
    def unclear(self) -> State:
        """Why a possible match is not certain."""
        refused = State.VALUE_REFUSED if any(reading.maybe for reading in self.possible) else None
        return refused or self.bounds.unclear or State.IMPRECISE_DATE

    @property
    def obstacle(self) -> State | None:
        """Why the want of a certain match is no absence; None if nothing stands in the way."""
        if self.possible:
            return self.unclear
        if self.unsided:
            return State.SIDE_NOT_GIVEN
        return State.NOT_ASKED if self.incomplete else None

    def passed_over(self, since: date = date.min) -> tuple[Ignored, ...]:
        """What was not used, with the reason. since: leave out unsided and incomplete events of before."""
        if not (self.ignored or self.unsided or self.incomplete):
            return ()
        unsided = (Ignored(r.source, "its side is not given") for r in self.unsided if r.when.starts.latest >= since)
        incomplete = (Ignored(r.source, r.why) for r in self.incomplete if r.when.starts.latest >= since)
        return tuple(sorted((*self.ignored, *unsided, *incomplete), key=lambda ignored: (ignored.source, ignored.why)))


def select(selection: Selection, matches: Matches, moment: Moment, newest: bool = False) -> Selected:
    """The matches that count on the date. What was not used is found in full only if the moment is for telling.

    newest: only the newest certain match and its rivals are asked for, so that all before them can be left out.
    """
    bounds = bounds_of(selection, moment)
    looked_at = None if moment.telling else bounds
    lifting, anyones = matches.lifting, matches.lifting + matches.unsided_lifting
    own, others = [matches.own], [matches.unsided]
    if _counts_unsided(selection, moment):
        own, others, lifting = own + others, [], anyones
    certain: list[Reading] = []
    possible: list[Reading] = []
    ignored = list(matches.dropped)
    for chronicle in own:
        for reading, reached in chronicle.newest_first(looked_at):
            if newest and certain and reached < certain[0].when.starts.earliest:
                break  # this one and all before it are over before the newest began
            within = bounds.hold(reading.when, reading.when.code in selection.begun_values)
            lifted = _lifted(reading.when, lifting, moment.index) if lifting else FALSE
            if selection.while_it_lasts:
                within = conjunction((within, _lasts(reading.when, moment.index)))
            if lifted is TRUE:
                ignored.append(Ignored(reading.source, "taken back later"))
            elif within is TRUE and lifted is FALSE and not reading.maybe:
                certain.append(reading)
            elif within is TRUE or within is UNKNOWN:
                possible.append(reading)
            elif bounds.ahead(reading.when):
                ignored.append(Ignored(reading.source, "dated in the future"))
    unsided: list[Reading] = []
    for reading in [reading for chronicle in others for reading, _ in chronicle.newest_first(looked_at)]:
        if anyones and _lifted(reading.when, anyones, moment.index) is TRUE:
            ignored.append(Ignored(reading.source, "taken back later"))
        elif bounds.hold(reading.when) is not FALSE:
            unsided.append(reading)
            if not moment.telling:
                break  # one stands in the way as well as many
    incomplete: list[Reading] = []
    for reading, _ in matches.incomplete.newest_first(looked_at):
        if bounds.hold(reading.when) is not FALSE:
            incomplete.append(reading)
            if not moment.telling:
                break
    return Selected(bounds, certain, possible, unsided, incomplete, ignored)


def _counts_unsided(selection: Selection, moment: Moment) -> bool:
    """Whether what has no side counts for this hip as its own."""
    if selection.unsided_when is None or moment.known[selection.unsided_when].value is not True:
        return False
    return not any(moment.known[fact].value is True for fact in selection.unsided_unless)


def _lasts(when: Occurrence, index: date) -> Truth:
    """Whether it is not over yet. What is written with one date counts as what was true on that day, and has no end."""
    if when.event.start == when.event.end or when.ends.earliest >= index:
        return TRUE
    return FALSE if when.ends.latest < index else UNKNOWN


def _lifted(when: Occurrence, lifting: Sequence[Occurrence], index: date) -> Truth:
    """Whether it was taken back by a later word on the same concept, as far as the dates tell."""
    begun = [other for other in lifting if other.event.concept == when.event.concept and other.starts.earliest <= index]
    if any(when.starts.latest < other.starts.earliest and other.starts.latest <= index for other in begun):
        return TRUE
    return UNKNOWN if any(when.starts.earliest < other.starts.latest for other in begun) else FALSE
