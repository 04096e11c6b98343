"""Why a call was answered as it was: the state of the pathway and the rules behind a card, or behind its absence.

Nothing of the person is told: an address that ends up in a log or a browser's history says nothing of anybody.
"""

from collections.abc import Iterator
from html import escape

from ischio.fhir.export.publication import Json
from ischio.interfaces.http.hooks.opinions import WORDS
from ischio.model.about import About
from ischio.model.pathway import Pathway
from ischio.store.entries import Card


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
    """The same as a plain page."""
    told = why(pathway, card)
    lines = "\n".join(_lines(told))
    title = f"{escape(pathway.title)}: why {'this card' if card.has_card else 'no card'}"
    return f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><title>{title}</title>\n<h1>{title}</h1>\n{lines}\n'


def _lines(told: Json) -> Iterator[str]:
    yield f"<p>{escape(told['words'])}</p>"
    version = f"Pathway version {told['pathway']['version']}, answered at {told['answeredAt']}."
    yield f"<p>{escape(version)}</p>"
    if told["rules"]:
        yield "<h2>Rules</h2>\n<dl>"
        for rule in told["rules"]:
            label = rule.get("label", "not in this version")
            yield f"<dt>{escape(rule.get('title', rule['id']))} ({escape(label)})</dt>"
            yield f"<dd>{escape(rule.get('sentence', ''))} <code>{escape(rule['id'])}</code></dd>"
        yield "</dl>"
