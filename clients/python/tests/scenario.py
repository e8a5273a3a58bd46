"""What every client does with one server, step by step: a line of JSON each, the same in every language.

OFFHOOK_URL, OFFHOOK_SID, OFFHOOK_TOKEN and OFFHOOK_VECTORS say where, who, and where the signature vectors are.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from offhook_client import (
    BadRequest,
    Client,
    Conflict,
    NotFound,
    Script,
    SignatureRefused,
    Unauthorized,
    verify_request,
)

RULES = {
    "time_zone": "Asia/Tokyo",
    "block": {"callers": ["4930*", "819011111111"], "script": "reject declined"},
    "anonymous": {"script": 'say en "Please call again and show your number."'},
    "dates": [
        {
            "date": "2026-12-24",
            "hours": ["09:00-12:00"],
            "open": 'say en "Merry Christmas!"\ntransfer 81312345678',
        },
        {
            "date": "2026-12-29",
            "last_date": "2027-01-03",
            "closed": 'say en "A happy new year! We are back on January 4."',
        },
    ],
    "hours": {"monday": ["09:00-12:00", "13:00-17:00"], "friday": ["09:00-17:00", "22:00-02:00"]},
    "open": "transfer 81312345678",
    "closed": 'say en "We are closed."',
}

Step = tuple[str, object]


def main() -> None:
    """Print every step."""
    url, sid, token = (os.environ[f"OFFHOOK_{name}"] for name in ("URL", "SID", "TOKEN"))
    with Client(url, sid, token) as client:
        show(search(client))
        show(subscription(client))
        show(log(client))
    with Client(url, sid, "wrong") as stranger:
        show(refusal(stranger))
    show(without_server())


def show(steps: Iterator[Step]) -> None:
    """Print each step as it comes."""
    for step, result in steps:
        print(json.dumps({"step": step, "result": result}))


def search(client: Client) -> Iterator[Step]:
    """Search numbers."""
    yield "search", [number["din"] for number in client.get_din_list()]
    yield "filtered", [number["din"] for number in client.get_din_list(prefix="813")]
    yield "paged", [number["din"] for number in client.get_din_list(limit=1)]
    try:
        list(client.get_din_list(colour="red"))
    except BadRequest as error:
        yield "bad-filter", {"error": "bad-request", "fields": list(error.fields)}


def subscription(client: Client) -> Iterator[Step]:
    """Take a number, change what it does, and give it back."""
    [number] = client.get_din_list(prefix="8150")
    uid = number["din_uid"]
    asked: dict[str, Any] = {"action_url": "https://shop.example/calls?shop=7"}
    taken = client.subscribe_din(uid, **asked, idempotency_key="scenario-1")
    yield "subscribed", {"din": taken["din"], "status": taken["status"], "action_url": taken["action_url"]}
    yield "same-key", client.subscribe_din(uid, **asked, idempotency_key="scenario-1") == taken
    try:
        client.subscribe_din(uid, **asked, idempotency_key="scenario-2")
    except Conflict as error:
        yield "taken", {"error": "conflict", "code": error.code}
    yield "listed", [one["din"] for one in client.get_subscription_list()]
    text = Script().say("en", 'He said "later".\nBye').text
    changed = client.set_urls(uid, fallback_url="https://shop.example/spare", default_action=text)
    yield "set", {"fallback_url": changed["fallback_url"], "default_action": changed["default_action"]}
    yield "cleared", client.set_urls(uid, fallback_url=None)["fallback_url"]
    yield "rules", rules(client, uid)
    yield "diagnosis", diagnosis(client, uid)
    yield "ended", client.unsubscribe_din(uid)["status"]


def rules(client: Client, uid: str) -> object:
    """Let the number decide by itself for a while."""
    client.set_action_url(uid, None)
    client.set_rules(uid, RULES)
    decided = client.preview_rules(uid, at="2026-11-23T10:00:00+09:00", caller="819012345678")
    client.delete_rules(uid)
    return {"rule": decided["rule"], "script": decided["script"]}


def diagnosis(client: Client, uid: str) -> object:
    """Ask what is the matter with the number."""
    told = client.get_diagnosis(uid)
    findings = [[one["code"], one["verdict"], one["cure"]] for one in told["findings"]]
    return {"din": told["din"], "verdict": told["verdict"], "findings": findings}


def log(client: Client) -> Iterator[Step]:
    """Read what happened."""
    try:
        client.get_call("nothing")
    except NotFound as error:
        yield "not-found", {"error": "not-found", "code": error.code}
        yield "help", error.help
    yield "calls", len(list(client.get_call_list()))
    account = client.get_account()
    yield "account", {"name": account["name"], "balance": account["balance"]}
    yield "ledger", [posting["kind"] for posting in client.get_ledger()]


def refusal(stranger: Client) -> Iterator[Step]:
    """Ask with a wrong token."""
    try:
        stranger.get_account()
    except Unauthorized as error:
        yield "unauthorized", {"error": "unauthorized", "code": error.code}


def without_server() -> Iterator[Step]:
    """Check signatures, and write action text."""
    vectors = json.loads(Path(os.environ["OFFHOOK_VECTORS"]).read_text(encoding="utf-8"))
    good = [{**vector, "now": vector["t"]} for vector in vectors["signed"]] + vectors["accepted"]
    accepted = sum(is_accepted(vector) for vector in good)
    refused = sum(not is_accepted(vector) for vector in vectors["refused"])
    yield "vectors", {"accepted": accepted, "refused": refused}
    script = Script().say("en", 'He said "hi" \\ back').transfer("+81-3-1234-5678", ring=20).voicemail()
    yield "script", script.text


def is_accepted(vector: dict[str, Any]) -> bool:
    """Tell whether a signature is good."""
    parameters = [(name, value) for name, value in vector["parameters"]]
    try:
        verify_request(vector["header"], parameters, vector["secrets"], now=vector["now"])
    except SignatureRefused:
        return False
    return True


if __name__ == "__main__":
    main()
