"""`/healthz`, `/readyz`, `/metrics`, `/docs` and `/openapi.json`."""

import re

from prometheus_client import Counter

from api_house import House


def test_a_living_process_says_so_to_everybody(house: House) -> None:
    assert house.get("/healthz", who=None).json() == {"status": "alive", "parts": []}


def test_a_ready_house_names_what_was_looked_at(house: House) -> None:
    house.troubles = {"sip": None, "media": None}
    assert house.get("/readyz", who=None).json() == {"status": "ready", "parts": ["database", "sip", "media"]}


def test_a_house_that_is_not_ready_says_why(house: House) -> None:
    house.troubles = {"sip": None, "media": "no worker runs"}
    answer = house.get("/readyz", who=None)
    assert (answer.status_code, answer.json()["code"]) == (503, "not-ready")
    assert answer.json()["detail"] == "Not ready: media: no worker runs."


def test_requests_are_measured_by_route_and_never_by_what_strangers_wrote(house: House) -> None:
    house.get("/voice/calls/some-call/")
    house.get("/evil-path")
    house.ask("BREW", "/account/")
    text = house.get("/metrics", who=None).text
    assert 'offhook_http_request_seconds_count{method="GET",route="/voice/calls/{call_id}/",status="404"} 1.0' in text
    assert 'method="GET",route="none",status="404"' in text
    assert 'method="other"' in text
    assert "some-call" not in text
    assert "evil" not in text


def test_other_rooms_count_in_the_same_place(house: House) -> None:
    Counter("offhook_calls", "Calls.", registry=house.registry).inc()
    assert "offhook_calls_total 1.0" in house.get("/metrics").text


def test_the_docs_come_from_here_alone(house: House) -> None:
    for path, kind in (("/docs", "text/html"), ("/docs/docs.css", "text/css"), ("/docs/docs.js", "text/javascript")):
        answer = house.get(path, who=None)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith(kind)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert not re.search(r"https?://|//[a-z]", answer.text)


def test_the_document_says_what_is_answered_and_nothing_else(house: House) -> None:
    document = house.get("/openapi.json", who=None).json()
    assert "HTTPValidationError" not in str(document)
    operations = {
        (method, path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert set(operations) == {
        ("get", "/voice/dins/"),
        ("get", "/voice/dins/reservations/"),
        ("post", "/voice/dins/reservations/"),
        ("delete", "/voice/dins/reservations/{din_uid}/"),
        ("get", "/voice/dins/subscriptions/"),
        ("post", "/voice/dins/subscriptions/"),
        ("get", "/voice/dins/subscriptions/{din_uid}/"),
        ("post", "/voice/dins/subscriptions/{din_uid}/"),
        ("delete", "/voice/dins/subscriptions/{din_uid}/"),
        ("get", "/voice/dins/subscriptions/{din_uid}/diagnosis/"),
        ("put", "/voice/dins/subscriptions/{din_uid}/rules/"),
        ("get", "/voice/dins/subscriptions/{din_uid}/rules/"),
        ("delete", "/voice/dins/subscriptions/{din_uid}/rules/"),
        ("get", "/voice/dins/subscriptions/{din_uid}/rules/preview/"),
        ("get", "/hosted/{token}/"),
        ("get", "/voice/calls/"),
        ("get", "/voice/calls/{call_id}/"),
        ("get", "/voice/calls/{call_id}/timeline/"),
        ("post", "/voice/calls/{call_id}/"),
        ("get", "/voice/calls/{call_id}/commands/{command_id}/"),
        ("get", "/voice/recordings/"),
        ("get", "/voice/recordings/{recording_uid}/"),
        ("post", "/voice/recordings/{recording_uid}/"),
        ("delete", "/voice/recordings/{recording_uid}/"),
        ("get", "/voice/recordings/{recording_uid}/link/"),
        ("get", "/voice/recordings/{recording_uid}/audio.wav/"),
        ("get", "/voice/recordings/{recording_uid}/audio.mp3/"),
        ("get", "/account/"),
        ("get", "/account/ledger/"),
        ("get", "/account/usage/"),
        ("get", "/account/signing/"),
        ("post", "/account/signing/"),
        ("post", "/account/signing/secret/"),
        ("delete", "/account/signing/secret/"),
        ("get", "/account/breakers/"),
        ("get", "/healthz"),
        ("get", "/readyz"),
        ("get", "/metrics"),
    }
    for (method, path), operation in operations.items():
        statuses = set(operation["responses"])
        if path.startswith(("/voice", "/account")):
            assert {"400", "401", "429", "500", "503"} <= statuses
            assert ("422" in statuses) == (method == "post")
            assert operation["security"]
        if method == "post":
            assert set(operation["requestBody"]["content"]) == {"application/json", "application/x-www-form-urlencoded"}
    assert "201" in operations["post", "/voice/dins/subscriptions/"]["responses"]
    assert "402" in operations["post", "/voice/dins/subscriptions/"]["responses"]
    assert "text/csv" in operations["get", "/voice/calls/"]["responses"]["200"]["content"]


def test_a_filter_of_the_document_is_never_null(house: House) -> None:
    document = house.get("/openapi.json").json()
    for parameter in document["paths"]["/voice/dins/"]["get"]["parameters"]:
        assert "null" not in str(parameter["schema"])


def test_whoever_opens_the_address_of_the_api_is_led_to_its_documentation(house: House) -> None:
    answer = house.get("/", who=None)
    assert answer.status_code == 307
    assert answer.headers["Location"] == "docs"
