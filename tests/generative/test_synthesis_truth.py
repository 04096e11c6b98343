"""The truth of synthetic people is told by a story that asks no rule; here it is held against the engine.

Both must come to the same stage wherever the record is whole, but for reasons that are named: otherwise the story is
wrong about care, or the engine is.
"""

import ast
from functools import cache
from pathlib import Path

from generative.story_and_engine import Compared, compared, figures_with, reason

from ischio.synthesis.figures import load_figures

PEOPLE = 120
SYNTHESIS = Path(__file__).parents[2] / "src" / "ischio" / "synthesis"


@cache
def at_last_score() -> tuple[Compared, ...]:
    return tuple(compared(PEOPLE, figures_with(()), at_last_score=True))


def told(found: tuple[Compared, ...]) -> list[tuple[str, str, str, str]]:
    return [(one.person.id, one.hip.side.value, *one.stages) for one in found]


def test_the_story_asks_no_rule():
    for path in SYNTHESIS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.startswith(("ischio.engine", "ischio.language", "ischio.backends")) for name in names)


def test_on_the_day_of_the_last_score_story_and_engine_put_a_hip_in_the_same_stage():
    same = sum(one.agree for one in at_last_score())
    assert len(at_last_score()) > 80
    assert same / len(at_last_score()) > 0.95


def test_on_that_day_they_agree_on_what_leads_away_from_the_pathway():
    """Who died after that day is not dead yet in the story."""
    differing = [one for one in at_last_score() if len(set(one.diversions)) > 1 and one.diversions[1] != "deceased"]
    assert told(tuple(differing)) == []


def test_where_they_differ_a_reason_is_known():
    without = tuple(one for one in at_last_score() if not one.agree and reason(one) is None)
    assert told(without) == []


def test_on_the_date_of_the_registry_a_reason_is_known_as_well():
    found = tuple(compared(PEOPLE, figures_with(())))
    without = tuple(one for one in found if not one.agree and reason(one) is None)
    assert told(without) == []
    assert sum(one.agree for one in found) / len(found) > 0.93


def test_flaws_cost_agreement_and_not_much_of_it():
    found = tuple(compared(PEOPLE, load_figures()))
    assert 0.80 < sum(one.agree for one in found) / len(found) < 0.95
