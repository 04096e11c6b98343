"""From the body of a call to its answer: data, one judgement, at most one card, and what of it is kept."""

from collections.abc import Callable, Mapping

from ischio.fhir.export.publication import Json
from ischio.interfaces.http.hooks import discharge, opening, starting
from ischio.interfaces.http.hooks.calls import Call, call_of
from ischio.interfaces.http.hooks.cards import card, digest, why_url
from ischio.interfaces.http.hooks.charts import Chart
from ischio.interfaces.http.hooks.gathering import Gathered, ServerOf, gather
from ischio.interfaces.http.hooks.opinions import CRITICAL, QUIETED, SHOWN, Nothing, Opinion, Said
from ischio.interfaces.http.hooks.orders import OrderCheck, OrderReader
from ischio.interfaces.http.hooks.services import HookService, keys
from ischio.interfaces.http.service import Service
from ischio.interfaces.http.whose import access, kept_of, person_of
from ischio.remote.tokens import Client
from ischio.store.entries import Card, Person


class Answerer:
    """Answers the calls of every hook; what does not depend on the call is made once.

    server_of: the FHIR server that a call names, where it may be asked.
    """

    def __init__(self, service: Service, server_of: ServerOf) -> None:
        self._service, self._server_of, self._keys = service, server_of, keys(service)
        orders = OrderReader(service.pathway, service.bindings)
        self._opinions: Mapping[str, Callable[[Chart], Opinion]] = {
            "patient-view": opening.opinion,
            "order-select": OrderCheck(orders, selected_only=True),
            "order-sign": OrderCheck(orders, selected_only=False),
            "problem-list-item-create": starting.opinion,
            "encounter-discharge": discharge.opinion,
        }

    def answer(self, hook: HookService, body: bytes, client: Client) -> Json:
        """What a call is answered. Raises Problem for what is no call, or is of the wrong person."""
        call = call_of(body, hook.hook)
        gathered = gather(call, self._keys, self._service.reader, self._server_of)
        chart = Chart(self._service, call, self._with_kept(gathered, call, client), self._service.today)
        uuid = self._service.new_uuid()
        opinion = self._unless_quieted(chart, client, self.opinion(chart))
        self._keep(hook, chart, client, uuid, opinion)
        return {
            "cards": [card(chart, hook, opinion, uuid)] if isinstance(opinion, Said) else [],
            "extension": {self._service.publication.name: {"call": uuid, "why": why_url(chart, hook, uuid)}},
        }

    def _with_kept(self, gathered: Gathered, call: Call, client: Client) -> Gathered:
        """With what was told to the service itself, such as the answers of a form, as `$apply` has it too."""
        kept = kept_of(self._service, self._person(call, client), access(self._service, client))
        return gathered if kept is None else gathered.with_kept(kept)

    def opinion(self, chart: Chart) -> Opinion:
        """What is said to a call, before it is looked up whether somebody wants to hear it."""
        return self._opinions[chart.call.hook](chart)

    def _unless_quieted(self, chart: Chart, client: Client, opinion: Opinion) -> Opinion:
        """Nothing, where the same was acknowledged or declined and nothing has changed since."""
        store = self._service.store
        if store is None or not isinstance(opinion, Said):
            return opinion
        person, now = self._person(chart.call, client), self._service.clock()
        said = digest(chart, opinion)
        # One step taken does not answer a red flag: somebody has to say why it does not count.
        flagged = opinion.indicator == CRITICAL
        return QUIETED if store.cards.quieted(person, opinion.about, said, now, by_reason=flagged) else opinion

    def _keep(self, hook: HookService, chart: Chart, client: Client, uuid: str, opinion: Opinion) -> None:
        """What was shown, or why nothing was, so that feedback finds it and "why no card" can be told."""
        if self._service.store is not None:
            self._service.store.cards.show(self._kept(hook, chart, client, uuid, opinion))

    def _kept(self, hook: HookService, chart: Chart, client: Client, uuid: str, opinion: Opinion) -> Card:
        pathway, said = self._service.pathway, opinion if isinstance(opinion, Said) else None
        return Card(
            uuid=uuid,
            service=hook.id,
            hook=hook.hook,
            client=client.issuer,
            person=self._person(chart.call, client),
            key=said.about if said else "",
            pathway_id=pathway.id,
            pathway_version=pathway.version,
            side=said.side if said else None,
            stage=said.stage if said else None,
            rules=said.rules if said else (),
            digest=digest(chart, said) if said else "",
            indicator=said.indicator if said else None,
            shown_at=self._service.clock(),
            why=opinion.why if isinstance(opinion, Nothing) else SHOWN,
            has_card=said is not None,
        )

    def _person(self, call: Call, client: Client) -> Person:
        return person_of(self._service.settings, client, call.patient, call.fhir_server)
