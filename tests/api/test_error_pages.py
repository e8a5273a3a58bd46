"""What `help` leads to is served: plain pages, for whoever has the link, with nothing from elsewhere."""

import re

from api_house import House
from offhook.catalogue import entries


def test_the_help_of_an_error_leads_to_a_page_that_is_served(house: House) -> None:
    help_ = house.get("/voice/calls/none/").json()["help"]
    assert help_ == f"{house.url}/docs/errors/call-not-found"
    answer = house.get(help_.removeprefix(house.url), who=None)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>call-not-found</h1>" in answer.text
    assert "<h2>What to do</h2>" in answer.text
    assert "The HTTP API, with status 404." in answer.text


def test_every_code_has_a_page_whose_links_lead_on(house: House) -> None:
    served, linked = set(), set()
    for entry in entries():
        answer = house.get(f"/docs/errors/{entry.code}", who=None)
        assert answer.status_code == 200, entry.code
        served.add(f"/docs/errors/{entry.code}")
        linked |= set(re.findall(r'href="([^"]+)"', answer.text))
    assert linked - served == {"/docs", "/docs/errors", "/docs/docs.css", "/docs/errors.css"}
    for path in linked - served:
        assert house.get(path, who=None).status_code == 200, path


def test_the_list_names_every_code(house: House) -> None:
    text = house.get("/docs/errors/", who=None).text
    assert re.findall(r'<dt><a href="/docs/errors/([^"]+)">', text) == [entry.code for entry in entries()]


def test_a_code_is_named_on_the_page_of_another_by_a_link(house: House) -> None:
    assert '<a href="/docs/errors/no-audio-yet"><code>no-audio-yet</code></a>' in house.get("/docs/errors/no-rtp").text


def test_a_page_runs_nothing_and_loads_nothing_from_elsewhere(house: House) -> None:
    answer = house.get("/docs/errors/no-rtp", who=None)
    assert "<script" not in answer.text
    assert not re.search(r'(?:src|href)="(?!/)', answer.text)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert len(answer.content) < 8 * 1024


def test_signs_of_html_are_words(house: House) -> None:
    assert "<code>&lt;speak</code>" in house.get("/docs/errors/ssml-not-accepted").text


def test_an_unknown_code_is_a_404_with_what_may_be_meant(house: House) -> None:
    answer = house.get("/docs/errors/no-credti", who=None)
    assert answer.status_code == 404
    assert '<a href="/docs/errors/no-credit">' in answer.text
    nothing = house.get("/docs/errors/%3Cscript%3Ezzzz", who=None)
    assert nothing.status_code == 404
    assert "<script>" not in nothing.text
    assert "Is it one of these?" not in nothing.text


def test_the_readable_api_leads_to_the_pages(house: House) -> None:
    errors = house.get("/openapi.json").json()["x-errors"]
    assert {"code": "number-taken", "status": 409} in [{key: one[key] for key in ("code", "status")} for one in errors]
    assert "/docs/errors/${error.code}" in house.get("/docs/docs.js").text
