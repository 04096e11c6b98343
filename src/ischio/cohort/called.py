"""What the texts of a cohort call a hip: a pathway has a word of its own for its body part."""

from dataclasses import dataclass
from typing import Self

from ischio.model.pathway import Pathway

PLURALS = {"foot": "feet"}
"""Those of paired parts that do not end in s."""


@dataclass(frozen=True, slots=True)
class Called:
    """The word for a hip, within a sentence and at its beginning: hip, hips, a hip, Hips, A hip.

    For texts alone. Names of columns, codes and keys of counts are `hip` and `hips` in every pathway.
    """

    hip: str
    hips: str
    a_hip: str

    @classmethod
    def by(cls, pathway: Pathway) -> Self:
        part = pathway.body_part
        return cls(part, PLURALS.get(part, f"{part}s"), pathway.one_body_part)

    @property
    def Hips(self) -> str:
        return self.hips.capitalize()

    @property
    def A_hip(self) -> str:
        return self.a_hip.capitalize()
