"""What an access token allows: SMART scopes of version 1 (`patient/Flag.read`) and of version 2 (`patient/Flag.rs`)."""

import re
from dataclasses import dataclass
from enum import Enum

_SCOPE = re.compile(
    r"(?P<level>patient|user|system)/(?P<type>\*|[A-Z][A-Za-z]*)"
    r"\.(?P<doing>read|write|\*|c?r?u?d?s?)(?P<only>\?.+)?"
)
_VERSION_1 = {"read": "rs", "write": "cud", "*": "cruds"}


class Reach(Enum):
    """How much of a resource type may be read."""

    ALL = "all"
    PART = "part"
    """Only what fits a search, such as those of one category."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Scopes:
    """The scopes of a token, as the server granted them."""

    granted: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "Scopes":
        return cls(frozenset(text.split()))

    def reach(self, resource_type: str, doing: str) -> Reach:
        """doing: `r` to read one, `s` to search for them."""
        fitting = [
            found["only"] is None
            for found in map(_SCOPE.fullmatch, self.granted)
            if found
            and found["type"] in ("*", resource_type)
            and doing in _VERSION_1.get(found["doing"], found["doing"])
        ]
        return Reach.ALL if any(fitting) else Reach.PART if fitting else Reach.NONE
