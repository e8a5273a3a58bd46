import pytest

from offhook.engine.sip.dialog import MOVES, Event, Leg, State, destination_of, route_set_of, target_of
from offhook.engine.sip.errors import MalformedMessage
from offhook.engine.sip.message import Request
from offhook.engine.sip.outputs import Destination, Transport
from offhook.engine.sip.parser import parse
from offhook.engine.sip.uri import parse_uri
from offhook.errors import ImpossibleMove

FLOW = Destination("10.0.0.2", 5062)


def leg(
    state: State = State.CONFIRMED, target: str = "sip:bob@10.0.0.2:5062", *routes: str, flow: Destination = FLOW
) -> Leg:
    made = Leg("us", "call-1", state, "10.0.0.9", flow)
    made.local_address = "<sip:a@h>;tag=us"
    made.remote_address = "<sip:b@h>;tag=them"
    made.remote_target = target
    made.route_set = routes
    return made


def written(made: Leg) -> Request:
    outgoing = made.write("BYE", "SIP/2.0/UDP 10.0.0.9", 3, [("User-Agent", "x")], b"body")
    message = parse(outgoing.data)
    assert isinstance(message, Request)
    assert (outgoing.method, outgoing.uri, outgoing.cseq, outgoing.local) == ("BYE", message.uri, 3, "10.0.0.9")
    assert list(outgoing.routes) == message.values("Route")
    return message


@pytest.mark.parametrize(("state", "event"), MOVES)
def test_a_leg_makes_every_move_of_the_table(state: State, event: Event) -> None:
    made = leg(state)
    assert made.may(event)
    assert made.move(event) is MOVES[state, event]
    assert made.state is MOVES[state, event]


@pytest.mark.parametrize("state", State)
def test_a_leg_makes_no_other_move(state: State) -> None:
    for event in Event:
        if (state, event) not in MOVES:
            made = leg(state)
            assert not made.may(event)
            with pytest.raises(ImpossibleMove):
                made.move(event)
            assert made.state is state


def test_every_state_leads_to_the_end_and_nothing_leads_from_it() -> None:
    ending = {State.ENDED}
    for _ in State:
        ending |= {source for (source, _), state in MOVES.items() if state in ending}
    assert ending == set(State)
    assert not any(source is State.ENDED for source, _ in MOVES)


def test_a_request_inside_a_dialog_has_its_addresses_and_goes_to_the_remote_target() -> None:
    made = leg()
    message = written(made)
    assert (message.method, message.uri, message.body) == ("BYE", "sip:bob@10.0.0.2:5062", b"body")
    assert message.headers == {
        "Via": ["SIP/2.0/UDP 10.0.0.9"],
        "Max-Forwards": ["70"],
        "From": ["<sip:a@h>;tag=us"],
        "To": ["<sip:b@h>;tag=them"],
        "Call-ID": ["call-1"],
        "CSeq": ["3 BYE"],
        "User-Agent": ["x"],
        "Content-Length": ["4"],
    }
    assert made.next_hop() == Destination("10.0.0.2", 5062)


def test_loose_routers_are_routes_and_the_target_stays_the_request_uri() -> None:
    made = leg(State.CONFIRMED, "sip:bob@10.0.0.2", "<sip:p1.example:5080;lr>;x=1", "<sip:p2;lr=on>")
    message = written(made)
    assert message.uri == "sip:bob@10.0.0.2"
    assert message.values("Route") == ["<sip:p1.example:5080;lr>;x=1", "<sip:p2;lr=on>"]
    assert made.next_hop() == Destination("p1.example", 5080)


def test_a_strict_router_becomes_the_request_uri_and_the_target_the_last_route() -> None:
    made = leg(State.CONFIRMED, "sip:bob@10.0.0.2", "<sip:p1>", "<sip:p2;lr>")
    message = written(made)
    assert message.uri == "sip:p1"
    assert message.values("Route") == ["<sip:p2;lr>", "<sip:bob@10.0.0.2>"]
    assert made.next_hop() == Destination("p1", 5060)


@pytest.mark.parametrize(
    ("uri", "destination"),
    [
        ("sip:bob@10.0.0.2", Destination("10.0.0.2", 5060)),
        ("sip:bob@gw.example.:65535", Destination("gw.example.", 65535)),
        ("sip:[2001:db8::1]:5070", Destination("2001:db8::1", 5070)),
        ("sip:h;maddr=10.0.0.3", Destination("10.0.0.3", 5060)),
        ("sip:h:5070;maddr=[::1]", Destination("::1", 5070)),
        ("sip:h;maddr", Destination("h", 5060)),
        ("sip:h;transport=TCP", Destination("h", 5060, Transport.TCP)),
        ("sip:h;transport=tls", Destination("h", 5061, Transport.TLS)),
        ("sips:h", Destination("h", 5061, Transport.TLS)),
        ("sips:h:5070;transport=tcp", Destination("h", 5070, Transport.TLS)),
        ("sip:h;transport=ws", Destination("h", 5060)),
    ],
)
def test_a_uri_names_where_to_send(uri: str, destination: Destination) -> None:
    assert destination_of(parse_uri(uri)) == destination


@pytest.mark.parametrize(
    ("target", "destination"),
    [
        ("sip:b@h", Destination("h", 5060, Transport.TCP, 7)),
        ("sip:b@h;transport=tcp", Destination("h", 5060, Transport.TCP, 7)),
        ("sip:b@h;transport=udp", Destination("h", 5060)),
        ("sip:b@h;transport=tls", Destination("h", 5061, Transport.TLS)),
    ],
)
def test_a_request_goes_by_the_connection_that_the_peer_came_by_unless_it_named_another_way(
    target: str, destination: Destination
) -> None:
    flow = Destination("10.0.0.2", 40000, Transport.TCP, 7)
    assert leg(State.CONFIRMED, target, flow=flow).next_hop() == destination


@pytest.mark.parametrize(
    "uri", ["tel:+81312345678", "sip:h;maddr=a..b", "sip:h;maddr=%00", "sip:[:::]", "sip:[1.2.3.4]"]
)
def test_a_uri_that_names_no_place_is_malformed(uri: str) -> None:
    with pytest.raises(MalformedMessage):
        destination_of(parse_uri(uri))


def test_the_contact_is_the_target_without_its_headers() -> None:
    assert target_of([]) is None
    assert target_of(['"B" <sip:bob@h;ob>;q=1', "<sip:other>"]) == "sip:bob@h;ob"
    assert target_of(["<sip:bob@h?Subject=x>"]) == "sip:bob@h"


@pytest.mark.parametrize("value", ["*", "<tel:+813>", "<sip:[:::]>", "<sip:h:99999>", "<mailto:a@h>"])
def test_a_contact_that_cannot_be_reached_is_malformed(value: str) -> None:
    with pytest.raises(MalformedMessage):
        target_of([value])


def test_a_route_set_is_kept_as_received_if_every_hop_can_be_reached() -> None:
    assert route_set_of([]) == ()
    assert route_set_of(["<sip:p1;lr>;x", "<sip:p2>"]) == ("<sip:p1;lr>;x", "<sip:p2>")
    for hop in ("<tel:+813>", "p1", "<sip:h;maddr=->"):
        with pytest.raises(MalformedMessage):
            route_set_of(["<sip:p1;lr>", hop])


def test_a_peer_that_may_be_behind_a_nat_is_asked_where_it_was_heard_unless_a_route_was_recorded() -> None:
    flow = Destination("203.0.113.2", 40000)
    made = leg(State.CONFIRMED, "sip:b@192.168.1.2", flow=flow)
    made.stays_at_source = True
    assert made.next_hop() == flow
    made.route_set = ("<sip:proxy.example;lr>",)
    assert made.next_hop().host == "proxy.example"
