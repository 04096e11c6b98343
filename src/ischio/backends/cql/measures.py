"""Measures as CQL defines of one hip, so that any engine can ask them on a day that it gives as Index."""

from collections.abc import Iterator

from ischio.backends.cql.text import define, rests_on
from ischio.language.text import to_text
from ischio.model.measures import Measure
from ischio.model.pathway import Pathway

COUNTS, LEFT_OUT, MET, KNOWN = "counts", "left out", "met", "known"


def measure_defines(pathway: Pathway) -> Iterator[str]:
    """The defines of every measure: of which hips it asks, which it leaves out, the answer, and whether that is known.

    A measure about a day asks of a hip only where Index is that day.
    """
    for measure in pathway.measures.values():
        about = (f"Measure: {measure.about.title}. {measure.about.sentence}", rests_on(pathway, measure.about))
        yield define(part(measure, COUNTS), _counts(measure), *about)
        left_in = ""
        if measure.leaves_out is not None:
            yield define(part(measure, LEFT_OUT), to_text(measure.leaves_out))
            left_in = f' and "{part(measure, LEFT_OUT)}" is false'
        yield define(part(measure, MET), to_text(measure.met))
        known = f'"{part(measure, COUNTS)}" is true{left_in} and "{part(measure, MET)}" is not null'
        yield define(part(measure, KNOWN), known)


def part(measure: Measure, name: str) -> str:
    """The name of one of its defines."""
    return f"{measure.id}: {name}"


def _counts(measure: Measure) -> str:
    counts = to_text(measure.counts)
    return counts if measure.on is None else f"{measure.on} = Index and ({counts})"
