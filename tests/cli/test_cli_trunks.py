from terminal import Terminal


def test_a_trunk_takes_its_sources_repeated_or_separated_by_commas(terminal: Terminal) -> None:
    words = ("--source", "192.0.2.0/24", "--source", "198.51.100.7,2001:db8::/32", "--send", "sip:192.0.2.1:5060")
    trunk = terminal.type("trunks", "add", "lab", *words, "--json").document
    assert trunk == {
        "name": "lab",
        "sources": ["192.0.2.0/24", "198.51.100.7/32", "2001:db8::/32"],
        "send": "sip:192.0.2.1:5060",
        "pass_caller": False,
    }
    assert terminal.type("trunks", "list", "--json").document == [trunk]


def test_trunks_are_listed_as_a_table(terminal: Terminal) -> None:
    terminal.type("trunks", "add", "lab", "--source", "127.0.0.1/32")
    assert terminal.type("trunks", "list").out.splitlines()[2].split() == ["lab", "127.0.0.1/32"]


def test_a_trunk_without_a_source_is_wrong_usage(terminal: Terminal) -> None:
    assert terminal.type("trunks", "add", "lab").status == 2


def test_a_source_that_is_no_network_is_refused(terminal: Terminal) -> None:
    printed = terminal.type("trunks", "add", "lab", "--source", "192.0.2.7/24", "--json")
    assert (printed.status, printed.error["code"]) == (1, "bad-field")
    assert terminal.type("trunks", "list", "--json").document == []


def test_a_trunk_may_be_allowed_to_show_callers(terminal: Terminal) -> None:
    words = ("--source", "127.0.0.1", "--send", "sip:127.0.0.1:5080", "--pass-caller")
    assert terminal.type("trunks", "add", "lab", *words, "--json").document["pass_caller"] is True
    rows = terminal.type("trunks", "list").out.splitlines()
    assert rows[2].split() == ["lab", "127.0.0.1/32", "sip:127.0.0.1:5080", "passed"]


def test_no_trunk_is_called_inside(terminal: Terminal) -> None:
    printed = terminal.type("trunks", "add", "inside", "--source", "127.0.0.1", "--json")
    assert (printed.status, printed.error["code"]) == (1, "bad-field")
