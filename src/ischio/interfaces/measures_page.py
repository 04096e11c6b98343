"""The manual page of the measures and outcomes of a pathway, made from its knowledge files."""

from collections.abc import Iterable, Iterator

from ischio.engine.evidence import certainty, shown_evidence
from ischio.interfaces.rule_parts import interval_text
from ischio.language.text import to_text
from ischio.model.about import About
from ischio.model.measures import Days, Measure, Milestone, Outcome, Outcomes, TimeTo
from ischio.model.pathway import Pathway

HEAD = """# Measures and outcomes

This page is made from measures.yaml (`make generated`); do not edit it. What the words mean:
[what is counted over many hips](../explanation/measures.md). No measure was validated and none has a target.
"""


def measures_page(pathway: Pathway) -> str:
    """The whole page, in Markdown."""
    lines = [HEAD, "## Measures", "", *(() if pathway.measures else ("This pathway has none.",))]
    for measure in pathway.measures.values():
        lines += _measure(pathway, measure)
    if pathway.outcomes is not None:
        lines += _outcomes(pathway, pathway.outcomes)
    return "\n".join(lines).rstrip() + "\n"


def _measure(pathway: Pathway, measure: Measure) -> Iterator[str]:
    which = "every day of" if measure.days is Days.EVERY else "the day of"
    yield from _head(measure.id, measure.about)
    yield from _rows(
        ("asked on", "the date of the cohort" if measure.on is None else f"{which} `{measure.on}`"),
        ("counts", f"`{to_text(measure.counts)}`"),
        ("leaves out", "-" if measure.leaves_out is None else f"`{to_text(measure.leaves_out)}`"),
        ("met", f"`{to_text(measure.met)}`"),
        ("better", measure.better.value),
        ("rests on", _basis(pathway, measure.about)),
    )


def _outcomes(pathway: Pathway, told: Outcomes) -> Iterator[str]:
    yield "## Outcomes"
    yield ""
    yield f"Baseline: {told.baseline.about.sentence}"
    yield ""
    for outcome in told.scores.values():
        yield from _outcome(pathway, outcome)
    yield from _listing("Milestones", ((each.id, each.about, _milestone(each)) for each in told.milestones.values()))
    windows = (
        (
            each.id,
            each.about,
            f"{interval_text(each.first)} to {interval_text(each.last)}; {_basis(pathway, each.about)}",
        )
        for each in told.follow_ups.values()
    )
    yield from _listing("Follow-ups", windows)
    yield from _listing("Waiting times", ((each.id, each.about, _time(each)) for each in told.times.values()))


def _outcome(pathway: Pathway, outcome: Outcome) -> Iterator[str]:
    yield from _head(outcome.id, outcome.about)
    yield from _rows(
        ("score", f"`{outcome.value}`, {outcome.better.value} is better"),
        ("since", ", ".join(f"`{name}`" for name in outcome.since)),
        ("rests on", _basis(pathway, outcome.about)),
        *(
            (f"mark: {each.of.value}", f"`{each.parameter}`: {_mark(pathway, each.parameter)}")
            for each in outcome.thresholds
        ),
    )


def _mark(pathway: Pathway, name: str) -> str:
    """A threshold with what it rests on: the population it comes from stands in its claims."""
    parameter = pathway.parameters[name]
    claims = shown_evidence(pathway, parameter.about.evidence)
    told = " ".join(pathway.claims[claim].statement for claim in claims)
    return f"{parameter.values[-1].value}; {parameter.about.label.value}. {told}"


def _milestone(milestone: Milestone) -> str:
    parts = [f"stage `{milestone.stage}`"] if milestone.stage else []
    parts += [f"day of `{milestone.day_of}`"] if milestone.day_of else []
    parts += [f"`{to_text(milestone.when)}`"] if milestone.when is not None else []
    return ", ".join(parts)


def _time(time: TimeTo) -> str:
    return f"`{time.since}` to `{time.to}`; competing: {', '.join(f'`{name}`' for name in time.competing) or 'none'}"


def _basis(pathway: Pathway, about: About) -> str:
    claims = ", ".join(shown_evidence(pathway, about.evidence))
    return f"{about.label.value}; certainty {certainty(pathway, about.label, about.evidence)}" + (
        f"; {claims}" if claims else ""
    )


def _head(name: str, about: About) -> Iterator[str]:
    yield f"### {about.title}"
    yield ""
    yield f"`{name}`. {about.sentence}" + (f" {about.note}" if about.note else "")
    yield ""


def _rows(*rows: tuple[str, str]) -> Iterator[str]:
    yield "| | |"
    yield "| --- | --- |"
    yield from (f"| {name} | {text} |" for name, text in rows)
    yield ""


def _listing(title: str, rows: Iterable[tuple[str, About, str]]) -> Iterator[str]:
    yield f"## {title}"
    yield ""
    yield "| id | says | is |"
    yield "| --- | --- | --- |"
    yield from (f"| `{name}` | {about.sentence} | {what} |" for name, about, what in rows)
    yield ""
