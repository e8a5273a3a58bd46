"""Hosted rules as they are kept: their document, and the token that is the secret in their URL."""

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KeptRules:
    """One subscription's rules: `document` is the JSON text of what `document.write_rules` returns."""

    subscription_id: int
    document: str
    token: str = field(repr=False)


def hash_rules_token(token: str) -> str:
    """Return what a token is looked for by: SHA-256 in hex. Tokens have 256 bits, so nothing slower is needed."""
    return hashlib.sha256(token.encode()).hexdigest()
