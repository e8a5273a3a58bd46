"""The async client can do what the other can, and the package stands alone."""

import ast
import inspect
import sys
from pathlib import Path

import httpx2

import offhook_client
from canned import says
from offhook_client import AsyncClient, Client
from offhook_client.verbs import Many, One, Verbs

SOURCE = Path(offhook_client.__file__).parent
VERBS = [name for name, verb in vars(Verbs).items() if isinstance(verb, One | Many)]

CONTRACT = """
get_din_list reserve_din get_reservation_list release_din
subscribe_din get_subscription_list get_subscription get_diagnosis set_action_url set_urls unsubscribe_din
set_rules get_rules preview_rules delete_rules
get_call_list get_call get_timeline direct_call hang_up_call get_command
get_recording_list get_recording mark_recording get_recording_link get_recording_audio delete_recording
get_account get_ledger get_usage get_breakers get_signing set_signing rotate_signing_secret remove_signing_secret
"""


def public(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_")}


def test_both_have_the_same_methods() -> None:
    assert public(Client) - {"close"} == public(AsyncClient) - {"aclose"}
    assert set(VERBS) < public(Client)


def test_each_method_says_what_it_does_and_takes() -> None:
    waiting, running = says(httpx2.Response(200)).client(), says(httpx2.Response(200)).async_client()
    for name in VERBS:
        assert inspect.getdoc(getattr(Client, name)) == inspect.getdoc(getattr(waiting, name)) != None  # noqa: E711
        assert inspect.signature(getattr(waiting, name)) == inspect.signature(getattr(running, name))


def test_every_name_of_the_contract_is_there() -> None:
    assert sorted(VERBS) == sorted(CONTRACT.split())


def test_the_package_imports_nothing_but_httpx_and_the_standard_library() -> None:
    allowed = {*sys.stdlib_module_names, "httpx2", "offhook_client"}
    for path in SOURCE.rglob("*.py"):
        # Only pytest itself imports its plugin.
        needed = allowed | {"pytest"} if path.name == "plugin.py" else allowed
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= needed, path


def test_what_is_exported_is_there() -> None:
    assert sorted(offhook_client.__all__) == sorted(set(offhook_client.__all__))
    assert all(hasattr(offhook_client, name) for name in offhook_client.__all__)
    assert (SOURCE / "py.typed").exists()
