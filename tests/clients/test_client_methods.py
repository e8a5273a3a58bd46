"""Whatever the API offers a customer, each client has a method for it, by the same name in every language."""

import inspect
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from canned import says
from offhook_client import OffhookError, UnexpectedAnswer
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


READ_IN_PHP = (
    f"require '{CLIENTS}/php/autoload.php'; "
    "$read = fn ($one) => Offhook\\Http\\Documents::keys(...$one); "
    "echo json_encode(array_map($read, json_decode(stream_get_contents(STDIN))));"
)
READERS = {
    "ruby": [
        *LISTERS["ruby"][:4],
        "-rjson",
        "-e",
        "puts JSON.generate(JSON.parse($stdin.read).map { |asked| Offhook::Documents.keys(*asked) })",
    ],
    "php": [
        "php",
        "-r",
        READ_IN_PHP,
    ],
}


def arguments_of(method: Callable[..., object]) -> dict[str, object]:
    """Something for each argument that a method cannot do without."""
    known = inspect.signature(method).parameters.values()
    wanted = [one.name for one in known if one.default is one.empty and one.kind is not one.VAR_KEYWORD]
    return {name: {} if name == "document" else "x" for name in wanted}


def asked_by(name: str) -> set[tuple[str, str]]:
    """What a method asks for, with each of the texts that it may choose from."""
    asked = says(httpx2.Response(200, json={}))
    method = getattr(asked.client(), name)
    given = arguments_of(method)
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


def needed() -> dict[tuple[str, str], list[str]]:
    """What the API says is always in each of its documents."""
    found = {}
    for path, methods in API["paths"].items():
        for method, said in methods.items():
            [schema, *_] = [
                content["schema"]
                for status, answer in said["responses"].items()
                for kind, content in answer.get("content", {}).items()
                if status.startswith("2") and kind == "application/json"
            ] or [{}]
            name = schema.get("items", schema).get("$ref", "").rpartition("/")[2]
            if name and (method.upper(), path) not in NOT_OF_CUSTOMERS:
                found[method.upper(), re.sub(r"\{\w+\}", "x", path)] = sorted(
                    API["components"]["schemas"][name]["required"]
                )
    return found


def test_a_document_has_what_the_api_says_or_is_none() -> None:
    told = needed()
    for name in VERBS:
        for method, path in asked_by(name) & told.keys():
            whole = dict.fromkeys(told[method, path])
            assert reads_without_error(name, whole)
            for key in whole:
                assert not reads_without_error(name, {other: None for other in whole if other != key}), (name, key)


def reads_without_error(name: str, document: dict[str, None]) -> bool:
    is_list = isinstance(vars(Verbs)[name], Many) or name.endswith("_list") or name in {"get_timeline", "get_breakers"}
    method = getattr(says(httpx2.Response(200, json=[document] if is_list else document)).client(), name)
    try:
        list(method(**arguments_of(method)))
    except UnexpectedAnswer:
        return False
    return True


@pytest.mark.peers
@pytest.mark.parametrize("language", ["ruby", "php"])
def test_the_other_languages_know_the_same_documents(language: str) -> None:
    told = needed()
    asked = json.dumps([[method, path] for method, path in told])
    ran = subprocess.run(READERS[language], input=asked, capture_output=True, text=True, timeout=60, check=True)
    assert [sorted(keys) for keys in json.loads(ran.stdout)] == list(told.values())


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
