"""Links to pages of the book, from the ids that the knowledge files use."""

import re
from collections.abc import Iterable
from functools import cached_property

from ischio.engine.explain import COUNTED, Explanation, explanations
from ischio.interfaces.book.content import Item, Link, Listing, Words
from ischio.interfaces.words import title_of
from ischio.model.pathway import Pathway

UNFIT = re.compile(r"[^\w.-]", re.ASCII)
WORD = re.compile(r"('[^']*'|\w+)")


def key_of(kind: str, name: str) -> str:
    """The key of a page: the kind of thing it is about, and its id, as a file may be named."""
    return f"{kind.replace(' ', '-')}/{UNFIT.sub('-', name)}"


class Links:
    """Finds the page that an id stands for. A safety rule may be named as the fact it stands on: ask for it by kind."""

    def __init__(self, pathway: Pathway) -> None:
        self.pathway = pathway

    @cached_property
    def _counted(self) -> dict[str, Explanation]:
        return {rule.id: rule for rule in explanations(self.pathway) if rule.kind in COUNTED}

    @cached_property
    def _kinds(self) -> dict[str, str]:
        pathway = self.pathway
        gates = {stage.criterion for stage in pathway.ordered_stages}
        kinds = {name: rule.kind for name, rule in self._counted.items()}
        kinds |= {proved.id: "property" for proved in pathway.properties}
        kinds |= {name: "gate" if name in gates else "criterion" for name in pathway.criteria}
        kinds |= dict.fromkeys(pathway.actions, "action")
        kinds |= dict.fromkeys(pathway.parameters, "parameter")
        kinds |= dict.fromkeys(pathway.facts, "fact")
        kinds |= {stage.id: "stage" for stage in pathway.stages}
        return kinds | {each.id: "diversion" for each in pathway.diversions}

    def known(self, name: str) -> bool:
        """Whether an id names a page."""
        return name in self._kinds

    def rule(self, name: str, text: str = "") -> Link | str:
        """A link to a rule by its title, or by other words; the id alone if it names no page."""
        if not self.known(name):
            return name.replace("_", " ")
        return Link(key_of(self._kinds[name], name), text or self._title(name))

    def _title(self, name: str) -> str:
        if name in self._counted:
            return self._counted[name].about.title
        if name in self.pathway.parameters:
            return self.pathway.parameters[name].about.title
        found = next((proved.about.title for proved in self.pathway.properties if proved.id == name), None)
        return found or title_of(self.pathway, name)

    def linked(self, text: str) -> Words:
        """A text of ours with every id in it linked, such as a condition; what stands in quotation marks is no id."""
        parts = (self.rule(part, part) if self.known(part) else part for part in WORD.split(text))
        return tuple(part for part in parts if part)

    def listing(self, names: Iterable[str]) -> Listing:
        return Listing(tuple(Item((self.rule(name),)) for name in names))
