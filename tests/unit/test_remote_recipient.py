"""Forms sent to a FHIR server: by our id or by their identifier, as it says; and what each of its answers means."""

import json
from typing import Any

import pytest
from records_system import Asked, Reply, guard_for, serving

from ischio.remote.authority import Registration
from ischio.remote.backend import Backend
from ischio.remote.recipient import CannotPush, Fault, NotTaken, Once, Recipient, recipient_at

FORM = {
    "resourceType": "QuestionnaireResponse",
    "id": "pain.v0.1.0.1",
    "identifier": {"system": "https://a.example/forms", "value": "pain.v0.1.0.1"},
    "status": "completed",
}


class Server:
    """A FHIR server that keeps what it is sent. says: what it says of itself. answers: given in place of its own."""

    def __init__(self, says: Any = None, **answers: Reply) -> None:
        self.says, self.answers = says, answers
        self.held: dict[str, Any] = {}

    def __call__(self, asked: Asked) -> Reply:
        if asked.path.endswith("/metadata"):
            return Reply(body=self.says)
        if asked.method in self.answers:
            return self.answers[asked.method]
        resource = json.loads(asked.body)
        if asked.method == "PUT":
            id = asked.path.rpartition("/")[2]
            assert resource["id"] == id
            there = id in self.held
            self.held[id] = resource
            return Reply(200 if there else 201, resource)
        assert "id" not in resource
        assert asked.headers["if-none-exist"] == "identifier=https%3A%2F%2Fa.example%2Fforms%7Cpain.v0.1.0.1"
        if not self.held:
            self.held["17"] = resource | {"id": "17"}
            return Reply(201, b"", {"location": "https://ehr.example/fhir/QuestionnaireResponse/17/_history/1"})
        return Reply(200, self.held["17"])


def statement(**said: Any) -> Any:
    return {"rest": [{"resource": [{"type": "Patient", "updateCreate": True}, {"type": FORM["resourceType"], **said}]}]}


def at(served: Any) -> Backend:
    return Backend(Registration(f"{served.url}/fhir", ""), guard_for(served))


SAYS = {
    "ids of ours": (statement(updateCreate=True, conditionalCreate=True), Once.BY_ID),
    "by identifier": (statement(conditionalCreate=True), Once.BY_IDENTIFIER),
    "neither": (statement(), None),
    "nothing of forms": ({"rest": [{"resource": [{"type": "Patient", "updateCreate": True}]}]}, None),
    "nothing": ({}, None),
    "something odd": ({"rest": {"resource": "x"}}, None),
    "a list": ([], None),
    "no JSON": (b"<html>", None),
}


@pytest.mark.parametrize("name", SAYS)
def test_how_a_form_is_kept_once_is_what_the_server_says(name: str):
    says, once = SAYS[name]
    with serving(Server(says)) as served:
        if once is None:
            with pytest.raises(CannotPush, match="--once id"):
                recipient_at(at(served))
        else:
            assert recipient_at(at(served)).once is once
        assert recipient_at(at(served), Once.BY_ID).once is Once.BY_ID, "or what we are told"


@pytest.mark.parametrize("once", Once)
def test_sent_twice_it_is_there_once_and_as_it_is_now(once: Once):
    server = Server()
    with serving(server) as served:
        to = Recipient(at(served), once)
        there = to.keep(FORM)
        assert to.keep(FORM | {"status": "amended"}) == there
        assert to.keep(FORM | {"status": "entered-in-error"}, there) == there
    assert {id: held["status"] for id, held in server.held.items()} == {there: "entered-in-error"}
    assert there == ("pain.v0.1.0.1" if once is Once.BY_ID else "17")


OUTCOME = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "value", "diagnostics": "Why\n"}],
}
ANSWERS = {
    "refused": (Reply(422, OUTCOME), Fault.NEVER, "status 422; error, value: Why?"),
    "refused without a word": (Reply(400, b"<html>"), Fault.NEVER, "status 400"),
    "no such type": (Reply(404, b""), Fault.NEVER, "status 404"),
    "several of this identifier": (Reply(412, b""), Fault.NEVER, "status 412"),
    "not let in": (Reply(401, b""), Fault.UNREACHABLE, "status 401"),
    "not for us": (Reply(403, b""), Fault.LATER, "status 403"),
    "too many": (Reply(429, b""), Fault.LATER, "status 429"),
    "a fault of its own": (Reply(500, OUTCOME), Fault.LATER, "status 500; error, value: Why?"),
    "no answer": (Reply(stream=lambda _: None, raw=True), Fault.UNREACHABLE, "the connection failed"),
    "led elsewhere": (Reply(302, b"", {"location": "https://other.example"}), Fault.LATER, "status 302"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_an_answer_means(name: str):
    reply, fault, why = ANSWERS[name]
    with serving(Server(PUT=reply, POST=reply)) as served:
        for once in Once:
            with pytest.raises(NotTaken) as refused:
                Recipient(at(served), once).keep(FORM)
            assert (refused.value.fault, why in refused.value.why) == (fault, True), refused.value.why


@pytest.mark.parametrize("body", [b"", b"{}", {"resourceType": "Patient", "id": "1"}, {"id": "1"}, b"<html>"])
def test_a_server_that_does_not_say_which_it_keeps_cannot_be_told_of_a_change(body: Any):
    with serving(Server(POST=Reply(201, body))) as served, pytest.raises(NotTaken, match="under which id"):
        Recipient(at(served), Once.BY_IDENTIFIER).keep(FORM)
