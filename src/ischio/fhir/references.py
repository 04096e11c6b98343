"""Where references lead: to our person, to another resource of the Bundle, or to somebody only named."""

from ischio.fhir.bindings import Binding
from ischio.fhir.bundle import Contents, Entry, Person
from ischio.fhir.routes import Json, Route, gathered, shown, text_at
from ischio.fhir.standing import NotUsed
from ischio.fhir.tables import Tables
from ischio.record.events import Asserter

_CONTAINED = Route("contained")
_AUTHORITY = (Asserter.CLINICIAN, Asserter.DEVICE, Asserter.PATIENT)


class References:
    """The references of one Bundle."""

    def __init__(self, contents: Contents, person: Person, tables: Tables) -> None:
        self._contents = contents
        self._person = person
        self._asserters = tables.asserters
        self._types: dict[str, str] = {}
        self._by_reference: dict[str, dict[str, Json]] | None = None
        self._vouched = self._voucher(tables)

    def why_not_theirs(self, entry: Entry, binding: Binding) -> NotUsed | None:
        """Why a resource is not about our person alone; None if it is. In doubt if it does not say whose it is."""
        named = False
        for node in gathered(binding.about, entry.resource):
            reference = text_at(node, "reference")
            if reference is not None:
                named = True
                if not self._person.is_meant_by(reference):
                    return NotUsed(f"is about another person ({shown(reference)})")
        if not named:
            return NotUsed("does not say by reference whose it is", doubt=True)
        if gathered(binding.focus, entry.resource):
            return NotUsed("is about something else than the person")
        return None

    def codes(self, entry: Entry, binding: Binding) -> tuple[Json, ...]:
        """The CodeableConcepts that say what it is about; of a reference, the code of the resource it refers to."""
        codes = gathered(binding.code, entry.resource)
        for place, node in enumerate(codes):
            reference = text_at(node, "reference")
            if reference is not None:
                codes[place] = self.target(entry, reference).get("code")
        return tuple(codes)

    def asserter(self, entry: Entry, binding: Binding) -> Asserter:
        """Who says so: of several the highest authority. Where the resource names nobody, who vouches for it; else a
        clinician.
        """
        for route in binding.asserter:
            if route.top in entry.resource and (nodes := route.found(entry.resource)):
                if len(nodes) == 1:
                    return self._asserter_at(entry, nodes[0])
                return self._highest([(entry, node) for node in nodes])
        if self._vouched:
            names = (entry.source, entry.url or "")
            made = [one for name in names for one in self._vouched.get(name, ())]
            if made:
                return self._highest(made)
        return Asserter.CLINICIAN

    def _highest(self, named: list[tuple[Entry, Json]]) -> Asserter:
        """Of those named, each in its resource, the one of the highest authority."""
        return min((self._asserter_at(entry, node) for entry, node in named), key=_AUTHORITY.index)

    def _asserter_at(self, entry: Entry, node: Json) -> Asserter:
        return self._asserters.get(self._type_at(entry, node), Asserter.CLINICIAN)

    def _voucher(self, tables: Tables) -> dict[str, list[tuple[Entry, Json]]]:
        """Reference to a resource -> who made it, with the resource that says so."""
        how, vouched = tables.bindings.vouching, dict[str, list[tuple[Entry, Json]]]()
        for entry in self._contents.of_type(how.type):
            for target in how.target.found(entry.resource):
                reference = text_at(target, "reference")
                if reference is not None:
                    made = [(entry, node) for node in how.who.found(entry.resource)]
                    vouched.setdefault(reference.split("/_history/")[0], []).extend(made)
        return vouched

    def target(self, entry: Entry, reference: str) -> dict[str, Json]:
        """The resource that a reference leads to within the Bundle; empty if it leads nowhere."""
        if reference.startswith("#"):
            contained = _CONTAINED.found(entry.resource)
            return next((one for one in contained if type(one) is dict and one.get("id") == reference[1:]), {})
        if self._by_reference is None:
            entries = self._contents.entries
            self._by_reference = {one.source: one.resource for one in entries}
            self._by_reference |= {one.url: one.resource for one in entries if one.url}
        plain = reference.split("/_history/")[0]
        found = self._by_reference.get(plain)
        if found is None and plain in self._contents.shut:
            found = self._contents.shut[plain][0].opened()
        return found or {}

    def _type_at(self, entry: Entry, node: Json) -> str:
        """The type of resource that a reference is to, as far as it can be told."""
        reference = text_at(node, "reference") or ""
        known = self._types.get(reference)
        if known is not None:
            return known
        stated = text_at(node, "type")
        if self._person.is_meant_by(reference):
            kind = "Patient"
        else:
            named = self.target(entry, reference).get("resourceType") or stated
            # Before the last slash: of Practitioner/7, of an absolute address, of one version, of Device?identifier=9.
            before = reference.split("/_history/")[0].split("?")[0].rpartition("/")[0]
            kind = named if type(named) is str else before.rpartition("/")[2]
        if kind and stated is None and not reference.startswith("#"):
            self._types[reference] = kind
        return kind
