"""SIP messages without what nobody may read in a record: proofs of passwords, keys of SRTP, hidden callers.

Bytes in, bytes out, header by header; the framing stays, so that a dissector still reads what is left.
"""

import re

MASK = b"(masked)"

# A header goes on in lines that begin with a blank (RFC 3261 section 7.3.1).
_VALUE = rb"(?:[^\r\n]|\r?\n[ \t])*"
_FOLD = re.compile(rb"\r?\n[ \t]+")
# A digest's answer is made from the password and can be searched for it; what it answers to stays readable.
_PROOF = re.compile(
    rb'((?:^|[,\s])(?:response|rspauth|cnonce|opaque|nonce|nextnonce)\s*=\s*)(?:"[^"\r\n]*"|[^,\s]+)', re.IGNORECASE
)
_AUTHORIZATION = re.compile(rb"^((?:proxy-)?authorization[ \t]*:)(" + _VALUE + rb")", re.IGNORECASE | re.MULTILINE)
# The peer proves the same password back (RFC 7616 section 3.5).
_PROVEN_BACK = re.compile(rb"^((?:proxy-)?authentication-info[ \t]*:)(" + _VALUE + rb")", re.IGNORECASE | re.MULTILINE)
_DIGEST = re.compile(rb"^[ \t]*digest[ \t]", re.IGNORECASE)
_INSIDE = re.compile(rb"^(offhook-inside[ \t]*:)" + _VALUE, re.IGNORECASE | re.MULTILINE)
# RFC 3261 section 19.1.1: a URI may have a password, and should not. The bounds keep a hostile message cheap.
PASSWORD = re.compile(rb"(\bsips?:[^\s@:;<>\"]{0,128}:)[^\s@;<>\"]{1,128}@", re.IGNORECASE)
# The same in lower case: with letters as they are in front, it is found by looking for these.
_PASSWORD_IN_LOWER_CASE = re.compile(rb"sips?:[^\s@:;<>\"]{0,128}:[^\s@;<>\"]{1,128}@")
_CRYPTO = re.compile(rb"^a=crypto:[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_INLINE = re.compile(rb"(inline:)[^\s|;]+", re.IGNORECASE)
_KEY = re.compile(rb"^(a=key-mgmt:|a=ice-pwd:|k=)[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_PRIVACY = re.compile(rb"^privacy[ \t]*:" + _VALUE + rb"\b(?:id|user|header)\b", re.IGNORECASE | re.MULTILINE)
_IDENTITY = re.compile(
    rb"^((?:p-asserted-identity|p-preferred-identity|remote-party-id)[ \t]*:)" + _VALUE, re.IGNORECASE | re.MULTILINE
)
# What names a caller, and the numbers in it: user parts of URIs.
_NAMING = re.compile(
    rb"^(?:from|f|contact|m|p-asserted-identity|p-preferred-identity|remote-party-id)[ \t]*:(" + _VALUE + rb")",
    re.IGNORECASE | re.MULTILINE,
)
_NUMBER = re.compile(
    rb"\b(?:sips?:(?:\+|%2b)?([0-9().-]{3,32})(?=[@;:])(?=[^\s<>,\"]{0,128}@)|tel:\+?([0-9().-]{3,32}))", re.IGNORECASE
)
# A PASSporT holds the number in a form that nobody reads at once (RFC 8225 section 5.2.1).
_SIGNATURE = re.compile(rb"^((?:identity|y)[ \t]*:)" + _VALUE, re.IGNORECASE | re.MULTILINE)
# The name that stands before an address, where a caller may be named, and what a user writes of itself (RFC 3323
# section 4.1); "Anonymous" names nobody.
_BLANKS = rb"(?:\r?\n[ \t]|[ \t])*"
_DISPLAY_NAME = re.compile(
    rb"^((?:from|f|to|t|contact|m)[ \t]*:" + _BLANKS + rb")"
    rb"(?!\"?anonymous\"?[ \t]*<)"
    rb"(?:\"(?:[^\"\\\r\n]|\\[^\r\n])+\"(?=" + _BLANKS + rb"<)|[^\s<\"](?:[^<\"\r\n]|\r?\n[ \t])*(?=<))",
    re.IGNORECASE | re.MULTILINE,
)
_OF_ONESELF = re.compile(
    rb"^((?:subject|s|organization|call-info|reply-to)[ \t]*:)" + _VALUE, re.IGNORECASE | re.MULTILINE
)
TAIL = 7
"""Digits at its end by which a number is known, whatever its country code and prefixes are written like."""

MOST_NUMBERS = 16
"""A hostile message may name any number of them, and each costs a search."""


def masked(data: bytes, hidden: "re.Pattern[bytes] | None" = None) -> bytes:
    """Return a message without its secrets; `hidden` are the numbers of a caller who hid (`hidden_in`), if one did.

    RFC 3261 section 22 (credentials), RFC 4568 section 6.1 (keys), RFC 3325 section 7 (identities under Privacy).
    """
    head, gap, body = data.partition(b"\r\n\r\n")
    # Every message of every call comes by, and hardly one has a secret: to look for words is ten times as fast.
    words = head.lower()
    if b"auth" in words:
        head = _PROVEN_BACK.sub(_hide_proof_back, _AUTHORIZATION.sub(_hide_proof, head))
    if b"offhook-inside" in words:
        head = _INSIDE.sub(rb"\1 " + MASK, head)
    if hidden is not None or (b"privacy" in words and _PRIVACY.search(head)):
        for secret in (_IDENTITY, _SIGNATURE, _OF_ONESELF):
            head = secret.sub(rb"\1 " + MASK, head)
        head = _DISPLAY_NAME.sub(rb"\1" + MASK + b" ", head)
    # Not in `words`: what the masks above left may read differently.
    if may_hold_password(head):
        head = PASSWORD.sub(rb"\1" + MASK + b"@", head)
    whole = head + gap + body
    # Without an empty line all of it is taken for the head.
    lines = (body if gap else head).lower()
    if lines and (b"inline:" in lines or b"key-mgmt:" in lines or b"ice-pwd:" in lines or b"k=" in lines):
        whole = _KEY.sub(rb"\1" + MASK, _CRYPTO.sub(_hide_keys, whole))
    return hidden.sub(MASK, whole) if hidden is not None else whole


def may_hold_password(head: bytes) -> bool:
    """Tell whether a head may hold a URI with a password; of one without it says so in a fifth of a search's time."""
    return _PASSWORD_IN_LOWER_CASE.search(head.lower()) is not None


def hidden_in(invite: bytes, withheld: str = "") -> "re.Pattern[bytes]":
    """Return what finds the numbers by which an INVITE names a caller who hid, and the one that was `withheld`."""
    head = invite.partition(b"\r\n\r\n")[0]
    named = [found[1] or found[2] for value in _NAMING.findall(head) for found in _NUMBER.finditer(value)]
    numbers = [re.sub(rb"[^0-9]", b"", one) for one in (withheld.encode("ascii", "ignore"), *named)]
    forms = [_forms(number) for number in [*dict.fromkeys(filter(None, numbers))][:MOST_NUMBERS]]
    return re.compile(rb"(?<![0-9])(?:" + rb"|".join(forms) + rb")(?![0-9])" if forms else rb"(?!)")


def _forms(number: bytes) -> bytes:
    """Return what matches a number however it is written: a short one as it is, another by its end."""
    if len(number) < TAIL:
        return number
    return rb"\+?[0-9().-]{0,24}?" + rb"[().-]?".join(b"%c" % digit for digit in number[-TAIL:])


def _hide_proof(found: "re.Match[bytes]") -> bytes:
    name, value = found[1], found[2]
    if not _DIGEST.match(value):
        # Basic and bearer credentials are the secret itself.
        return name + b" " + MASK
    return name + _PROOF.sub(rb"\1" + MASK, _FOLD.sub(b" ", value))


def _hide_proof_back(found: "re.Match[bytes]") -> bytes:
    return found[1] + _PROOF.sub(rb"\1" + MASK, _FOLD.sub(b" ", found[2]))


def _hide_keys(found: "re.Match[bytes]") -> bytes:
    # One suite may have several keys (RFC 4568 section 9.2).
    return _INLINE.sub(rb"\1" + MASK, found[0])
