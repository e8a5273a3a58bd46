"""What is wrong with the ports and the public address of a machine: judged from what was measured there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import Finding, bad, good, unknown, warning

FEW_PAIRS = 0.1
"""Less than this share of free pairs of RTP ports is worth a warning."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port to listen at: taken by somebody, free, or unusable for a reason; `answered` is the status of OPTIONS."""

    place: str
    is_taken: bool
    problem: str = ""
    answered: int | None = None
    was_asked: bool = False


@dataclass(frozen=True, slots=True)
class Toward:
    """From which of our addresses a trunk is sent to; `is_far` if it is in no private network."""

    trunk: str
    own: str
    is_far: bool


def judge_sip_port(port: Port, *, is_alive: bool | None) -> Finding:
    """Say whether the SIP port is ours; `is_alive` tells whether the node is, None if that is not known."""
    data = {"place": port.place, "answered": port.answered}
    if port.problem:
        cure = (
            "Listen at an address of this machine and a port from 1024 on (setting `sip`), or give this user the right."
        )
        return bad(Check.SIP_PORT, f"{port.place} cannot be used: {port.problem}", cure, **data)
    if is_alive and not port.is_taken:
        return bad(
            Check.SIP_PORT,
            f"the node lives, but nobody listens at {port.place}",
            "Give this command the settings of the node: the same folder, environment and offhook.toml.",
            **data,
        )
    if is_alive and port.was_asked and port.answered is None:
        return bad(Check.SIP_PORT, f"{port.place} is taken, but does not answer OPTIONS", **data)
    if is_alive:
        said = f", and answers OPTIONS with {port.answered}" if port.answered else "; no trunk may ask it from here"
        return good(Check.SIP_PORT, f"{port.place} is taken while the node lives{said}", **data)
    if port.is_taken:
        if is_alive is None:
            return unknown(Check.SIP_PORT, f"{port.place} is taken, and whether by the node is not known", **data)
        return bad(
            Check.SIP_PORT, f"another program has {port.place}, so the node cannot start", reason="port-taken", **data
        )
    return good(Check.SIP_PORT, f"{port.place} is free, so the node can start", **data)


def judge_rtp_ports(shown: str, pairs: int, taken: int | None, workers: int) -> Finding:
    """Say whether calls find ports for their audio; `taken` pairs are in use, None if the kernel does not say."""
    if pairs < workers:
        return bad(Check.RTP_PORTS, f"{shown} holds {pairs} pairs of RTP ports for {workers} media workers")
    if taken is None:
        return unknown(Check.RTP_PORTS, f"{shown} holds {pairs} pairs; the kernel does not say which are taken")
    data = {"pairs": pairs, "taken": taken}
    said = f"{pairs - taken} of {pairs} pairs of {shown} are free"
    if taken >= pairs:
        return bad(Check.RTP_PORTS, f"every pair of {shown} is taken", **data)
    if pairs - taken < pairs * FEW_PAIRS:
        return warning(Check.RTP_PORTS, said, **data)
    return good(Check.RTP_PORTS, said, **data)


def judge_public_address(public: str | None, bound: str, own: Collection[str], toward: Sequence[Toward]) -> Finding:
    """Say whether trunks in the internet are told an address at which they reach us."""
    data = {"public_address": public, "own": sorted(own), "toward": {one.trunk: one.own for one in toward}}
    not_measured = "what the other side sees is not measured"
    if public is not None and ip_address(public).is_private:
        return warning(
            Check.PUBLIC_ADDRESS, f"public_address is {public}, which the internet cannot reach; {not_measured}", **data
        )
    if public in own:
        return good(Check.PUBLIC_ADDRESS, f"public_address is {public}, an address of this machine", **data)
    if public is not None:
        said = f"public_address is {public}, which no interface has: a NAT must pass SIP and RTP on; {not_measured}"
        return good(Check.PUBLIC_ADDRESS, said, **data)
    hidden = [one for one in toward if one.is_far and ip_address(one.own).is_private]
    if hidden:
        return bad(
            Check.PUBLIC_ADDRESS,
            f"{hidden[0].trunk} is in the internet, and would be told the private address {hidden[0].own}:"
            " its audio would not reach us",
            **data,
        )
    said = f"it is not set, and no trunk needs it: SIP is received at {bound}; {not_measured}"
    return good(Check.PUBLIC_ADDRESS, said, **data)
