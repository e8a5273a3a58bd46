"""The app: every noun's endpoints behind one door, and the document that describes them."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import Depends, FastAPI
from fastapi.routing import APIRoute
from prometheus_client import CollectorRegistry

import offhook
from offhook.api import (
    account,
    breakers,
    calls,
    commands,
    diagnosis,
    docs,
    document,
    error_pages,
    errors,
    health,
    hosted_rules,
    numbers,
    recordings,
    reservations,
    signing,
    subscriptions,
    usage,
)
from offhook.api.answers import ALWAYS
from offhook.api.auth import visitor
from offhook.api.door import Diagnoses, Door, Elsewhere, Health, Running
from offhook.api.fields import plain_query
from offhook.api.throttle import Throttle
from offhook.api.wrapping import Measurement, OneSpelling
from offhook.audio.shelf import Shelf
from offhook.domain.terms import TERMS, Terms
from offhook.service.ports import Database

RATE = 50.0
"""Requests a second of one API user."""

_DESCRIPTION = """\
Search and subscribe dial-in numbers, point them at your action server, read what became of the calls.

Authenticate with HTTP Basic: the SID and the auth token of an API user. Bodies are form-encoded or JSON, answers are
JSON, paths work with and without the last slash. Money is a number of credits, times are UTC (ISO 8601).
"""


class Api(FastAPI):
    """FastAPI with a document that says what we answer."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = document.tell_truth(super().openapi())
        return self.openapi_schema


def create_app(
    database: Database,
    *,
    now: Callable[[], datetime],
    health_of: Health = dict,
    registry: CollectorRegistry | None = None,
    rate: float = RATE,
    clock: Callable[[], float] = time.monotonic,
    terms: Terms = TERMS,
    shelf: Shelf | None = None,
    node: str = "",
    running: Running | None = None,
    token: Callable[[], str] = lambda: str(uuid4()),
    diagnoses: Diagnoses | None = None,
) -> FastAPI:
    """Make the HTTP API over a database.

    `now` is aware UTC. `health_of` tells the other parts of the house, for `/readyz`; `registry` is where
    they count, for `/metrics`; `rate` is how many requests a second one API user may make, and how often
    the rules of one subscription may be asked for; `terms` are the operator's; `shelf` has the files of recordings
    that `node` keeps (in `offhook-data`, unless another is given); `running` has this process's calls do what
    is wanted of them, which `token` names; `diagnoses` looks at numbers.
    """
    app = Api(
        title="Offhook",
        version=offhook.__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=_name_of,
        telemetry={
            "tracing": False,
            "metrics": False,
            "logs": False,
            "operation_spans": False,
            "auto_configure": False,
        },
    )
    registry = registry or CollectorRegistry()
    app.state.door = Door(
        database,
        now,
        clock,
        health_of,
        Throttle(rate),
        Throttle(rate),
        registry,
        terms,
        shelf or Shelf(Path("offhook-data")),
        node,
        running or Elsewhere(),
        token,
        diagnoses or diagnosis.NoInstruments(),
        Throttle(rate / diagnosis.COSTS_REQUESTS),
    )
    app.add_middleware(Measurement, registry=registry, clock=clock)
    app.add_middleware(OneSpelling)
    errors.install(app)
    nouns = (
        numbers,
        reservations,
        subscriptions,
        diagnosis,
        hosted_rules,
        calls,
        commands,
        recordings,
        account,
        signing,
        breakers,
        usage,
    )
    for router in (noun.router for noun in nouns):
        app.include_router(router, dependencies=[Depends(visitor), Depends(plain_query)], responses=ALWAYS)
    app.include_router(hosted_rules.public)
    # Whoever has a link needs no API user.
    app.include_router(recordings.audio, dependencies=[Depends(plain_query)], responses=ALWAYS)
    app.include_router(health.router)
    app.include_router(docs.router)
    app.include_router(error_pages.router)
    return app


def _name_of(route: APIRoute) -> str:
    return route.name
