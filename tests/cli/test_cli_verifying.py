from offhook.actionserver.signature import sign
from terminal import Terminal

T = 1_790_000_000
SECRET = "a-secret-of-sixteen"
VALUES = (("caller", "819012345678"), ("caller_name", "山田 *~"), ("call_id", "c1"), ("event", "incoming"))
QUERY = "shop=7&caller=819012345678&caller_name=%E5%B1%B1%E7%94%B0%20%2A~&call_id=c1&event=incoming"
HEADER = sign(VALUES, ["new-secret-of-all", SECRET], T)
WORDS = ("actions", "verify-signature")
SIGNED = ("--header", HEADER, "--secret", SECRET, "--at", str(T))


def test_a_url_with_its_header_is_valid(terminal: Terminal) -> None:
    printed = terminal.type(*WORDS, f"https://a.example/x?{QUERY}", *SIGNED)
    assert (printed.status, printed.out) == (0, "the signature is valid\n")


def test_a_whole_request_is_read_from_standard_input(terminal: Terminal) -> None:
    request = f"GET /x?{QUERY.replace('%20', '+')} HTTP/1.1\r\nHost: a.example\r\noffhook-signature: {HEADER}\r\n\r\n"
    printed = terminal.type(*WORDS, "--secret", SECRET, "--at", str(T + 299), "--json", stdin=request.encode())
    assert (printed.status, printed.document) == (0, {"valid": True, "problems": []})


def test_a_request_line_and_a_header_with_its_name_are_understood(terminal: Terminal) -> None:
    header = ("--header", f"Offhook-Signature: {HEADER}")
    printed = terminal.type(*WORDS, f"GET /x?{QUERY} HTTP/1.1", *header, "--secret", SECRET, "--at", str(T))
    assert printed.status == 0


def test_what_is_wrong_is_said_by_its_part(terminal: Terminal) -> None:
    url = f"/x?{QUERY}"
    late = terminal.type(*WORDS, url, "--header", HEADER, "--secret", SECRET)
    assert late.status == 1
    assert late.out.startswith("time is wrong: it is ")
    missing = terminal.type(*WORDS, url.replace("&call_id=c1", ""), *SIGNED)
    assert missing.out == "names is wrong: the signed parameter call_id is missing\n"
    encoded = terminal.type(*WORDS, url.replace("%", "%25"), *SIGNED)
    assert encoded.out == "value is wrong: the value of caller_name differs: it is still percent-encoded\n"
    other = terminal.type(*WORDS, url, "--header", HEADER, "--secret", "another", "--at", str(T), "--json")
    assert [problem["part"] for problem in other.document["problems"]] == ["secret"]


def test_what_is_no_request_is_refused(terminal: Terminal) -> None:
    assert terminal.type(*WORDS, f"/x?{QUERY}", "--header", HEADER).status == 2
    for words, stdin in (
        ((f"/x?{QUERY}",), b""),
        (("/x",), b""),
        (("-",), b""),
        (("-",), f"GET /x?{QUERY} HTTP/1.1\nHost: a\n".encode()),
    ):
        printed = terminal.type(*WORDS, *words, "--secret", SECRET, "--json", stdin=stdin)
        assert (printed.status, printed.error["code"]) == (1, "request-unreadable")
