"""Where faults are exhibited: one running platform, and a number, a caller and an action URL for each fault."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

import office
from offhook.domain.credits import CREDIT
from offhook.domain.rules import RuleChanges
from offhook.service import accounts, calls, numbers, subscriptions, trunks
from offhook.storage import Work
from running_platform import RunningPlatform

FIRST_NUMBER = 815010000000
FIRST_CALLER = 819010000000
POOR, BRIEF = "Poor", "Brief"
"""An account that cannot pay for a call, and one that can pay for one minute of one."""
LITTLE_CREDIT = {POOR: 1, BRIEF: 100}
MINUTE_COST = 60
"""What a minute costs at numbers here, in credits: two are more than the second account has."""
SETTLED_S = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where one exhibit hangs: its number, and who calls it."""

    number: str
    caller: str


@dataclass(frozen=True, slots=True)
class Furniture:
    """What an exhibit needs: whose number it is, the number's URLs, and where its transfers go."""

    name: str
    url: str
    account: str = office.ACCOUNT
    send: tuple[str, int] | None = None
    fallback_url: str = ""
    default_action: str = ""


@dataclass
class Hall:
    """The platform, furnished exhibit by exhibit."""

    platform: RunningPlatform
    places: dict[str, Place] = field(default_factory=dict)

    def open(self) -> str:
        """Open the accounts that have too little; return the secret that signs the first one's requests."""
        now = datetime.now(UTC)
        for name, credit in LITTLE_CREDIT.items():
            sid, token = secrets.token_hex(16), secrets.token_hex(16)
            office.write(
                self.platform.database_url,
                partial(accounts.create_account, name=name, credit=credit * CREDIT, sid=sid, token=token, now=now),
            )
        return str(self.platform.api("POST", "/account/signing/secret/")["secret"])

    def furnish(self, wanted: Sequence[Furniture]) -> None:
        """Give each exhibit its number, subscribed, and a trunk of its own if its calls are led anywhere."""
        first = len(self.places)
        places = [
            Place(str(FIRST_NUMBER + serial), str(FIRST_CALLER + serial))
            for serial in range(first, first + len(wanted))
        ]

        def unit(work: Work) -> None:
            for serial, (one, place) in enumerate(zip(wanted, places, strict=True), first):
                _furnish(work, serial, one, place)

        office.write(self.platform.database_url, unit)
        self.places.update(zip((one.name for one in wanted), places, strict=True))

    def explained(self, names: Sequence[str]) -> Mapping[str, dict[str, Any]]:
        """Return the calls of these exhibits with timelines and causes, once all of them are on record."""
        callers = {self.places[name].caller: name for name in names}
        statement = (
            "SELECT caller, calls.call_id FROM calls JOIN call_events ON call_events.call_id = calls.call_id"
            " WHERE ended_at IS NOT NULL AND part = 0"
        )

        def ended() -> dict[str, str] | None:
            found = {callers[caller]: call_id for caller, call_id in self.platform.rows(statement) if caller in callers}
            return found if len(found) == len(callers) else None

        found = self.platform.wait_until(ended, within_s=SETTLED_S, what="all calls to be on record")
        own = {call["call_id"] for call in self.platform.calls()}
        return {name: self._explained(call_id, own) for name, call_id in found.items()}

    def _explained(self, call_id: str, own: Collection[str]) -> dict[str, Any]:
        if call_id in own:
            timeline = self.platform.timeline(call_id)
            return {"call_id": call_id, "cause": timeline[0]["cause"], "timeline": timeline}
        # Calls of other accounts, and of nobody, are for the operator alone.
        read = partial(calls.explanation, account_id=None, call_id=call_id)
        found = office.read(self.platform.database_url, read)
        timeline = [{"kind": line.kind, "code": line.code} for line in found.lines]
        return {"call_id": call_id, "cause": asdict(found.why), "timeline": timeline}


def _furnish(work: Work, serial: int, one: Furniture, place: Place) -> None:
    trunk, now = office.TRUNK, datetime.now(UTC)
    if one.send is not None:
        trunk, host, port = f"to-{one.name}", *one.send
        rules = RuleChanges(check_every_s=0)
        sources, send = (f"198.18.0.{serial}/32",), f"sip:{host}:{port}"
        trunks.add_trunk(work, name=trunk, sources=sources, send=send, pass_caller=True, rules=rules, now=now)
    row = {
        "din": place.number,
        "country_code": "81",
        "prefix": "50",
        "monthly_cost": "0",
        "minute_cost": str(MINUTE_COST if one.account == BRIEF else 1),
        "trunk": trunk,
    }
    report = numbers.import_numbers(work, [row], now=now, fresh=partial(secrets.token_hex, 8))
    assert report.added == 1, report
    dialled, owner = work.numbers.dialled(place.number), work.accounts.by_name(one.account)
    assert dialled is not None
    assert owner is not None
    uid = dialled.number.din_uid
    subscriptions.subscribe(work, account_id=owner.id, din_uid=uid, now=now)
    subscriptions.set_urls(
        work,
        account_id=owner.id,
        din_uid=uid,
        action_url=one.url or None,
        fallback_url=one.fallback_url or None,
        default_action=one.default_action or None,
    )
