"""What those who run Offhook look at: is it alive, is it ready, how is it doing."""

from fastapi import APIRouter
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from offhook.api.door import OpenDoor
from offhook.api.errors import NotReady, Problem
from offhook.service.trunks import version

router = APIRouter(tags=["operations"])


class HealthJson(BaseModel):
    """Alive, or ready, and the parts that were looked at."""

    status: str
    parts: list[str]


@router.get("/healthz")
async def healthz() -> HealthJson:
    """Tell that the process lives; it asks nothing else."""
    return HealthJson(status="alive", parts=[])


@router.get("/readyz", responses={503: {"model": Problem, "description": "A part is not ready."}})
async def readyz(door: OpenDoor) -> HealthJson:
    """Tell whether calls and requests can be served: 503 names the parts that cannot."""
    await door.database.read(version)
    parts = door.health()
    wrong = [f"{part}: {trouble}" for part, trouble in parts.items() if trouble is not None]
    if wrong:
        raise NotReady(f"not ready: {'; '.join(wrong)}")
    return HealthJson(status="ready", parts=["database", *parts])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"description": "Prometheus text.", "content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(door: OpenDoor) -> Response:
    """Give all counters to Prometheus."""
    return Response(generate_latest(door.registry), media_type=CONTENT_TYPE_LATEST)
