"""The cases of the pathway, by what they show of a rule. They are run once, when somebody first asks."""

from functools import lru_cache

from ischio.engine.answer import Answer
from ischio.engine.cases import Truths, rules, showing, truths_of_rules
from ischio.interfaces.cli.reading import read_cases
from ischio.model.pathway import Pathway
from ischio.record.case_form import Case


def cases_of(pathway: Pathway, rule: str) -> tuple[tuple[Case, ...], tuple[Case, ...]]:
    """The cases in which a rule holds on a side, and those in which it holds on none; those written for it first."""
    return showing(rule, _truths(pathway)) if rule in rules(pathway) else ((), ())


@lru_cache(maxsize=2)
def _truths(pathway: Pathway) -> tuple[tuple[Case, Truths], ...]:
    """The pathway that is served is the one that is shipped, and so are its cases."""
    cases, _ = read_cases(pathway, None)
    return tuple((case, truths_of_rules(Answer(pathway, case.record, case.index_date))) for case in cases)
