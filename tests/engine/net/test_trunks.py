"""The door's list: whose calls come from where, and who was turned away."""

import pytest
from structlog.testing import capture_logs

from offhook.domain.strangers import MOST_STRANGERS
from offhook.engine.net.log import Throttled
from offhook.engine.net.trunks import SOURCES_REMEMBERED, Trunks

INVITE = b"INVITE sip:1@example.org SIP/2.0\r\nVia: x\r\n"


class Door:
    """Trunks and their clock."""

    def __init__(self, *trunks: tuple[str, list[str]]) -> None:
        self.now = 0.0
        self.trunks = Trunks(Throttled(lambda: self.now), lambda: self.now)
        self.trunks.replace(trunks)

    def turned_away(self) -> list[tuple[str, int]]:
        return [(stranger.address, stranger.count) for stranger in self.trunks.strangers()]


CARRIER = ("carrier", ["192.0.2.0/24", "2001:db8::/32"])


def test_a_source_belongs_to_the_trunk_whose_network_holds_it() -> None:
    door = Door(CARRIER)
    assert door.trunks.of("192.0.2.9") == "carrier"
    assert door.trunks.of("2001:db8::9") == "carrier"
    assert door.trunks.of("192.0.3.9") is None


def test_the_narrowest_network_wins_in_whatever_order_they_stand() -> None:
    inner = ("gateway", ["192.0.2.16/28"])
    for door in (Door(CARRIER, inner), Door(inner, CARRIER)):
        assert door.trunks.of("192.0.2.17") == "gateway"
        assert door.trunks.of("192.0.2.40") == "carrier"


def test_a_network_may_be_written_with_the_bits_of_a_host() -> None:
    assert Door(("carrier", ["192.0.2.77/24"])).trunks.of("192.0.2.1") == "carrier"


def test_nobody_is_known_by_default() -> None:
    assert not Door().trunks.permits(INVITE, "127.0.0.1", 5060)


def test_new_trunks_count_at_once() -> None:
    door = Door(CARRIER)
    assert door.trunks.permits(INVITE, "192.0.2.9", 5060)
    door.trunks.replace([("other", ["198.51.100.0/24"])])
    assert not door.trunks.permits(INVITE, "192.0.2.9", 5060)
    assert door.trunks.of("198.51.100.1") == "other"


def test_strangers_are_counted_with_what_they_said_last() -> None:
    door = Door(CARRIER)
    door.trunks.permits(INVITE, "203.0.113.1", 5060)
    door.trunks.permits(INVITE, "203.0.113.2", 5060)
    door.now = 9.0
    door.trunks.permits(b"OPTIONS sip:x SIP/2.0\r\n", "203.0.113.1", 5060)
    assert door.turned_away() == [("203.0.113.2", 1), ("203.0.113.1", 2)]
    last = door.trunks.strangers()[-1]
    assert (last.first_line, last.first_seen, last.last_seen) == ("OPTIONS sip:x SIP/2.0", 0.0, 9.0)


def test_every_datagram_of_a_stranger_is_counted_and_none_of_a_trunk() -> None:
    door = Door(CARRIER)
    for host in ("203.0.113.1", "203.0.113.1", "203.0.113.2", "192.0.2.1"):
        door.trunks.permits(INVITE, host, 5060)
    assert (door.trunks.names, door.trunks.dropped) == (("carrier",), 3)


def test_who_became_a_trunk_is_no_stranger_any_more() -> None:
    door = Door()
    door.trunks.permits(INVITE, "192.0.2.9", 5060)
    door.trunks.permits(INVITE, "203.0.113.1", 5060)
    door.trunks.replace([CARRIER])
    assert door.turned_away() == [("203.0.113.1", 1)]


def test_a_flood_of_strangers_leaves_only_the_last() -> None:
    door = Door()
    with capture_logs() as lines:
        for number in range(MOST_STRANGERS + 50):
            door.trunks.permits(INVITE, f"203.0.{number // 200}.{number % 200}", 5060)
    assert len(door.turned_away()) == MOST_STRANGERS
    assert door.trunks.dropped > MOST_STRANGERS
    assert door.turned_away()[-1] == ("203.0.0.149", 1)
    assert 0 < len(lines) < 10
    assert lines[0]["hint"].endswith("offhook trunks add NAME --source 203.0.0.0/32")


def test_a_flood_of_known_sources_takes_no_more_memory_than_allowed() -> None:
    door = Door(("all", ["10.0.0.0/8"]))
    for number in range(SOURCES_REMEMBERED + 10):
        assert door.trunks.of(f"10.0.{number // 250}.{number % 250}") == "all"
    assert len(door.trunks._known) <= SOURCES_REMEMBERED


@pytest.mark.parametrize(
    "data", [b"\x1b[31mred\r\n", b"\xff\xfe\x00", b"", b"x" * 2000, "INVITE sip:Zoë".encode(), b"a\nb\tc\r\nd"]
)
def test_what_a_stranger_said_is_fit_for_a_terminal(data: bytes) -> None:
    door = Door()
    door.trunks.permits(data, "203.0.113.1", 5060)
    [stranger] = door.trunks.strangers()
    assert stranger.first_line.isprintable()
    assert len(stranger.first_line) <= 80


def test_a_gateway_that_we_send_to_may_answer_but_belongs_to_no_trunk() -> None:
    door = Door(CARRIER)
    door.trunks.expect("203.0.113.5")
    assert door.trunks.permits(b"SIP/2.0 200 OK", "203.0.113.5", 5060)
    assert door.trunks.of("203.0.113.5") is None
    for number in range(SOURCES_REMEMBERED):
        door.trunks.expect(f"10.0.{number // 256}.{number % 256}")
    assert not door.trunks.permits(b"SIP/2.0 200 OK", "203.0.113.5", 5060), "what is remembered has a limit"


def test_who_is_turned_away_behind_the_door_stands_among_the_strangers_and_was_not_dropped() -> None:
    door = Door(CARRIER)
    door.trunks.expect("203.0.113.5")
    door.trunks.remember("203.0.113.5", b"INVITE sip:1@example.org SIP/2.0")
    assert door.turned_away() == [("203.0.113.5", 1)]
    assert door.trunks.dropped == 0


def test_a_stranger_whose_message_was_read_stands_there_with_what_came_of_it() -> None:
    door = Door()
    with capture_logs() as logs:
        door.trunks.remember("203.0.113.1", INVITE, "unanswered:\x1b it names no user")
    [stranger] = door.trunks.strangers()
    assert stranger.first_line == "INVITE sip:1@example.org SIP/2.0 (unanswered:? it names no user)"
    assert door.trunks.dropped == 0, "what was read was not dropped unread"
    assert "hint" not in logs[0]
    door.trunks.forget("203.0.113.1")
    door.trunks.forget("203.0.113.1")
    assert door.trunks.strangers() == []
    assert not door.trunks.expects("203.0.113.1")
