"""Why a call was answered as it was: the state of the pathway and the rules behind a card, or behind its absence.

Nobody is named: an address that ends up in a log or a browser's history says nothing of anybody.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ischio.fhir.export.publication import Json
from ischio.interfaces.http.hooks.opinions import WORDS
from ischio.interfaces.http.whose import NOBODY
from ischio.interfaces.page import page
from ischio.interfaces.words import day
from ischio.model.about import About
from ischio.model.pathway import Pathway
from ischio.remote.tokens import Client
from ischio.store.entries import Card

LINK_LASTS = timedelta(hours=24)
"""For so long the address tells whoever has it; after that the records system alone whose call it was."""


def may_ask(card: Card, client: Client, now: datetime) -> bool:
    """Whether the one who asks is told. client: by its token; NOBODY: somebody who has the address and no token."""
    if client is NOBODY:
        return now < card.shown_at + LINK_LASTS
    return client.issuer == card.client


def why(pathway: Pathway, card: Card) -> Json:
    """The kept card with the titles of its rules."""
    return {
        "call": card.uuid,
        "service": card.service,
        "hook": card.hook,
        "answeredAt": card.shown_at.isoformat(),
        "card": card.has_card,
        "why": card.why,
        "words": WORDS[card.why],
        "pathway": {"id": card.pathway_id, "version": card.pathway_version},
        **({"indicator": card.indicator} if card.indicator else {}),
        **({"side": card.side.value} if card.side else {}),
        **({"stage": card.stage} if card.stage else {}),
        "rules": [_rule(pathway, rule) for rule in card.rules],
    }


def _rule(pathway: Pathway, rule: str) -> Json:
    about = _abouts(pathway).get(rule)
    if about is None:  # of another version of the pathway
        return {"id": rule}
    return {"id": rule, "title": about.title, "sentence": about.sentence, "label": about.label.value}


def _abouts(pathway: Pathway) -> dict[str, About]:
    """What the rules that a card can rest on say of themselves, by id."""
    found = {name: one.about for rules in (pathway.facts, pathway.criteria) for name, one in rules.items()}
    found |= {one.id: one.about for rules in (pathway.stages, pathway.diversions) for one in rules}
    for action in pathway.actions.values():
        found |= {rule.id: rule.about for rule in (*action.stops, *action.strong_cautions, *action.cautions)}
    return found | {name: action.about for name, action in pathway.actions.items()}


def why_page(pathway: Pathway, card: Card) -> str:
    """The same as a page."""
    title = f"{pathway.title}: why {'this card' if card.has_card else 'no card'}"
    until = card.shown_at + LINK_LASTS
    closing = (
        f"This address names nobody. It opens until {_moment(until)}; after that for the records system alone.",
        "Options with reasons for a health professional, not a prescription.",
    )
    return page.why(title, list(_lines(pathway, card)), [_rule(pathway, rule) for rule in card.rules], closing)


def _lines(pathway: Pathway, card: Card) -> Iterator[str]:
    yield WORDS[card.why]
    stage = next((one.about.title for one in pathway.stages if one.id == card.stage), card.stage)
    side = f"{card.side.value.capitalize()} {pathway.body_part}" if card.side else ""
    if place := ", ".join(part for part in (side, stage) if part):
        yield f"{place}."
    yield f"Hook {card.hook}, answered {_moment(card.shown_at)} by version {card.pathway_version} of the pathway."


def _moment(at: datetime) -> str:
    """Such as 23 Nov 2026, 12:01 UTC."""
    return f"{day(at.date())}, {at:%H:%M} UTC"
