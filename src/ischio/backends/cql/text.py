"""Small pieces of CQL text: comments, literals, lists, and the define of a name."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from textwrap import indent, wrap

from ischio.engine.evidence import shown_evidence
from ischio.model.about import About
from ischio.model.dates import Duration
from ischio.model.expression import ParameterValue
from ischio.model.facts import Interval
from ischio.model.mistake import IschioError, Mistake
from ischio.model.parameters import ParameterData, Quantity
from ischio.model.pathway import Pathway

WIDTH = 120


@dataclass(frozen=True, slots=True)
class Library:
    """A CQL library. text: the whole of it, ready to be written to NAME.cql."""

    name: str
    text: str


class NotExpressible(IschioError):
    """A node that CQL as printed here cannot express: which, why, and where it is written."""

    def __init__(self, node: str, why: str, about: About) -> None:
        place = about.place
        mend = "Write the rule otherwise, or leave it out of what is exported."
        super().__init__(Mistake(f"{node} cannot be exported as CQL: {why}.", mend, place.file, place.line, node))


def define(name: str, body: str, *comments: str) -> str:
    """A named expression under its comments; a body of several lines is indented below the name."""
    head = f"define {quoted(name)}:"
    short = f"{head} {body}"
    plain = "\n" not in body and len(short) <= WIDTH
    return "\n".join([*map(comment, comments), short if plain else f"{head}\n{indent(body, '  ')}"])


def quoted(name: str) -> str:
    """A name as CQL reads it: in quotes, unless it is one plain word."""
    return name if name.isidentifier() else f'"{name}"'


def comment(words: str) -> str:
    whole = " ".join(words.split())
    lines = wrap(whole, WIDTH, initial_indent="// ", subsequent_indent="// ", break_on_hyphens=False)
    return "\n".join(lines)


def rests_on(pathway: Pathway, about: About) -> str:
    """On what a rule rests: its label and its claims with their sources; unverified claims are not shown as fact."""
    shown = shown_evidence(pathway, about.evidence)
    if not shown:
        return f"{about.label.value.capitalize()}{', seed text only' if about.evidence else ''}."
    return f"{about.label.value.capitalize()}: {'; '.join(_cited(pathway, claim) for claim in shown)}."


def _cited(pathway: Pathway, claim: str) -> str:
    sources = [pathway.sources[name] for name in pathway.claims[claim].sources]
    where = [f"doi:{source.doi}" if source.doi else source.url or source.citation for source in sources]
    return f"{claim} ({', '.join(where)})" if where else claim


def text(words: str) -> str:
    """A string literal."""
    escaped = words.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def listed(items: Iterable[str]) -> str:
    """A list of expressions."""
    return f"{{ {', '.join(items)} }}"


def texts(words: Iterable[str]) -> str:
    """A list of string literals."""
    return listed(map(text, words))


def decimal(number: Decimal) -> str:
    """A decimal literal: a whole number gets its point, so that it is no integer."""
    written = f"{number.normalize():f}"
    return written if "." in written else f"{written}.0"


def value(data: ParameterData) -> str:
    """A parameter's value: a decimal without its unit, a duration, or a list of durations."""
    match data:
        case Quantity(amount, _):
            return decimal(amount)
        case Duration():
            return str(data)
        case _:
            return listed(map(str, data))


def interval(written: Interval) -> str:
    """A duration, or the parameter that is one."""
    return written.parameter if isinstance(written, ParameterValue) else str(written)


def one_of(conditions: Iterable[str]) -> str:
    """Kleene's or; false of none."""
    return "\n  or ".join(conditions) or "false"
