"""What every part of the web service works with; made once, when it starts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from ischio.fhir.bindings import Bindings
from ischio.fhir.export.publication import Publication
from ischio.fhir.reader import FhirReader
from ischio.fhir.requirements import Requirement, requirements
from ischio.interfaces.http.settings import Settings
from ischio.model.pathway import Pathway
from ischio.remote.tokens import Clients
from ischio.store.store import Store, new_uuid


@dataclass(frozen=True, slots=True)
class Service:
    """clock: the moment now, with its zone; tests set it. clients: who may call; None: nobody is asked who they are.

    store: what is kept; None: nothing is. new_uuid: names what the service makes; tests set it.
    required: what is fetched of a person, worked out once from pathway and bindings.
    """

    pathway: Pathway
    bindings: Bindings
    reader: FhirReader
    publication: Publication
    settings: Settings
    clock: Callable[[], datetime]
    clients: Clients | None = None
    store: Store | None = None
    new_uuid: Callable[[], str] = new_uuid
    required: tuple[Requirement, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "required", requirements(self.pathway.concepts, self.bindings))

    @property
    def today(self) -> date:
        """The index date of what is asked now."""
        return self.clock().date()
