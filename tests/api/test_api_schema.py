"""The OpenAPI document is true: Schemathesis, a program of others, finds no request whose answer it does not describe.

It asks over HTTP for the document and then whatever the document allows and forbids; `schemathesis.toml` beside
this file says how.
"""

import re
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import update

from api_house import BEGIN, NODE, SID, TOKEN, House, Looks, Server, open_house
from offhook.domain.calls import Arrival, Caller
from offhook.domain.diagnosis.checks import Check
from offhook.domain.diagnosis.findings import bad
from offhook.domain.recordings import path_of
from offhook.service import commands, desk, hosted_rules, numbers, recordings, subscriptions
from offhook.storage.schema import server_secrets
from soundfiles import sine, wav

CONFIG = Path(__file__).with_name("schemathesis.toml")
PROGRAM = (sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", "--no-color")
CHEAP = """\
din,country_code,prefix,monthly_cost,minute_cost,trunk
815012345670,81,50,1,1,
"""
"""A number that is the document's example."""
RULED = """\
din,country_code,prefix,monthly_cost,minute_cost,trunk
815012345671,81,50,1,1,
815012345672,81,50,1,1,
"""
"""Numbers with rules of their own."""
EXAMPLES_SECRET = "the-secret-of-the-example"
EXAMPLES_TOKEN = "afr34rafic76tf"
RUNNING_CALL = "8d6a3c5b-0f0e-4e0c-8a43-6f6a0d1f2b11"
EXAMPLES_COMMAND = "0b6f6d0e-3c0e-4f0c-9d57-0b1f4f9a7a11"
EXAMPLES_CALL = "5d2c4a1e-9f0b-4a57-8f0e-3b9d1c6e7a42"
EXAMPLES_RECORDING = "7d0c2f5e8a9b4c61a3e5f7092b4d6e81"
KEPT_RECORDING = "8e1d3f6a9b0c4d72b4f6081a3c5e7f92"
COUNTED = re.compile(r'request_seconds_count\{method="(\w+)",route="([^"]+)",status="(\d+)"\}')


@dataclass(frozen=True, slots=True)
class Inspection:
    """What Schemathesis said, and how often the API answered what: (method, path, status)."""

    status: int
    said: str
    operations: set[tuple[str, str]]
    answered: set[tuple[str, str, int]]


@pytest.fixture(scope="module")
def inspection(server: Server, furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Inspection:
    folder = tmp_path_factory.mktemp("schema")
    # Thousands of requests come while the house's clock stands still.
    looks = Looks()
    looks.found = [bad(Check.TEXT, "playbak x", reason="unknown-verb", lines=[1, None])]
    with open_house(server, furnished, folder, rate=1e6, diagnoses=looks) as house:
        _furnish_examples(house, folder)
        document = house.get("/openapi.json").json()
        done = subprocess.run(
            [*PROGRAM, f"{house.url}/openapi.json", "--auth", f"{SID}:{TOKEN}"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        counted = COUNTED.findall(house.get("/metrics").text)
        return Inspection(
            status=done.returncode,
            said=done.stdout,
            operations={(method.upper(), path) for path, known in document["paths"].items() for method in known},
            answered={(method, path, int(status)) for method, path, status in counted},
        )


def test_no_answer_is_one_that_the_document_does_not_describe(inspection: Inspection) -> None:
    assert inspection.status == 0, inspection.said


def test_every_operation_was_tried_and_served(inspection: Inspection) -> None:
    served = {(method, path) for method, path, status in inspection.answered if status in (200, 201, 202)}
    assert inspection.operations - served == set()


def test_refusals_of_every_kind_were_met(inspection: Inspection) -> None:
    met = {status for _, _, status in inspection.answered}
    assert {400, 401, 402, 404, 405, 409, 415, 422} - met == set()


def _furnish_examples(house: House, folder: Path) -> None:
    """Let there be what the document shows as examples: a number, a call, and what its caller said."""
    rows = list(numbers.read_rows(CHEAP.splitlines()))
    bring = partial(numbers.import_numbers, rows=rows, now=BEGIN, fresh=lambda: EXAMPLES_TOKEN)
    assert house.database.write_now(bring).added == 1
    # Not over HTTP, or it would count as served.
    shop = house.database.read_now(lambda work: work.api_users.by_sid(SID))
    assert shop is not None
    subscribe = partial(subscriptions.subscribe, account_id=shop.account_id, din_uid="DE00000000000004", now=BEGIN)
    house.database.write_now(subscribe)
    house.receive_call(EXAMPLES_CALL, din="4930123456")
    tokens, secrets = iter(["rules00000001a", "rules00000002a"]), iter([EXAMPLES_SECRET, "another"])
    rows = list(numbers.read_rows(RULED.splitlines()))
    house.database.write_now(partial(numbers.import_numbers, rows=rows, now=BEGIN, fresh=lambda: next(tokens)))
    for din_uid in ("JPrules00000001a", "JPrules00000002a"):
        subscribe = partial(subscriptions.subscribe, account_id=shop.account_id, din_uid=din_uid, now=BEGIN)
        house.database.write_now(subscribe)
        put = partial(
            hosted_rules.set_rules,
            account_id=shop.account_id,
            din_uid=din_uid,
            document={"open": "reject"},
            fresh=lambda: next(secrets),
        )
        house.database.write_now(put)
    # The link in schemathesis.toml is signed with it.
    known = update(server_secrets).values(value="aa" * 32)
    house.database.write_now(lambda work: work.connection.execute(known).rowcount)
    for uid in (EXAMPLES_RECORDING, KEPT_RECORDING):
        path = path_of(uid, BEGIN)
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(wav(sine(440, 1.0, 8_000).tobytes()))
        begin = partial(recordings.begin, uid=uid, call_id=EXAMPLES_CALL, path=path, now=BEGIN, node=NODE)
        house.database.write_now(begin)
        house.database.write_now(partial(recordings.store, uid=uid, seconds=1.0, size=16_044, now=BEGIN))
    arrival = Arrival(RUNNING_CALL, BEGIN, "carrier", "192.0.2.1", ("+4930123456",), Caller("4930999", "4930999"))
    house.database.write_now(partial(desk.admit, arrival=arrival, now=BEGIN))
    want = partial(
        commands.command,
        account_id=shop.account_id,
        call_id=RUNNING_CALL,
        command_id=EXAMPLES_COMMAND,
        action=None,
        by=SID,
        now=BEGIN,
    )
    house.database.write_now(want)
