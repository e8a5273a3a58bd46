from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from house import DIN, NOW, House
from offhook.domain.peers import check_peer
from offhook.domain.strangers import Sighting
from offhook.domain.trunk_states import Kind, TrunkState
from offhook.service import nodes, strangers, trunk_states
from terminal import Terminal


def test_a_trunk_takes_its_sources_repeated_or_separated_by_commas(terminal: Terminal) -> None:
    words = ("--source", "192.0.2.0/24", "--source", "198.51.100.7,2001:db8::/32", "--send", "sip:192.0.2.1:5060")
    trunk = terminal.type("trunks", "add", "lab", *words, "--json").document
    assert trunk == {
        "name": "lab",
        "sources": ["192.0.2.0/24", "198.51.100.7/32", "2001:db8::/32"],
        "send": "sip:192.0.2.1:5060",
        "pass_caller": False,
        "number_from": "request-uri",
        "country_code": "",
        "national_prefixes": ["0"],
        "international_prefixes": ["00"],
        "strip": 0,
        "prepend": "",
        "trusted": False,
        "srtp": False,
        "dtmf": "rfc4733",
        "forwarded_by": "diversion",
        "asserts_number": False,
        "follows_redirects": False,
        "takes_refer": False,
        "client_certificate": None,
        "check_every": 60,
        "user": None,
        "registers": False,
        "auth": "source",
        "peer_user": None,
    }
    assert terminal.type("trunks", "list", "--json").document == [{**trunk, "states": []}]


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


RULES = (
    *(
        "--number-from",
        "p-called-party-id",
        "--country-code",
        "81",
        "--national-prefix",
        "0",
        "--national-prefix",
        "none",
    ),
    *("--international-prefix", "00,010", "--strip", "3", "--prepend", "+81", "--trusted"),
)
RULED = {
    "number_from": "p-called-party-id",
    "country_code": "81",
    "national_prefixes": ["0", ""],
    "international_prefixes": ["00", "010"],
    "strip": 3,
    "prepend": "+81",
    "trusted": True,
}


def test_a_trunk_takes_its_rules_when_it_is_added_or_later(terminal: Terminal) -> None:
    added = terminal.type("trunks", "add", "lab", "--source", "127.0.0.1", *RULES, "--json").document
    assert added == added | RULED
    terminal.type("trunks", "add", "desk", "--source", "127.0.0.2")
    changed = terminal.type("trunks", "set", "desk", *RULES, "--json").document
    assert changed == {**added, "name": "desk", "sources": ["127.0.0.2/32"]}
    assert terminal.type("trunks", "show", "desk", "--json").document == {**changed, "states": []}


def test_what_is_not_named_stays_and_what_is_empty_goes(terminal: Terminal) -> None:
    terminal.type("trunks", "add", "lab", "--source", "127.0.0.1", *RULES)
    words = ("--untrusted", "--country-code", "", "--prepend", "", "--national-prefix", "0")
    changed = terminal.type("trunks", "set", "lab", *words, "--json").document
    left = {"trusted": False, "country_code": "", "prepend": "", "national_prefixes": ["0"]}
    assert changed == changed | RULED | left


def test_rules_are_shown_in_words(terminal: Terminal) -> None:
    terminal.type("trunks", "add", "lab", "--source", "127.0.0.1", *RULES)
    said = (
        "number from p-called-party-id, country code 81, national prefix 0 or none, "
        "international prefix 00 or 010, strip 3, prepend +81, trusted"
    )
    assert said in terminal.type("trunks", "list").out
    assert terminal.type("trunks", "set", "lab", "--strip", "3").out == f"trunk lab: {said}\n"
    rows = [line.split(maxsplit=2) for line in terminal.type("trunks", "show", "lab").out.splitlines()]
    assert ["national", "prefix", "0 or none"] in rows
    assert ["trusted", "yes"] in rows


def test_what_legs_through_a_trunk_do_is_told_in_words(terminal: Terminal) -> None:
    policy = ("--dtmf", "info", "--forwarded-by", "history-info", "--assert-number", "--redirects", "--refer")
    wary = ("--client-certificate", "gw.carrier.example", "--check-every", "0")
    terminal.type("trunks", "add", "lab", "--source", "127.0.0.1", *policy, *wary)
    said = (
        "keys by info, forwarded by history-info, asserts our number, redirects followed, REFER taken, "
        "client certificate gw.carrier.example, checked every 0"
    )
    assert said in terminal.type("trunks", "list").out
    back = ("--no-refer", "--no-redirects", "--no-assert-number", "--client-certificate", "", "--check-every", "60")
    plain = terminal.type("trunks", "set", "lab", *back, "--dtmf", "rfc4733", "--forwarded-by", "diversion").out
    assert plain == "trunk lab: no rules of its own\n"


def test_a_trunk_without_rules_says_so(terminal: Terminal) -> None:
    terminal.type("trunks", "add", "lab", "--source", "127.0.0.1")
    assert terminal.type("trunks", "set", "lab", "--untrusted").out == "trunk lab: no rules of its own\n"
    rows = [line.split() for line in terminal.type("trunks", "show", "lab").out.splitlines()]
    assert ["trusted", "no"] in rows


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--check-every", "-1"), 1),
        (("--client-certificate", "-gw-"), 1),
        (("--dtmf", "smoke"), 2),
        (("--forwarded-by", "pigeon"), 2),
        ((), 2),
        (("--number-from", "from"), 2),
        (("--strip", "16"), 1),
        (("--country-code", "0"), 1),
    ],
)
def test_a_change_that_is_none_or_cannot_be_is_refused(terminal: Terminal, words: tuple[str, ...], status: int) -> None:
    terminal.type("trunks", "add", "lab", "--source", "127.0.0.1")
    before = terminal.type("trunks", "show", "lab", "--json").document
    assert terminal.type("trunks", "set", "lab", *words).status == status
    assert terminal.type("trunks", "show", "lab", "--json").document == before


def test_a_trunk_that_is_not_there_is_not_found(terminal: Terminal) -> None:
    for words in (("set", "lab", "--strip", "1"), ("show", "lab"), ("try", "lab", "110")):
        printed = terminal.type("trunks", *words, "--json")
        assert (printed.status, printed.error["code"]) == (1, "trunk-not-found")


@pytest.mark.parametrize(
    "number", ["0312345678", "+81 3 1234 5678", "81312345678", "0081312345678", "tel:03-1234-5678;phone-context=+81"]
)
def test_a_number_is_tried_in_its_forms(terminal: Terminal, number: str) -> None:
    terminal.type("trunks", "add", "lab", "--source", "127.0.0.1", "--country-code", "81")
    (terminal.folder / "numbers.csv").write_text(
        "din,country_code,prefix,monthly_cost,minute_cost,trunk\n81312345678,81,3,650,1,lab\n"
    )
    terminal.type("numbers", "import", "numbers.csv")
    trial = terminal.type("trunks", "try", "lab", number, "--json").document
    assert (trial["forms"][0], trial["din"], trial["subscribed"]) == ("81312345678", "81312345678", False)
    assert trial["din_uid"].startswith("JP")
    lines = terminal.type("trunks", "try", "lab", number).out.splitlines()
    assert lines[0] == "1. 81312345678"
    assert lines[-1].startswith("finds 81312345678, which nobody subscribes")


def test_a_number_that_would_be_called_is_named(terminal: Terminal) -> None:
    house = House(f"sqlite:///{terminal.folder}/offhook-data/offhook.db")
    din_uid = house.subscribed()
    house.close()
    terminal.type("trunks", "add", "lab", "--source", "127.0.0.1")
    assert terminal.type("trunks", "try", "lab", f"+{DIN}").out == f"1. {DIN}\nfinds {DIN} ({din_uid})\n"
    assert terminal.type("trunks", "try", "lab", DIN, "--json").document["subscribed"] is True


def test_a_number_that_finds_nothing_says_why(terminal: Terminal) -> None:
    terminal.type("trunks", "add", "lab", "--source", "127.0.0.1")
    assert terminal.type("trunks", "try", "lab", "0312345678").out.splitlines() == [
        "'0312345678' has no country code, and the rules of the trunk name none",
        "finds nothing: the call would be refused as unknown-number",
    ]
    document = terminal.type("trunks", "try", "lab", "sip:+81312345678@192.0.2.1;user=phone", "--json").document
    assert (document["dialled"], document["forms"], document["din"]) == ("+81312345678", ["81312345678"], None)
    assert terminal.type("trunks", "try", "lab", "mailto:a@b.example").status == 1


def test_a_trunk_has_a_login_whose_password_is_never_shown(terminal: Terminal, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("a secret\nand a second line\n")
    words = ("--source", "127.0.0.1", "--user", "offhook", "--password-file", str(secret))
    added = terminal.type("trunks", "add", "lab", *words, "--json")
    assert added.document["user"] == "offhook"
    shown = terminal.type("trunks", "show", "lab")
    assert "offhook" in shown.out
    assert "a secret" not in added.out + shown.out
    assert terminal.type("trunks", "set", "lab", "--country-code", "81", "--json").document["user"] == "offhook"
    assert terminal.type("trunks", "set", "lab", "--user", "", "--json").document["user"] is None


@pytest.mark.parametrize(
    "words", [("--user", "offhook"), ("--password-file", "-"), ("--user", "offhook", "--password-file", "nowhere")]
)
def test_half_a_login_is_wrong_usage(terminal: Terminal, words: tuple[str, ...]) -> None:
    assert terminal.type("trunks", "add", "lab", "--source", "127.0.0.1", *words).status == 2


def test_a_trunk_may_demand_srtp(terminal: Terminal) -> None:
    assert terminal.type("trunks", "add", "lab", "--source", "127.0.0.1", "--srtp", "--json").document["srtp"] is True
    assert "SRTP" in terminal.type("trunks", "list").out
    assert terminal.type("trunks", "set", "lab", "--plain", "--json").document["srtp"] is False


def test_strangers_are_listed_with_the_line_that_lets_them_in(terminal: Terminal) -> None:
    assert terminal.type("trunks", "strangers", "--json").document == []
    opened = House(f"sqlite:///{terminal.folder / 'offhook-data' / 'offhook.db'}")
    at = NOW.replace(microsecond=5000)
    heard = [
        Sighting("203.0.113.9", "INVITE sip:815012345678@192.0.2.1 SIP/2.0", 1200, NOW, at),
        Sighting("2001:db8::9", "OPTIONS sip:\x1b[31m SIP/2.0", 1, NOW, NOW),
    ]
    opened.write(lambda work: strangers.note(work, node="node-1", sightings=heard, now=NOW))
    opened.close()
    first, second = terminal.type("trunks", "strangers", "--json").document
    assert first == {
        "address": "203.0.113.9",
        "first_at": "2026-11-23T06:00:00Z",
        "last_at": "2026-11-23T06:00:00Z",
        "count": 1200,
        "first_line": "INVITE sip:815012345678@192.0.2.1 SIP/2.0",
        "nodes": ["node-1"],
        "command": "offhook trunks add NAME --source 203.0.113.9/32",
    }
    assert second["command"] == "offhook trunks add NAME --source 2001:db8::9/128"
    rows = terminal.type("trunks", "strangers").out
    assert "1,200" in rows
    assert "\x1b" not in rows
    # The line does what it says.
    _, _, *words = first["command"].replace("NAME", "tokyo").split()
    assert terminal.type("trunks", *words).status == 0
    assert [one["address"] for one in terminal.type("trunks", "strangers", "--json").document] == ["2001:db8::9"]


def test_how_a_trunk_fares_is_shown_with_who_says_so_where_nodes_differ(terminal: Terminal) -> None:
    terminal.type("trunks", "add", "lab", "--source", "127.0.0.1")
    opened = House(f"sqlite:///{terminal.folder / 'offhook-data' / 'offhook.db'}")
    now = datetime.now(UTC)

    def keep(node: str, gateway: TrunkState) -> None:
        registered = TrunkState(node, "lab", Kind.REGISTRATION, True, "until 2026-11-23 06:10:00", NOW)
        opened.write(lambda work: nodes.begin(work, node=node, now=now))
        opened.write(lambda work: trunk_states.keep(work, node=node, states=[registered, gateway], now=now))

    keep("node-1", TrunkState("node-1", "lab", Kind.GATEWAY, True, "10.0.0.1:5060 answered 200 OK", NOW))
    agreed = "registered until 2026-11-23 06:10:00"
    listed = terminal.type("trunks", "list").out
    assert f"up since 2026-11-23 06:00:00, {agreed}" in listed
    assert "node-1" not in listed
    later = NOW.replace(hour=7)
    keep("node-2", TrunkState("node-2", "lab", Kind.GATEWAY, False, "10.0.0.1:5060 nobody answered", later))
    shown = terminal.type("trunks", "show", "lab").out
    said = "up since 2026-11-23 06:00:00 (says node-1), down since 2026-11-23 07:00:00: 10.0.0.1:5060 nobody answered"
    assert f"{said} (says node-2)" in shown
    assert agreed in shown
    states = terminal.type("trunks", "show", "lab", "--json").document["states"]
    assert [(one["kind"], one["up"], one["node"]) for one in states] == [
        ("gateway", True, "node-1"),
        ("gateway", False, "node-2"),
        ("registration", True, "node-1"),
        ("registration", True, "node-2"),
    ]
    assert states[1] == {
        "kind": "gateway",
        "up": False,
        "since": "2026-11-23T07:00:00Z",
        "text": "10.0.0.1:5060 nobody answered",
        "node": "node-2",
    }
    # A node that was not heard for a while has nothing to say any more.
    opened.write(lambda work: work.nodes.take("node-2", now - timedelta(seconds=60)))
    assert "node-2" not in terminal.type("trunks", "list").out
    opened.close()


def test_a_peer_that_proves_itself_needs_no_source_and_its_password_is_shown_once(terminal: Terminal) -> None:
    added = terminal.type("trunks", "add", "desk", "--auth", "digest", "--peer-user", "anna", "--json").document
    assert (added["auth"], added["peer_user"], added["sources"]) == ("digest", "anna", [])
    password = added.pop("peer_password")
    assert len(password) >= 32
    assert terminal.type("trunks", "list", "--json").document == [added | {"states": []}]
    assert password not in terminal.type("trunks", "show", "desk").out
    assert terminal.type("trunks", "show", "desk", "--json").document == added | {"states": []}


def test_a_peers_user_is_made_up_too_and_both_are_told_to_the_operator(terminal: Terminal) -> None:
    said = terminal.type("trunks", "add", "desk", "--auth", "digest").out
    trunk = terminal.type("trunks", "show", "desk", "--json").document
    assert len(trunk["peer_user"]) == 16
    assert f"  user      {trunk['peer_user']}" in said.splitlines()


def test_a_peers_password_may_come_from_a_file(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("correct horse battery\n")
    words = ("--auth", "digest", "--peer-user", "anna", "--peer-password-file", str(file))
    assert "peer_password" not in terminal.type("trunks", "add", "desk", *words, "--json").document
    house = House(f"sqlite:///{terminal.folder}/offhook-data/offhook.db")
    [trunk] = house.read(lambda work: work.trunks.all())
    house.close()
    assert trunk.peer == check_peer("anna", "correct horse battery")
    file.write_text("short\n")
    assert terminal.type("trunks", "set", "desk", *words, "--json").error["code"] == "bad-field"
    gone = (*words[:-1], str(tmp_path / "nothing"))
    assert terminal.type("trunks", "set", "desk", *gone).status == 2


def test_a_peer_gets_a_new_password_or_is_let_in_without(terminal: Terminal) -> None:
    terminal.type("trunks", "add", "desk", "--source", "192.0.2.7")
    first = terminal.type("trunks", "set", "desk", "--auth", "digest", "--peer-user", "anna", "--json").document
    second = terminal.type("trunks", "set", "desk", "--auth", "digest", "--json").document
    assert first["peer_user"] == second["peer_user"] == "anna"
    assert first["peer_password"] != second["peer_password"]
    assert terminal.type("trunks", "set", "desk", "--srtp", "--json").document["auth"] == "digest"
    assert terminal.type("trunks", "set", "desk", "--auth", "digest-md5", "--json").document["auth"] == "digest-md5"
    assert terminal.type("trunks", "set", "desk", "--auth", "source", "--json").document["auth"] == "source"


def test_a_peer_without_a_source_cannot_be_let_in_without_proof(terminal: Terminal) -> None:
    terminal.type("trunks", "add", "desk", "--auth", "digest")
    assert terminal.type("trunks", "set", "desk", "--auth", "source", "--json").error["code"] == "bad-field"


def test_a_peers_user_without_digest_is_wrong_usage(terminal: Terminal) -> None:
    assert terminal.type("trunks", "add", "desk", "--source", "192.0.2.7", "--peer-user", "anna").status == 2
    terminal.type("trunks", "add", "desk", "--source", "192.0.2.7")
    assert terminal.type("trunks", "set", "desk", "--peer-user", "anna").status == 2
