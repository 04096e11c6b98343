"""Malformed bodies: each is refused or answered, and none is a failure of the service; ten thousand in `make fuzz`."""

import json
import os
import random
from collections import Counter

import pytest
from hook_calls import HOOKS, SERVICES, Clock, Json, call, case, no_server, prefetch, resources_of, searchset, service
from test_hooks_orders import IFI, INJECTION, NAPROXEN

from ischio.interfaces.http.hooks.answering import Answerer
from ischio.interfaces.http.problems import Problem
from ischio.interfaces.http.whose import NOBODY

BODIES = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 1_000
SEED = 20260601
ODD: list[Json] = [
    None,
    True,
    -1,
    1e308,
    "",
    "x" * 300,
    "\u202e",
    [],
    {},
    [[]],
    {"resourceType": "Bundle"},
    "Patient/p",
    "9999",
]


def changed(value: Json, chance: random.Random) -> Json:
    """One place, chosen at random, made odd, left out or doubled."""
    if isinstance(value, dict) and value:
        key = chance.choice(sorted(value))
        match chance.randrange(14):
            case 0:
                return {name: one for name, one in value.items() if name != key}
            case 1:
                return value | {key: chance.choice(ODD)}
            case _:
                return value | {key: changed(value[key], chance)}
    if isinstance(value, list) and value:
        place = chance.randrange(len(value))
        return [*value[:place], changed(value[place], chance), *value[place:][chance.randrange(2) :]]
    return chance.choice(ODD)


def malformed(body: Json, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 3)):
        body = changed(body, chance)
    raw = json.dumps(body).encode()
    if chance.random() < 0.3:  # as bytes that break off, or with one byte that is another
        place = chance.randrange(len(raw) + 1)
        raw = raw[:place] if chance.random() < 0.5 else raw[:place] + bytes([chance.randrange(256)]) + raw[place + 1 :]
    return raw


def test_no_malformed_body_is_a_failure(record_property: pytest.FixtureRequest) -> None:
    clock, chance = Clock(), random.Random(SEED)
    answerer, found = Answerer(service(clock), no_server), case("nsaid-with-an-active-ulcer")
    clock.set_to(found.index_date)
    data = prefetch((resources_of(found.record) or [])[:6])
    more = {
        "order-select": {"draftOrders": searchset(NAPROXEN, INJECTION), "selections": ["MedicationRequest/m1"]},
        "order-sign": {"draftOrders": searchset(NAPROXEN, INJECTION)},
        "problem-list-item-create": {"conditions": searchset(IFI)},
    }
    whole = {hook: call(hook, data, **more.get(hook, {})) for hook in HOOKS}
    ends: Counter[int] = Counter()
    for number in range(BODIES):
        hook = HOOKS[number % len(HOOKS)]
        try:
            answerer.answer(SERVICES[hook], malformed(whole[hook], chance), NOBODY)
            ends[200] += 1
        except Problem as problem:
            ends[problem.status] += 1
    record_property("counted", f"{BODIES} malformed bodies, by status: {dict(sorted(ends.items()))}")
    assert sum(ends.values()) == BODIES
    assert max(ends) < 500
    assert ends[400] > BODIES / 10
    assert ends[200] > BODIES / 20
