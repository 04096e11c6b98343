"""Cards and what became of them: why there was none, which are quieted, and feedback that is told twice."""

import pytest
from store_samples import ANNA, BERT, CLIENT, CLINICIAN, NOON, OTHER_ANNA, card, told

from ischio.store.entries import Access, CardOutcome, Feedback, Outcome, Person, Taken
from ischio.store.store import Store


def test_a_card_is_found_again_with_the_rule_version_that_made_it(store: Store):
    store.cards.show(card("one"), card("two", side=None, stage=None, indicator=None, rules=()))
    assert store.cards.card("one", CLINICIAN) == card("one")
    assert store.cards.card("two", CLINICIAN) == card("two", side=None, stage=None, indicator=None, rules=())
    assert store.cards.card("three", CLINICIAN) is None


def test_a_call_without_a_card_says_why(store: Store):
    store.cards.show(card("one", why="nothing due", has_card=False, indicator=None))
    found = store.cards.card("one", CLINICIAN)
    assert found is not None
    assert (found.has_card, found.why) == (False, "nothing due")


SHOWN, AGAIN, CHANGED = card("a", "x"), card("b", "x"), card("b", "y")
LATER = card("c", "x")
NO_CARD = card("b", "x", has_card=False)
QUIET = [
    # what happened, in order: cards shown, and the ids of those told about; is a card that says x quieted now?
    ("nothing was shown", [], None),
    ("shown, and nothing told", [SHOWN], None),
    ("shown and accepted", [SHOWN, "a"], "a"),
    ("accepted, then a call that gave none", [SHOWN, "a", NO_CARD], "a"),
    ("shown twice, the first accepted", [SHOWN, AGAIN, "a"], "a"),
    ("something else was shown since", [SHOWN, "a", CHANGED], None),
    ("something else was shown since, and accepted", [SHOWN, "a", CHANGED, "b"], None),
    ("it says the same again after something else", [SHOWN, "a", CHANGED, LATER], None),
    ("the same again after something else, and accepted", [SHOWN, CHANGED, LATER, "c"], "c"),
    ("the old one was accepted too late", [SHOWN, CHANGED, LATER, "a"], None),
]


@pytest.mark.parametrize("outcome", CardOutcome)
@pytest.mark.parametrize(("steps", "by"), [row[1:] for row in QUIET], ids=[row[0] for row in QUIET])
def test_what_was_told_quiets_a_card_until_it_says_something_else(
    store: Store, steps: list[object], by: str | None, outcome: CardOutcome
):
    for step in steps:
        if isinstance(step, str):
            assert store.feedback.take("next-step", [told(step, outcome)], CLIENT) == (Taken.NEW,)
        else:
            store.cards.show(step)  # type: ignore[arg-type]  # what no caller should send
    quieted = store.cards.quieted(ANNA, "next step", "x", NOON)
    assert (quieted and quieted.uuid) == by


CODED = told("a", CardOutcome.OVERRIDDEN, reason=("https://reasons.example", "later"))
IN_WORDS = told("a", CardOutcome.OVERRIDDEN, comment="explained by the fall last week")
RED_FLAG = [
    # what was told of a card that only a reason quiets; is it quiet now?
    ("nothing", [], False),
    ("one suggestion accepted", [told("a", suggestions=("s1",))], False),
    ("every suggestion accepted", [told("a", suggestions=("s1", "s2"))], False),
    ("overridden without a reason", [told("a", CardOutcome.OVERRIDDEN)], False),
    ("overridden with an empty comment", [told("a", CardOutcome.OVERRIDDEN, comment="  ")], False),
    ("accepted with a comment", [told("a", suggestions=("s1",), comment="done")], False),
    ("overridden with a coded reason", [CODED], True),
    ("overridden in words", [IN_WORDS], True),
    ("a suggestion accepted, and overridden with a reason", [told("a", suggestions=("s1",)), CODED], True),
    ("overridden with a reason, and a suggestion accepted", [CODED, told("a", suggestions=("s1",))], True),
]


@pytest.mark.parametrize(("feedback", "quiet"), [row[1:] for row in RED_FLAG], ids=[row[0] for row in RED_FLAG])
def test_where_a_reason_is_asked_for_nothing_else_quiets(store: Store, feedback: list[Feedback], quiet: bool):
    store.cards.show(card("a", "x"))
    store.feedback.take("next-step", feedback, CLIENT)
    assert (store.cards.quieted(ANNA, "next step", "x", NOON, by_reason=True) is not None) is quiet
    store.cards.show(card("b", "y"), card("c", "x"))
    assert store.cards.quieted(ANNA, "next step", "x", NOON, by_reason=True) is None, "it was gone, and came back"


def test_feedback_is_of_those_to_whom_the_card_was_shown(store: Store):
    store.cards.show(card("a", "x"))
    another = Access("https://another.example", NOON)
    assert store.feedback.take("next-step", [told("a")], another) == (Taken.UNKNOWN_CARD,)
    assert store.cards.quieted(ANNA, "next step", "x", NOON) is None


def test_who_may_not_see_a_card_is_told_nothing_and_that_is_in_the_audit(store: Store):
    store.cards.show(card("a"))
    assert store.cards.card("a", CLINICIAN, lambda _: False) is None
    last = list(store.audit.entries())[-1]
    assert (last.outcome, last.whom, last.why) == (Outcome.REFUSED, ANNA, "not shown")


@pytest.mark.parametrize("who", [BERT, OTHER_ANNA])
def test_a_card_of_one_person_quiets_nobody_else(store: Store, who: Person):
    store.cards.show(card("a", "x"))
    store.feedback.take("next-step", [told("a")], CLIENT)
    assert store.cards.quieted(who, "next step", "x", NOON) is None
    assert store.cards.quieted(ANNA, "another key", "x", NOON) is None


def test_feedback_is_kept_once_however_often_it_is_told(store: Store):
    store.cards.show(card("a"), card("none", has_card=False))
    accepted = told("a", suggestions=("s1", "s2"))
    overridden = told("a", CardOutcome.OVERRIDDEN, reason=("https://reasons.example", "later"), comment="in\0 a month")
    batch = [accepted, told("who?"), accepted, overridden, told("none")]
    first = (Taken.NEW, Taken.UNKNOWN_CARD, Taken.SAME, Taken.NEW, Taken.UNKNOWN_CARD)
    again = (Taken.SAME, Taken.UNKNOWN_CARD, Taken.SAME, Taken.SAME, Taken.UNKNOWN_CARD)
    assert store.feedback.take("next-step", batch, CLIENT) == first
    assert store.feedback.take("next-step", batch, CLIENT) == again
    assert store.feedback.take("other", [accepted], CLIENT) == (Taken.OTHER_SERVICE,)
    kept = store.feedback.about("a", CLINICIAN)
    assert [(each.outcome, each.suggestions, each.reason) for each in kept] == [
        (CardOutcome.ACCEPTED, ("s1", "s2"), None),
        (CardOutcome.OVERRIDDEN, (), ("https://reasons.example", "later")),
    ]


@pytest.mark.parametrize("odd", ["a\0b", "\ud800", "' OR 1=1 --", "\N{SNOWMAN}" * 10_000, ""])
def test_odd_texts_are_kept_or_not_found_and_never_an_error(store: Store, odd: str):
    who = Person(odd, odd)
    store.cards.show(card("a", person=who, why=odd))
    assert store.cards.card(odd, CLINICIAN) is None
    assert store.feedback.take("next-step", [told(odd), told("a", comment=odd)], CLIENT)[1] is Taken.NEW
    assert store.cards.quieted(who, "next step", "review due", NOON)
    assert store.events.of(who, Access(odd, NOON)).events == ()
    assert store.audit.verify().sound


def test_more_than_ten_thousand_in_one_batch(store: Store):
    store.cards.show(card("a"))
    many = [told("a", comment=str(number)) for number in range(10_001)]
    assert set(store.feedback.take("next-step", many, CLIENT)) == {Taken.NEW}
    assert set(store.feedback.take("next-step", many, CLIENT)) == {Taken.SAME}


def test_the_words_of_feedback_do_not_enter_the_audit(store: Store):
    store.cards.show(card("a"))
    store.feedback.take("next-step", [told("a", comment="CANARY")], CLIENT)
    store.feedback.about("a", CLINICIAN)
    store.cards.card("a", CLINICIAN)
    entries = list(store.audit.entries())
    assert "CANARY" not in repr(entries)
    assert [(each.action.name, each.what, each.whom) for each in entries][1:] == [
        ("CREATE", "card", ANNA),
        ("CREATE", "feedback", ANNA),
        ("READ", "feedback", ANNA),
        ("READ", "card", ANNA),
    ]
