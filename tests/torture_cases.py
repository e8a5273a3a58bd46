"""What RFC 4475 and RFC 5118 ask for each of their messages, and what an agent of ours does.

The tests hold the agent to it, and `docs/sip-compliance.md` to both: its table is `table()`.
"""

from dataclasses import dataclass, field

from offhook.engine.sip.core import ALLOW

NO_REGISTRAR = "is well formed; a registrar reads it, another endpoint may refuse the method"


@dataclass(frozen=True, slots=True)
class Case:
    """One message. `status` is what we answer: 100 begins a call, 0 is silence.

    `said` is the sentence for the log, `told` are headers that the answer must have.
    """

    name: str
    section: str
    required: str
    status: int
    said: str = ""
    told: dict[str, str] = field(default_factory=dict)

    @property
    def ours(self) -> str:
        """What we do, as a person would say it."""
        if self.status == 100:
            return "a call begins"
        told = "".join(f" with `{name}`" for name in self.told)
        said = f": {self.said}" if self.said else ""
        return f"{self.status}{told}{said}" if self.status else f"dropped{said or ': nothing of ours waits for it'}"


_ALLOW = {"Allow": ALLOW}

RFC_4475 = (
    Case("wsinv", "3.1.1.1", "is well formed, whatever its blanks and folds", 481),
    Case("intmeth", "3.1.1.2", "is well formed; an endpoint answers 501 with Allow", 501, told=_ALLOW),
    Case("esc01", "3.1.1.3", "is well formed; escapes mean the letters, once", 100),
    Case("escnull", "3.1.1.4", NO_REGISTRAR, 405, told=_ALLOW),
    Case("esc02", "3.1.1.5", "is well formed: `%` escapes nothing in a method; 501", 501, told=_ALLOW),
    Case("lwsdisp", "3.1.1.6", "is accepted though no blank stands before `<`", 200),
    Case("longreq", "3.1.1.7", "is well formed, however long", 100),
    Case("dblreq", "3.1.1.8", "one REGISTER: what follows its body is noise", 405, told=_ALLOW),
    Case("semiuri", "3.1.1.9", "is well formed: the semicolon belongs to the user", 200),
    Case("transports", "3.1.1.10", "is well formed, whatever the lower Vias name", 200),
    Case("mpart01", "3.1.1.11", "is well formed: NULs in a body mean nothing", 405, told=_ALLOW),
    Case("unreason", "3.1.1.12", "is a well-formed response", 0),
    Case("noreason", "3.1.1.13", "is a well-formed response", 0),
    Case("badinv01", "3.1.2.1", "400", 400, "a header has a parameter without a name"),
    Case("clerr", "3.1.2.2", "400", 400, "Content-Length promises more bytes than there are"),
    Case("ncl", "3.1.2.3", "an error; no number may become negative", 400, "Content-Length is not a number of bytes"),
    Case("scalar02", "3.1.2.4", "400", 400, "the CSeq header is not a number below 2**31 and a method"),
    Case("scalarlg", "3.1.2.5", "is discarded", 0, "the CSeq header is not a number below 2**31 and a method"),
    Case("quotbal", "3.1.2.6", "400", 400, "an address header is not well formed"),
    Case("ltgtruri", "3.1.2.7", "400 is always right", 400, "a URI is not well formed"),
    Case("lwsruri", "3.1.2.8", "400", 400, "the Request-URI is empty or contains blanks"),
    Case("lwsstart", "3.1.2.9", "may be refused", 400, "the Request-URI is empty or contains blanks"),
    Case("trws", "3.1.2.10", "may be refused", 400, "the first line ends with blanks"),
    Case("escruri", "3.1.2.11", "may be refused, or the headers of the URI ignored", 100),
    Case("baddate", "3.1.2.12", "is not refused by who does not need the date", 100),
    Case("regbadct", "3.1.2.13", "400 from a registrar", 405, told=_ALLOW),
    Case("badaspec", "3.1.2.14", "must break nothing; 400, or the blanks are ignored", 200),
    Case("baddn", "3.1.2.15", "may be refused, or the quotes inferred", 200),
    Case("badvers", "3.1.2.16", "505", 505, "the version 'SIP/7.0' is not supported"),
    Case("mismatch01", "3.1.2.17", "400", 400, "the method of CSeq is not the request's"),
    Case("mismatch02", "3.1.2.18", "501, or 400", 400, "the method of CSeq is not the request's"),
    Case("bigcode", "3.1.2.19", "is dropped", 0, "the status line is not well formed"),
    Case("badbranch", "3.2.1", "400, or the rules of RFC 2543 for transactions", 200),
    Case("insuf", "3.3.1", "400", 400, "there is no From header"),
    Case("unkscm", "3.3.2", "416", 416, "the URI scheme nobodyKnowsThisScheme: is not supported"),
    Case("novelsc", "3.3.3", "416", 416, "the URI scheme soap.beep: is not supported"),
    Case("unksm2", "3.3.4", "400 from a registrar", 405, told=_ALLOW),
    Case(
        "bext01",
        "3.3.5",
        "420 with what Require names; Proxy-Require is not for endpoints",
        420,
        told={"Unsupported": "nothingSupportsThis, nothingSupportsThisEither"},
    ),
    Case("invut", "3.3.6", "415 with Accept", 415, told={"Accept": "application/sdp", "Accept-Encoding": "identity"}),
    Case("regaut01", "3.3.7", "401 from a registrar, or the header ignored", 405, told=_ALLOW),
    Case("multi01", "3.3.8", "400", 400, "there is more than one From header"),
    Case("mcl01", "3.3.9", "400", 400, "there is more than one Content-Length header"),
    Case("bcast", "3.3.10", "is discarded by an endpoint: a second Via", 0, "a response has not exactly one Via"),
    Case("zeromf", "3.3.11", "an endpoint takes no notice of the zero", 200),
    Case("cparam01", "3.3.12", NO_REGISTRAR, 405, told=_ALLOW),
    Case("cparam02", "3.3.13", NO_REGISTRAR, 405, told=_ALLOW),
    Case("regescrt", "3.3.14", NO_REGISTRAR, 405, told=_ALLOW),
    Case("sdp01", "3.3.15", "406, or 400", 406),
    Case("inv2543", "3.4.1", "is accepted by who still wants RFC 2543", 400, "an INVITE needs a Contact"),
)

RFC_5118 = (
    Case("ipv6-good", "4.1", NO_REGISTRAR, 405, told=_ALLOW),
    Case("ipv6-bad", "4.2", "400: an IPv6 address without brackets", 400, "a URI is not well formed"),
    Case("port-ambiguous", "4.3", "the last group belongs to the address", 405, told=_ALLOW),
    Case("port-unambiguous", "4.4", "the port stands behind the brackets", 405, told=_ALLOW),
    Case("via-received-param-with-delim", "4.5", "received in brackets is forgiven", 481),
    Case("via-received-param-no-delim", "4.5", "received without brackets is right", 200),
    Case("ipv6-in-sdp", "4.6", "is well formed: no brackets in SDP", 100),
    Case("mult-ip-in-header", "4.7", "is well formed, with both families in Via", 481),
    Case("mult-ip-in-sdp", "4.8", "is well formed, with both families in SDP", 100),
    Case("ipv4-mapped-ipv6", "4.9", "is well formed", 100),
    Case("ipv6-bug-abnf-3-colons", "4.10", "may be read as if one colon were missing", 200),
    Case("ipv6-correct-abnf-2-colons", "4.10", "is well formed", 200),
)

CASES = {case.name: case for case in (*RFC_4475, *RFC_5118)}


def table() -> list[str]:
    """Return the rows of both documents as Markdown."""
    rows = ["| message | RFC | required: it ... | ours |", "|---|---|---|---|"]
    for number, cases in (("4475", RFC_4475), ("5118", RFC_5118)):
        rows += [f"| `{case.name}` | {number} {case.section} | {case.required} | {case.ours} |" for case in cases]
    return rows
