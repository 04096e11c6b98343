"""The patient's own numbers, as the handout tells them."""

from collections.abc import Iterator

from ischio.clinic.released import Released
from ischio.interfaces.handout.content import OwnNumber
from ischio.interfaces.scores import score_charts
from ischio.model.pathway import Pathway
from ischio.record.events import Record


def own_numbers(pathway: Pathway, record: Record, released: Released) -> Iterator[OwnNumber]:
    """The first and last reading of each score of the side, where there are two."""
    for chart in score_charts(pathway, record, released.side, released.on, ()):
        if len(chart.known) > 1:
            first, last = chart.known[0].score, chart.known[-1].score
            yield OwnNumber(chart.id, first, last, chart.higher_is_better)
