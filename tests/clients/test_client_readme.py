"""What the Python client's README shows runs as it stands, one block after the other."""

import re
import time
from pathlib import Path
from typing import Any

import pytest

from api_house import SID, TOKEN, House
from offhook.actionserver import signature
from offhook_client.testing import Phone

README = Path(__file__).parents[2] / "clients" / "python" / "README.md"
SECRET = "whsec_readme"
QUERY = [("call_id", "c"), ("caller", "8190"), ("event", "incoming"), ("recipient", "815012345678")]


def test_every_block_runs(house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for name, value in {"URL": house.url, "SID": SID, "TOKEN": TOKEN, "SECRET": SECRET}.items():
        monkeypatch.setenv(f"OFFHOOK_{name}", value)
    names: dict[str, Any] = {}
    blocks = re.findall(r"^```python\n(.*?)^```", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 6
    for block in blocks:
        exec(compile(block, str(README), "exec"), names)
    names["client"].close()
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["815012345678 650.0", "350.0"]
    assert said[2].split() == ["subscription", "-650.0"]
    assert said[-1].startswith("404 call-not-found There is no call 'none'.")
    status, text = ask(names["application"], signature.sign(QUERY, [SECRET], int(time.time())))
    assert status == "200 OK"
    assert text.splitlines() == [
        'say en "You call from 8 1 9 0."',
        "transfer +81-3-5550-0123 ring=20",
        'voicemail say en "Nobody is here. Please leave a message." max=120',
    ]
    assert ask(names["application"], "")[0] == "403 Forbidden"
    with Phone() as phone:
        names["test_who_does_not_reach_us_leaves_a_message"](phone)


def ask(application: Any, header: str) -> tuple[str, str]:
    statuses: list[str] = []
    query = "&".join(f"{name}={value}" for name, value in QUERY)
    environ = {"QUERY_STRING": query, "HTTP_OFFHOOK_SIGNATURE": header}
    body = b"".join(application(environ, lambda status, headers: statuses.append(status)))
    return statuses[0], body.decode()
