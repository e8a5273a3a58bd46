"""Whatever the API offers a customer, each client has a method for it, by the same name in every language."""

import inspect
import json
import re
import subprocess
from pathlib import Path

import httpx2
import pytest

from canned import says
from offhook_client import OffhookError
from offhook_client.verbs import Many, One, Verbs

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "clients"
API = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
VERBS = sorted(name for name, verb in vars(Verbs).items() if isinstance(verb, One | Many))
# What machines of the platform's own ask for: monitoring, and the platform itself for hosted rules.
NOT_OF_CUSTOMERS = {("GET", path) for path in ("/hosted/{token}/", "/healthz", "/readyz", "/metrics")}

LISTERS = {
    "ruby": [
        "ruby",
        "-I",
        str(CLIENTS / "ruby" / "lib"),
        "-roffhook",
        "-e",
        "puts Offhook::Client.public_instance_methods - Object.public_instance_methods",
    ],
    "php": [
        "php",
        "-r",
        f"require '{CLIENTS}/php/autoload.php'; echo implode(\"\\n\", get_class_methods('Offhook\\\\Client'));",
    ],
}


def asked_by(name: str) -> set[tuple[str, str]]:
    """What a method asks for, with each of the texts that it may choose from."""
    asked = says(httpx2.Response(200, json={}))
    method = getattr(asked.client(), name)
    needed = [one for one in inspect.signature(method).parameters.values() if one.default is one.empty]
    needed = [one for one in needed if one.kind is not one.VAR_KEYWORD]
    given = {one.name: {} if one.name == "document" else "x" for one in needed}
    for more in [{}, {"format": "mp3"}] if name == "get_recording_audio" else [{}]:
        try:
            list(method(**given, **more))
        except OffhookError:
            # An empty object is no list and no sound; what was asked for is all that counts.
            continue
    return {(request.method, request.url.path.removeprefix("/base")) for request in asked.requests}


def test_there_is_a_method_for_all_that_the_api_offers_a_customer() -> None:
    offered = {(method.upper(), path) for path, methods in API["paths"].items() for method in methods}
    asked = {one for name in VERBS for one in asked_by(name)}
    shaped = {(method, re.compile(re.sub(r"\{\w+\}", "x", path))) for method, path in offered - NOT_OF_CUSTOMERS}
    missing = {(method, path.pattern) for method, path in shaped if (method, path.pattern) not in asked}
    assert missing == set()
    assert len(asked) == len(shaped)


@pytest.mark.peers
@pytest.mark.parametrize("language", ["ruby", "php"])
def test_the_methods_are_the_same_in_every_language(language: str) -> None:
    ran = subprocess.run(LISTERS[language], capture_output=True, text=True, timeout=60, check=True)
    names = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in ran.stdout.split()}
    assert sorted(names - {"__construct"}) == VERBS


def test_the_readmes_name_every_method() -> None:
    for language in ("python", "ruby", "php"):
        said = (CLIENTS / language / "README.md").read_text(encoding="utf-8").replace("_", "").lower()
        assert [name for name in VERBS if not re.search(rf"\b{name.replace('_', '')}\b", said)] == []
