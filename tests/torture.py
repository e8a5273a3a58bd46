"""The messages of RFC 4475 and RFC 5118, read from the notation in which those documents print them.

Lines end with CRLF. What stands in <allOneLine> is one line, <repeat count=n> repeats, <hex> gives octets
(RFC 4475 section 2; 5118 does as 4475). A blank at the end of a line is written as hex, to survive editors.
"""

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("engine") / "sip" / "torture"

_HEADING = re.compile(r"^==== (\S+) (\S+)\n", re.MULTILINE)
_ONE_LINE = re.compile(r"<allOneLine>\n(.*?)\n</allOneLine>", re.DOTALL)
_REPEAT = re.compile(r"<repeat count=(\d+)>(.*?)</repeat>")
_HEX = re.compile(rb"<hex>([0-9A-F]+)</hex>")


@cache
def messages() -> dict[str, bytes]:
    """Return the octets of every message under its name in the documents."""
    found: dict[str, bytes] = {}
    for path in sorted(FOLDER.glob("rfc*.txt")):
        _, *parts = _HEADING.split(path.read_text("utf-8"))
        for name, text in zip(parts[::3], parts[2::3], strict=True):
            assert name not in found, name
            found[name] = octets(text)
    return found


def octets(text: str) -> bytes:
    """Turn the notation into what goes over the wire."""
    text = _ONE_LINE.sub(lambda found: found[1].replace("\n", "").replace("</hex><hex>", ""), text)
    text = _REPEAT.sub(lambda found: found[2] * int(found[1]), text)
    data = text.replace("\n", "\r\n").encode()
    return _HEX.sub(lambda found: bytes.fromhex(found[1].decode()), data)
