"""Where in the plan an action stands: under the stage without which it cannot apply."""

from ischio.model.expression import AllOf, AnyOf, CriterionHolds, Expression
from ischio.model.pathway import Pathway
from ischio.model.rules import Action, Stage


def stage_of(action: Action, pathway: Pathway) -> Stage | None:
    """The furthest stage that the action's `when` requires; None for one that can apply whatever the stage.

    A condition above an action in the plan must never hide one that applies, so only what `when` implies counts.
    """
    needed = implied(action.when, pathway)
    own = [stage for stage in pathway.stages if not stage.ordered and stage.criterion in needed]
    entered = [stage for stage in pathway.ordered_stages if stage.criterion in needed]
    return own[0] if own else entered[-1] if entered else None


def implied(expression: Expression, pathway: Pathway) -> frozenset[str]:
    """Criteria that are true whenever the expression is, as far as its form shows."""
    match expression:
        case CriterionHolds(name):
            return frozenset((name,)) | implied(pathway.criteria[name].when, pathway)
        case AllOf(parts):
            return frozenset().union(*(implied(part, pathway) for part in parts))
        case AnyOf(parts):
            return frozenset.intersection(*(implied(part, pathway) for part in parts))
        case _:
            return frozenset()
