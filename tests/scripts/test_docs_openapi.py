"""The OpenAPI file is the document of the app itself."""

import json

import docs_openapi


def test_the_document_names_every_noun_of_the_api() -> None:
    document = json.loads(docs_openapi.page())
    assert {"/voice/dins/", "/voice/dins/subscriptions/", "/voice/calls/", "/account/"} <= document["paths"].keys()
