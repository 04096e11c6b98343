"""Passwords: which are taken (NIST SP 800-63B: length counts, composition does not), and how they are kept (Argon2id).

The costs are the second recommended option of RFC 9106, section 4: 64 MiB, three passes.
"""

from base64 import b64encode
from threading import BoundedSemaphore
from unicodedata import normalize

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ischio.model.mistake import IschioError, Mistake

SHORTEST, LONGEST = 12, 256
AT_ONCE = 2
"""So many are worked on at a time in a process: each takes 64 MiB, and strangers can ask for it."""

_TRIED_FIRST = """
123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 012345678901 0123456789012
098765432109 987654321098 123123123123 121212121212 112233445566 123456123456 123456654321 123qweasdzxc
1q2w3e4r5t6y 1qaz2wsx3edc 1qaz2wsx3edc4rfv qwertyuiop12 qwertyuiop123 qwertyuiopas qwertyuiopasdf qwerty123456
qwertyqwerty qwertzuiop12 qwertzuiop123 azertyuiop12 azertyuiop123 asdfghjkl123 asdfghjklasdf zxcvbnm12345
abcdefghijkl abcdefghijklm abc123abc123 abcd12345678 abcdef123456 a1b2c3d4e5f6 password1234 password12345
password123456 passwordpassword password2024 password2025 password2026 passw0rd1234 p@ssword1234 p@ssw0rd1234
mypassword123 newpassword1 newpassword123 yourpassword letmeinplease letmein12345 welcome12345 welcome123456
welcomewelcome administrator administrator1 admin1234567 adminadminadmin adminpassword changeme1234 changemeplease
iloveyou1234 iloveyou12345 iloveyouforever iloveyousomuch sunshine1234 princess1234 football1234 baseball1234
superman1234 trustno1trustno1 correcthorsebatterystaple hospital1234 doctor123456 ischiofemoral
ischiofemoralimpingement ischio123456 ischioischio
"""
"""Those of such a length that are tried first; written for this list."""
_COMMON = frozenset(_TRIED_FIRST.split())


class PasswordRefused(IschioError):
    """A password that is not taken."""


class Passwords:
    """hasher: with other costs; the tests' are low."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = BoundedSemaphore(AT_ONCE)
        self._nobodys = _nobodys(self._hasher)

    def hashed(self, password: str) -> str:
        with self._turns:
            return self._hasher.hash(_plain(password))

    def fits(self, hash: str, password: str) -> bool:
        """hash: empty where there is no such account; the answer is no, and takes as long as any other."""
        with self._turns:
            try:
                return self._hasher.verify(hash or self._nobodys, _plain(password)) and bool(hash)
            except (VerificationError, InvalidHashError):
                return False

    def outdated(self, hash: str) -> bool:
        """Whether it was made at other costs than those of today."""
        return self._hasher.check_needs_rehash(hash)


def check_password(password: str, login: str) -> None:
    """Raises PasswordRefused with the mend."""
    plain = _plain(password)
    if len(plain) < SHORTEST:
        mend = f"Use {SHORTEST} characters or more; several words that have nothing to do with each other are good."
        raise PasswordRefused(Mistake("The password is too short.", mend))
    if len(plain) > LONGEST:
        raise PasswordRefused(Mistake("The password is too long.", f"Use {LONGEST} characters or fewer."))
    folded = plain.casefold()
    if folded == login or folded in (login * 2, login[::-1]):
        raise PasswordRefused(Mistake("The password is the login.", "Choose another."))
    if folded in _COMMON or len(set(folded)) < 4:
        raise PasswordRefused(Mistake("The password is one of those that are tried first.", "Choose another."))


def _nobodys(hasher: PasswordHasher) -> str:
    """A hash of no password, at which a try takes as long as at any other."""
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    salt, made = (b64encode(bytes(length)).decode().rstrip("=") for length in (hasher.salt_len, hasher.hash_len))
    return f"$argon2id$v=19${costs}${salt}${made}"


def _plain(password: str) -> str:
    """The same letters, however a keyboard puts them together."""
    return normalize("NFKC", password)
