"""Which medicine is meant: by a code of its ingredient or product, by its class, or by a name in its words."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from ischio.fhir.bindings import Binding, Bindings
from ischio.fhir.codes import CodeIndex
from ischio.fhir.routes import Coding, Json, codings, texts
from ischio.model.terminology import Concept

_NAME = re.compile(r"[a-z]{5,}")
_INGREDIENT = re.compile(r"([a-z]{5,})[a-z (),/-]*")


class Medicines:
    """Finds the concepts that a medicine's codes and words mean, and says which of them told.

    A name is the first word of an ingredient's display, such as `naproxen`: no list of names is kept beside the
    codes. Words that say that it works where it is applied (a gel, eye drops) keep the name from counting.
    """

    def __init__(self, concepts: Mapping[str, Concept], bindings: Bindings, index: CodeIndex) -> None:
        self._index = index
        self._systems = {str(bindings.systems[name]): str(name) for name in bindings.medicines.systems}
        self._ranks = {uri: rank for rank, uri in enumerate(self._systems)}
        self._local = bindings.medicines.local
        self._names: dict[str, list[str]] = {}
        for concept in concepts.values():
            codes = (code for code in concept.codes if code.system in bindings.medicines.systems and not code.prefix)
            for name in {name: None for code in codes for name in _ingredient(code.display)}:
                self._names.setdefault(name, []).append(concept.id)

    def meant(self, codes: tuple[Json, ...], read: Mapping[str, Binding]) -> dict[str, str]:
        """The concepts that are read here -> what told it: `rxnorm 849574`, `atc M01AE02`, `the name naproxen`."""
        told: dict[str, str] = {}
        for coding in sorted((one for node in codes for one in codings(node)), key=self._rank):
            for meaning in self._index.meanings(coding):
                told.setdefault(meaning.concept, self._shown(coding))
        for words in (text for node in codes for text in texts(node)):
            for concept, name in self._named(words):
                told.setdefault(concept, f"the name {name}")
        if not told:
            return {}
        found = {concept: how for concept, how in told.items() if concept in read}
        for concept, binding in read.items():
            for other in binding.also:
                if other in told:
                    found.setdefault(concept, told[other])
        return found

    def _named(self, words: str) -> Iterator[tuple[str, str]]:
        names = _names_in(words)
        if not any(name in self._names for name in names) or self._local.occurs_in(words):
            return
        for name in names:
            yield from ((concept, name) for concept in self._names.get(name, ()))

    def _rank(self, coding: Coding) -> int:
        return self._ranks.get(coding[0], len(self._ranks))

    def _shown(self, coding: Coding) -> str:
        system = self._systems.get(coding[0])
        return f"{system} {coding[1]}" if system else f"the code {coding[1]}"


def _ingredient(display: str) -> Iterator[str]:
    """The first word of an ingredient's display: `naproxen`, of `dabigatran etexilate` too; of a product, none."""
    found = _INGREDIENT.fullmatch(display.lower())
    if found:
        yield found[1]


@lru_cache(maxsize=4096)
def _names_in(words: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_NAME.findall(words[:1000].lower())))
