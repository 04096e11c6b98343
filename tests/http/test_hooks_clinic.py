"""C9: a clinic of 200 synthetic patients is not nagged."""

import json
from datetime import date

import msgspec
import pytest
from hook_calls import Clock, call, cards_of, no_server, prefetch, service

from ischio.interfaces.http.hooks.answering import Answerer
from ischio.synthesis.figures import load_figures
from ischio.synthesis.registry import write_person

PEOPLE, SEED, DAY = 200, 11, date(2026, 6, 1)
SHARE = 0.15
"""Of chart openings that may give a card above info."""


def test_few_charts_open_with_more_than_information(record_property: pytest.FixtureRequest) -> None:
    clock = Clock()
    clock.set_to(DAY)
    answerer, figures = Answerer(service(clock), no_server), load_figures()
    levels: list[str] = []
    for number in range(1, PEOPLE + 1):
        resources, _ = write_person(number, SEED, DAY, figures)
        # Texts of knowledge files know their line, and are told plainly.
        plain = json.loads(msgspec.json.encode(resources, enc_hook=str))
        found = cards_of(answerer, call("patient-view", prefetch(plain), patient=plain[0]["id"]))
        assert len(found) <= 1
        levels += [one["indicator"] for one in found] or ["none"]
    counts = {level: levels.count(level) for level in ("none", "info", "warning", "critical")}
    record_property("counted", f"{PEOPLE} chart openings of a synthetic clinic gave {counts}")
    assert (levels.count("warning") + levels.count("critical")) / PEOPLE <= SHARE
    assert counts["info"] > 0
    assert counts["none"] > 0
