"""SIP messages without what nobody may read in a record: proofs of passwords, keys of SRTP, hidden callers.

Bytes in, bytes out, header by header; the framing stays, so that a dissector still reads what is left.
"""

import re

MASK = b"(masked)"

# A digest's answer is made from the password and can be searched for it; what it answers to stays readable.
_PROOF = re.compile(rb'((?:^|[,\s])(?:response|cnonce|opaque|nonce)\s*=\s*)(?:"[^"\r\n]*"|[^,\s]+)', re.IGNORECASE)
_AUTHORIZATION = re.compile(rb"^((?:proxy-)?authorization[ \t]*:)(.*)$", re.IGNORECASE | re.MULTILINE)
_DIGEST = re.compile(rb"^[ \t]*digest[ \t]", re.IGNORECASE)
_INSIDE = re.compile(rb"^(offhook-inside[ \t]*:)[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_CRYPTO = re.compile(rb"^(a=crypto:[^\r\n]*?inline:)[^\s|;]+", re.IGNORECASE | re.MULTILINE)
_KEY = re.compile(rb"^(a=key-mgmt:|k=)[^\r\n]*", re.IGNORECASE | re.MULTILINE)
_PRIVACY = re.compile(rb"^privacy[ \t]*:[^\r\n]*\b(?:id|user|header)\b", re.IGNORECASE | re.MULTILINE)
_IDENTITY = re.compile(
    rb"^((?:p-asserted-identity|p-preferred-identity|remote-party-id)[ \t]*:)[^\r\n]*", re.IGNORECASE | re.MULTILINE
)


def masked(data: bytes, withheld: str = "") -> bytes:
    """Return a message without its secrets; `withheld` is the number of a caller who hid it, empty if nobody did.

    RFC 3261 section 22 (credentials), RFC 4568 section 6.1 (keys), RFC 3325 section 7 (identities under Privacy).
    """
    head, gap, body = data.partition(b"\r\n\r\n")
    # Every message of every call comes by, and hardly one has a secret: to look for words is ten times as fast.
    words = head.lower()
    if b"authorization" in words:
        head = _AUTHORIZATION.sub(_hide_proof, head)
    if b"offhook-inside" in words:
        head = _INSIDE.sub(rb"\1 " + MASK, head)
    if b"privacy" in words and _PRIVACY.search(head):
        head = _IDENTITY.sub(rb"\1 " + MASK, head)
    lines = body.lower()
    if b"inline:" in lines or b"key-mgmt:" in lines or b"k=" in lines:
        body = _KEY.sub(rb"\1" + MASK, _CRYPTO.sub(rb"\1" + MASK, body))
    whole = head + gap + body
    return whole.replace(withheld.encode(), MASK) if withheld else whole


def _hide_proof(found: "re.Match[bytes]") -> bytes:
    name, value = found[1], found[2]
    if not _DIGEST.match(value):
        # Basic and bearer credentials are the secret itself.
        return name + b" " + MASK
    return name + _PROOF.sub(rb"\1" + MASK, value)
