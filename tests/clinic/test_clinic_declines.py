"""Deciding against an action: kept with its reason and rule, shown in the chart, and told to the authors."""

import pytest

from ischio.clinic.clinic import Clinic
from ischio.clinic.declines import DeclineRefused
from ischio.model.about import Scope, Side
from ischio.store.entries import Access, Known


def action(clinic: Clinic, scope: Scope) -> str:
    return next(name for name, each in clinic.knowledge.pathway.actions.items() if each.scope is scope)


def test_a_decline_stands_in_the_chart_with_who_and_why(clinic: Clinic, anna: Known, by: Access):
    rule = action(clinic, Scope.HIP)
    id = clinic.declines.decline(anna, rule, Side.LEFT, "action-completed", by, " Done <b>elsewhere</b>. ")
    (found,) = clinic.declines.of(anna, by)
    assert (found.id, found.rule, found.side, found.by) == (id, rule, Side.LEFT, by)
    assert (found.reason, found.comment) == ("action-completed", "Done <b>elsewhere</b>.")
    assert found.pathway_version == clinic.knowledge.pathway.version
    assert clinic.store.audit.verify().sound


def test_the_audit_names_neither_the_reason_nor_the_comment(clinic: Clinic, anna: Known, by: Access):
    clinic.declines.decline(anna, action(clinic, Scope.HIP), Side.LEFT, "cds-not-applicable", by, "Anna said no")
    *_, last = clinic.store.audit.entries()
    assert (last.what, last.whom, last.why) == ("decline", anna.whom, "")


def test_the_authors_see_the_rules_most_often_declined_first_and_nobody_s_name(clinic: Clinic, anna: Known, by: Access):
    often, once = action(clinic, Scope.HIP), action(clinic, Scope.PERSON)
    clinic.declines.decline(anna, often, Side.LEFT, "action-completed", by)
    clinic.declines.decline(anna, once, None, "cds-not-applicable", by)
    clinic.declines.decline(anna, often, Side.RIGHT, "action-completed", by, "twice now")
    first, second = clinic.declines.by_rule("north", by)
    assert (first.rule, first.count, dict(first.reasons)) == (often, 2, {"action-completed": 2})
    assert [remark.text for remark in first.remarks] == ["twice now"]
    assert (second.rule, second.count) == (once, 1)
    assert anna.id not in repr((first, second))
    assert clinic.declines.by_rule("south", by) == ()


@pytest.mark.parametrize(
    ("rule", "side", "reason", "comment", "what"),
    [
        ("no_such_rule", Side.LEFT, "action-completed", "", "no such action"),
        (Scope.HIP, None, "action-completed", "", "belongs to the hip"),
        (Scope.PERSON, Side.LEFT, "action-completed", "", "belongs to the person"),
        (Scope.HIP, Side.LEFT, "because", "", "No reason is chosen"),
        (Scope.HIP, Side.LEFT, "action-completed", "x" * 2001, "2001 letters"),
    ],
)
def test_what_cannot_be_declined(clinic: Clinic, anna: Known, by: Access, rule, side, reason, comment, what):
    name = rule if isinstance(rule, str) else action(clinic, rule)
    with pytest.raises(DeclineRefused, match=what):
        clinic.declines.decline(anna, name, side, reason, by, comment)
    assert clinic.declines.of(anna, by) == ()
