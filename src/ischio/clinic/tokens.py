"""What a browser holds so that it is known again, and what its forms carry. The store holds the digest alone."""

import hmac
import secrets
from hashlib import sha256


def new_token() -> str:
    """256 random bits, in letters that may stand in a cookie or an address."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """SHA-256, in hex."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()


def form_token(secret: str) -> str:
    """What every form of a session carries. secret: of the session."""
    return hmac.digest(secret.encode(), b"form", "sha256").hex()


def is_same(token: str, shown: str) -> bool:
    """In a time that tells nothing of the token."""
    return hmac.compare_digest(token.encode(), shown.encode("utf-8", "replace"))
